from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.backbones.registry import find_backbone
from core.engine.exported import ARRAYS_NAME, default_cache_dir
from tests.core.engine.keras_models import load_keras_backbone
from core.backbones.weights import locate_weights
from core.engine.network import Network, open_located, open_network
from core.errors import StorageError, WeightsDamaged
from core.jobs import JobCancelled
from tests.conftest import RecordingContext
from tests.core.engine.reference.gratings import gratings

MOBILENET = "mobilenet-0.25"

EMBED = """
import json, socket, sys
def refuse(*_): raise OSError("no network in tests")
socket.socket.connect = refuse
for name in json.loads(sys.argv[2]): sys.modules[name] = None
from core.backbones.registry import find_backbone
from core.engine.network import open_network
from tests.core.engine.reference.gratings import gratings
network = open_network(find_backbone(sys.argv[1]))
features = network.embed(gratings(network.side_px))
heavy = [name for name in ("tensorflow", "keras", "openvino") if sys.modules.get(name)]
print(json.dumps({"kind": type(network).__name__, "heavy": heavy, "features": features.tolist()}))
"""


def start_embedding(name: str, *hidden: str) -> subprocess.Popen[str]:
    """A process of its own that embeds the two reference pictures and says what it imported."""
    return subprocess.Popen(
        [sys.executable, "-c", EMBED, name, json.dumps(hidden)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, list[str], np.ndarray]:
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    said = json.loads(output.splitlines()[-1])
    return said["kind"], said["heavy"], np.array(said["features"], np.float32)


@pytest.fixture
def network() -> Network:
    return open_network(find_backbone("efficientnet-lite0"))


def noise(n_images: int, side_px: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (n_images, side_px, side_px, 3), dtype=np.uint8)


def test_the_same_images_give_the_same_numbers(network: Network) -> None:
    """In another run, another order, and in batches of another size."""
    images = noise(19, network.side_px)
    features = network.embed(images)
    assert features.shape == (19, network.n_stored) and features.dtype == np.float32
    np.testing.assert_array_equal(network.embed(images), features)
    np.testing.assert_array_equal(open_network(network.backbone).embed(images[::-1])[::-1], features)
    np.testing.assert_array_equal(np.concatenate([network.embed(images[:1]), network.embed(images[1:])]), features)


def test_float_images_are_the_same_images(network: Network) -> None:
    images = noise(3, network.side_px)
    np.testing.assert_allclose(network.embed(images.astype(np.float32)), network.embed(images), atol=0.05)


def test_no_images_give_no_embeddings(network: Network) -> None:
    assert network.embed(noise(0, network.side_px)).shape == (0, network.n_stored)


def test_a_stream_that_is_left_can_be_started_again(network: Network) -> None:
    n = network.batch_size
    images = noise(3 * n, network.side_px)
    stream = network.embed_stream(images[i:i + n] for i in range(0, 3 * n, n))
    first = next(stream)
    stream.close()  # type: ignore[attr-defined]
    np.testing.assert_array_equal(network.embed(images)[:n], first)


def test_the_key_names_backbone_and_weights(network: Network) -> None:
    assert network.key == "efficientnet-lite0-579344248a93"


def test_lite_never_imports_tensorflow() -> None:
    kind, heavy, _ = finish(start_embedding("efficientnet-lite0"))
    assert (kind, heavy) == ("CompiledNetwork", ["openvino"])


def test_without_openvino_keras_takes_over(network: Network) -> None:
    kind, heavy, features = finish(start_embedding("efficientnet-lite0", "openvino"))
    assert (kind, heavy) == ("KerasNetwork", ["tensorflow", "keras"])
    np.testing.assert_allclose(features, network.embed(gratings(network.side_px)), atol=0.3, rtol=0.1)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CATALEJO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "networks"


@pytest.mark.long
def test_a_keras_network_is_exported_once_and_kept(keras_home: Path, cache: Path) -> None:
    """Two processes at once, then a third; then the cache is damaged, and made anew."""
    cold = [start_embedding(MOBILENET), start_embedding(MOBILENET)]
    results = [finish(process) for process in cold]
    folders = [path for path in cache.iterdir() if path.is_dir()]
    assert len(folders) == 1
    arrays = folders[0] / ARRAYS_NAME
    written = arrays.stat().st_mtime_ns
    results.append(finish(start_embedding(MOBILENET)))
    assert arrays.stat().st_mtime_ns == written
    arrays.write_bytes(arrays.read_bytes()[:-4000])
    results.append(finish(start_embedding(MOBILENET)))
    expected = np.asarray(load_keras_backbone(find_backbone(MOBILENET))(gratings(224)))
    for kind, heavy, features in results:
        assert (kind, heavy) == ("CompiledNetwork", ["openvino"])
        np.testing.assert_array_equal(features, results[0][2])
        np.testing.assert_allclose(features, expected, atol=0.02 * expected.max())


@pytest.mark.slow
def test_weights_that_do_not_fit_are_found_by_the_child(keras_home: Path, cache: Path) -> None:
    with pytest.raises(WeightsDamaged) as caught:
        backbone = find_backbone("mobilenet-0.5")
        other = locate_weights(backbone, weights=keras_home / "models" / "mobilenet_2_5_224_tf.h5")
        open_located(backbone, other)
    assert "mobilenet-0.5" in caught.value.sentence
    assert [path.suffix for path in cache.iterdir()] in ([], [".lock"])


def test_an_export_can_be_cancelled(keras_home: Path, cache: Path) -> None:
    with pytest.raises(JobCancelled):
        open_network(find_backbone(MOBILENET), context=RecordingContext(cancel_after=3))
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_a_cache_that_cannot_be_written_is_a_foreseen_error(
    keras_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CATALEJO_CACHE", str(tmp_path / "file"))
    with pytest.raises(StorageError) as caught:
        open_network(find_backbone(MOBILENET))
    assert "CATALEJO_CACHE" in caught.value.hint


def test_the_cache_lies_where_the_system_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATALEJO_CACHE", raising=False)
    assert default_cache_dir().name == "catalejo"


def test_telemetry_cannot_be_imported_beside_openvino() -> None:
    code = (
        "from core.engine.openvino_library import import_openvino; import sys; import_openvino();"
        "from openvino.tools.ovc import telemetry_utils as t;"
        "sys.exit(0 if t.tm.__name__.endswith('stub') and not sys.modules.get('openvino_telemetry') else 1)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""The head's file is what Keras reads, and a foreign or damaged one is refused."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from core.errors import RunError
from core.runs.head import KERNEL, Head, read_head, write_head


@pytest.fixture
def head() -> Head:
    rng = np.random.default_rng(0)
    return Head(rng.normal(size=(12, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32))


def test_round_trip(tmp_path: Path, head: Head) -> None:
    write_head(tmp_path / "head.weights.h5", head)
    found = read_head(tmp_path / "head.weights.h5")
    np.testing.assert_array_equal(found.kernel, head.kernel)
    np.testing.assert_array_equal(found.bias, head.bias)


def test_keras_reads_it_and_agrees(tmp_path: Path, head: Head) -> None:
    keras = pytest.importorskip("keras")
    write_head(tmp_path / "head.weights.h5", head)
    model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(3, activation="softmax")])
    model.load_weights(tmp_path / "head.weights.h5")
    embeddings = np.random.default_rng(1).normal(size=(20, 12)).astype(np.float32)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(model(embeddings)), head.probabilities(embeddings), atol=1e-6
    )


def test_what_keras_writes_is_read(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    model.save_weights(tmp_path / "theirs.weights.h5")
    np.testing.assert_array_equal(read_head(tmp_path / "theirs.weights.h5").kernel, model.get_weights()[0])


def test_missing_and_damaged_files_are_run_errors(tmp_path: Path, head: Head) -> None:
    path = tmp_path / "head.weights.h5"
    with pytest.raises(RunError, match="missing"):
        read_head(path)
    write_head(path, head)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(RunError, match="damaged"):
        read_head(path)
    path.write_text("not a weights file")
    with pytest.raises(RunError, match="damaged"):
        read_head(path)


def test_a_link_to_another_file_is_not_followed(tmp_path: Path, head: Head) -> None:
    write_head(tmp_path / "other.h5", head)
    with h5py.File(tmp_path / "head.weights.h5", "w") as file:
        file[KERNEL] = h5py.ExternalLink(str(tmp_path / "other.h5"), KERNEL)
        file["layers/dense/vars/1"] = head.bias
    with pytest.raises(RunError, match="damaged"):
        read_head(tmp_path / "head.weights.h5")


def test_a_bomb_of_compressed_zeros_is_not_unpacked(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "head.weights.h5", "w") as file:
        file.create_dataset(KERNEL, shape=(10**6, 10**6), dtype="f4", chunks=(1000, 1000), compression="gzip")
        file["layers/dense/vars/1"] = np.zeros(3, np.float32)
    with pytest.raises(RunError, match="damaged"):
        read_head(tmp_path / "head.weights.h5")


def test_shapes_that_do_not_fit_are_refused(tmp_path: Path, head: Head) -> None:
    write_head(tmp_path / "head.weights.h5", Head(head.kernel, head.bias[:2]))
    with pytest.raises(RunError, match="does not hold"):
        read_head(tmp_path / "head.weights.h5")

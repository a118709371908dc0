from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from core.backbones.keras_applications import KerasApplication
from core.backbones.registry import FAMILIES, find_backbone, list_backbones, list_inventory
from core.errors import InputError
from core.jobs import JobContext


def test_names_are_unique_and_complete() -> None:
    names = [backbone.name for backbone in list_backbones()]
    assert len(set(names)) == len(names)
    assert {
        "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "inception-v3", "resnet50", "mobilenet-v2",
        "vgg16", "mobilenet-0.25", "mobilenet-v2-0.35", "convnext-tiny", "nasnet-mobile", "efficientnet-b0",
    } <= set(names)


def test_every_backbone_says_what_a_person_wants_to_know() -> None:
    for backbone in list_backbones():
        assert backbone.n_features >= 256 and backbone.side_px >= 224, backbone.name
        assert backbone.licence and backbone.source, backbone.name
        assert backbone.top1 is not None and 40 < backbone.top1 < 90, backbone.name
        assert bool(backbone.weights.package) == (backbone.download_mb == 0), backbone.name
        assert backbone.weights.package or backbone.weights.url.startswith("https://"), backbone.name
        assert len(backbone.weights.digest) in (0, 32, 64), backbone.name


def test_arguments_and_renamed_files_are_read() -> None:
    mobilenet, minimalistic = find_backbone("mobilenet-0.25"), find_backbone("mobilenet-v3-small-minimalistic")
    assert isinstance(mobilenet, KerasApplication) and isinstance(minimalistic, KerasApplication)
    assert mobilenet.arguments == (("alpha", 0.25),)
    assert minimalistic.arguments == (("minimalistic", True),)
    weights = find_backbone("nasnet-mobile").weights
    assert (weights.name, weights.url.rsplit("/", 1)[1]) == ("nasnet_mobile.h5", "NASNet-mobile.h5")


def test_a_name_may_be_written_freely() -> None:
    assert find_backbone(" EfficientNet_Lite0 ").name == "efficientnet-lite0"


def test_an_unknown_name_is_answered_with_similar_ones() -> None:
    with pytest.raises(InputError) as caught:
        find_backbone("inceptionv3")
    assert "inception-v3" in caught.value.hint


def test_the_registry_is_light() -> None:
    code = (
        "import sys; from core.backbones.registry import list_backbones; list_backbones();"
        "heavy = {'numpy', 'keras', 'tensorflow', 'openvino', 'sklearn', 'h5py', 'PIL'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_its_part_in_the_engine(family: ModuleType) -> None:
    backbones = family.list_family()
    assert backbones and set(backbones) <= set(list_backbones())
    engine = backbones[0].engine
    assert callable(engine.build_model) and callable(engine.build_graph)


def test_the_inventory_says_what_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / find_backbone("resnet50").weights.name).write_bytes(b"x")
    here = [row["name"] for row in list_inventory(None, JobContext()) if row["is_here"]]
    assert here == ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "resnet50"]

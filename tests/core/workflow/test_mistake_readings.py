"""The table of what mistakes are read as, from stored embeddings alone, and its CSV."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from core.backbones.registry import find_backbone
from core.backbones.weights import classifier_weights
from core.embeddings.one_image import kept_store
from core.embeddings.store import EmbeddingWriter
from core.imagenet.readings import ReadingInput, ReadingResult
from core.imagenet.tree import imagenet_names
from core.tasks import run_here
from core.types import ImageRef
from core.workflow.confusion import Judged, JudgedClass
from core.workflow.mistake_readings import tabulate_mistakes, write_mistake_readings

BACKBONE = "efficientnet-lite0"
PISTOL, PHONE = 7, 9
CLASSES = (JudgedClass(PISTOL, "pistol"), JudgedClass(PHONE, "=phone"))


def judged(*rows: tuple[int, int, int]) -> Judged:
    """Rows of image id, label, prediction."""
    ids, labels, predicted = np.array(rows, np.int64).T
    return Judged(ids, labels, predicted, np.ones(len(rows)), CLASSES)


FIVE = judged((1, PISTOL, PHONE), (2, PISTOL, PHONE), (3, PISTOL, PISTOL), (4, PHONE, PHONE), (5, PHONE, PISTOL))
ASKED = ReadingInput((), Path(), BACKBONE, top=1, only_stored=True)
READ = ReadingResult({
    1: (("assault rifle", 0.4),), 2: (("assault rifle", 0.8),), 3: (("revolver", 0.9),), 4: (("iPod", 0.9),),
}, without=(5,))


def test_mistakes_and_right_ones_are_counted_by_class_the_surest_first() -> None:
    table = tabulate_mistakes(FIVE, ASKED, READ)
    pistol, phone = table.classes
    assert [(line.name, line.wrong_ids, line.right_ids) for line in pistol.lines] == [
        ("assault rifle", (2, 1), ()), ("revolver", (), (3,))]
    assert (pistol.wrong_ids, pistol.right_ids, phone.right_ids) == ((2, 1), (3,), (4,))
    assert (table.n_wrong, table.n_without) == (2, 1)


def test_the_csv_has_a_line_for_each_reading_and_no_formula(tmp_path: Path) -> None:
    assert write_mistake_readings(tmp_path / "t.csv", tabulate_mistakes(FIVE, ASKED, READ)) == 3
    assert (tmp_path / "t.csv").read_text().splitlines() == [
        "class,imagenet_class,wrong,right", "pistol,assault rifle,2,0", "pistol,revolver,0,1", "'=phone,iPod,0,1"]


def test_what_has_an_embedding_is_read_without_a_network_and_the_rest_is_named(tmp_path: Path) -> None:
    backbone = find_backbone(BACKBONE)
    kernel, _ = classifier_weights(backbone)
    images = tuple(ImageRef(i, tmp_path / "gone.jpg", hashlib.sha256(bytes([i])).digest()) for i in range(3))
    vectors = np.zeros((2, backbone.n_stored), np.float32)
    vectors[:, :backbone.n_features] = 20 * kernel[:, [413, 281]].T
    with EmbeddingWriter(kept_store(BACKBONE, tmp_path).folder, backbone.n_stored) as writer:
        writer.append([image.content_hash for image in images[:2]], vectors)
    found = run_here("read-imagenet", ReadingInput(images, tmp_path, BACKBONE, top=1, only_stored=True))
    assert [found.by_image[i][0][0] for i in (0, 1)] == [imagenet_names()[413], imagenet_names()[281]]
    assert found.without == (2,) and found.skipped == ()
    assert found.by_image == {
        i: read[:1] for i, read in run_here(
            "read-imagenet", ReadingInput(images, tmp_path, BACKBONE, top=5, only_stored=True)).by_image.items()}

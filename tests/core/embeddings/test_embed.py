from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.embeddings import embed
from core.backbones.registry import find_backbone
from core.embeddings.embed import EmbedInput, EmbedResult, embed_images
from core.backbones.weights import classifier_weights
from core.imagenet.readings import name_best
from core.engine.network import open_network
from core.embeddings.store import EmbeddingStore, EmbeddingWriter
from core.errors import InputError, StorageError
from core.images.reading import read_image
from core.images.recipe import Recipe
from core.jobs import JobCancelled, JobContext
from core.types import ImageRef
from tests.conftest import RecordingContext, draw_picture
from tests.core.images.inspecting import apply_recipe

LITE0 = "efficientnet-lite0"


def refs(folder: Path) -> tuple[ImageRef, ...]:
    """All files of a folder as if they had been catalogued."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(ImageRef(i, path, hashlib.sha256(path.read_bytes()).digest()) for i, path in enumerate(paths))


def read(images: tuple[ImageRef, ...], folder: Path, result: EmbedResult) -> np.ndarray:
    store = EmbeddingStore(folder / result.key, result.n_stored)
    return store.read(store.rows_of([image.content_hash for image in images]))


def test_every_readable_picture_is_embedded(
    image_folder: Path, tmp_path: Path, recording_context: RecordingContext,
) -> None:
    images = refs(image_folder)
    result = embed_images(EmbedInput(images, LITE0, tmp_path / "e"), recording_context)
    assert (result.n_new, result.n_present, result.n_stored) == (20, 0, 2064)
    assert sorted(skipped.path.name for skipped in result.skipped) == ["broken.jpg", "notes.txt"]
    assert all(skipped.reason for skipped in result.skipped)
    assert recording_context.last.done == recording_context.last.total == len(images)
    usable = tuple(image for image in images if image.path.name not in ("broken.jpg", "notes.txt"))
    network, recipe = open_network(find_backbone(LITE0)), Recipe(width_px=224, height_px=224)
    pixels = np.stack([apply_recipe(read_image(image.path, None, side_px=224), recipe) for image in usable])
    np.testing.assert_allclose(read(usable, tmp_path / "e", result), network.embed(pixels), atol=0.005)


def test_a_second_run_computes_nothing(image_folder: Path, tmp_path: Path) -> None:
    images = refs(image_folder)
    first = embed_images(EmbedInput(images, LITE0, tmp_path), JobContext())
    stored = (tmp_path / first.key / "vectors.f16").read_bytes()
    again = embed_images(EmbedInput(images, LITE0, tmp_path), JobContext())
    assert (again.key, again.n_new, again.n_present, len(again.skipped)) == (first.key, 0, 20, 2)
    assert (tmp_path / first.key / "vectors.f16").read_bytes() == stored


def test_two_runs_give_the_same_bytes(image_folder: Path, tmp_path: Path) -> None:
    images = refs(image_folder)
    folders = tmp_path / "a", tmp_path / "b"
    keys = [embed_images(EmbedInput(images, LITE0, folder), JobContext()).key for folder in folders]
    for name in ("vectors.f16", "hashes.bin"):
        assert (folders[0] / keys[0] / name).read_bytes() == (folders[1] / keys[1] / name).read_bytes()


@pytest.mark.parametrize(("cancel_after", "n_kept"), [(1, 0), (4, 0), (5, 4), (20, 16)])
def test_a_cancelled_run_keeps_whole_batches(
    image_folder: Path, tmp_path: Path, cancel_after: int, n_kept: int,
) -> None:
    images = refs(image_folder)
    with pytest.raises(JobCancelled):
        embed_images(EmbedInput(images, LITE0, tmp_path), RecordingContext(cancel_after))
    result = embed_images(EmbedInput(images, LITE0, tmp_path), JobContext())
    assert (result.n_present, result.n_new, len(result.skipped)) == (n_kept, 20 - n_kept, 2)


def test_pictures_of_equal_content_share_an_embedding(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        draw_picture(1, "red").save(folder / name)
    images = refs(folder)
    (folder / "a.png").unlink()
    result = embed_images(EmbedInput(images, LITE0, tmp_path / "e"), JobContext())
    assert EmbeddingStore(tmp_path / "e" / result.key, 2064).n_rows == 1
    assert [skipped.path.name for skipped in result.skipped] == ["a.png"]
    assert result.n_new + result.n_present + len(result.skipped) == 3


def test_a_file_that_changed_is_not_stored_under_its_old_hash(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    draw_picture(1, "red").save(folder / "a.png")
    images = refs(folder)
    draw_picture(2, "blue").save(folder / "a.png")
    result = embed_images(EmbedInput(images, LITE0, tmp_path / "e"), JobContext())
    assert result.n_new == 0 and result.skipped[0].reason.code == "images.changed"


def test_nothing_to_do_is_fine(tmp_path: Path, recording_context: RecordingContext) -> None:
    result = embed_images(EmbedInput((), LITE0, tmp_path), recording_context)
    assert (result.n_new, result.n_present, result.skipped) == (0, 0, ())
    assert recording_context.last.done == recording_context.last.total == 0


def test_an_unknown_backbone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        embed_images(EmbedInput((), "nothing-like-it", tmp_path), JobContext())
    assert not list(tmp_path.iterdir())


def test_a_full_disk_keeps_what_was_written(
    image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    append = EmbeddingWriter.append

    def append_once(self: EmbeddingWriter, hashes: list[bytes], vectors: np.ndarray) -> None:
        if self.n_rows:
            raise StorageError("The disk is full.", "Make room.")
        append(self, hashes, vectors)
        self.refresh()

    monkeypatch.setattr(EmbeddingWriter, "append", append_once)
    monkeypatch.setattr(embed, "ROWS_PER_WRITE", 8)
    images = refs(image_folder)
    with pytest.raises(StorageError):
        embed_images(EmbedInput(images, LITE0, tmp_path), JobContext())
    monkeypatch.undo()
    assert embed_images(EmbedInput(images, LITE0, tmp_path), JobContext()).n_present == 8


def test_known_photographs_are_read_as_what_they_show(shared_data: Path, tmp_path: Path) -> None:
    images = tuple(i for i in refs(shared_data / "guns-smartphones" / "train") if i.path.name == "120px-JS05.jpg")
    result = embed_images(EmbedInput(images, LITE0, tmp_path), JobContext())
    features = read(images, tmp_path, result)[:, :result.n_features]
    [reading] = name_best(features, classifier_weights(find_backbone(LITE0)), top=5)
    assert reading[0] == ("assault rifle", pytest.approx(0.85, abs=0.05))
    assert len(reading) == 5

"""The arrays of a run: mapped from their files, in the form of now and as earlier versions kept them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.runs.predictions import OLDER_NAME, RunPredictions, read_answer, read_predictions, write_predictions
from core.runs.snapshot import SNAPSHOT_NAME, SnapshotRow, write_rows
from core.runs.sums import PREDICTIONS_NAME

IDS = np.array([7, 3, 12], np.int64)
KINDS = np.array([0, 0, 1], np.uint8)
HASHES = np.arange(96, dtype=np.uint8).reshape(3, 32)
SEEN = HASHES[1].tobytes()
PROBABILITIES = np.array([[0.9, 0.1], [0.25, 0.75], [0.5, 0.5]], np.float32)


def write_new(folder: Path) -> None:
    write_predictions(folder, RunPredictions(IDS, KINDS, PROBABILITIES, hashes=HASHES))


def write_older(folder: Path, **changes: np.ndarray) -> None:
    arrays = {"image_id": IDS, "kind": KINDS, "probabilities": PROBABILITIES, "content_hash": HASHES} | changes
    np.savez(folder / OLDER_NAME, **arrays)


def write_compressed(folder: Path) -> None:
    np.savez_compressed(
        folder / OLDER_NAME, image_id=IDS, kind=KINDS, probabilities=PROBABILITIES, content_hash=HASHES)


@pytest.mark.parametrize("save", [write_new, write_older, write_compressed])
def test_a_row_is_found_by_its_image(tmp_path: Path, save: Callable[[Path], None]) -> None:
    save(tmp_path)
    found = read_answer(tmp_path, 3, SEEN)
    assert found is not None and found.tolist() == [0.25, 0.75] and found.dtype == np.float32
    assert read_answer(tmp_path, 4, SEEN) is None
    assert read_answer(tmp_path, 3, HASHES[0].tobytes()) is None, "the run saw another content of this image"


def test_what_is_written_is_read_bit_by_bit_and_not_copied(tmp_path: Path) -> None:
    folds = np.array([0, 4, -1], np.int16)
    write_predictions(tmp_path, RunPredictions(IDS, KINDS, PROBABILITIES, folds, HASHES))
    found = read_predictions(tmp_path)
    assert found.folds is not None and found.hashes is not None
    for array, wanted in ((found.image_ids, IDS), (found.kinds, KINDS), (found.probabilities, PROBABILITIES),
                          (found.folds, folds), (found.hashes, HASHES)):
        assert array.dtype == wanted.dtype and array.tobytes() == wanted.tobytes()
        assert isinstance(array.base, np.memmap)
    assert sorted(path.name for path in (tmp_path / PREDICTIONS_NAME).iterdir()) == [
        "content_hash.npy", "fold.npy", "image_id.npy", "kind.npy", "probabilities.npy"]


def test_of_an_older_run_the_snapshot_says_what_was_seen(tmp_path: Path) -> None:
    np.savez(tmp_path / OLDER_NAME, image_id=IDS, kind=KINDS, probabilities=PROBABILITIES)
    write_rows(tmp_path / SNAPSHOT_NAME, [SnapshotRow(3, SEEN, Path("/a.png"), "red")])
    found = read_answer(tmp_path, 3, SEEN)
    assert found is not None and found.tolist() == [0.25, 0.75]
    assert read_answer(tmp_path, 7, bytes(32)) is None, "nobody noted what it showed"


def test_a_run_without_images_knows_nothing(tmp_path: Path) -> None:
    write_predictions(tmp_path, RunPredictions(IDS[:0], KINDS[:0], PROBABILITIES[:0], hashes=HASHES[:0]))
    assert read_answer(tmp_path, 3, SEEN) is None and len(read_predictions(tmp_path).image_ids) == 0


@pytest.mark.parametrize("save", [write_new, write_older])
def test_predictions_that_are_no_numbers_are_left_out(tmp_path: Path, save: Callable[[Path], None]) -> None:
    save(tmp_path)
    broken = PROBABILITIES.copy()
    broken[1] = np.nan
    if save is write_new:
        np.save(tmp_path / PREDICTIONS_NAME / "probabilities.npy", broken)
    else:
        write_older(tmp_path, probabilities=broken)
    assert read_predictions(tmp_path).image_ids.tolist() == [7, 12] and read_answer(tmp_path, 3, SEEN) is None


@pytest.mark.parametrize("name", ["image_id", "kind", "probabilities", "content_hash"])
@pytest.mark.parametrize("content", [
    b"", b"no array at all", b"PK\x03\x04", b"\x93NUMPY\x01\x00\x76\x00{'descr': '|O', ", None,
])
def test_a_damaged_array_is_said(tmp_path: Path, name: str, content: bytes | None) -> None:
    write_new(tmp_path)
    path = tmp_path / PREDICTIONS_NAME / f"{name}.npy"
    path.write_bytes(path.read_bytes()[:-7] if content is None else content)
    for ask in (read_predictions, lambda folder: read_answer(folder, 3, SEEN)):
        with pytest.raises(RunError) as caught:
            ask(tmp_path)
        assert caught.value.message.code == "runs.predictions_unreadable"


def test_no_object_is_unpickled(tmp_path: Path) -> None:
    write_new(tmp_path)
    np.save(tmp_path / PREDICTIONS_NAME / "kind.npy", np.array([{}, {}, {}], object), allow_pickle=True)
    with pytest.raises(RunError):
        read_predictions(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive at all", None])
def test_a_damaged_archive_is_said(tmp_path: Path, content: bytes | None) -> None:
    write_older(tmp_path)
    path = tmp_path / OLDER_NAME
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)
    with pytest.raises(RunError):
        read_answer(tmp_path, 3, SEEN)


@pytest.mark.parametrize("probabilities", [PROBABILITIES[:1], PROBABILITIES[:, 0], np.float32(1)])
@pytest.mark.parametrize("is_new", [True, False])
def test_columns_that_do_not_fit_are_said(tmp_path: Path, probabilities: np.ndarray, *, is_new: bool) -> None:
    write_new(tmp_path) if is_new else write_older(tmp_path, probabilities=probabilities)
    if is_new:
        np.save(tmp_path / PREDICTIONS_NAME / "probabilities.npy", probabilities)
    for ask in (read_predictions, lambda folder: read_answer(folder, 3, SEEN)):
        with pytest.raises(RunError) as caught:
            ask(tmp_path)
        assert caught.value.message.code == "runs.predictions_unreadable"

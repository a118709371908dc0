"""One row out of a run's predictions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.runs.answer import read_answer
from core.runs.folder import PREDICTIONS_NAME, SNAPSHOT_NAME, SnapshotRow, write_rows

IDS = np.array([7, 3, 12], np.int64)
HASHES = np.arange(96, dtype=np.uint8).reshape(3, 32)
SEEN = HASHES[1].tobytes()
PROBABILITIES = np.array([[0.9, 0.1], [0.25, 0.75], [0.5, 0.5]], np.float32)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_row_is_found_by_its_image(tmp_path: Path, save: object) -> None:
    save(  # type: ignore[operator]
        tmp_path / PREDICTIONS_NAME, image_id=IDS, kind=np.zeros(3, np.uint8), probabilities=PROBABILITIES,
        content_hash=HASHES)
    found = read_answer(tmp_path, 3, SEEN)
    assert found is not None and found.tolist() == [0.25, 0.75] and found.dtype == np.float32
    assert read_answer(tmp_path, 4, SEEN) is None
    assert read_answer(tmp_path, 3, HASHES[0].tobytes()) is None, "the run saw another content of this image"


def test_of_an_older_run_the_snapshot_says_what_was_seen(tmp_path: Path) -> None:
    np.savez(tmp_path / PREDICTIONS_NAME, image_id=IDS, kind=np.zeros(3, np.uint8), probabilities=PROBABILITIES)
    write_rows(tmp_path / SNAPSHOT_NAME, [SnapshotRow(3, SEEN, Path("/a.png"), "red")])
    found = read_answer(tmp_path, 3, SEEN)
    assert found is not None and found.tolist() == [0.25, 0.75]
    assert read_answer(tmp_path, 7, bytes(32)) is None, "nobody noted what it showed"


def test_a_run_without_images_knows_nothing(tmp_path: Path) -> None:
    none = np.zeros(0, np.uint8)
    np.savez(tmp_path / PREDICTIONS_NAME, image_id=IDS[:0], kind=none, probabilities=PROBABILITIES[:0])
    assert read_answer(tmp_path, 3, SEEN) is None


@pytest.mark.parametrize("content", [b"", b"no archive at all", None])
def test_a_damaged_file_is_said(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / PREDICTIONS_NAME).write_bytes(content)
    with pytest.raises(RunError, match="cannot be read"):
        read_answer(tmp_path, 3, SEEN)


def test_a_cut_off_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / PREDICTIONS_NAME
    np.savez(path, image_id=IDS, kind=np.zeros(3, np.uint8), probabilities=PROBABILITIES)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(RunError):
        read_answer(tmp_path, 3, SEEN)


@pytest.mark.parametrize("probabilities", [PROBABILITIES[:1], PROBABILITIES[:, 0], np.float32(1)])
def test_columns_that_do_not_fit_are_said(tmp_path: Path, probabilities: np.ndarray) -> None:
    np.savez(tmp_path / PREDICTIONS_NAME, image_id=IDS, kind=np.zeros(3, np.uint8), probabilities=probabilities,
             content_hash=HASHES)
    with pytest.raises(RunError, match="cannot be read"):
        read_answer(tmp_path, 3, SEEN)

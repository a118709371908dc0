"""The sample is copied whole or not at all, and used again where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError, StorageError
from core.jobs import JobCancelled, JobContext
from core.project.catalog import CATALOG_NAME
from core.tasks import run_here
from core.workflow.demo import SAMPLE, copy_sample
from tests.conftest import RecordingContext


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_sample_is_copied_whole_and_once(tmp_path: Path, recording_context: RecordingContext) -> None:
    run_here("copy-sample", tmp_path / "a" / "images", recording_context)
    assert names(tmp_path / "a" / "images") == names(SAMPLE)
    assert recording_context.last.done == recording_context.last.total == len(names(SAMPLE))
    (removed := next((tmp_path / "a" / "images" / "train").rglob("*.jpg"))).unlink()
    copy_sample(tmp_path / "a" / "images", JobContext())
    assert not removed.exists(), "what somebody took away stays away"


def test_a_copy_that_broke_off_is_completed(tmp_path: Path) -> None:
    copy_sample(tmp_path, JobContext())
    (tmp_path / "train").rename(tmp_path / "elsewhere")
    copy_sample(tmp_path, JobContext())
    assert names(SAMPLE) <= names(tmp_path)


def test_cancelling_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(JobCancelled):
        copy_sample(tmp_path / "images", RecordingContext(cancel_after=0))
    assert not (tmp_path / "images").exists()


def test_a_project_is_no_place_for_the_sample(tmp_path: Path) -> None:
    (tmp_path / CATALOG_NAME).touch()
    with pytest.raises(InputError):
        copy_sample(tmp_path / "images", JobContext())


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError):
        copy_sample(tmp_path / "file" / "images", JobContext())

"""The sample is copied whole or not at all, and opens with the run that training it gives today."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, RunError, StorageError
from core.jobs import JobCancelled, JobContext
from core.project.catalog import CATALOG_NAME
from core.project.project import Project
from core.project.runs import find_run
from core.runs.predictions import read_predictions
from core.runs.snapshot import read_snapshot
from core.tasks import run_here
from core.workflow import sample
from core.workflow.health import is_current, read_health
from core.workflow.importing import new_project
from core.workflow.sample import (
    IMAGES_NAME, PROJECT_NAME, SAMPLE, TRAINED, copy_sample, make_trained_sample, sample_folder,
)
from core.workflow.training import train_project
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


def test_the_trained_sample_is_what_training_its_images_gives_now(tmp_path: Path) -> None:
    shipped, fresh = make_trained_sample(tmp_path / "shipped", JobContext()), tmp_path / "fresh.catalejo"
    images = tmp_path / "shipped" / IMAGES_NAME
    new_project(fresh, images / "train", images / "test", JobContext())
    train_project(fresh, "transfer", {}, JobContext())
    with Project.open(shipped) as one, Project.open(fresh) as other:
        run, now = find_run(one), find_run(other)
        assert (run.strategy, run.n_train) == (now.strategy, now.n_train)
        assert run.settings.items() <= now.settings.items(), "settings that came later have their defaults"
        assert run.accuracy == pytest.approx(now.accuracy, abs=0.03)
        said, again = (read_predictions(p.run_path(r.id)) for p, r in ((one, run), (other, now)))
        assert said.image_ids.tolist() == again.image_ids.tolist() and said.kinds.tolist() == again.kinds.tolist()
        assert np.abs(said.probabilities - again.probabilities).mean() < 0.03
        names = {path.name for path in one.embeddings_path.iterdir()}
        assert names == {path.name for path in other.embeddings_path.iterdir()}


def test_the_trained_sample_speaks_of_the_copied_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for job in ("core.training.job.train", "core.embeddings.embed.embed_images"):
        monkeypatch.setattr(job, lambda *_: pytest.fail("it is trained already"))
    folder = make_trained_sample(tmp_path / "home", JobContext())
    with Project.open(folder) as project:
        run = find_run(project)
        assert all(row.path.is_file() and row.path.is_relative_to(tmp_path / "home" / IMAGES_NAME)
                   for row in read_snapshot(project.run_path(run.id)))
        predicted = project.catalog.rows("SELECT count(*) FROM prediction")[0][0]
        assert predicted == project.catalog.rows("SELECT count(*) FROM image WHERE status = 'ok'")[0][0]
        assert 0.9 <= (run.accuracy or 0) <= 0.97, "hard enough to have something to find"
        assert is_current(project, read_health(project)), "the data check is there as well"
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == [IMAGES_NAME, PROJECT_NAME]


def test_a_sample_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    folder = make_trained_sample(tmp_path, JobContext())
    before = (folder / CATALOG_NAME).read_bytes()
    assert make_trained_sample(tmp_path, JobContext()) == folder
    assert (folder / CATALOG_NAME).read_bytes() == before


def test_another_version_of_the_sample_has_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = sample_folder(tmp_path)
    assert now.parent == tmp_path and now != tmp_path / "sample", "where earlier versions kept theirs"
    (tmp_path / "later.zip").write_bytes(TRAINED.read_bytes() + b"later")
    monkeypatch.setattr(sample, "TRAINED", tmp_path / "later.zip")
    assert sample_folder(tmp_path) != now


def test_a_run_of_other_images_is_not_taken_over(tmp_path: Path) -> None:
    copy_sample(tmp_path / IMAGES_NAME, JobContext())
    first = min((tmp_path / IMAGES_NAME / "train" / "maple").iterdir())
    first.write_bytes((tmp_path / IMAGES_NAME / "test" / "img0.jpg").read_bytes())
    with pytest.raises(RunError):
        make_trained_sample(tmp_path, JobContext())
    assert not (tmp_path / PROJECT_NAME).exists()

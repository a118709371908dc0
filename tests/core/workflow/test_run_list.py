"""Runs that were whole when their recording was cut off are listed and recorded, as far as they fit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.commands import run_command
from core.errors import StorageError
from core.project.classes import list_classes, rename_class
from core.project.predictions import list_predictions
from core.project.project import Project
from core.project.runs import delete_run, list_runs
from core.training.strategies.transfer import TransferSettings
from core.tasks import run_here
from core.text import Message, text
from core.workflow import training
from core.workflow.training import prepare_training, record_training, record_unrecorded
from core.workflow.runs import list_unrecorded
from tests.conftest import write_class_folder
from tests.project_acts import import_folder


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """With a run that was trained to its end and not recorded, and a test image that came later."""
    write_class_folder(tmp_path / "train" / "red", "red", 6)
    write_class_folder(tmp_path / "train" / "blue", "blue", 6, first_seed=100)
    write_class_folder(tmp_path / "test", "blue", 1, first_seed=200)
    with Project.create(tmp_path / "p") as made:
        import_folder(made, tmp_path / "train")
        import_folder(made, tmp_path / "test", split="test", with_labels=False)
        job = prepare_training(made, "transfer", TransferSettings())
        run_here("train", job)
        yield made


def test_it_is_listed_and_recorded_on_request(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project.folder
    [left] = list_unrecorded(project)
    assert left.reason is None and list_runs(project) == ()
    project.close()
    assert run_command(["runs", str(folder)]) == 0
    said = capsys.readouterr().out
    assert f"{left.folder.name}  not recorded" in said and "--record" in said
    assert run_command(["runs", str(folder), "--record", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["recorded"] == [left.folder.name] == [row["run"] for row in facts["runs"]]
    assert facts["not_recorded"] == []


def test_the_next_training_records_it_too(project: Project) -> None:
    job = prepare_training(project, "transfer", TransferSettings())
    [row] = list_runs(project)
    assert job.run != row.id and list_unrecorded(project) == ()


def test_it_is_the_run_that_a_recording_would_have_made(project: Project) -> None:
    [one] = record_unrecorded(project)
    row, said = list_runs(project)[0], list_predictions(project, one)
    assert row.accuracy is not None and len(said) == 13, "the test image still shows what it did"
    delete_run(project, one)
    shutil.rmtree(project.run_path(one))
    job = prepare_training(project, "transfer", TransferSettings())
    record_training(project, job, run_here("train", job))
    again = list_runs(project)[0]
    assert again.accuracy == row.accuracy and again.figures["confusion"] == row.figures["confusion"]
    assert list_predictions(project, again.id, [p.image_id for p in said]) == said


def test_what_does_not_fit_stays_and_says_why(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project.folder
    [left] = list_unrecorded(project)
    copy = left.folder.with_name("2026-01-01-009-transfer")
    shutil.copytree(left.folder, copy)
    (project.runs_path / "notes").mkdir()
    (project.runs_path / "x.unfinished").mkdir()
    reasons = {one.folder.name: one.reason for one in list_unrecorded(project)}
    assert set(reasons) == {left.folder.name, copy.name, "notes"}
    assert reasons[left.folder.name] is None
    assert str(reasons[copy.name]) == text("runs.record_of_other_run", run=left.folder.name)
    assert str(reasons["notes"]) == text("runs.its_record_missing", file="run.json")
    project.catalog.db.execute("UPDATE image SET content_hash = zeroblob(32) WHERE id = 3")
    assert list_unrecorded(project)[1].reason == Message("runs.images_changed")
    rename_class(project, list_classes(project)[0].id, name="azure")
    assert list_unrecorded(project)[1].reason == Message("runs.class_gone", name="blue")
    assert record_unrecorded(project) == () and left.folder.is_dir()
    project.close()
    assert run_command(["runs", str(folder)]) == 0
    assert str(left.folder) in capsys.readouterr().out


def test_a_disk_that_gets_full_while_recording_loses_no_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_unrecorded(project)
    job = prepare_training(project, "transfer", TransferSettings())
    result = run_here("train", job)

    def refuse(*given: object, **more: object) -> None:
        raise StorageError("files.disk_is_full", path=project.folder)

    with monkeypatch.context() as patch:
        patch.setattr(training, "record_new_run", refuse)
        with pytest.raises(StorageError, match="is complete, but could not be recorded") as caught:
            record_training(project, job, result)
    assert "runs PROJECT --record" in caught.value.hint
    assert [one.folder.name for one in list_unrecorded(project)] == [job.run]
    assert record_unrecorded(project) == (job.run,)

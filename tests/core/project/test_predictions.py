"""A new run and its predictions: whole or not there, and others can write meanwhile."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from core.errors import StorageError
from core.project import predictions
from core.project.project import Project, project_for_thread
from core.project.labels import set_labels
from core.project.predictions import list_predictions, record_new_run, record_predictions
from core.project.runs import RunRow, list_runs, record_run
from core.runs.predictions import RunPredictions

RUN = RunRow("a", "transfer", "b", 0, 18, created_at="2026")


@pytest.fixture(autouse=True)
def short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "_SHORT_CHUNK", 4)


@pytest.fixture
def said() -> RunPredictions:
    """Ten images, ids 1 … 10."""
    right = np.linspace(0.5, 0.95, 10, dtype=np.float32)
    return RunPredictions(np.arange(1, 11), np.zeros(10, np.uint8), np.stack([right, 1 - right], 1))


def test_a_new_run_is_what_run_and_predictions_are_one_after_the_other(
    project: Project, said: RunPredictions
) -> None:
    record_run(project, replace(RUN, id="old way"))
    record_predictions(project, "old way", said, (1, 2))
    record_new_run(project, RUN, said, (1, 2))
    assert list_predictions(project, "a") == list_predictions(project, "old way")
    assert list_runs(project)[0] == RUN
    record_new_run(project, replace(RUN, n_train=19), said, (1, 2))
    assert list_predictions(project, "a") == list_predictions(project, "old way")
    assert [run.n_train for run in list_runs(project)] == [19, 18]
    with pytest.raises(sqlite3.IntegrityError):
        project.catalog.db.execute("INSERT INTO prediction VALUES (99, 1, 0, 1, 1, 1, 0, NULL, NULL)")


def test_what_a_killed_recording_left_is_nobodys_and_goes_with_the_next(
    project: Project, said: RunPredictions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_new_run(project, replace(RUN, id="before"), said, (1, 2))
    insert, calls = predictions._insert, list[object]()

    def fail_at_the_third(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 3:
            raise StorageError("The disk is full.", "Free some space.")
        insert(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(predictions, "_insert", fail_at_the_third)
        with pytest.raises(StorageError):
            record_new_run(project, RUN, said, (1, 2))
    assert [run.id for run in list_runs(project)] == ["before"]
    record_new_run(project, RUN, said.choose(slice(1)), (1, 2))
    assert [row.image_id for row in list_predictions(project, "a")] == [1]
    assert len(list_predictions(project, "before")) == 10


def test_labels_are_written_between_the_parts_of_a_long_recording(
    project: Project, said: RunPredictions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the pauses another connection finds the catalog free, and the run is not there yet."""
    runs: list[int] = []

    def label_meanwhile(_: float) -> None:
        with project_for_thread(project) as other:
            other.catalog.db.execute("PRAGMA busy_timeout=0")
            set_labels(other, [12], 1 + len(runs) % 2)
            runs.append(len(list_runs(other)))

    monkeypatch.setattr("core.project.predictions.time.sleep", label_meanwhile)
    record_new_run(project, RUN, said, (1, 2), gives_way=True)
    assert runs == [0, 0, 0] and len(list_runs(project)) == 1

"""Runs, their predictions, and what they were trained on."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.errors import RunError
from core.project.labels import set_labels, take_snapshot
from core.project.predictions import list_predictions, record_predictions
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.project.project import Project
from core.project.runs import RunRow, delete_run, find_run, list_runs, new_run_id, record_run

DAY = date(2026, 11, 22)


def test_run_ids_count_up_within_a_day(project: Project) -> None:
    assert new_run_id(project, "transfer", today=DAY) == "2026-11-22-001-transfer"
    record_run(project, RunRow("2026-11-22-001-transfer", "transfer", "b", 0, 5))
    (project.runs_path / "2026-11-22-007-scratch").mkdir(parents=True)
    assert new_run_id(project, "zero-shot", today=DAY) == "2026-11-22-008-zero-shot"
    assert new_run_id(project, "transfer", today=date(2026, 11, 23)) == "2026-11-23-001-transfer"


def test_runs_come_back_as_recorded(project: Project) -> None:
    run = RunRow("a", "transfer", "lite0", 3, 18, "finished", 0.9, 0.8, 0.95, {"n_folds": 5}, {"x": [1, 2]})
    record_run(project, run)
    record_run(project, RunRow("b", "scratch", "", 0, 18, status="stopped"))
    found = find_run(project)
    assert found == replace(run, created_at=found.created_at) and found.created_at
    assert [r.id for r in list_runs(project)] == ["b", "a"] and find_run(project, "b").accuracy is None


def test_missing_runs_are_said(project: Project) -> None:
    with pytest.raises(RunError, match="has no run yet"):
        find_run(project)
    with pytest.raises(RunError, match="no run"):
        find_run(project, "x")
    with pytest.raises(RunError, match="no run"):
        delete_run(project, "x")
    with pytest.raises(RunError, match="no run"):
        list_predictions(project, "x")


def test_figures_of_predictions(project: Project) -> None:
    record_run(project, RunRow("a", "transfer", "b", 0, 18))
    set_labels(project, [1], 2)
    set_labels(project, [2], None)
    probabilities = np.array([[0.75, 0.25], [0.5, 0.5]], np.float32)
    kinds = np.array([OUT_OF_FOLD, NEW], np.uint8)
    record_predictions(project, "a", RunPredictions(np.array([1, 2]), kinds, probabilities), (1, 2))
    first, second = list_predictions(project, "a")
    assert (first.class_id, first.confidence, first.margin, first.p_label) == (1, 0.75, 0.5, 0.25)
    assert first.loss == pytest.approx(-math.log(0.25)) and first.kind == OUT_OF_FOLD
    assert first.uncertainty == pytest.approx(0.8113, abs=1e-3) and second.uncertainty == pytest.approx(1.0)
    assert second.p_label is None and second.loss is None and second.kind == NEW
    record_predictions(project, "a", RunPredictions(np.array([1]), kinds[:1], probabilities[:1]), (2, 1))
    (first,) = list_predictions(project, "a", [1])
    assert first.class_id == 2 and first.p_label == 0.75
    record_run(project, RunRow("a", "transfer", "b", 0, 18, accuracy=0.5))
    assert len(list_predictions(project, "a")) == 2 and find_run(project, "a").accuracy == 0.5
    delete_run(project, "a")
    assert project.catalog.rows("SELECT * FROM prediction") == []


def test_a_single_class_and_certain_answers_have_figures(project: Project) -> None:
    record_run(project, RunRow("a", "transfer", "b", 0, 18))
    one = RunPredictions(np.array([1]), np.zeros(1, np.uint8), np.ones((1, 1), np.float32))
    record_predictions(project, "a", one, (1,))
    sure = RunPredictions(np.array([2]), np.zeros(1, np.uint8), np.array([[0.0, 1.0]], np.float32))
    record_predictions(project, "a", sure, (1, 2))
    rows = list_predictions(project, "a")
    assert all(math.isfinite(r.uncertainty) and math.isfinite(r.loss or 0) for r in rows)
    assert rows[1].uncertainty < 1e-6


def test_arrays_that_do_not_fit_are_refused(project: Project) -> None:
    record_run(project, RunRow("a", "transfer", "b", 0, 18))
    said = RunPredictions(np.array([1, 2]), np.zeros(2, np.uint8), np.ones((1, 2), np.float32))
    with pytest.raises(ValueError, match="expected"):
        record_predictions(project, "a", said, (1, 2))


def test_a_snapshot_holds_good_labelled_training_images(project: Project) -> None:
    set_labels(project, [1, 2], None)
    snapshot = take_snapshot(project)
    assert len(snapshot.images) == 18 == len(snapshot.labels) and snapshot.classes == ("blue", "red")
    labels = dict(project.catalog.rows("SELECT id, class_id FROM image"))
    assert [snapshot.class_ids[i] for i in snapshot.labels] == [labels[r.id] for r in snapshot.images]
    set_labels(project, [r.id for r in snapshot.images if labels[r.id] == snapshot.class_ids[0]], None)
    assert take_snapshot(project).classes == ("red",) and set(take_snapshot(project).labels.tolist()) == {0}
    assert len(take_snapshot(project, split="test").images) == 0

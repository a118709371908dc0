"""Recorded runs beside each other, and labels beside what they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import RunRow, record_run
from core.text import text
from core.training.strategies.transfer import TransferSettings
from core.workflow.comparing import (
    compare_recorded, compare_runs, describe_change, find_changed_labels, labels_of_job,
)
from core.workflow.training import prepare_training
from tests.project_acts import import_folder


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, image_folder)
        yield made


def record(project: Project, run: str, predicted: dict[int, int], kind: int = OUT_OF_FOLD) -> None:
    record_run(project, RunRow(run, "transfer", "b", 0, len(predicted)))
    ids = np.array(list(predicted), np.int64)
    probabilities = np.array([[1, 0] if c == 1 else [0, 1] for c in predicted.values()], np.float32)
    record_predictions(
        project, run, RunPredictions(ids, np.full(len(ids), kind, np.uint8), probabilities), (1, 2)
    )


def test_runs_are_compared_by_the_labels_as_they_are_now(project: Project) -> None:
    a, b, c, d = image_ids(project, ImageFilter(class_ids=(1,)))[:4].tolist()
    record(project, "first", {a: 1, b: 2, c: 2})
    record(project, "second", {b: 1, c: 2, d: 1})
    found = compare_recorded(project, "first", "second")
    assert (found.fixed.tolist(), found.broken.tolist(), found.still_wrong.tolist()) == ([b], [], [c])
    assert found.n_images == 2, "only what both judged"
    set_labels(project, [c], 2)
    assert compare_recorded(project, "first", "second").still_wrong.tolist() == []
    set_labels(project, [b], 2)
    assert compare_recorded(project, "first", "second").broken.tolist() == [b]


def test_predictions_of_new_images_do_not_count(project: Project) -> None:
    a = int(image_ids(project, ImageFilter(class_ids=(1,)))[0])
    record(project, "first", {a: 2}, kind=NEW)
    record(project, "second", {a: 1})
    assert compare_recorded(project, "first", "second").n_images == 0


def test_an_unknown_run_is_said(project: Project) -> None:
    record(project, "first", {1: 1})
    with pytest.raises(RunError, match="no run “gone”"):
        compare_recorded(project, "gone", "first")


def test_changed_labels_are_found_and_forgotten_when_changed_back(project: Project) -> None:
    then = labels_of_job(prepare_training(project, "transfer", TransferSettings()))
    a, b = image_ids(project, ImageFilter(class_ids=(1,)))[:2].tolist()
    assert find_changed_labels(project, then) == frozenset()
    set_labels(project, [a], 2)
    set_labels(project, [b], None)
    assert find_changed_labels(project, then) == {a, b}
    assert find_changed_labels(project, then, [b]) == {b}
    set_labels(project, [a, b], 1)
    assert find_changed_labels(project, then) == frozenset()


def int_ids(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_each_image_falls_into_one_group() -> None:
    found = compare_runs(
        int_ids(10, 11, 12, 13, 14), int_ids(0, 0, 1, 1, 2), before=int_ids(0, 1, 0, 0, 2),
        after=int_ids(0, 0, 0, 2, 1),
    )
    assert found.fixed.tolist() == [11]
    assert found.broken.tolist() == [14]
    assert found.still_wrong.tolist() == [12, 13], "wrong in another way is still wrong"
    assert found.n_images == 5


def test_the_sentence() -> None:
    found = compare_runs(int_ids(1, 2), int_ids(0, 0), before=int_ids(1, 0), after=int_ids(0, 1))
    assert describe_change(found) == "1 fixed, 1 broken, 0 still wrong, of 2 images that both runs predict"
    nothing = compare_runs(int_ids(), int_ids(), before=int_ids(), after=int_ids())
    assert describe_change(nothing) == text("review.no_images_in_common")

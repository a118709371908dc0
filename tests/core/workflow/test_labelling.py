"""The queue of pictures to label, how far one is, and what a model may answer in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.project.classes import delete_class
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import RunRow, record_run
from core.workflow.labelling import (
    LabelProgress, Order, Scope, count_progress, images_of_next, label_queue, list_suggestions, list_track_record,
    rest_of_queue,
)
from tests.conftest import write_class_folder
from tests.project_acts import import_folder, redo, undo

BLUE, RED = 1, 2


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Training pictures 1–3 blue, 4–6 red; test pictures 7 and 8."""
    write_class_folder(tmp_path / "train" / "blue", "blue", 3)
    write_class_folder(tmp_path / "train" / "red", "red", 3, first_seed=10)
    write_class_folder(tmp_path / "test", "red", 2, first_seed=20)
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, tmp_path / "train")
        import_folder(project, tmp_path / "test", split="test", with_labels=False)
        yield project


def add_run(project: Project, p_blue: dict[int, float], kind: int = NEW) -> None:
    """A run that gives blue these chances, by image id."""
    record_run(project, RunRow("a", "transfer", "b", 0, 6))
    chances = np.array([[p, 1 - p] for p in p_blue.values()], np.float32)
    said = RunPredictions(np.array(list(p_blue)), np.full(len(p_blue), kind, np.uint8), chances)
    record_predictions(project, "a", said, (BLUE, RED))


def test_the_fixture_is_as_it_says(project: Project) -> None:
    assert image_ids(project, ImageFilter(class_ids=(BLUE,))).tolist() == [1, 2, 3]
    assert image_ids(project, ImageFilter(split="test")).tolist() == [7, 8]


def test_a_queue_by_name_holds_what_was_asked_for(project: Project) -> None:
    set_labels(project, [2, 5], None)
    assert label_queue(project, Scope.UNLABELLED).tolist() == [2, 5]
    assert label_queue(project, Scope.TRAIN, Order.SURE).tolist() == [1, 2, 3, 4, 5, 6]
    assert label_queue(project, Scope.TEST).tolist() == [7, 8]


def test_orders_by_prediction_put_the_silent_ones_last(project: Project) -> None:
    set_labels(project, [1, 2, 3, 5], None)
    add_run(project, {2: 0.6, 3: 0.99, 5: 0.1, 7: 0.5})
    assert label_queue(project, Scope.UNLABELLED, Order.SURE, run_id="a").tolist() == [3, 5, 2, 1]
    assert label_queue(project, Scope.UNLABELLED, Order.UNSURE, run_id="a").tolist() == [2, 5, 3, 1]
    assert label_queue(project, Scope.TEST, Order.SURE, run_id="a").tolist() == [7, 8]


def test_mistakes_come_first_the_worst_before_all(project: Project) -> None:
    add_run(project, {1: 0.9, 2: 0.3, 4: 0.99, 5: 0.2})
    assert label_queue(project, Scope.TRAIN, Order.MISTAKES, run_id="a").tolist() == [4, 2, 1, 3, 5, 6]
    set_labels(project, [4], BLUE)
    assert label_queue(project, Scope.TRAIN, Order.MISTAKES, run_id="a").tolist()[0] == 2


def test_an_unknown_run_is_refused(project: Project) -> None:
    with pytest.raises(RunError):
        label_queue(project, Scope.TRAIN, Order.SURE, run_id="gone")


def test_a_queue_asked_anew_keeps_what_was_passed() -> None:
    shown, fresh = np.array([5, 3, 8, 1]), np.array([1, 3, 9, 8])
    assert rest_of_queue(shown, fresh, n_passed=2).tolist() == [5, 3, 1, 9, 8]
    assert rest_of_queue(shown, fresh, n_passed=0).tolist() == [1, 3, 9, 8]


def test_progress_counts_its_own_split(project: Project) -> None:
    set_labels(project, [1, 2], None)
    set_labels(project, [7], RED)
    assert count_progress(project, Scope.UNLABELLED) == LabelProgress(4, 6)
    assert count_progress(project, Scope.TEST) == LabelProgress(1, 2)
    assert count_progress(project, Scope.TRAIN, among=np.array([2, 3, 7])) == LabelProgress(1, 2)


def test_suggestions_leave_labels_alone_and_stand_by_confidence(project: Project) -> None:
    set_labels(project, [1, 2, 4], None)
    add_run(project, {1: 0.75, 2: 0.125, 3: 0.99, 4: 0.5})
    found = list_suggestions(project, "a", np.arange(1, 9))
    assert found.image_ids.tolist() == [2, 1, 4]
    assert found.class_ids.tolist()[:2] == [RED, BLUE]
    assert [found.n_from(c) for c in (0.9, 0.875, 0.75, 0.6, 0.5)] == [0, 1, 2, 2, 3]
    delete_class(project, RED)
    assert list_suggestions(project, "a", np.arange(1, 9)).image_ids.tolist() == [1, 4]


def test_no_suggestions_are_no_trouble(project: Project) -> None:
    add_run(project, {1: 0.75})
    assert list_suggestions(project, "a", np.array([2])).n_from(0.0) == 0


def test_the_track_record_is_of_labels_as_they_are_now(project: Project) -> None:
    add_run(project, {1: 0.75, 2: 0.875, 4: 0.9375}, kind=OUT_OF_FOLD)
    record = list_track_record(project, "a")
    assert record.from_confidence(0.9) == (1, 0)
    assert record.from_confidence(0.5) == (3, 2)
    set_labels(project, [4], BLUE)
    assert list_track_record(project, "a").from_confidence(0.9) == (1, 1)


def test_new_pictures_are_no_track_record(project: Project) -> None:
    add_run(project, {1: 0.75})
    assert list_track_record(project, "a").from_confidence(0.0) == (0, 0)


def test_what_the_next_undo_and_redo_touch(project: Project) -> None:
    set_labels(project, [1], RED)
    set_labels(project, [2, 3], RED)
    assert sorted(images_of_next(project, is_undo=True)) == [2, 3]
    assert not len(images_of_next(project, is_undo=False))
    undo(project)
    assert images_of_next(project, is_undo=True).tolist() == [1]
    assert sorted(images_of_next(project, is_undo=False)) == [2, 3]
    redo(project)
    assert sorted(images_of_next(project, is_undo=True)) == [2, 3]

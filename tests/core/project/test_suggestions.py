"""Predictions accepted as labels, and counts of a few images among many."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import RunError
from core.project.classes import delete_class
from core.project.labels import accept_predictions, set_labels
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, RunPredictions
from core.project.project import Project
from core.project.queries import ImageFilter, count_images, count_labels, image_ids
from core.project.rows import image_rows
from core.project.runs import RunRow, record_run
from tests.project_acts import list_journal, undo


@pytest.fixture
def predicted(project: Project) -> Project:
    """Three of four unlabelled images have a prediction: 1 → class 1, 2 → class 2, 3 → class 1."""
    set_labels(project, [1, 2, 3, 4], None)
    record_run(project, RunRow("a", "transfer", "b", 0, 16))
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], np.float32)
    kinds = np.full(3, NEW, np.uint8)
    record_predictions(project, "a", RunPredictions(np.array([1, 2, 3]), kinds, probabilities), (1, 2))
    return project


def labels(project: Project, ids: list[int]) -> list[int | None]:
    return [row.class_id for row in image_rows(project, ids)]


def test_predictions_become_labels_in_one_step(predicted: Project) -> None:
    assert accept_predictions(predicted, "a", [1, 2, 4]) == 2
    assert labels(predicted, [1, 2, 3, 4]) == [1, 2, None, None]
    assert str(list_journal(predicted)[0].title) == "Accept 2 predictions as labels"
    undo(predicted)
    assert labels(predicted, [1, 2, 3, 4]) == [None] * 4


def test_what_is_accepted_already_leaves_no_trace(predicted: Project) -> None:
    accept_predictions(predicted, "a", [1])
    n_entries = len(list_journal(predicted))
    assert accept_predictions(predicted, "a", [1]) == 0 and len(list_journal(predicted)) == n_entries


def test_a_class_that_is_gone_is_given_to_no_image(predicted: Project) -> None:
    delete_class(predicted, 2)
    assert accept_predictions(predicted, "a", [1, 2]) == 1 and labels(predicted, [2]) == [None]


def test_accepting_from_no_run_is_said(predicted: Project) -> None:
    with pytest.raises(RunError):
        accept_predictions(predicted, "x", [1])


def test_counts_among_a_few(predicted: Project) -> None:
    few = np.array([1, 2, 7])
    assert count_images(predicted, ImageFilter(is_labelled=False), among=few) == 2
    assert count_images(predicted, ImageFilter(run_id="a", is_mistake=True), among=few) == 0
    assert sum(count_labels(predicted, few).values()) == 1 and count_labels(predicted, np.array([1])) == {}


def test_ids_keep_their_order_whatever_is_asked(predicted: Project) -> None:
    for order in ("name", "bytes", "date"):
        up = image_ids(predicted, ImageFilter(), order=order).tolist()
        assert image_ids(predicted, ImageFilter(), order=order, is_descending=True).tolist() == up[::-1]
    assert image_ids(predicted, ImageFilter(text="no such name")).tolist() == []

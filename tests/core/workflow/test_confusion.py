"""The matrix by the labels as they are now, through renamed, merged and new classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.project.classes import add_class, delete_class, merge_classes, rename_class
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import RunRow, find_run, record_run
from core.runs.snapshot import SNAPSHOT_NAME
from core.review.metrics import Confused
from core.workflow.confusion import (
    find_corrected, labels_of_run, predicted_classes, read_confusion, read_judged, run_class_ids,
)
from core.workflow.review_parts import confusion_of
from tests.project_acts import import_folder

BLUE, RED = 1, 2


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """Ten pictures a class; the run “first” takes two red ones for blue."""
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, image_folder)
        record(made, "first", {**dict.fromkeys(ids(made, BLUE), BLUE), **dict.fromkeys(ids(made, RED), RED),
                               **dict.fromkeys(ids(made, RED)[:2], BLUE)})
        yield made


def ids(project: Project, class_id: int) -> list[int]:
    return [int(i) for i in image_ids(project, ImageFilter(class_ids=(class_id,)))]


def record(project: Project, run: str, predicted: dict[int, int], *, kind: int = OUT_OF_FOLD) -> None:
    """A run of the classes blue and red, with its snapshot."""
    figures = {"classes": ["blue", "red"], "class_ids": [BLUE, RED]}
    record_run(project, RunRow(run, "transfer", "b", 0, len(predicted), figures=figures))
    probabilities = np.array([[0.9, 0.1] if c == BLUE else [0.1, 0.9] for c in predicted.values()], np.float32)
    chosen = np.array(list(predicted), np.int64)
    record_predictions(
        project, run, RunPredictions(chosen, np.full(len(chosen), kind, np.uint8), probabilities), (BLUE, RED))
    rows = project.catalog.rows("SELECT i.id, c.name FROM image i JOIN class c ON c.id = i.class_id")
    project.run_path(run).mkdir(parents=True)
    lines = [f"{i},{'00' * 32},x,{name}" for i, name in rows]
    (project.run_path(run) / SNAPSHOT_NAME).write_text("\n".join(["image_id,content_hash,path,label", *lines]) + "\n")


def test_counts_shares_and_pairs(project: Project) -> None:
    found = read_confusion(project, "first")
    assert found.counts.tolist() == [[10, 0], [2, 8]]
    assert (found.n_total, found.n_wrong) == (20, 2)
    assert found.shares.tolist() == [[1.0, 0.0], [0.2, 0.8]]
    assert found.pairs(5) == (Confused(RED, BLUE, 2, 0.2),)


def test_the_report_has_the_interval_that_groups_allow(project: Project) -> None:
    alone = read_confusion(project, "first").standing.interval
    run = find_run(project, "first")
    record_run(project, replace(run, figures={**run.figures, "groups": {"design_effect": 4.0}}))
    run, found = find_run(project, "first"), read_confusion(project, "first")
    assert confusion_of(read_judged(project, "first"), run).standing == found.standing
    assert alone is not None and found.standing.interval is not None and found.standing.interval[0] < alone[0]


def test_it_follows_the_labels(project: Project) -> None:
    set_labels(project, ids(project, RED)[:1], BLUE)
    assert read_confusion(project, "first").counts.tolist() == [[11, 0], [1, 8]]


def test_predictions_of_new_images_are_left_out(project: Project) -> None:
    record(project, "second", dict.fromkeys(ids(project, BLUE), BLUE), kind=NEW)
    found = read_confusion(project, "second")
    assert (found.n_total, [c.name for c in found.classes]) == (0, ["blue", "red"])
    assert found.shares.tolist() == [[0, 0], [0, 0]]


def test_a_renamed_class_keeps_its_line(project: Project) -> None:
    rename_class(project, RED, name="crimson")
    assert [(c.name, c.is_gone, c.is_new) for c in read_confusion(project, "first").classes] == [
        ("blue", False, False), ("crimson", False, False)]
    assert set(labels_of_run(project, "first").values()) == {BLUE, RED}, "a new name is no changed label"


def test_a_merged_class_stands_last_and_is_gone(project: Project) -> None:
    merge_classes(project, BLUE, into_id=RED)
    found = read_confusion(project, "first")
    assert [(c.name, c.is_gone) for c in found.classes] == [("red", False), ("blue", True)]
    assert found.counts.tolist() == [[8, 12], [0, 0]]


def test_a_deleted_class_that_is_still_predicted_stays(project: Project) -> None:
    delete_class(project, BLUE)
    found = read_confusion(project, "first")
    assert [(c.name, c.is_gone) for c in found.classes] == [("red", False), ("blue", True)]
    assert found.n_total == 10


def test_a_class_made_since_is_new(project: Project) -> None:
    green = add_class(project, "green").id
    assert [c.name for c in read_confusion(project, "first").classes] == ["blue", "red"]
    set_labels(project, ids(project, RED)[:1], green)
    assert [(c.name, c.is_new) for c in read_confusion(project, "first").classes][-1] == ("green", True)


def test_runs_without_ids_are_read_by_name(project: Project) -> None:
    record_run(project, RunRow("old", "transfer", "b", 0, 1, figures={"classes": ["red", "gone", "blue"]}))
    assert run_class_ids(project, "old") == (RED, 0, BLUE), "one that is called otherwise now keeps its place"


def test_predicted_classes_in_the_order_of_the_images(project: Project) -> None:
    some = [ids(project, BLUE)[0], 999, ids(project, RED)[0], ids(project, RED)[-1]]
    assert predicted_classes(project, "first", some).tolist() == [BLUE, 0, BLUE, RED]


def test_mistakes_that_a_new_label_put_right(project: Project) -> None:
    wrong = ids(project, RED)[:2]
    all_right = dict.fromkeys(ids(project, BLUE), BLUE) | dict.fromkeys(ids(project, RED), RED)
    set_labels(project, wrong[:1], BLUE)
    record(project, "second", {**all_right, wrong[0]: BLUE})
    assert find_corrected(project, "first", "second").tolist() == wrong[:1], "the other one the model put right"
    assert find_corrected(project, "second", "second").tolist() == []


def test_a_damaged_snapshot_is_said(project: Project) -> None:
    (project.run_path("first") / SNAPSHOT_NAME).unlink()
    with pytest.raises(RunError, match="snapshot"):
        labels_of_run(project, "first")

"""Lists of mistakes: what each holds, in which order, with the number that it says; parts that are never mixed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.project.classes import add_class, list_classes
from core.project.exclusion import exclude_images
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows
from core.project.runs import RunRow, record_run
from core.project.tags import set_flag
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.workflow.comparing import compare_recorded
from core.workflow.confusion import Confusion, JudgedClass, read_confusion
from core.workflow.list_export import describe_images, read_lists, write_list
from core.workflow.mistake_lists import (
    CLASSES, JUDGED, MOST_PAIRS, PAIRS, TEST, find_list, images_of_list, list_mistakes, list_new,
)
from tests.core.conftest import Run

RUN, BEFORE = "2026-11-22-002-transfer", "2026-11-22-001-transfer"


@pytest.fixture
def judged(project: Path) -> Iterator[Project]:
    """Twenty-four images; the run has four wrong, two of them surely, and predicts test images without a label."""
    opened = Project.open(project)
    ids = np.sort(image_ids(opened, ImageFilter(split="train", is_labelled=True)))
    labels = [image.class_id for image in image_rows(opened, ids)]
    classes = sorted({label for label in labels if label})
    for run_id, wrong in ((BEFORE, {0: 0.6, 1: 0.7, 5: 0.8}), (RUN, {0: 0.95, 1: 0.6, 2: 0.97, 3: 0.7})):
        record_run(opened, RunRow(run_id, "transfer", "b", 0, len(ids)))
        says = []
        for at, label in enumerate(labels):
            p = wrong.get(at, 0.9 - at / 100)
            is_first = (label == classes[0]) != (at in wrong)
            says.append([p, 1 - p] if is_first else [1 - p, p])
        record_predictions(opened, run_id, RunPredictions(
            ids, np.full(len(ids), OUT_OF_FOLD, np.uint8), np.array(says, np.float32)), classes)
    new = np.sort(image_ids(opened, ImageFilter(split="test")))
    record_predictions(opened, RUN, RunPredictions(
        new, np.full(len(new), NEW, np.uint8), np.tile(np.array([[0.92, 0.08]], np.float32), (len(new), 1))), classes)
    yield opened
    opened.close()


def places(project: Project, ids: np.ndarray) -> list[int]:
    every = np.sort(image_ids(project, ImageFilter(split="train", is_labelled=True)))
    return [int(np.flatnonzero(every == i)[0]) for i in ids]


def test_each_list_has_the_images_that_its_number_says(judged: Project) -> None:
    comparison = compare_recorded(judged, BEFORE, RUN)
    lists = list_mistakes(judged, RUN, JUDGED, read_confusion(judged, RUN), comparison=comparison)
    for one in lists:
        assert len(images_of_list(judged, RUN, one)) == one.n_images, one.name

    def shown(name: str) -> list[int]:
        return places(judged, images_of_list(judged, RUN, find_list(lists, name)))

    assert shown("mistakes") == [2, 0, 3, 1], "the highest loss first"
    assert shown("sure") == [2, 0]
    assert (shown("fixed"), sorted(shown("broken")), sorted(shown("still_wrong"))) == ([5], [2, 3], [0, 1])
    assert shown("uncertain")[0] == 1 and find_list(lists, "uncertain").n_images == 24
    set_flag(judged, images_of_list(judged, RUN, find_list(lists, "sure")), "checked")
    again = list_mistakes(judged, RUN, JUDGED, read_confusion(judged, RUN))
    assert find_list(again, "unchecked").n_images == 2 and find_list(again, "mistakes").n_images == 4
    assert all(one.section != "changes" for one in again)
    with pytest.raises(InputError):
        find_list(again, "fixed")


def test_excluded_and_relabelled_images_leave_the_lists(judged: Project) -> None:
    ids = images_of_list(judged, RUN, find_list(read_lists(judged, RUN, JUDGED), "mistakes"))
    exclude_images(judged, ids[:1])
    said = {row.id: row for row in list_classes(judged)}
    other = next(i for i in said if i != image_rows(judged, ids[1:2])[0].class_id)
    set_labels(judged, ids[1:2], other)
    lists = read_lists(judged, RUN, JUDGED)
    assert sorted(images_of_list(judged, RUN, find_list(lists, "mistakes"))) == sorted(ids[2:])
    assert find_list(lists, "uncertain").n_images == 23


def test_the_loss_of_an_earlier_label_is_not_shown_beside_the_label_of_now(judged: Project) -> None:
    every = np.sort(image_ids(judged, ImageFilter(split="train", is_labelled=True)))
    classes = sorted({row.class_id for row in image_rows(judged, every) if row.class_id})
    right, wrong, kept, unlabelled = (int(every[at]) for at in (6, 2, 0, 3))
    for image in (right, wrong):
        [row] = image_rows(judged, [image])
        set_labels(judged, [image], next(i for i in classes if i != row.class_id))
    set_labels(judged, [unlabelled], None)
    losses = [row["loss"] for row in describe_images(judged, RUN, [right, wrong, unlabelled, kept])]
    assert losses[:3] == [None, None, None] and losses[3] == pytest.approx(-np.log(0.05), abs=1e-3)


def test_parts_are_never_mixed(judged: Project) -> None:
    assert [(one.name, one.n_images) for one in list_new(judged, RUN)][0][1] > 0
    assert not read_lists(judged, RUN, TEST) and not list_new(judged, BEFORE)
    n_new = find_list(list_new(judged, RUN), "confident").n_images
    labelled = np.sort(image_ids(judged, ImageFilter(split="test")))[:2]
    set_labels(judged, labelled, add_class(judged, "neither").id)
    test = read_lists(judged, RUN, TEST)
    assert find_list(test, "mistakes").n_images == 2
    assert set(images_of_list(judged, RUN, find_list(test, "mistakes"))) == set(labelled.tolist())
    assert find_list(list_new(judged, RUN), "confident").n_images == n_new - 2
    uncertain = images_of_list(judged, RUN, find_list(read_lists(judged, RUN, JUDGED), "uncertain"))
    assert not set(uncertain.tolist()) & set(labelled.tolist())
    with pytest.raises(InputError):
        read_lists(judged, RUN, "everything")


@pytest.mark.parametrize("n_classes", [100, 1000])
def test_many_classes(judged: Project, n_classes: int) -> None:
    rng = np.random.default_rng(3)
    counts = np.diag(np.full(n_classes, 5)) + (rng.random((n_classes, n_classes)) < 0.01) * 2
    classes = tuple(JudgedClass(i + 1, f"class {i + 1}") for i in range(n_classes))
    lists = list_mistakes(judged, RUN, JUDGED, Confusion(classes, counts.astype(np.int64)))
    pairs, of_classes = ([one for one in lists if one.section == section] for section in (PAIRS, CLASSES))
    assert len(pairs) == MOST_PAIRS and len(of_classes) <= n_classes
    assert [one.n_images for one in of_classes] == sorted((one.n_images for one in of_classes), reverse=True)


def test_lists_are_written(judged: Project, tmp_path: Path) -> None:
    lists = read_lists(judged, RUN, JUDGED)
    ids = images_of_list(judged, RUN, find_list(lists, "mistakes"))
    set_flag(judged, ids[:1], "star")
    assert write_list(judged, RUN, ids, tmp_path / "l.csv") == 4
    with open(tmp_path / "l.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["confidence"] for row in rows] == ["0.9700", "0.9500", "0.7000", "0.6000"]
    assert [row["flags"] for row in rows] == ["star", "", "", ""] and rows[0]["label"] != rows[0]["prediction"]
    write_list(judged, RUN, ids, tmp_path / "l.txt")
    assert all(Path(line).is_file() for line in (tmp_path / "l.txt").read_text().splitlines())
    with pytest.raises(InputError):
        write_list(judged, RUN, ids, Path(rows[0]["path"]).absolute().parent / "no such folder" / "l.csv")


def test_the_command(judged: Project, run: Run, fail: Run, tmp_path: Path) -> None:
    judged.close()
    facts = run("mistakes", judged.folder, "--run", RUN, "--against", BEFORE)
    named = {row["name"]: row["images"] for row in facts["lists"]}
    assert (named["mistakes"], named["sure"], named["fixed"], named["broken"]) == (4, 2, 1, 2)
    facts = run("mistakes", judged.folder, "sure", "--run", RUN, "--out", tmp_path / "sure.csv")
    assert len(facts["images"]) == 2 and facts["images"][0]["confidence"] == pytest.approx(0.97)
    assert (tmp_path / "sure.csv").is_file()
    assert {row["name"] for row in run("mistakes", judged.folder, "--part", "new", "--run", RUN)["lists"]} == {
        "uncertain", "confident"}
    fail("mistakes", judged.folder, "nonsense")
    fail("mistakes", judged.folder, "--out", tmp_path / "x.csv")

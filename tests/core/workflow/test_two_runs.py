"""Two runs beside each other: which images count, what is said of the others, and why some cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.project.classes import add_class
from core.project.exclusion import exclude_images
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import RunRow, record_run
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.runs.snapshot import SNAPSHOT_NAME
from core.text import text
from core.workflow.two_runs import LATEST, compare_two
from core.workflow.two_runs_words import describe_pair, describe_test, two_runs_as_json
from core.review.paired import PairedShare
from tests.conftest import write_class_folder
from tests.project_acts import import_folder

BLUE, RED = 1, 2


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Six images a class to learn from and four test images without labels."""
    for split, first, n in (("train", 0, 6), ("test", 50, 2)):
        for hue in ("blue", "red"):
            write_class_folder(tmp_path / split / (hue if split == "train" else ""), hue, n, first_seed=first)
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, tmp_path / "train")
        import_folder(made, tmp_path / "test", split="test")
        yield made


def ids(project: Project, **which: object) -> list[int]:
    return [int(i) for i in image_ids(project, ImageFilter(**which), order="added")]  # type: ignore[arg-type]


def record(
    project: Project, run: str, predicted: dict[int, int], *, kind: int = OUT_OF_FOLD, test: dict[int, int] = {},
    n_learnt: int = 12, **figures: object,
) -> None:
    """A run that predicts these, with a snapshot of the labels as they are now."""
    known = {"classes": ["blue", "red"], "class_ids": [BLUE, RED], "accuracy_kind": "cross-validation"}
    record_run(project, RunRow(run, "transfer", "b", 0, len(predicted), figures=known | figures))
    for said, of_kind in ((predicted, kind), (test, NEW)):
        if said:
            probabilities = np.array([[1, 0] if c == BLUE else [0, 1] for c in said.values()], np.float32)
            record_predictions(project, run, RunPredictions(
                np.array(list(said), np.int64), np.full(len(said), of_kind, np.uint8), probabilities), (BLUE, RED))
    project.run_path(run).mkdir(parents=True)
    rows = project.catalog.rows("SELECT i.id, i.content_hash, c.name FROM image i JOIN class c ON c.id = i.class_id "
                                "WHERE i.split = 'train' ORDER BY i.id")
    lines = [f"{i},{h.hex()},x,{name}\n" for i, h, name in rows[:n_learnt]]
    (project.run_path(run) / SNAPSHOT_NAME).write_text("image_id,content_hash,path,label\n" + "".join(lines))


def test_only_what_both_judged_counts_by_the_labels_of_now(project: Project) -> None:
    blue, red = ids(project, class_ids=(BLUE,)), ids(project, class_ids=(RED,))
    record(project, "first", {i: BLUE for i in blue} | {i: BLUE for i in red[:4]})
    record(project, "second", {i: BLUE for i in blue[:4]} | {blue[4]: RED} | {i: RED for i in red[1:]})
    found = compare_two(project, "first", LATEST)
    pair = found.judged
    assert pair is not None and found.test is None
    assert pair.lists.n_images == 8 and len(pair.only_before) == 2 and len(pair.only_after) == 2
    assert pair.lists.fixed.tolist() == red[1:4] and pair.lists.broken.tolist() == [blue[4]]
    assert pair.matrix.tolist() == [[-1, 1], [-3, 3]]
    assert [(pair.classes[i].name, pair.classes[j].name, n) for i, j, n in pair.moves] == [
        ("red", "blue", -3), ("blue", "red", 1)]
    assert pair.of_cell(1, 0).tolist() == red[1:4] and pair.of_cell(0, 1).tolist() == [blue[4]]
    assert pair.changed_of_class(1).tolist() == red[1:4]
    assert pair.per_class[1].recall.difference == 1.0
    said = " ".join(describe_pair(pair, is_test=False))
    assert "50.0 percentage points" not in said and "+25.0 percentage points" in said
    assert "2 images by the first, 2 images by the second" in said
    assert not found.notes
    set_labels(project, red[1:4], BLUE)
    later = compare_two(project, "first", "second")
    assert later.judged is not None and later.judged.lists.broken.tolist() == [blue[4], *red[1:4]]
    assert [str(note) for note in later.notes] == [
        text("review.compare.relabelled", run=run, n=3) for run in ("first", "second")]


def test_test_images_stand_apart(project: Project) -> None:
    train, test = ids(project, split="train"), ids(project, split="test")
    record(project, "first", {i: BLUE for i in train}, test={i: BLUE for i in test})
    record(project, "second", {i: BLUE for i in train}, test={i: RED for i in test[:3]})
    set_labels(project, test, RED)
    found = compare_two(project, "first", "second")
    assert found.judged is not None and found.judged.lists.n_images == len(train)
    assert found.test is not None and found.test.lists.fixed.tolist() == test[:3]
    assert found.test.only_before.tolist() == test[3:]
    assert not len(found.judged.lists.fixed)
    facts = two_runs_as_json(project, found)
    assert [row["before"] for row in facts["test"]["fixed"]] == ["blue"] * 3 and facts["test"]["n"] == 3
    assert facts["judged"]["p_value"] == 1.0 and text("review.compare.no_difference") in facts["judged"]["sentences"]


def test_excluded_images_and_images_that_came_later_are_said(project: Project) -> None:
    train = ids(project, split="train")
    record(project, "first", {i: BLUE for i in train[:8]}, n_learnt=8)
    record(project, "second", {i: BLUE for i in train})
    exclude_images(project, train[:2])
    found = compare_two(project, "first", "second")
    assert found.judged is not None and found.judged.lists.n_images == 6
    said = [str(note) for note in found.notes]
    assert text("review.compare.excluded", run="first", n=2) in said
    assert text("review.compare.labelled_since", run="first", n=4) in said


def test_a_class_that_one_run_does_not_know_is_said(project: Project) -> None:
    train = ids(project, split="train")
    green = add_class(project, "green").id
    record(project, "first", {i: BLUE for i in train})
    record(project, "second", {i: BLUE for i in train}, classes=["blue", "red", "green"],
           class_ids=[BLUE, RED, green])
    set_labels(project, train[:1], green)
    said = [str(note) for note in compare_two(project, "first", "second").notes]
    assert text("review.compare.unknown_class", run="first", names=("green",), n=1) in said


def test_what_makes_a_test_accuracy_unfair_is_said_of_the_test_images_too(project: Project) -> None:
    train, test = ids(project, split="train"), ids(project, split="test")
    green = add_class(project, "green").id
    record(project, "first", {i: BLUE for i in train[1:]}, n_learnt=0, test={i: BLUE for i in test})
    with project.catalog.transaction() as db:  # a test image is a file that the second run learnt from
        db.execute("UPDATE image SET content_hash = (SELECT content_hash FROM image WHERE id = ?) WHERE id = ?",
                   (train[0], test[0]))
    record(project, "second", {i: BLUE for i in train[:1]}, test={i: RED for i in test},
           classes=["blue", "red", "green"], class_ids=[BLUE, RED, green])
    record(project, "third", {}, n_learnt=0, test={i: RED for i in test})
    set_labels(project, test[:3], RED)
    set_labels(project, test[3:], green)
    found = compare_two(project, "third", "second")
    assert found.judged is None and found.test is not None
    said = [str(note) for note in found.notes]
    assert text("review.compare.unknown_class", run="third", names=("green",), n=1) in said
    assert text("review.compare.test_copies", run="second", n=1) in said
    assert not any("“third”" in note and "Leakage" in note for note in said)


def test_groups_are_said_and_widen_the_interval(project: Project) -> None:
    train = ids(project, split="train")
    record(project, "first", {i: BLUE for i in train}, groups={"source": "duplicates"})
    record(project, "second", {i: RED for i in train}, groups={"source": "series", "design_effect": 2.5})
    found = compare_two(project, "first", "second")
    assert found.judged is not None and found.judged.design_effect == 2.5
    assert {note.code for note in found.notes} == {"review.compare.other_groups", "review.compare.alike_images"}


def test_a_run_whose_folder_is_gone_is_compared_all_the_same(project: Project) -> None:
    train = ids(project, split="train")
    record(project, "first", {i: BLUE for i in train})
    record(project, "second", {i: RED for i in train})
    (project.run_path("first") / SNAPSHOT_NAME).unlink()
    found = compare_two(project, "first", "second")
    assert found.judged is not None and found.judged.lists.n_images == 12
    assert text("review.compare.folder_gone", run="first") in [str(note) for note in found.notes]


def test_what_cannot_be_compared_says_why(project: Project) -> None:
    train = ids(project, split="train")
    record(project, "first", {i: BLUE for i in train[:6]})
    record(project, "second", {i: RED for i in train[6:]})
    record(project, "third", {i: RED for i in train[6:]}, kind=NEW)
    with pytest.raises(RunError, match="no image in common"):
        compare_two(project, "first", "second")
    with pytest.raises(RunError, match="“third” cannot be compared: it predicted no labelled image"):
        compare_two(project, "first", "third")
    with pytest.raises(RunError, match="with itself"):
        compare_two(project, "third", LATEST)
    with pytest.raises(RunError, match="no run “gone”"):
        compare_two(project, "gone", "first")


def test_the_sentence_says_which_run_is_better_or_that_it_cannot() -> None:
    assert "do not tell which run is better" in describe_test(PairedShare(741, 725, 12, 4))
    assert "p\u00a0=\u00a00.077" in describe_test(PairedShare(741, 725, 12, 4))
    assert "the second run is better" in describe_test(PairedShare(741, 700, 30, 4))
    assert "p\u00a0<\u00a00.001" in describe_test(PairedShare(741, 700, 30, 4))
    assert "the first run is better" in describe_test(PairedShare(741, 700, 4, 30))

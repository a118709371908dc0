"""The accuracy on labelled test images, by values worked out by hand and by the labels as they are now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.jobs import JobContext
from core.project.classes import add_class
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import RunRow, find_run, record_run
from core.review.metrics import wilson_interval
from core.runs.snapshot import SNAPSHOT_NAME
from core.text import text
from core.workflow.confusion import mistakes_of, read_confusion
from core.workflow.importing import new_project
from core.workflow.known_duplicates import TWINS_NAME
from core.workflow.labelled_test import (
    LabelledTest, add_predictions, describe_test, labelled_test_as_json, leave_out, read_labelled_test,
)
from core.workflow.predicting import write_predictions
from core.workflow.review_page import prepare_review, write_review, write_review_page
from core.workflow.runs import list_runs_with_damage
from core.workflow.training import train_project
from tests.conftest import write_class_folder
from tests.project_acts import import_folder

BLUE, RED = 1, 2
RUN = "first"


def ids(project: Project, split: str) -> list[int]:
    return [int(i) for i in image_ids(project, ImageFilter(split=split), order="added")]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Six images a class to learn from, all judged right; eight test images, of which four are said to be red."""
    for split, first in (("train", 0), ("test", 50)):
        for hue, n in (("blue", 6), ("red", 6)) if split == "train" else (("red", 8),):
            write_class_folder(tmp_path / split / (hue if split == "train" else ""), hue, n, first_seed=first)
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, tmp_path / "train")
        import_folder(made, tmp_path / "test", split="test")
        low, high = wilson_interval(12, 12)
        figures = {"classes": ["blue", "red"], "class_ids": [BLUE, RED], "accuracy_kind": "cross-validation",
                   "confusion": [[6, 0], [0, 6]], "n_validation": 12}
        record_run(made, RunRow(RUN, "transfer", "b", 0, 12, accuracy=1.0, low=low, high=high, figures=figures))
        rows = made.catalog.rows("SELECT i.id, i.class_id, i.content_hash, c.name FROM image i JOIN class c "
                                 "ON c.id = i.class_id WHERE i.split = 'train' ORDER BY i.id")
        say(made, {i: c for i, c, _, _ in rows}, OUT_OF_FOLD)
        say(made, {i: RED if at < 4 else BLUE for at, i in enumerate(ids(made, "test"))}, NEW)
        made.run_path(RUN).mkdir(parents=True)
        lines = ["image_id,content_hash,path,label", *(f"{i},{h.hex()},x,{name}" for i, _, h, name in rows)]
        (made.run_path(RUN) / SNAPSHOT_NAME).write_text("\n".join(lines) + "\n")
        yield made


def say(project: Project, predicted: dict[int, int], kind: int) -> None:
    """Each with a confidence of its own, so that mistakes have an order."""
    n = len(predicted)
    p = np.linspace(0.6, 0.9, n)
    probabilities = np.array([[1 - q, q] if c == RED else [q, 1 - q] for c, q in
                              zip(predicted.values(), p, strict=True)], np.float32)
    record_predictions(project, RUN, RunPredictions(
        np.array(list(predicted), np.int64), np.full(n, kind, np.uint8), probabilities), (BLUE, RED))


def read(project: Project) -> LabelledTest:
    found = read_labelled_test(project, find_run(project, RUN))
    assert found is not None
    return found


def test_without_labels_there_is_no_test(project: Project) -> None:
    assert read_labelled_test(project, find_run(project, RUN)) is None
    assert labelled_test_as_json(project, find_run(project, RUN)) is None


def test_the_figures_follow_the_labels(project: Project) -> None:
    test_ids = ids(project, "test")
    set_labels(project, np.array(test_ids[:6]), RED)
    found = read(project)
    assert found.confusion.counts.tolist() == [[0, 0], [2, 4]]
    set_labels(project, np.array(test_ids[6:]), BLUE)
    found, standing = read(project), read(project).confusion.standing
    assert found.confusion.counts.tolist() == [[2, 0], [2, 4]]
    assert standing.accuracy == 0.75 and standing.interval == wilson_interval(6, 8)
    assert standing.baseline_accuracy == 0.75 and standing.balanced_accuracy == pytest.approx((1 + 4 / 6) / 2)
    wrong = found.mistakes
    assert found.image_ids[wrong].tolist() == [test_ids[5], test_ids[4]], "the surest mistake comes first"


def test_it_is_kept_apart_from_the_judged_images(project: Project) -> None:
    set_labels(project, np.array(ids(project, "test")), BLUE)
    assert read_confusion(project, RUN).counts.tolist() == [[6, 0], [0, 6]]
    assert len(image_ids(project, mistakes_of(RUN))) == read_confusion(project, RUN).n_wrong == 0


def test_the_sentence(project: Project) -> None:
    set_labels(project, np.array(ids(project, "test")), RED)
    words = describe_test(read(project), find_run(project, RUN))
    assert words.verdict == (
        "Test accuracy 50.0 % (95 % CI 21.5–78.5) on 8 labelled test images. As trained, cross-validation on the "
        "training images gave 100.0 % (75.8–100.0).")
    assert words.baseline == text("review.one_class", name="red")
    assert words.notes == ()


def test_intervals_apart_are_said(project: Project) -> None:
    set_labels(project, np.array(ids(project, "test")[:4]), BLUE)
    set_labels(project, np.array(ids(project, "test")[4:]), RED)
    words = describe_test(read(project), find_run(project, RUN))
    assert words.verdict.startswith("Test accuracy 0.0 % (95 % CI 0.0–32.4)")
    assert text("review.test_lower") in words.notes
    assert words.warning.startswith("Test images: No better than the baseline: always predicting")


def test_one_wrong_image_is_not_to_be_believed_instead(project: Project) -> None:
    set_labels(project, np.array(ids(project, "test")), None)
    first = ids(project, "test")[:1]
    for label in (RED, BLUE):
        set_labels(project, np.array(first), label)
        words = describe_test(read(project), find_run(project, RUN))
        assert text("review.test_lower") not in words.notes


def test_images_moved_from_the_training_set_do_not_count(project: Project) -> None:
    with project.catalog.transaction() as db:
        db.execute("UPDATE image SET split = 'test' WHERE id IN (SELECT id FROM image WHERE split = 'train' LIMIT 3)")
    set_labels(project, np.array(ids(project, "test")[-8:]), RED)
    found = read(project)
    assert (found.confusion.n_total, found.n_learnt) == (8, 3)
    notes = describe_test(found, find_run(project, RUN)).notes
    assert text("review.test_trained_on", n=3) in notes


def test_copies_of_learnt_images_are_said(project: Project) -> None:
    one = ids(project, "test")[0]
    content = project.catalog.rows("SELECT content_hash FROM image WHERE id = ?", (one,))[0][0]
    with (project.run_path(RUN) / SNAPSHOT_NAME).open("a") as file:
        file.write(f"999,{content.hex()},x,red\n")
    set_labels(project, np.array([one]), RED)
    assert read(project).n_copies == 1
    said = describe_test(read(project), find_run(project, RUN)).warning
    assert said.startswith(f"{text('review.test_copies', n=1)} {text('review.test_only_copies')}")


def test_duplicates_that_a_check_found_are_leakage_and_the_figure_without_them_is_said(project: Project) -> None:
    test_ids = ids(project, "test")
    set_labels(project, np.array(test_ids), RED)
    found = labelled_test_as_json(project, find_run(project, RUN))
    assert found is not None and not found["is_leaked"] and found["without_copies"] is None
    train_id = ids(project, "train")[0]
    pair = project.catalog.rows("SELECT content_hash FROM image WHERE id IN (?, ?)", (train_id, test_ids[0]))
    project.health_path.mkdir(exist_ok=True)
    np.savez(project.health_path / TWINS_NAME, hashes=np.array([list(row[0]) for row in pair], np.uint8),
             same_picture=np.array([7, 7], np.int32), near_twin=np.array([7, 7], np.int32))
    found = labelled_test_as_json(project, find_run(project, RUN))
    assert found is not None and (found["is_leaked"], found["n_copies"]) == (True, 1)
    test = read(project)
    rest = test.without([test_ids[0]]).confusion.standing
    assert found["without_copies"] == {"n": 7, "accuracy": rest.accuracy, "interval": list(rest.interval or ())}
    assert found["sentences"][0].startswith(text("review.test_copies", n=1))
    assert leave_out(test, [test_ids[0]]).n_copies == 0, "an image that does not count is no leak of the figure"


def test_a_label_that_the_run_does_not_know_counts_as_wrong(project: Project) -> None:
    green = add_class(project, "green").id
    test_ids = ids(project, "test")
    set_labels(project, np.array(test_ids[:3]), RED)
    set_labels(project, np.array(test_ids[3:5]), green)
    found = read(project)
    assert found.confusion.standing.accuracy == pytest.approx(3 / 5)
    assert describe_test(found, find_run(project, RUN)).notes == (
        "The run does not know “green”: 2 images with such labels count as mistakes.",)


def test_what_is_not_predicted_yet_is_said_and_can_be_added(project: Project) -> None:
    project.catalog.rows("DELETE FROM prediction WHERE kind = 1")
    test_ids = np.array(ids(project, "test"))
    set_labels(project, test_ids, RED)
    found = read(project)
    assert found.confusion.n_total == 0 and len(found.unpredicted_ids) == 8
    words = describe_test(found, find_run(project, RUN))
    assert words.lines == (text("review.test_not_predicted", n=8),)
    facts = labelled_test_as_json(project, find_run(project, RUN))
    assert facts is not None and (facts["n"], facts["accuracy"], facts["n_not_predicted"]) == (0, None, 8)
    more = add_predictions(
        found, test_ids[:6], np.array([RED] * 4 + [BLUE] * 2), np.array([0.9] * 5 + [0.95], np.float32))
    assert more.confusion.counts.tolist() == [[0, 0], [2, 4]] and len(more.unpredicted_ids) == 2
    assert more.image_ids[more.mistakes].tolist() == [test_ids[5], test_ids[4]]


def test_a_run_whose_folder_is_gone_still_has_a_test(project: Project) -> None:
    (project.run_path(RUN) / SNAPSHOT_NAME).unlink()
    with project.catalog.transaction() as db:
        db.execute("UPDATE image SET split = 'test' WHERE id IN (SELECT id FROM image WHERE split = 'train' LIMIT 1)")
    set_labels(project, np.array(ids(project, "test")[-8:]), RED)
    assert (read(project).confusion.n_total, read(project).n_learnt) == (8, 1)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run; of six red test images two are labelled blue after the training."""
    home = tmp_path_factory.mktemp("labelled")
    write_class_folder(home / "train" / "red", "red", 8)
    write_class_folder(home / "train" / "blue", "blue", 8, first_seed=20)
    write_class_folder(home / "test", "red", 6, first_seed=40)
    folder = home / "p.catalejo"
    new_project(folder, home / "train", home / "test", JobContext())
    facts = train_project(folder, "transfer", {}, JobContext())
    assert facts["test"] is None
    with Project.open(folder) as project:
        names = dict(project.catalog.rows("SELECT name, id FROM class"))
        test_ids = np.array(ids(project, "test"))
        set_labels(project, test_ids[:4], names["red"])
        set_labels(project, test_ids[4:], names["blue"])
    return folder


def test_every_command_says_the_same(trained: Path, tmp_path: Path) -> None:
    (run,) = list_runs_with_damage(trained)
    test = run["test"]
    assert (test["n"], test["accuracy"], test["interval"]) == (6, 4 / 6, list(wilson_interval(4, 6)))
    assert test["classes"] == ["blue", "red"] and test["confusion"] == [[0, 2], [0, 4]]
    assert [m["path"] for m in sorted(test["mistakes"], key=lambda m: m["path"])] == ["red_4.png", "red_5.png"]
    assert {(m["label"], m["prediction"]) for m in test["mistakes"]} == {("blue", "red")}
    page = tmp_path / "page.html"
    written = write_review(trained, page, JobContext())
    assert written["test"] == test and written["baseline_accuracy"] == 0.5
    json.dumps(written)
    html = page.read_text()
    assert "Test accuracy 66.7" in html and "red_4.png" in html and 'id="test-set"' in html
    again = train_project(trained, "transfer", {}, JobContext())
    assert again["n_train"] == 16, "test labels are not learnt from"
    assert again["test"]["accuracy"] == 4 / 6 and again["accuracy"] == run["accuracy"]


def test_the_page_predicts_what_came_later_and_the_list_does_not(trained: Path, tmp_path: Path) -> None:
    run = list_runs_with_damage(trained)[-1]["run"]
    write_class_folder(tmp_path / "late", "red", 3, first_seed=90)
    new_project(trained, trained.parent / "train", tmp_path / "late", JobContext())
    with Project.open(trained) as project:
        late = np.array(ids(project, "test")[-3:])
        set_labels(project, late, dict(project.catalog.rows("SELECT name, id FROM class"))["red"])
        job = prepare_review(project, run, tmp_path / "page.html")
    written = write_review_page(job, JobContext())
    assert written.test is not None and written.test.confusion.standing.accuracy == pytest.approx(7 / 9)
    assert written.answers is not None and written.answers.image_ids.tolist() == late.tolist()
    assert (job.sheet.n_predicted, job.sheet.n_not_predicted) == (6, 3)
    assert list(job.sheet.confidences) == sorted(job.sheet.confidences) and set(job.sheet.labels) == {"red", "blue"}
    page = (tmp_path / "page.html").read_text()
    assert text("report.sheet_explained", n=9) in page, "those that were predicted now are among them"
    assert page.count('<li class="wrong">') == 2 and "not predicted yet" not in page
    listed = [row["test"] for row in list_runs_with_damage(trained)]
    assert [(test["n"], test["n_not_predicted"]) for test in listed] == [(6, 3)] * len(listed)
    write_predictions(trained, tmp_path / "p.csv", JobContext(), run_id=run, split="test")
    assert list_runs_with_damage(trained)[-1]["test"]["accuracy"] == pytest.approx(7 / 9)

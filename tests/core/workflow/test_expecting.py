"""The expected accuracy of a run: of which images, by which labels, and when it is computed anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from core.cli.run_commands import say_trained
from core.embeddings.store import EmbeddingWriter
from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs
from core.project.runs import RunRow, find_run, record_run
from core.review.expected import ExpectedAccuracy
from core.review.metrics import wilson_interval
from core.review.report import render_report
from core.review.report_content import build_report
from core.review.report_input import ReportInput, ReportPart
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions, write_predictions
from core.runs.record import RunRecord
from core.workflow import expecting
from core.workflow.expected_words import describe_expected, expected_as_json
from core.workflow.expecting import Expected, read_expected
from core.workflow.predicting import write_predictions as write_table
from core.workflow.runs import describe_runs
from core.workflow.training import train_project
from tests.conftest import write_class_folder
from tests.project_acts import import_folder

BLUE, RED, RUN = 1, 2, "first"
N_TRAIN, N_TEST = 15, 40


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Fifteen images a class, all judged right and surely; forty test images, of which the run is not sure."""
    for hue, first in (("blue", 0), ("red", 100)):
        write_class_folder(tmp_path / "train" / hue, hue, N_TRAIN, first_seed=first)
    write_class_folder(tmp_path / "test", "red", N_TEST, first_seed=300)
    expecting._KNOWN.clear()
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, tmp_path / "train")
        import_folder(made, tmp_path / "test", split="test")
        write_run(made, p_test=0.55)
        yield made


def ids(project: Project, split: str) -> list[int]:
    return [int(i) for i in image_ids(project, ImageFilter(split=split), order="added")]


def write_run(project: Project, *, p_test: float) -> None:
    low, high = wilson_interval(2 * N_TRAIN, 2 * N_TRAIN)
    figures = {"classes": ["blue", "red"], "class_ids": [BLUE, RED], "accuracy_kind": "cross-validation",
               "confusion": [[N_TRAIN, 0], [0, N_TRAIN]], "n_validation": 2 * N_TRAIN, "weights": "network"}
    run = RunRow(RUN, "transfer", "b", 0, 2 * N_TRAIN, accuracy=1.0, low=low, high=high, figures=figures)
    record_run(project, run)
    refs = image_refs(project, ids(project, "train")) + image_refs(project, ids(project, "test"))
    first = np.repeat([0.97, 0.03, p_test], [N_TRAIN, N_TRAIN, N_TEST])
    first[-N_TEST // 2:] = 1 - p_test
    said = RunPredictions(
        np.array([ref.id for ref in refs], np.int64),
        np.repeat(np.array([OUT_OF_FOLD, NEW], np.uint8), [2 * N_TRAIN, N_TEST]),
        np.stack([first, 1 - first], axis=1).astype(np.float32)).with_hashes(refs)
    project.run_path(RUN).mkdir(parents=True)
    write_predictions(project.run_path(RUN), said)


def read(project: Project) -> Expected:
    found = read_expected(project, find_run(project, RUN))
    assert found is not None
    return found


def test_the_lower_figure_leads_and_says_what_to_do(project: Project) -> None:
    found = read(project)
    assert found.is_lower and found.split == "test" and found.estimate.n_images == N_TEST
    said = describe_expected(found)
    assert "Cross-validation 100.0 %" in said and "40 test images" in said and "Label 30" in said
    facts = expected_as_json(project, found)
    assert facts is not None and json.loads(json.dumps(facts)) == facts
    assert facts["is_lower"] and len(facts["images_to_label"]) == 30 and facts["n_not_predicted"] == 0


def test_it_says_what_looks_different(project: Project, tmp_path: Path) -> None:
    assert read(project).looks == ("tinted",), "the same drawings, but all are red"
    for path in (tmp_path / "test").rglob("*.*"):
        with Image.open(path) as image:
            dark = ImageEnhance.Brightness(image.convert("RGB")).enhance(0.2)
        dark.save(path)
    import_folder(project, tmp_path / "test", split="test")
    shutil.rmtree(project.run_path(RUN))
    write_run(project, p_test=0.55)
    found = read(project)
    facts = expected_as_json(project, found)
    assert "darker" in found.looks and facts is not None and facts["looks"] == list(found.looks)
    assert "they look different from the training images: darker" in describe_expected(found)
    expecting._KNOWN.clear()
    assert read(project).looks == found.looks, "read from its file"


def test_it_follows_the_labels_as_they_are_now(project: Project) -> None:
    before = read(project)
    set_labels(project, ids(project, "train")[:5], RED)
    assert read(project).estimate.judged_accuracy < before.estimate.judged_accuracy
    set_labels(project, before.to_label[:10], RED)
    after = read(project)
    assert after.estimate.n_images == N_TEST - 10
    assert set(after.to_label) & set(before.to_label) == set(before.to_label[10:]), "the drawn ones stay drawn"
    set_labels(project, ids(project, "test"), RED)
    assert read_expected(project, find_run(project, RUN)) is None


def test_what_was_drawn_and_labelled_counts_and_no_more_is_proposed(project: Project) -> None:
    """The run says blue of the first half of the test images and red of the second; all are red."""
    before = read(project)
    set_labels(project, [i for i in ids(project, "test") if i not in before.to_label], RED)
    assert read(project).estimate.n_drawn == 0, "labels that a person chose to give are no fair sample"
    set_labels(project, before.to_label[:10], RED)
    assert read(project).estimate.n_drawn == 10
    set_labels(project, before.to_label[:29], RED)
    few = read(project)
    assert few.estimate.n_images == 1 and few.estimate.n_drawn >= 29 and few.to_label == ()
    set_labels(project, before.to_label, RED)
    assert read_expected(project, find_run(project, RUN)) is None, "all have labels"


def test_a_measured_share_outweighs_an_estimate_the_more_images_it_comes_from() -> None:
    estimate = ExpectedAccuracy(400, 0.6, (0.4, 0.8), 0.97, (0.95, 0.98), 200, 0.7, 1.0, 0.7, 0.7, 0.7, 0.7)
    few, many = estimate.with_drawn(10, 9), estimate.with_drawn(100, 90)
    assert 0.6 < few.accuracy < many.accuracy < 0.9 and many.n_drawn_right == 90
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0] < 0.4
    assert estimate.with_drawn(0, 0) == estimate
    said = [describe_expected(Expected(e, "test", 0, (), "")) for e in (estimate, few)]
    assert "drawn and labelled" not in said[0] and "The 10 images" in said[1]
    assert "drawn at random" not in said[1]


def test_without_test_images_it_is_of_the_unlabelled_training_images(project: Project) -> None:
    project.catalog.db.execute("UPDATE image SET split = 'train' WHERE split = 'test'")
    found = read(project)
    assert found.split == "train" and found.estimate.n_images == N_TEST
    assert "train again" in describe_expected(found)


def test_an_image_that_changed_or_came_later_is_left_out_and_counted(project: Project, tmp_path: Path) -> None:
    write_class_folder(tmp_path / "more", "blue", 3, first_seed=600)
    import_folder(project, tmp_path / "more", split="test")
    changed = ids(project, "test")[0]
    project.catalog.db.execute("UPDATE image SET content_hash = ? WHERE id = ?", (bytes(31) + b"1", changed))
    found = read(project)
    assert found.estimate.n_images == N_TEST - 1 and found.n_unpredicted == 4
    assert "4 more have no prediction" in describe_expected(found)


def test_it_is_kept_until_something_changes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(project)
    monkeypatch.setattr(expecting, "expect_accuracy", lambda *_: pytest.fail("computed anew"))
    assert read(project).estimate == before.estimate
    path = project.health_path / f"expected-{RUN}.json"
    expecting._KNOWN.clear()
    assert read(project).estimate == before.estimate, "read from its file"
    path.write_text("{]")
    expecting._KNOWN.clear()
    monkeypatch.undo()
    assert read(project).estimate == before.estimate, "a damaged file counts as none"
    monkeypatch.setattr(expecting, "expect_accuracy", lambda *_: None)
    set_labels(project, ids(project, "train")[:1], RED)
    assert read_expected(project, find_run(project, RUN)) is None


def test_stored_embeddings_tell_of_a_sure_model_that_is_wrong(project: Project) -> None:
    """The run is unsure of half of the test images; by their embeddings all of them lie far off."""
    refs = image_refs(project, ids(project, "train")) + image_refs(project, ids(project, "test"))
    vectors = np.random.default_rng(0).normal(0, 0.1, (len(refs), 4)).astype(np.float32)
    vectors[:N_TRAIN, 0] += 1
    vectors[N_TRAIN:2 * N_TRAIN, 1] += 1
    vectors[2 * N_TRAIN:, 2] += 1
    alone = read(project).estimate
    with EmbeddingWriter(project.embeddings_path / "network", 4) as store:
        store.append([ref.content_hash for ref in refs], vectors)
    beside = read(project).estimate
    assert alone.agreement is None and alone.distance is None
    assert beside.distance is not None and beside.distance > 1
    assert beside.accuracy <= min(beside.agreement or 0, beside.neighbours or 0) + 1e-9


def test_training_listing_and_review_say_it(tmp_path: Path) -> None:
    for split, seed in (("train", 0), ("test", 50)):
        for hue in ("blue", "red"):
            write_class_folder(tmp_path / split / (hue if split == "train" else ""), hue, 12, first_seed=seed)
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, tmp_path / "train")
        import_folder(made, tmp_path / "test", split="test")
    facts = train_project(tmp_path / "drawn.catalejo", "transfer", {}, JobContext())
    assert "expected" in say_trained(facts).lower()
    expected = facts["expected"]
    assert expected["n_images"] >= 12 and expected["agreement"] is not None
    assert expected["interval"][0] <= expected["accuracy"] <= expected["interval"][1]
    assert describe_runs(tmp_path / "drawn.catalejo")["runs"][0]["expected"] == expected


def test_the_report_begins_with_the_lower_figure(project: Project, tmp_path: Path) -> None:
    part = ReportPart("", "Accuracy 100 %", "", (), ("blue", "red"), ((1, 0), (0, 1)), ())
    said = describe_expected(read(project))
    for is_lower in (True, False):
        record = RunRecord(RUN, "", "", "transfer", "b", 0, {}, ("blue", "red"), 2, 2, 1.0, "cross-validation",
                           (0.3, 1.0), 0.1, (), ((1, 0), (0, 1)), 1.0)
        inputs = ReportInput("p", record, part, expected=said, is_expected_lower=is_lower)
        page = render_report(build_report(inputs, JobContext()))
        assert said in page and (page.index(said) < page.index("Accuracy 100 %")) == is_lower


def test_images_that_are_predicted_after_the_training_count(tmp_path: Path) -> None:
    for hue, seed in (("blue", 0), ("red", 50)):
        write_class_folder(tmp_path / "train" / hue, hue, 14, first_seed=seed)
    write_class_folder(tmp_path / "test", "red", 25, first_seed=200)
    folder = tmp_path / "drawn.catalejo"
    with Project.create(folder) as made:
        import_folder(made, tmp_path / "train")
    assert train_project(folder, "transfer", {}, JobContext())["expected"] is None
    with Project.open(folder) as made:
        import_folder(made, tmp_path / "test", split="test")
        run = find_run(made, None)
        assert read_expected(made, run) is None, "nothing is said of images that nobody predicted"
    facts = write_table(folder, tmp_path / "said.csv", JobContext(), split="test")
    with Project.open(folder) as made:
        found = read_expected(made, run)
        assert found is not None and found.estimate.n_images == 25 and found.n_unpredicted == 0
        assert facts["expected"] == expected_as_json(made, found)
        said = [float(row.split(",")[2]) for row in (tmp_path / "said.csv").read_text().splitlines()[1:]]
        assert found.estimate.confidence == pytest.approx(np.mean(said), abs=1e-3)
        (made.health_path / f"answers-{run.id}.npz").write_bytes(b"damaged")
        assert read_expected(made, run) is None, "a damaged file counts as none"

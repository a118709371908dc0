"""Other pixels under a known name: no command shows or uses what was predicted of the old ones."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.backbones.registry import DEFAULT, find_backbone
from core.errors import RunError, TrainingDataError
from core.imagenet.readings import ReadingResult
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.labels import set_labels
from core.project.predictions import list_predictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows
from core.project.runs import find_run
from core.runs.snapshot import read_snapshot
from core.cli.import_commands import say_import
from core.cli.output_commands import say_predicted, say_reviewed, say_submitted
from core.cli.run_commands import say_runs, say_trained
from core.training.strategies.transfer import TransferSettings
from core.tasks import run_here
from core.text import Message, text
from core.types import Skipped
from core.workflow.comparing import compare_recorded
from core.workflow.confusion import read_confusion
from core.workflow.readiness import known_findings
from core.workflow.health import prepare_health
from core.workflow.importing import new_project
from core.workflow.inspecting import look_at, prepare_inspection
from core.workflow.answers import answer_images, prepare_answers, record_answers
from core.workflow.predicting import write_predictions, write_submission
from core.workflow.review_page import write_review
from core.workflow.runs import list_runs_with_damage
from core.workflow.training import prepare_training, record_training, train_project
from tests.core.runs.test_older import as_before
from tests.conftest import draw_picture, write_class_folder
from tests.project_acts import import_folder

N_CLASS, N_TEST = 8, 4


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """`train` with eight red and eight blue images, `test` with four red ones, and a trained project `p`."""
    write_class_folder(tmp_path / "train" / "red", "red", N_CLASS)
    write_class_folder(tmp_path / "train" / "blue", "blue", N_CLASS, first_seed=100)
    draw_test(tmp_path, "red")
    add(tmp_path)
    train_project(tmp_path / "p", "transfer", {}, JobContext())
    return tmp_path


def draw_test(place: Path, hue: str) -> None:
    (place / "test").mkdir(exist_ok=True)
    for i in range(N_TEST):
        draw_picture(200 + i, hue).save(place / "test" / f"IMG_{i}.png")


def add(place: Path) -> dict[str, Any]:
    return dict(new_project(place / "p", place / "train", place / "test", JobContext()))


def predictions(place: Path, split: str = "test") -> dict[str, str]:
    write_predictions(place / "p", place / "out.csv", JobContext(), split=split)
    with (place / "out.csv").open() as file:
        return {row["path"]: row["prediction"] for row in csv.DictReader(file)}


def recorded(place: Path, split: str) -> dict[str, str]:
    """What the catalog says, by name."""
    with Project.open(place / "p") as project:
        run = project.catalog.rows("SELECT id FROM run ORDER BY number")[0][0]
        names = {row.id: row.name for row in image_rows(project, image_ids(project, ImageFilter(split=split)))}
        classes = {c.id: c.name for c in list_classes(project)}
        found = list_predictions(project, run)
        return {names[p.image_id]: classes[p.class_id] for p in found if p.image_id in names}


def test_the_whole_job_with_other_images_under_the_same_names(place: Path) -> None:
    assert set(predictions(place).values()) == {"red"}
    draw_test(place, "blue")
    facts = add(place)
    assert (facts["changed"], facts["changed_images"]) == (N_TEST, [f"IMG_{i}.png" for i in range(N_TEST)])
    assert text("cli.new.changed", n=4) in say_import(facts)
    assert recorded(place, "test") == {}
    assert set(predictions(place).values()) == {"blue"} and set(recorded(place, "test").values()) == {"blue"}
    written = write_submission(place / "p", place / "s.csv", JobContext())
    assert written["rows"] == N_TEST and written["changed"] == []
    assert all(line.endswith(",0") for line in (place / "s.csv").read_text().splitlines()[1:]), "blue is 0"


def test_files_that_changed_without_an_import_are_predicted_as_they_are(place: Path) -> None:
    draw_picture(300, "blue").save(place / "test" / "IMG_1.png")
    said = predictions(place)
    assert said == {"IMG_0.png": "red", "IMG_1.png": "blue", "IMG_2.png": "red", "IMG_3.png": "red"}
    facts = write_predictions(place / "p", place / "out.csv", JobContext(), split="test")
    assert facts["changed"] == ["IMG_1.png"]
    assert text("cli.predicted_changed", n=1) in say_predicted(facts)
    assert recorded(place, "test")["IMG_1.png"] == "red", "the catalog still knows the content that it was of"
    assert say_submitted(dict(write_submission(place / "p", place / "s.csv", JobContext()))).count("IMG_1.png") == 1


def test_a_file_of_the_same_size_and_time_is_seen_without_an_import(place: Path) -> None:
    path = place / "test" / "IMG_9.bmp"  # as large as any other of its width and height
    draw_picture(320, "red").save(path)
    add(place)
    assert predictions(place)["IMG_9.bmp"] == "red"
    status = path.stat()
    draw_picture(301, "blue").save(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert predictions(place)["IMG_9.bmp"] == "blue"
    assert add(place)["changed"] == 1


def test_a_file_that_changed_and_cannot_be_read_is_skipped(place: Path) -> None:
    (place / "test" / "IMG_0.png").write_bytes(b"no picture any more")
    facts = write_predictions(place / "p", place / "out.csv", JobContext(), split="test")
    assert facts["rows"] == N_TEST - 1 and "IMG_0.png" not in (place / "out.csv").read_text()
    assert [Path(row["path"]).name for row in facts["skipped"]] == ["IMG_0.png"]
    assert facts["changed"] == [] and text("cli.predicted_changed", n=1) not in say_predicted(facts)


def test_files_that_changed_places_take_their_predictions_along(place: Path) -> None:
    a, b = place / "train" / "red" / "red_0.png", place / "test" / "IMG_0.png"
    draw_picture(302, "blue").save(b)
    add(place)
    assert predictions(place)["IMG_0.png"] == "blue"
    aside = place / "aside.png"
    shutil.move(place / "test" / "IMG_1.png", aside)
    shutil.move(b, place / "test" / "IMG_1.png")
    shutil.move(aside, b)
    assert add(place)["changed"] == 0
    assert (predictions(place)["IMG_0.png"], predictions(place)["IMG_1.png"]) == ("red", "blue")
    assert a.is_file()


def test_changed_and_changed_back_is_as_before(place: Path) -> None:
    path = place / "train" / "red" / "red_0.png"
    first, before = path.read_bytes(), recorded(place, "train")
    draw_picture(303, "green").save(path)
    add(place)
    assert "red/red_0.png" not in recorded(place, "train")
    path.write_bytes(first)
    add(place)
    predictions(place, "train")
    assert recorded(place, "train") == before
    with Project.open(place / "p") as project:
        run = project.catalog.rows("SELECT id FROM run")[0][0]
        assert read_confusion(project, run).n_total == 2 * N_CLASS, "out of fold, as the run has it"


def test_a_training_leaves_out_what_changed_after_the_import(place: Path) -> None:
    draw_picture(304, "green").save(place / "train" / "red" / "red_0.png")
    figures = train_project(place / "p", "transfer", {}, JobContext())
    assert figures["n_train"] == 2 * N_CLASS - 1
    assert [Path(row["path"]).name for row in figures["skipped"]] == ["red_0.png"]
    assert "changed since it was imported" in say_trained(figures)
    with Project.open(place / "p") as project:
        assert not any(row.path.name == "red_0.png" for row in read_snapshot(project.run_path(figures["run"])))


def test_a_class_whose_images_all_changed_is_refused_by_name(place: Path) -> None:
    for path in (place / "train" / "red").iterdir():
        draw_picture(400 + int(path.stem[4:]), "green").save(path)
    with pytest.raises(TrainingDataError, match="class “red” changed after the last import"):
        train_project(place / "p", "transfer", {}, JobContext())


def test_what_changed_during_a_training_gets_no_prediction_of_it(place: Path) -> None:
    with Project.open(place / "p") as project:
        job = prepare_training(project, "transfer", TransferSettings())
        result = run_here("train", job)
        draw_picture(305, "green").save(place / "train" / "red" / "red_0.png")
        import_folder(project, place / "train")
        row = record_training(project, job, result)
        changed = next(r.id for r in image_rows(project, image_ids(project)) if r.name == "red/red_0.png")
        said = {p.image_id for p in list_predictions(project, row.id)}
        assert changed not in said and len(said) == 2 * N_CLASS + N_TEST - 1


def test_a_label_of_an_earlier_version_is_not_learnt_from_until_it_is_given_again(place: Path) -> None:
    with Project.open(place / "p") as project:
        by_hand = next(r.id for r in image_rows(project, image_ids(project)) if r.name == "red/red_0.png")
        set_labels(project, [by_hand], None)
        red = next(c.id for c in list_classes(project) if c.name == "red")
        set_labels(project, [by_hand], red)
    draw_picture(306, "red").save(place / "train" / "red" / "red_0.png")
    facts = add(place)
    assert facts["earlier_labels"] == 1
    assert text("cli.new.earlier_labels", n=1) in say_import(facts)
    figures = train_project(place / "p", "transfer", {}, JobContext())
    assert figures["n_train"] == 2 * N_CLASS - 1
    assert any(text("checks.labels_not_learnt", n=1) in str(note) for note in figures["notes"])
    with Project.open(place / "p") as project:
        finding = next(f for f in known_findings(project) if f.key == "earlier version")
        assert finding.image_ids == (by_hand,)
        assert prepare_health(project).labels.count(-1) == N_TEST + 1
        set_labels(project, [by_hand], red)
        assert not any(f.key == "earlier version" for f in known_findings(project))
    assert train_project(place / "p", "transfer", {}, JobContext())["n_train"] == 2 * N_CLASS


def test_figures_count_what_is_there_and_say_so(place: Path) -> None:
    draw_picture(307, "blue").save(place / "train" / "red" / "red_0.png")
    add(place)
    run = list_runs_with_damage(place / "p")[0]
    assert run["changed"] == 1 and text("cli.runs.changed", n=1) in say_runs([run])
    with Project.open(place / "p") as project:
        assert read_confusion(project, run["run"]).n_total == 2 * N_CLASS - 1
        job = prepare_health(project)
        assert job.run is not None and not job.run.is_current, "it learnt from another content"
    facts = write_review(place / "p", place / "r.html", JobContext())
    assert facts["changed"] == 1
    assert text("review.changed_since", n=1) in (place / "r.html").read_text()


def test_the_report_shows_no_image_beside_what_was_said_of_another(place: Path) -> None:
    shutil.copy(place / "train" / "blue" / "blue_0.png", place / "train" / "red" / "red_9.png")
    draw_picture(309, "blue").save(place / "train" / "red" / "red_9.png")  # a mistake of any run
    add(place)
    train_project(place / "p", "transfer", {}, JobContext())
    assert write_review(place / "p", place / "r.html", JobContext())["mistakes"] == 1
    draw_picture(308, "red").save(place / "train" / "red" / "red_9.png")  # changed, and not imported
    facts = write_review(place / "p", place / "r.html", JobContext())
    assert (facts["mistakes"], facts["changed"]) == (0, 1)
    assert "red_9.png" not in (place / "r.html").read_text()


def test_the_inspector_says_nothing_of_a_file_that_changed(place: Path) -> None:
    with Project.open(place / "p") as project:
        row = next(r for r in image_rows(project, image_ids(project)) if r.name == "red/red_0.png")
        run = next(iter(project.catalog.rows("SELECT id FROM run")))[0]
        assert look_at(project, row.id, run=find_run(project, run)).chances
        draw_picture(310, "green").save(row.path)
        look = look_at(project, row.id, run=find_run(project, run))
        assert look.file_changed and look.chances == ()
        assert prepare_inspection(project, row) is None


def test_two_runs_are_compared_on_what_both_saw(place: Path) -> None:
    draw_picture(311, "red").save(place / "train" / "red" / "red_0.png")
    add(place)
    train_project(place / "p", "transfer", {}, JobContext())
    with Project.open(place / "p") as project:
        first, second = (row[0] for row in project.catalog.rows("SELECT id FROM run ORDER BY number"))
        assert compare_recorded(project, first, second).n_images == 2 * N_CLASS - 1


def test_images_moved_to_the_test_folder_are_said_to_be_moved(place: Path) -> None:
    for i in range(2):
        shutil.move(place / "train" / "red" / f"red_{i}.png", place / "test" / f"red_{i}.png")
    facts = add(place)
    assert (facts["moved_to_test"], facts["came_back"], facts["moved"]) == (2, 0, 2)
    said = say_import(facts)
    assert "2 images moved to the test images." in said and "came back" not in said and "found again" not in said


def test_damaged_embeddings_are_made_anew_with_a_note(place: Path) -> None:
    before = train_project(place / "p", "transfer", {}, JobContext())
    store = next((place / "p" / "embeddings").glob("*/vectors.f16"))
    vectors = np.fromfile(store, "<f2").reshape(-1, find_backbone(DEFAULT).n_stored)
    vectors[2:5], vectors[7] = 0, np.nan
    vectors.tofile(store)
    after = train_project(place / "p", "transfer", {}, JobContext())
    assert any("4 stored embeddings were damaged" in str(note) for note in after["notes"])
    assert (after["accuracy"], after["confusion"]) == (before["accuracy"], before["confusion"])
    assert train_project(place / "p", "transfer", {}, JobContext())["notes"] == before["notes"]


@pytest.mark.parametrize("name", ["head.weights.h5", "predictions/probabilities.npy"])
def test_a_damaged_run_says_so_and_is_listed_as_damaged(place: Path, name: str) -> None:
    draw_test(place, "blue")
    path = next((place / "p" / "runs").glob(f"*/{name}"))
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 8
    path.write_bytes(content)
    with pytest.raises(RunError, match=f"is damaged: its file {name} is not as it was written"):
        predictions(place)
    assert name in list_runs_with_damage(place / "p")[0]["damage"]


def test_an_older_run_is_believed_for_what_its_snapshot_notes(place: Path) -> None:
    """Without contents in its predictions, labelled images count by the snapshot; others are predicted anew."""
    folder = next((place / "p" / "runs").glob("*/predictions")).parent
    as_before(folder, without=("content_hash",))
    with Project.open(place / "p") as project:
        job = prepare_answers(project, None, None)
        assert job.n_missing == N_TEST
        answers = answer_images(job, JobContext())
        assert len(answers.names) == 2 * N_CLASS + N_TEST
        assert record_answers(project, answers) == N_TEST


def test_the_review_names_images_that_could_not_be_read_now(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Project.open(place / "p") as project:
        red = next(c.id for c in list_classes(project) if c.name == "red")
        wrong = image_ids(project, ImageFilter(split="train", class_ids=(red,)))[:1]
        set_labels(project, wrong, next(c.id for c in list_classes(project) if c.name == "blue"))
        (path,) = (row.path for row in image_rows(project, wrong))
    skipped = Skipped(path, Message("images.gone"))

    def run(name: str, *inputs: Any) -> Any:
        return ReadingResult({}, (skipped,)) if name == "read-imagenet" else run_here(name, *inputs)

    monkeypatch.setattr("core.workflow.review_parts.run_here", run)
    facts = write_review(place / "p", place / "r.html", JobContext())
    assert facts["mistakes"] == 1 and facts["skipped"] == [skipped.to_json()]
    line = text("checks.images_skipped", n=1, names=[path.name])
    assert line in (place / "r.html").read_text() and line in say_reviewed(facts)

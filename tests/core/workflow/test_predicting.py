"""Answers of a run as the window asks for them: prepared, computed as a job, recorded."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.jobs import JobCancelled, JobContext
from core.project.classes import add_class, delete_class, rename_class
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.submission import make_submission
from core.training.strategies.transfer import TransferSettings
from core.tasks import run_here
from core.workflow.answers import answer_images, prepare_answers, record_answers
from core.workflow.predicting import TableJob, submission_of
from core.workflow.review_page import prepare_review
from core.workflow.training import prepare_training, record_training
from core.text import text
from tests.conftest import RecordingContext, write_class_folder
from tests.project_acts import import_folder


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Trained on eight pictures a class, with four test pictures; two of those came after the training."""
    write_class_folder(tmp_path / "train" / "red", "red", 8)
    write_class_folder(tmp_path / "train" / "blue", "blue", 8, first_seed=100)
    write_class_folder(tmp_path / "test", "red", 2, first_seed=200)
    with Project.create(tmp_path / "colours.catalejo") as made:
        import_folder(made, tmp_path / "train")
        import_folder(made, tmp_path / "test", split="test", with_labels=False)
        job = prepare_training(made, "transfer", TransferSettings())
        record_training(made, job, run_here("train", job))
        write_class_folder(tmp_path / "test", "blue", 2, first_seed=300)
        import_folder(made, tmp_path / "test", split="test", with_labels=False)
        yield made


def test_new_pictures_are_predicted_once_and_kept(project: Project) -> None:
    job = prepare_answers(project, None, "test")
    assert job.n_missing == 2
    answers: object = pickle.loads(pickle.dumps(run_here("answer", pickle.loads(pickle.dumps(job)))))
    found = answer_images(job, JobContext())
    assert type(answers) is type(found)
    assert [found.classes[i] for i in found.probabilities.argmax(axis=1)] == ["blue", "blue", "red", "red"]
    assert found.is_new.tolist() == [True, True, False, False]
    assert record_answers(project, found) == 2
    assert len(image_ids(project, ImageFilter(split="test", run_id=found.run))) == 4


def test_a_renamed_class_does_not_hinder_recording(project: Project) -> None:
    rename_class(project, 1, name="azure")
    found = answer_images(prepare_answers(project, None, "test"), JobContext())
    assert found.classes == ("azure", "red") and [note.code for note in found.notes] == ["runs.class_renamed"]
    assert make_submission(submission_of(found)).form.codes.codes == {"azure": "0", "red": "1"}
    assert record_answers(project, found) == 2
    which = ImageFilter(split="test", run_id=found.run, predicted_class_ids=(1,))
    assert len(image_ids(project, which)) == 2


def test_codes_of_a_class_that_is_gone_are_never_guessed(project: Project) -> None:
    delete_class(project, 1)
    add_class(project, "blue")
    found = answer_images(prepare_answers(project, None, "test"), JobContext())
    assert found.classes == ("blue (1)", "red") and found.gone == {0}
    assert [note.code for note in found.notes] == ["runs.classes_gone", "runs.classes_unknown"]
    for given in (None, "names", "1"):
        with pytest.raises(InputError) as caught:
            submission_of(found, class_map=given)
        assert caught.value.message.code == "submission.classes_gone"
    made = make_submission(submission_of(found, class_map={"blue (1)": "1", "red": "1"}))
    assert {row[1] for row in made.rows} == {"1"}


def test_labelled_pictures_are_answered_by_models_that_did_not_see_them(project: Project) -> None:
    job = prepare_answers(project, None, "train")
    assert job.n_missing == 0
    found = answer_images(job, JobContext())
    assert len(found.names) == 16 and not found.is_new.any()
    assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-5)


def test_the_table_is_written_by_the_job(
    project: Project, tmp_path: Path, recording_context: RecordingContext
) -> None:
    answers = run_here("write-predictions", TableJob(prepare_answers(project, None, None), tmp_path / "p.csv"),
                       recording_context)
    assert len((tmp_path / "p.csv").read_text().splitlines()) == 1 + len(answers.names) == 21
    assert recording_context.last.done == recording_context.last.total


def test_a_cancelled_table_is_not_written(
    project: Project, tmp_path: Path, cancelling_context: RecordingContext
) -> None:
    with pytest.raises(JobCancelled):
        run_here("write-predictions", TableJob(prepare_answers(project, None, None), tmp_path / "p.csv"),
                 cancelling_context)
    assert not (tmp_path / "p.csv").exists()


def test_a_table_of_nothing_is_not_written(project: Project, tmp_path: Path) -> None:
    for path in (tmp_path / "test").iterdir():
        path.write_bytes(b"no picture any more")
    answers = prepare_answers(project, None, "test")
    assert answers.n_missing == 2 and len(answers.images) == 4
    with pytest.raises(InputError, match="could be predicted: blue_0.png: This is a text file, not an image"):
        run_here("write-predictions", TableJob(answers, tmp_path / "p.csv"))
    assert not (tmp_path / "p.csv").exists()


def test_a_submission_is_made_without_writing(project: Project) -> None:
    answers = answer_images(prepare_answers(project, None, "test"), JobContext())
    made = make_submission(submission_of(answers, class_map={"blue": "b", "red": "r"}))
    assert made.rows == (("blue_0.png", "b"), ("blue_1.png", "b"), ("red_0.png", "r"), ("red_1.png", "r"))
    with pytest.raises(InputError, match="no code for “blue”, “red”"):
        make_submission(submission_of(answers, class_map={}))


def test_no_such_part(project: Project) -> None:
    with pytest.raises(InputError, match="no part “valid”"):
        prepare_answers(project, None, "valid")


def test_the_review_page_is_prepared_for_another_process(project: Project, tmp_path: Path) -> None:
    job = pickle.loads(pickle.dumps(prepare_review(project, None, tmp_path / "r.html")))
    assert len(job.images) == 16 and set(job.colors) == {"blue", "red"}
    written = run_here("write-review", job)
    assert written.path == tmp_path / "r.html" and (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")
    with pytest.raises(InputError, match="cannot be written"):
        prepare_review(project, None, tmp_path / "nowhere" / "r.html")


def test_what_cannot_be_predicted_is_named_with_the_reason(project: Project, tmp_path: Path) -> None:
    (tmp_path / "test" / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    (tmp_path / "test" / "red_0.png").unlink()
    import_folder(project, tmp_path / "test", split="test", with_labels=False)
    for split in ("test", None):
        found = answer_images(prepare_answers(project, None, split), JobContext())
        said = {skipped.path.name: str(skipped.reason) for skipped in found.skipped}
        assert set(said) == {"cut.jpg", "red_0.png"} and said["red_0.png"] == text("images.gone") and said["cut.jpg"]
        assert "red_0.png" not in found.names
    assert answer_images(prepare_answers(project, None, "train"), JobContext()).skipped == ()


def test_the_majority_is_that_of_the_labels_that_judged_the_run(project: Project) -> None:
    set_labels(project, image_ids(project, ImageFilter(split="train"))[:3].tolist(), 2)
    job = prepare_training(project, "transfer", TransferSettings())
    record_training(project, job, run_here("train", job))
    answers = answer_images(prepare_answers(project, None, "test"), JobContext())
    assert (answers.classes, answers.majority) == (("blue", "red"), 1)

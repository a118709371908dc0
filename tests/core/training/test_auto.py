"""The choice of features: by log loss out of fold and by confidence on unlabelled images, within the time given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.jobs import JobCancelled, JobContext
from core.project.project import Project
from core.project.runs import STOPPED, row_of_record
from core.runs.predictions import read_predictions
from core.runs.record import TrainResult
from core.training import auto
from core.training.auto import CANDIDATES, choose, is_settled, train_auto
from core.training.job import PredictRunInput, TrainJob, predict
from core.training.strategies.auto import AutoSettings, QuickAnswer
from core.workflow.cancelling import Phase, kept_of_training
from core.workflow.training import prepare_training
from tests.conftest import RecordingContext
from tests.project_acts import import_folder


def tried(losses: np.ndarray, confidences: np.ndarray) -> Any:
    new = np.stack([confidences, 1 - confidences], axis=1) if len(confidences) else np.zeros((0, 2))
    return SimpleNamespace(losses=losses, new=new)


RNG = np.random.default_rng(0)
LOSSES, SURE = RNG.gamma(1, 0.3, 200), RNG.uniform(0.7, 1.0, 100)
NOTHING = np.zeros(0)


@pytest.mark.parametrize(("lower_by", "surer_by", "chosen"), [
    (0.1, 0.0, 1),  # better out of fold
    (-0.1, 0.0, 0),  # worse out of fold
    (0.0, 0.1, 1),  # equal out of fold, surer of images from elsewhere
    (-0.1, 0.1, 1),  # where both disagree the richer features win
    (0.0, -0.1, 0),
    (0.0, 0.0, 0),  # a tie goes to the cheaper
])
def test_the_choice(lower_by: float, surer_by: float, chosen: int) -> None:
    noise = RNG.normal(0, 0.01, 200)
    noise -= noise.mean() - 1e-6
    other = tried(LOSSES - lower_by + noise, SURE + surer_by)
    assert choose([tried(LOSSES, SURE), other], np.ones(200, bool)) == chosen


def test_few_unlabelled_images_are_not_listened_to() -> None:
    found = [tried(LOSSES, SURE[:9]), tried(LOSSES, SURE[:9] + 0.2)]
    assert choose(found, np.ones(200, bool)) == 0


def test_a_fold_has_no_part_in_the_choice_that_judges_it() -> None:
    rows = np.arange(200) >= 40
    better_in_the_fold = np.where(rows, LOSSES + 0.01 * RNG.random(200), 0.0)
    found = [tried(LOSSES, NOTHING), tried(better_in_the_fold, NOTHING)]
    assert choose(found, np.ones(200, bool)) == 1 and choose(found, rows) == 0


@pytest.fixture
def job(tmp_path: Path, image_folder: Path) -> Iterator[TrainJob]:
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, image_folder)
        yield prepare_training(project, "auto", AutoSettings(seconds=600))


@pytest.mark.parametrize(("loss", "confidence", "settled"), [
    (0.001, 0.999, True), (0.1, 0.999, False), (0.001, 0.8, False), (0.001, None, True),
])
def test_nothing_more_is_tried_where_there_is_nothing_to_gain(
    loss: float, confidence: float | None, settled: bool,
) -> None:
    sure = np.full(50, confidence) if confidence is not None else NOTHING
    assert is_settled(tried(np.array([loss, np.nan, loss]), sure)) == settled


def test_where_nothing_is_to_be_gained_the_quick_answer_stays(
    job: TrainJob, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auto, "SETTLED_LOSS", 1.0)
    monkeypatch.setattr(auto, "SETTLED_CONFIDENCE", 0.5)
    record = train_auto(job, JobContext()).record
    assert [one["features"] for one in record.fit["candidates"]] == ["stages"]
    assert "training.auto_settled" in [note.code for note in record.notes]


@pytest.fixture
def unsettled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn pictures are told apart without a mistake; there is something to gain all the same."""
    monkeypatch.setattr(auto, "SETTLED_LOSS", 0.0)


@pytest.mark.usefixtures("unsettled")
def test_all_candidates_are_tried_where_there_is_time(job: TrainJob, recording_context: RecordingContext) -> None:
    result = train_auto(job, recording_context)
    fit = result.record.fit
    assert [one["features"] for one in fit["candidates"]] == [one.features for one in CANDIDATES]
    assert {"backbones": fit["backbones"], "features": fit["features"]} in [one.to_json() for one in CANDIDATES]
    assert len(fit["fold_choices"]) == fit["n_folds"] and result.record.notes[0].code == "training.auto_chose"
    again = train_auto(replace(job, run=job.run + "x", folder=job.folder.with_name(job.run + "x")), JobContext())
    assert again.record.confusion == result.record.confusion


@pytest.mark.usefixtures("unsettled")
@pytest.mark.parametrize("number", range(len(CANDIDATES)))
def test_a_run_predicts_with_the_features_that_it_chose(
    job: TrainJob, number: int, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auto, "choose", lambda tried, rows: number)
    result: TrainResult = train_auto(job, JobContext())
    assert result.record.fit["features"] == CANDIDATES[number].features
    asked = predict(PredictRunInput(result.folder, job.images, job.embeddings), JobContext())
    labels = {image.id: label for image, label in zip(job.images, job.labels, strict=True)}
    right = [asked.probabilities[i].argmax() == labels[image.id] for i, image in enumerate(asked.images)
             if labels[image.id] >= 0]
    assert np.mean(right) > 0.9, "the very images that it learnt from"


@pytest.mark.usefixtures("unsettled")
def test_without_time_the_quick_answer_stays(job: TrainJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "SURE_AFTER", 1)
    settings = replace(job.settings, seconds=0.01)
    record = train_auto(replace(job, settings=settings), JobContext()).record
    assert [one["features"] for one in record.fit["candidates"]] == ["stages"]
    assert "training.auto_out_of_time" in [note.code for note in record.notes]


@pytest.mark.usefixtures("unsettled")
def test_cancelling_is_no_lack_of_time(job: TrainJob) -> None:
    with pytest.raises(JobCancelled):
        train_auto(job, RecordingContext(cancel_after=30))
    assert not job.folder.exists()


@pytest.mark.usefixtures("unsettled")
def test_cancelled_after_the_quick_answer_it_is_kept_as_a_stopped_run(job: TrainJob) -> None:
    seen: list[object] = []
    context = JobContext(on_publish=seen.append, is_cancelled=lambda: bool(seen))
    record = train_auto(replace(job, settings=replace(job.settings, n_repeats=3)), context).record
    assert isinstance(seen[0], QuickAnswer) and seen[0].accuracy == record.accuracy
    assert row_of_record(record, job.class_ids).status == STOPPED
    assert [one["features"] for one in record.fit["candidates"]] == ["stages"]
    assert "training.auto_stopped" in [note.code for note in record.notes]
    assert kept_of_training(Phase("auto", figures=tuple(seen))).code == "jobs.kept.quick_answer"


@pytest.mark.usefixtures("unsettled")
def test_a_file_that_is_gone_is_left_out_and_hinders_nothing(job: TrainJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "CANDIDATES", CANDIDATES[:2])
    CANDIDATES[0].embed(job, JobContext())  # from now on the cheapest features know it
    gone = job.images[0].path
    gone.unlink()
    result = train_auto(job, JobContext())
    assert [one["features"] for one in result.record.fit["candidates"]] == ["stages", "two views"]
    assert gone in [one.path for one in result.skipped]
    assert job.images[0].id not in read_predictions(result.folder).image_ids


def test_own_weights_are_refused(job: TrainJob, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        train_auto(replace(job, weights=tmp_path / "w.pth"), JobContext())
    assert caught.value.message.code == "training.auto_takes_no_weights"

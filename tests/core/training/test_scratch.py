"""The whole strategy on drawn pictures: figures on unseen images, a run that can be read again, bad input."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.engine.epochs import EpochData, FitResult, logits_function, predict_probabilities
from core.engine.scratch_nets import read_network
from core.errors import InputError, RunError, TrainingDataError
from core.jobs import JobCancelled, JobContext
from core.runs.predictions import NEW, OUT_OF_FOLD, read_predictions
from core.runs.repository import read_run
from core.runs.snapshot import read_snapshot
from core.training import scratch
from core.training.labelled import prepare_images
from core.training.job import TrainJob
from core.training.scratch import train_scratch
from core.training.settings import EpochFigures
from core.training.strategies.scratch import ScratchSettings
from core.runs.record import HELD_OUT
from core.types import ImageRef
from tests.conftest import RecordingContext, draw_picture

QUICK = ScratchSettings(
    network="lenet", width_px=12, height_px=10, n_epochs=3, batch_size=8, learning_rate=3e-3, augmentation="gentle",
)


@pytest.fixture
def inputs(tmp_path: Path) -> TrainJob:
    """20 red and 20 blue pictures, 4 unlabelled ones, one broken and one gone."""
    images, labels = [], []
    for i in range(44):
        path = tmp_path / f"{i}.png"
        draw_picture(i, ("red", "blue")[i % 2], (24, 20)).save(path)
        images.append(ImageRef(100 + i, path, hashlib.sha256(path.read_bytes()).digest()))
        labels.append(i % 2 if i < 40 else -1)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG nothing")
    for name in ("broken.png", "gone.png"):
        images.append(ImageRef(len(images) + 100, tmp_path / name, name.encode()))
        labels.append(0)
    return TrainJob(
        "run-1", tmp_path / "runs" / "run-1", "scratch", QUICK, tuple(images), tuple(labels), ("red", "blue"), (1, 2),
        tmp_path / "embeddings",
    )


def test_trains_measures_predicts_and_writes_a_run(inputs: TrainJob, recording_context: RecordingContext) -> None:
    result = train_scratch(inputs, recording_context)
    record = read_run(inputs.folder)
    assert record == result.record
    assert record.accuracy == 1.0 and record.accuracy_kind == HELD_OUT
    assert (record.n_train, record.n_validation) == (28, 8)
    assert record.fit["stop_reason"] == "completed" and len(record.fit["history"]) == 3
    assert {s.path.name for s in result.skipped} == {"broken.png", "gone.png"}
    predictions = read_predictions(inputs.folder)
    new = predictions.image_ids[predictions.kinds == NEW]
    assert new.tolist() == [140, 141, 142, 143]
    assert predictions.probabilities[predictions.kinds == NEW].argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert (predictions.kinds == OUT_OF_FOLD).sum() == 8
    assert len(read_snapshot(inputs.folder)) == 40
    assert sum(isinstance(e, EpochFigures) for e in recording_context.events) == 3
    assert recording_context.last.done == recording_context.last.total
    assert [p.name for p in inputs.folder.parent.iterdir()] == ["run-1"]


def test_files_that_changed_since_the_import_are_skipped_and_listed(inputs: TrainJob) -> None:
    """One labelled and one unlabelled: neither is learnt or predicted under its old identity."""
    for at in (0, 41):
        draw_picture(500 + at, "blue", (24, 20)).save(inputs.images[at].path)
    result = train_scratch(inputs, JobContext())
    said = {skipped.path.name: skipped.reason.code for skipped in result.skipped}
    assert said["0.png"] == said["41.png"] == "images.changed" and said["gone.png"] == "images.gone"
    assert 141 not in read_predictions(inputs.folder).image_ids
    assert 100 not in [row.image_id for row in read_snapshot(inputs.folder)]


def test_files_that_change_between_epochs_change_nothing_that_was_learnt(inputs: TrainJob, tmp_path: Path) -> None:
    """Images are decoded once, before the first epoch; what is predicted afterwards is checked again."""
    undisturbed = train_scratch(inputs, JobContext())

    def overwrite(event: object) -> None:
        for image in inputs.images[:42]:
            draw_picture(900 + image.id, "green", (24, 20)).save(image.path)

    again = replace(inputs, folder=tmp_path / "runs" / "again")
    result = train_scratch(again, JobContext(on_publish=overwrite))
    assert result.record.fit["history"][0]["loss"] == undisturbed.record.fit["history"][0]["loss"]
    assert result.record.confusion == undisturbed.record.confusion
    assert {"40.png", "41.png"} <= {skipped.path.name for skipped in result.skipped}


def test_the_run_gets_its_name_when_its_network_is_there(
    inputs: TrainJob, monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []
    rename = os.replace

    def watch(path: Path, target: Path) -> None:
        if target == inputs.folder:
            seen.extend(p.name for p in path.iterdir())
        rename(path, target)

    monkeypatch.setattr(os, "replace", watch)
    train_scratch(replace(inputs, settings=replace(QUICK, n_epochs=1)), JobContext())
    assert sorted(seen) == sorted(p.name for p in inputs.folder.iterdir())
    assert {"best.weights.h5", "last.weights.h5", "network.json", "run.json"} <= set(seen)


def test_the_stored_network_predicts_the_same(inputs: TrainJob, tmp_path: Path) -> None:
    train_scratch(inputs, JobContext())
    plan, net = read_network(inputs.folder)
    assert plan.classes == ("red", "blue") and plan.recipe == QUICK.recipe
    new = inputs.images[40:44]
    pixels, *_ = prepare_images(new, plan.recipe, folder=tmp_path, context=JobContext())
    stored = read_predictions(inputs.folder)
    again = predict_probabilities(logits_function(net), pixels)
    assert np.allclose(again, stored.probabilities[stored.kinds == NEW], atol=1e-6)


def test_folds_judge_every_image_once(inputs: TrainJob) -> None:
    result = train_scratch(replace(inputs, settings=replace(QUICK, n_folds=2, n_epochs=2)), JobContext())
    assert result.record.accuracy_kind == "cross-validation"
    assert result.record.n_validation == 40
    predictions = read_predictions(inputs.folder)
    assert sorted(predictions.image_ids[predictions.kinds == OUT_OF_FOLD]) == list(range(100, 140))


@pytest.mark.parametrize("n_folds", [0, 2])
def test_twins_are_never_on_both_sides(inputs: TrainJob, monkeypatch: pytest.MonkeyPatch, n_folds: int) -> None:
    """Sixes of pictures under one label; the loop is asked which it learns from and which it stops by."""
    twins = tuple(i // 12 * 2 + i % 2 for i in range(46))
    seen: list[EpochData] = []
    fit = scratch.fit_epochs

    def watch(net: object, data: EpochData, **rest: Any) -> FitResult:
        seen.append(data)
        return fit(net, data, **rest)

    monkeypatch.setattr(scratch, "fit_epochs", watch)
    settings = replace(QUICK, n_epochs=1, n_folds=n_folds)
    train_scratch(replace(inputs, groups=twins, settings=settings), JobContext())
    recipe = QUICK.recipe
    pixels, *_ = prepare_images(inputs.images[:40], recipe, folder=Path(), context=JobContext())
    twin_of = {one.tobytes(): twin for one, twin in zip(pixels, twins, strict=False)}
    assert len(twin_of) == 40
    for data in seen:
        learnt, watched = ({twin_of[one.tobytes()] for one in part} for part in (data.pixels, data.val_pixels))
        judged = set(twins[:40]) - learnt - watched
        assert not learnt & watched and learnt and watched
        assert judged or data is seen[-1]


def test_cancelling_after_an_epoch_keeps_a_run(inputs: TrainJob) -> None:
    events: list[object] = []
    context = JobContext(on_publish=events.append, is_cancelled=lambda: len(events) > 0)
    result = train_scratch(inputs, context)
    assert result.record.fit["stop_reason"] == "stopped by user"
    assert read_predictions(inputs.folder).kinds.tolist() == [OUT_OF_FOLD] * 8


def test_cancelling_at_once_leaves_nothing(inputs: TrainJob, cancelling_context: RecordingContext) -> None:
    with pytest.raises(JobCancelled):
        train_scratch(inputs, cancelling_context)
    assert list(inputs.folder.parent.iterdir()) == []


def test_held_back_pictures_have_no_say(inputs: TrainJob) -> None:
    """With random labels the figure is a coin's, however well the training pictures are known."""
    rng = np.random.default_rng(0)
    labels = tuple(int(x) for x in rng.permutation(np.arange(40) % 2)) + inputs.labels[40:]
    settings = replace(QUICK, held_back_share=0.45, augmentation="none", n_epochs=6)
    result = train_scratch(replace(inputs, labels=labels, settings=settings), JobContext())
    assert 0.15 < result.record.accuracy < 0.85


@pytest.mark.parametrize("n_folds", [0, pytest.param(2, marks=pytest.mark.long)])
def test_a_class_with_one_image_does_not_stop_the_others(inputs: TrainJob, n_folds: int) -> None:
    settings = replace(QUICK, n_folds=n_folds, n_epochs=1)
    rare = replace(inputs, classes=("red", "blue", "rare"), labels=(2, *inputs.labels[1:]), settings=settings)
    record = train_scratch(rare, JobContext()).record
    assert record.classes == ("red", "blue", "rare") and record.per_class[2].n_images == 0
    assert any("“rare” has no second image" in str(note) for note in record.notes)
    stored = read_predictions(inputs.folder)
    assert 100 not in stored.image_ids[stored.kinds == OUT_OF_FOLD]


def test_one_image_beside_one_class_is_explained(inputs: TrainJob) -> None:
    labels = (1,) + (0,) * 40 + (-1,) * 5
    with pytest.raises(TrainingDataError, match="Only “red” has at least 3 .*: “blue” has 1"):
        train_scratch(replace(inputs, labels=labels), JobContext())
    assert list(inputs.folder.parent.iterdir()) == []


def test_other_bad_input_is_explained(inputs: TrainJob) -> None:
    with pytest.raises(TrainingDataError, match="no labels"):
        train_scratch(replace(inputs, labels=(-1,) * len(inputs.labels)), JobContext())
    with pytest.raises(InputError, match="width_px"):
        train_scratch(replace(inputs, settings=replace(QUICK, width_px=0)), JobContext())


def test_a_damaged_network_is_explained(inputs: TrainJob) -> None:
    train_scratch(inputs, JobContext())
    weights = inputs.folder / "best.weights.h5"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(RunError, match="damaged"):
        read_network(inputs.folder)
    with pytest.raises(RunError, match="already a run"):
        train_scratch(inputs, JobContext())

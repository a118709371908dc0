"""Trains a linear head on the best features that there is time for, and predicts with it.

The cheapest features give a quick answer; dearer ones are tried while time remains, each a superset of the views and
networks before. What was embedded stays, so a training that ran out of time begins further on the next time.

How the choice is made: log loss out of fold, and the mean confidence on the unlabelled images. The first alone falls
for series of nearly equal images that stand on both sides of a fold, where all features look equally good; the second
sees how sure each is of images from elsewhere. Dearer features are taken where either speaks for them by more than
its standard error; a tie goes to the cheaper. So that the choice does not flatter its own figure, it is nested: every
fold is judged by the features that were chosen on the other folds, with strength, class weights and temperature
chosen there, too (as in `core.training.logistic`, models compared on the other folds have learnt from this fold's
labels; what that amounts to is measured there).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import JOINED_BY
from core.embeddings.embedded import Embedded, embed, join
from core.errors import InputError
from core.jobs import JobCancelled, JobContext, Unit
from core.review.calibrate import join_folds
from core.runs.record import RunRecord, TrainResult
from core.settings import check_settings
from core.text import Message
from core.training.job import PredictResult, PredictRunInput, TrainJob, without_images
from core.training.logistic import TransferFit, fit_transfer
from core.training.repeated import Repeats, repeat_folds
from core.training.settings import StopReason
from core.training.strategies.auto import SECONDS_PER_IMAGE, QuickAnswer
from core.training.transfer import choose_labelled, predict_on_embeddings, predict_rows
from core.training.write_run import UNLABELLED, Trained, write_trained
from core.types import Skipped

SURE_AFTER = 32
"""From so many images on their time is taken for that of the others."""

ENOUGH_NEW = 30
"""From so many unlabelled images on their mean confidence is listened to."""

SETTLED_LOSS, SETTLED_CONFIDENCE = 0.01, 0.99
"""A log loss so low, and a mean confidence on unlabelled images so high, leave nothing that is worth more time."""

NOTE_OF_EARLIER_VERSIONS = "training.auto_files_changed"
"""Their runs say it still; today images that cannot be read any more are left out instead."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Features that a head may learn from.

    Attributes:
        backbones: Names of the networks, whose features are joined.
        features: One of `core.training.strategies.transfer.FEATURES`.
    """

    backbones: tuple[str, ...]
    features: str

    @property
    def name(self) -> Message:
        """What they are called."""
        features = Message(f"training.choice.{self.features.replace(' ', '_')}")
        return Message("training.features_of", features=features, backbones=self.backbones)

    def embed(self, job: TrainJob | PredictRunInput, context: JobContext) -> Embedded:
        """The features of the job's images, computed where they are missing."""
        return join([embed(job.images, name, job.embeddings, context, features=self.features)
                     for name in self.backbones])

    def to_json(self) -> dict[str, Any]:
        """As `run.json` keeps it."""
        return {"backbones": list(self.backbones), "features": self.features}


CANDIDATES = (
    Candidate(("efficientnet-lite0",), "stages"),
    Candidate(("efficientnet-lite0",), "two views"),
    Candidate(("efficientnet-lite0", "efficientnet-lite2"), "two views"),
    Candidate(("efficientnet-lite0", "efficientnet-lite2"), "six views"),
)
"""From the cheapest to the dearest, in network time about 1 : 2 : 6 : 17."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate with a head on it.

    Attributes:
        new: Probabilities of the unlabelled images, (n_new, n_classes) float32.
        losses: Log loss of each labelled image out of fold, (n_images,) float64; NaN where it is judged in none.
        seconds: What it took beyond the candidates before.
    """

    candidate: Candidate
    embedded: Embedded
    fit: TransferFit
    new: NDArray[np.float32]
    losses: NDArray[np.float64]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As `run.json` keeps it."""
        sure = {"confidence": round(float(self.new.max(axis=1).mean()), 4)} if len(self.new) else {}
        return {**self.candidate.to_json(), "log_loss": round(float(np.nanmean(self.losses)), 4), **sure,
                "seconds": round(self.seconds, 1)}


class _WhileTimeRemains(JobContext):
    """Ends an embedding whose end would lie behind the deadline, as soon as that is clear.

    Args:
        whole: Receives the progress; cancels.
        deadline: `time.monotonic()` at which the work should be over.
        stage: Told in place of the stage of the embedding.
    """

    def __init__(self, whole: JobContext, deadline: float, stage: Message) -> None:
        super().__init__()
        self._whole, self._deadline, self._told = whole, deadline, stage
        self._began: dict[tuple[str, int], tuple[float, int]] = {}
        self.is_over = False

    def check(self) -> None:
        self._whole.check()

    def progress(self, done: int, total: int, *, stage: Message, unit: Unit = "images") -> None:
        self._whole.progress(done, total, stage=self._told, unit=unit)
        now = time.monotonic()
        began, first = self._began.setdefault((stage.code, total), (now, done))
        n_done = done - first
        left = (now - began) / n_done * (total - done) if n_done >= SURE_AFTER else 0.0
        if done < total and max(now, now + left) > self._deadline:
            self.is_over = True
            raise JobCancelled


def train_auto(job: TrainJob, context: JobContext) -> TrainResult:
    """Try the candidates while time remains, take the best, predict the unlabelled images, write the run.

    A training that is cancelled after the quick answer still returns a run, made of the candidates that are done. An
    image whose file is gone or cannot be read any more is left out of all candidates alike, and listed.

    Raises:
        InputError: A setting is out of its range, or weights of one's own were given.
        TrainingDataError: No labels, fewer than two classes with two images, or nothing could be read.
        WeightsError, EngineError: A backbone cannot be used.
        RunError, StorageError: The run could not be saved.
        JobCancelled: Cancelled before the quick answer.
    """
    check_settings(job.settings)
    if job.weights is not None:
        raise InputError("training.auto_takes_no_weights")
    started, left_out = time.monotonic(), tuple[Skipped, ...]()
    while True:
        try:
            result = _train(job, context, started)
            return replace(result, skipped=(*left_out, *result.skipped))
        except _NotAllRead as found:  # what the cheapest features know from earlier is not there for the others
            job, left_out = without_images(job, found.image_ids), (*left_out, *found.skipped)


def _train(job: TrainJob, context: JobContext, started: float) -> TrainResult:
    """A run of all images of the job that can be read; see `train_auto`."""
    quick = CANDIDATES[0].embed(job, context)
    places, labels, classes, folds, notes, groups = choose_labelled(
        job, quick.rows, context, read_features=lambda at: quick.store.read(quick.rows[at]))
    new = np.flatnonzero((quick.rows >= 0) & (np.array(job.labels) == UNLABELLED))
    task = _Task(job, context, places, labels, folds, new, len(classes))
    tried, is_stopped = _try_in_time(task, quick, started)
    at = [choose(tried, folds != fold) for fold in range(int(folds.max()) + 1)]
    best = tried[choose(tried, folds >= 0)]
    judged = np.flatnonzero(folds >= 0)
    said = _join_choices(tried, at, folds)
    repeats = Repeats()
    try:
        if not is_stopped:
            repeats = repeat_folds(
                job.settings, labels, groups, said, folds, classes=classes, context=context,
                judge=lambda folds, context: _choose_again(task, tried, folds, context))
    except JobCancelled:
        is_stopped = True
    return write_trained(job, Trained(
        backbone=JOINED_BY.join(best.candidate.backbones), classes=classes, n_train=len(labels), head=best.fit.head,
        images=[job.images[i] for i in places], labels=labels, judged=judged, probabilities=said[judged],
        folds=folds[judged], new_images=[job.images[i] for i in new], new_probabilities=best.new,
        temperatures=join_folds(best.fit.temperatures, [tried[c].fit.temperatures for c in at]),
        weights=best.embedded.key, fit={
            **best.candidate.to_json(), "strength": best.fit.strength, "n_folds": len(at),
            "n_features": best.embedded.store.n_features, "class_weights": best.fit.is_weighted,
            "candidates": [one.to_json() for one in tried], "fold_choices": at,
            **repeats.to_json(), **({"stop_reason": StopReason.STOPPED.value} if is_stopped else {}),
        }, groups=groups,
        notes=(*_explain(tried, best, is_stopped), *notes, *repeats.notes,
               *best.embedded.notes), skipped=best.embedded.skipped,
    ), started=started)


@dataclass(frozen=True, slots=True)
class _Task:
    """What every candidate learns from: places of labelled and of unlabelled images in the job, labels, folds."""

    job: TrainJob
    context: JobContext
    places: NDArray[np.int64]
    labels: NDArray[np.int64]
    folds: NDArray[np.int64]
    new: NDArray[np.int64]
    n_classes: int

    def attempt(self, candidate: Candidate, embedded: Embedded, since: float) -> Tried:
        """A head on these features."""
        fit, losses = self.learn(embedded, self.folds, self.context)
        predicted = predict_rows(fit.head, embedded.store, embedded.rows[self.new], self.context)
        return Tried(candidate, embedded, fit, predicted, losses, time.monotonic() - since)

    def learn(
        self, embedded: Embedded, folds: NDArray[np.int64], context: JobContext
    ) -> tuple[TransferFit, NDArray[np.float64]]:
        """A head that is judged in these folds, and its losses; see `Tried`."""
        fit = fit_transfer(
            embedded.store.read(embedded.rows[self.places]), self.labels, folds=folds, n_classes=self.n_classes,
            context=context, weighting=self.job.settings.class_weights)
        chosen = fit.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        return fit, -np.log(np.maximum(chosen, 1e-12))


def _try_in_time(task: _Task, quick: Embedded, started: float) -> tuple[list[Tried], bool]:
    """The cheapest candidate, and the others while time remains; whether the caller asked to end meanwhile.

    Raises:
        _NotAllRead: Images that the cheapest features know cannot be read any more.
    """
    tried, job = [task.attempt(CANDIDATES[0], quick, started)], task.job
    allowed = job.settings.seconds or max(2 * tried[0].seconds, SECONDS_PER_IMAGE * len(job.images))
    accuracy = _accuracy(tried[0], task.labels)
    try:
        task.context.publish(QuickAnswer(accuracy))
        for candidate in () if is_settled(tried[0]) else CANDIDATES[1:]:
            since = time.monotonic()
            if since >= started + allowed:
                break
            stage = Message("jobs.trying", accuracy=accuracy, features=candidate.name)
            embedded = _embed_in_time(candidate, job, _WhileTimeRemains(task.context, started + allowed, stage))
            if embedded is None:
                break
            _require_all(job, quick, embedded)
            tried.append(task.attempt(candidate, embedded, since))
    except JobCancelled:
        return tried, True
    return tried, False


class _NotAllRead(Exception):
    """Some images cannot be read any more, though their embeddings of an earlier time are there."""

    def __init__(self, image_ids: frozenset[int], skipped: tuple[Skipped, ...]) -> None:
        super().__init__(image_ids)
        self.image_ids, self.skipped = image_ids, skipped


def _require_all(job: TrainJob, quick: Embedded, embedded: Embedded) -> None:
    lost = np.flatnonzero((quick.rows >= 0) & (embedded.rows < 0))
    if len(lost):
        paths = {job.images[at].path for at in lost}
        raise _NotAllRead(frozenset(job.images[at].id for at in lost),
                          tuple(one for one in embedded.skipped if one.path in paths))


def _join_choices(
    tried: Sequence[Tried], at: Sequence[int], folds: NDArray[np.int64]
) -> NDArray[np.float32]:
    """What the candidate of each fold says of its images, (n_images, n_classes) float32; NaN for images in none."""
    said = np.full(tried[0].fit.probabilities.shape, np.nan, np.float32)
    for fold, best in enumerate(at):
        said[folds == fold] = tried[best].fit.probabilities[folds == fold]
    return said


def _choose_again(
    task: _Task, tried: Sequence[Tried], folds: NDArray[np.int64], context: JobContext
) -> NDArray[np.float32]:
    """The same candidates in other folds, chosen among anew."""
    again = []
    for one in tried:
        fit, losses = task.learn(one.embedded, folds, context)
        again.append(replace(one, fit=fit, losses=losses))
    at = [choose(again, folds != fold) for fold in range(int(folds.max()) + 1)]
    return _join_choices(again, at, folds)


def _accuracy(tried: Tried, labels: NDArray[np.int64]) -> float:
    """Share of the judged images that are right out of fold, 0 … 1."""
    is_judged = np.isfinite(tried.losses)
    right: NDArray[np.bool_] = tried.fit.probabilities[is_judged].argmax(axis=1) == labels[is_judged]
    return float(right.mean()) if len(right) else 0.0


def is_settled(tried: Tried) -> bool:
    """Whether it is so good out of fold, and so sure of unlabelled images, that nothing better need be tried."""
    is_sure = len(tried.new) == 0 or float(tried.new.max(axis=1).mean()) >= SETTLED_CONFIDENCE
    return is_sure and float(np.nanmean(tried.losses)) < SETTLED_LOSS


def choose(tried: Sequence[Tried], rows: NDArray[np.bool_]) -> int:
    """Which candidate is best, judged on some of the labelled images and on all unlabelled ones.

    Args:
        rows: Labelled images that count, (n_images,) bool.
    """
    best = 0
    for at in range(1, len(tried)):
        losses = [one.losses[rows & np.isfinite(one.losses)] for one in (tried[best], tried[at])]
        confidences = [one.new.max(axis=1).astype(np.float64) for one in (tried[at], tried[best])] \
            if len(tried[at].new) >= ENOUGH_NEW else []
        if _is_more(*losses) or (confidences and _is_more(*confidences)):
            best = at
    return best


def _is_more(left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
    """Whether the mean of the first is larger by more than the standard error of the paired difference."""
    difference = left - right
    return bool(difference.mean() > difference.std() / np.sqrt(len(difference))) if len(difference) else False


def _embed_in_time(candidate: Candidate, job: TrainJob, limited: _WhileTimeRemains) -> Embedded | None:
    try:
        return candidate.embed(job, limited)
    except JobCancelled:
        if limited.is_over:
            return None
        raise


def _explain(tried: Sequence[Tried], best: Tried, is_stopped: bool) -> tuple[Message, ...]:
    said = [Message("training.auto_chose", features=best.candidate.name, n=len(tried), loss=_rounded(best),
                    quick=_rounded(tried[0]))]
    if is_stopped:
        said.append(Message("training.auto_stopped", n=len(CANDIDATES) - len(tried)))
    elif is_settled(tried[0]):
        said.append(Message("training.auto_settled"))
    elif len(tried) < len(CANDIDATES):
        said.append(Message("training.auto_out_of_time", n=len(CANDIDATES) - len(tried)))
    return tuple(said)


def _rounded(tried: Tried) -> float:
    return round(float(np.nanmean(tried.losses)), 3)


def predict_auto(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing or damaged.
        WeightsError: A backbone's weights cannot be had.
    """
    candidate = Candidate(tuple(record.fit["backbones"]), str(record.fit["features"]))
    return predict_on_embeddings(record, inputs, candidate.embed(inputs, context), context)

"""The trainings of one fine-tuning: the one that is judged, or one a fold, and the last on all images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from core.engine.adapted import SPLIT_NAME
from core.engine.checkpoints import (
    BEST, LAST, ProgressKeeper, Terms, bring_best, copy_weights, data_digest, is_progress_of, read_progress,
    save_weights,
)
from core.engine.epochs import EpochData, FitResult, fit_epochs
from core.engine.tail import EpochViews, PlainViews, feature_function, put_head, transfer_head
from core.engine.trunk_cache import TrunkCache
from core.jobs import JobCancelled, JobContext
from core.review.metrics import log_loss
from core.text import Message
from core.training.fine_tune.companion import Companion
from core.training.fine_tune.prepare import Opened
from core.training.fine_tune.views import ask
from core.training.fold_progress import DoneFold, FoldFacts, FoldKeeper, all_epochs
from core.training.folds import HELD_BACK, TRAIN, VALIDATION, plan_folds
from core.training.job import TrainJob
from core.training.labelled import Labelled, parts_of_fold
from core.training.settings import EpochSettings, StopReason
from core.training.unfinished import PROGRESS_NAME

BLENDS = (1.0, 0.75, 0.5)
"""Shares of what was learnt that are tried."""

NOTHING_LEARNT = 0.0
"""The share where the network stays as it was, with the head of plain transfer."""

ALL_FOLDER, RESULT_FOLDER = "all", "result"
"""Within the working folder: the weights of the last training, and those that go into the run. The best epoch of the
judged training lies beside them untouched, so that a killed training can go on at every moment."""

LEARNT_NAME = "learnt.weights.h5"
"""In a stopped run: the best epoch as it was learnt, for going on."""


@dataclass(frozen=True, slots=True)
class Work:
    """All that the trainings need.

    Attributes:
        working: Where their weights lie meanwhile.
        logits: The tail, compiled.
        companion: The head that votes beside the network, if one is wanted.
    """

    job: TrainJob
    opened: Opened
    labelled: Labelled
    cache: TrunkCache
    working: Path
    logits: Callable[[Any], Any]
    companion: Companion | None = None

    @property
    def result(self) -> Path:
        """Where the weights lie that go into the run."""
        return self.working / RESULT_FOLDER


@dataclass(frozen=True, slots=True)
class Judged:
    """What the figures come from.

    Attributes:
        rows: Labelled images that were judged by a network that had not seen them, (n_rows,) int64.
        probabilities: What it says of them, (n_rows, n_classes) float32.
        transfer: What the head that it started from says of them, with nothing adapted; the same shape.
        seen: Rows that the judged network had learnt from or was stopped by, (n_seen,) int64.
        learnt: Rows that the judged network took its steps on, (n_learnt,) int64.
        n_train: Images that the final network learnt from.
        blend: Share of what was learnt in the final weights, the rest being those that it started from.
        folds: Fold of each judged row, (n_rows,) int64; None where there are none.
    """

    rows: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    transfer: NDArray[np.float32]
    seen: NDArray[np.int64]
    learnt: NDArray[np.int64]
    n_train: int
    blend: float
    notes: tuple[Message, ...] = ()
    folds: NDArray[np.int64] | None = None


def train_and_judge(
    work: Work, parts: NDArray[np.int64], honest: NDArray[np.int64], context: JobContext,
) -> tuple[FitResult, Judged]:
    """All trainings that the settings ask for; the tail then holds the final weights, as does the folder `result`.

    Raises:
        JobCancelled: Cancelled before an epoch of its own was complete, or while cross-validating.
        RunError, EngineError, StorageError: See `fit_epochs` and `read_progress`.
    """
    if work.job.settings.is_in_folds:
        return _in_folds(work, context)
    transfer = _start(work, np.flatnonzero(parts == TRAIN), honest, context)
    first = work.opened.net.tail.get_weights()
    fit = _fit(work, parts, context, stage=Message("jobs.training"), keeper=_keeper(work, parts))
    work.result.mkdir(exist_ok=True)
    if fit.reason is StopReason.STOPPED:
        blend = 1.0
        copy_weights(work.working / BEST, work.result / BEST)
    else:
        blend = _blend_best(work, first, parts)
    copy_weights(work.result / BEST, work.result / SPLIT_NAME)
    learnt = np.flatnonzero(parts == TRAIN)
    judged = Judged(
        honest, _judge_finally(work, learnt, honest), transfer, np.flatnonzero(parts != HELD_BACK), learnt,
        len(learnt), blend, _seen_notes(work, parts, honest),
    )
    if fit.reason is StopReason.STOPPED or not work.job.settings.learns_from_all:
        return fit, judged
    return _learn_from_all(work, fit, judged, context)


def _in_folds(work: Work, context: JobContext) -> tuple[FitResult, Judged]:
    """Each image judged by a tail that was trained without its fold; the final one learns from all."""
    work.result.mkdir(exist_ok=True)
    settings, labels = work.job.settings, work.labelled.labels
    folds = plan_folds(
        labels, work.labelled.groups, classes=work.job.classes, n_folds=settings.n_folds, seed=settings.seed)
    n_folds, judged_rows = int(folds.max()) + 1, np.flatnonzero(folds >= 0)
    found = np.zeros((len(labels), len(work.job.classes)), np.float32)
    transfer, hashes = found.copy(), work.labelled.hashes
    data = data_digest(hashes, labels) + data_digest(hashes, folds) + _network_of(work)
    keeper = FoldKeeper(work.working, data, work.job.resume_from)
    for fold in range(n_folds):
        parts = parts_of_fold(work.job, work.labelled, folds, fold)
        if fold >= len(keeper.done):
            stage = Message("jobs.training_fold", fold=fold + 1, n_folds=n_folds)
            keeper.add(_train_fold(work, parts, context, stage=stage, fold=fold + 1))
        held_back = parts == HELD_BACK
        found[held_back] = keeper.done[fold].said["said"]
        transfer[held_back] = keeper.done[fold].said["transfer"]
    facts = [one.facts for one in keeper.done]
    together = FitResult(
        facts[-1].reason, all_epochs(keeper.done), round(float(np.median([one.best_epoch for one in facts]))))
    everything = np.arange(len(labels))
    judged = Judged(
        judged_rows, found[judged_rows], transfer[judged_rows], everything, everything, len(labels),
        float(np.median([one.blend for one in facts])), folds=folds[judged_rows])
    together, judged = _learn_from_all(work, together, judged, context)
    if together.reason is StopReason.STOPPED:
        raise JobCancelled
    copy_weights(work.result / BEST, work.result / SPLIT_NAME)
    return together, judged


def _train_fold(
    work: Work, parts: NDArray[np.int64], context: JobContext, *, stage: Message, fold: int
) -> DoneFold:
    """Train without a fold and judge it; a fold that an earlier process was at goes on."""
    learnt, held_back = np.flatnonzero(parts == TRAIN), np.flatnonzero(parts == HELD_BACK)
    transfer = _start(work, learnt, held_back, context)
    first = work.opened.net.tail.get_weights()
    fit = _fit(work, parts, context, stage=stage, fold=fold, keeper=_keeper(work, parts))
    if fit.reason is StopReason.STOPPED:
        raise JobCancelled
    blend = _blend_best(work, first, parts)
    said = {"said": _judge_finally(work, learnt, held_back), "transfer": transfer}
    return DoneFold(FoldFacts(fit.reason, fit.history, fit.best_epoch, blend), said)


def _learn_from_all(
    work: Work, fit: FitResult, judged: Judged, context: JobContext,
) -> tuple[FitResult, Judged]:
    """A last training on every image, as long as the judged one needed; what is unfinished changes nothing."""
    everything = np.arange(len(work.labelled.labels))
    judged_weights = work.opened.net.tail.get_weights()
    folder = work.working / ALL_FOLDER
    folder.mkdir(exist_ok=True)
    settings = replace(work.job.settings.epochs, n_epochs=fit.best_epoch, patience=0)
    try:
        _start(work, everything, everything[:0], context)
        first = work.opened.net.tail.get_weights()
        if judged.blend == NOTHING_LEARNT:
            save_weights(work.opened.net.tail, work.result / BEST)
            return fit, _with_all(judged, len(everything))
        # it is watched on its own images, and by nobody: the figure is known, and how long to learn as well
        parts = np.where(everything < 0, VALIDATION, TRAIN)
        stage = Message("jobs.training_all")
        unheard = context.muted(tells_progress=True)  # its figures would be mistaken for honest ones
        last = _fit(work, parts, unheard, stage=stage, folder=folder, settings=settings)
    except JobCancelled:
        last = replace(fit, reason=StopReason.STOPPED)
    if last.reason is StopReason.STOPPED and not (work.working / PROGRESS_NAME).is_file():
        raise JobCancelled  # no epoch came to those of the stopped run that it goes on from, which stays
    if last.reason is not StopReason.COMPLETED:
        work.opened.net.tail.set_weights(judged_weights)
        return replace(fit, reason=last.reason), judged
    work.opened.net.tail.load_weights(folder / LAST)
    _blend(work, first, work.opened.net.tail.get_weights(), judged.blend)
    save_weights(work.opened.net.tail, work.result / BEST)
    return fit, _with_all(judged, len(everything))


def _with_all(judged: Judged, n_all: int) -> Judged:
    """The same figures, with a note that the network that is kept is not the one that was judged."""
    note = Message("training.judged_then_all", n_train=judged.n_train, n_all=n_all)
    is_judged_in_folds = judged.n_train == n_all
    return replace(judged, n_train=n_all, notes=judged.notes + (() if is_judged_in_folds else (note,)))


def _blend_best(work: Work, first: Sequence[NDArray[Any]], parts: NDArray[np.int64]) -> float:
    """Blend what was learnt with where it started, as suits the validation images best; the share that was taken.

    Halfway between the two a network often judges new images better than at either end (M. Wortsman et al.,
    "Robust fine-tuning of zero-shot models", 2022).
    """
    learnt, rows = work.opened.net.tail.get_weights(), np.flatnonzero(parts == VALIDATION)
    labels, found = work.labelled.labels[rows], {}
    for share in (NOTHING_LEARNT, *BLENDS):
        _blend(work, first, learnt, share)
        probabilities = _judge(work, rows)
        found[share] = (int((probabilities.argmax(axis=1) == labels).sum()), log_loss(probabilities, labels))
    chosen = choose_blend(found)
    _blend(work, first, learnt, chosen)
    save_weights(work.opened.net.tail, work.result / BEST)
    return chosen


def choose_blend(found: Mapping[float, tuple[int, float]]) -> float:
    """The share with the least loss of those with no fewer right than where the training started; else that start.

    Args:
        found: By share, `NOTHING_LEARNT` among them, how many validation images are right, and their log loss. The
            losses of start and learnt weights cannot be compared, for smoothed labels make a network less sure.
    """
    n_right = found[NOTHING_LEARNT][0]
    no_worse = [share for share in found if share != NOTHING_LEARNT and found[share][0] >= n_right]
    return min(no_worse, key=lambda share: found[share][1], default=NOTHING_LEARNT)


def _blend(work: Work, first: Sequence[NDArray[Any]], learnt: Sequence[NDArray[Any]], share: float) -> None:
    work.opened.net.tail.set_weights([a + share * (b - a) for a, b in zip(first, learnt, strict=True)])


def _seen_notes(work: Work, parts: NDArray[np.int64], honest: NDArray[np.int64]) -> tuple[Message, ...]:
    start = work.opened.start
    if start is None:
        return ()
    if start.seen is None:
        return (Message("training.start_unknown_images"),)
    n_left_out = int((parts == HELD_BACK).sum()) - len(honest)
    return (Message("training.seen_do_not_count", n=n_left_out),) if n_left_out else ()


def _start(
    work: Work, rows: NDArray[np.int64], held_back: NDArray[np.int64], context: JobContext,
) -> NDArray[np.float32]:
    """Set the tail to where a training on `rows` starts; what that says of the held-back images, unadapted."""
    opened, labelled = work.opened, work.labelled
    opened.trainer.reset()
    context.progress(0, 0, stage=Message("jobs.starting_weights"), unit="")
    features = feature_function(opened.net.body)
    head = transfer_head(
        features(work.cache.plain(rows)), labelled.labels[rows], labelled.groups[rows],
        n_classes=len(work.job.classes), seed=work.job.settings.seed, context=context.muted(),
        weighting="auto" if work.job.settings.has_class_weights else "none",
    )
    if not opened.keeps_head:
        put_head(opened.net.tail, head)
    if not len(held_back):
        return np.empty((0, len(work.job.classes)), np.float32)
    return head.probabilities(features(work.cache.plain(held_back)))


def _fit(
    work: Work, parts: NDArray[np.int64], context: JobContext, *, stage: Message, fold: int = 0,
    keeper: ProgressKeeper | None = None, folder: Path | None = None, settings: EpochSettings | None = None,
) -> FitResult:
    """Train the tail on the part `TRAIN`, watched on the part `VALIDATION`, or on one image where there is none."""
    labels, opened = work.labelled.labels, work.opened
    settings = settings or work.job.settings.epochs
    train, validation = np.flatnonzero(parts == TRAIN), np.flatnonzero(parts == VALIDATION)
    watched = validation if len(validation) else train[:1]
    views = EpochViews(work.cache, train, seed=settings.seed, n_past=len(keeper.past) if keeper else 0)
    data = EpochData(
        cast(Any, views), labels[train], cast(Any, PlainViews(work.cache, watched)), labels[watched],
        len(work.job.classes),
    )
    return fit_epochs(
        opened.net.tail, data, settings=settings, folder=folder or work.working, context=context, stage=stage,
        fold=fold, trainer=opened.trainer, keeper=keeper,
    )


def _network_of(work: Work) -> str:
    """What the training starts from: weights, where they are cut, and the side of the input."""
    net = work.opened.net
    return f"{net.located.sha256}-{net.cut.name}-{net.backbone.side_px}px"


def _keeper(work: Work, parts: NDArray[np.int64]) -> ProgressKeeper:
    """Keeps each epoch; goes on with an earlier training if that is asked for and fits, or was at this fold."""
    job, opened = work.job, work.opened
    settings = asdict(job.settings) | asdict(job.settings.chosen)
    settings["n_variants"] = work.cache.plan.n_variants
    terms = Terms(
        job.classes, settings,
        data_digest(work.labelled.hashes, work.labelled.labels),
        _network_of(work),
        data_digest(work.labelled.hashes, parts),
    )
    is_elsewhere = job.resume_from is not None and job.settings.is_in_folds and not is_progress_of(
        job.resume_from, terms.parts)
    if job.resume_from is None or is_elsewhere:
        return ProgressKeeper(work.working, terms, opened.net.tail, opened.trainer)
    past = read_progress(job.resume_from, terms)
    bring_best(job.resume_from, work.working, names=(LEARNT_NAME, BEST))
    return ProgressKeeper(work.working, terms, opened.net.tail, opened.trainer, past)


def _judge(work: Work, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Probabilities without a word to the context: it takes a moment, also after a cancelled training."""
    return ask(
        work.logits, PlainViews(work.cache, rows), work.opened.trunk, lambda: work.labelled.pixels[rows],
        has_two_views=work.job.settings.has_two_views)


def _judge_finally(work: Work, learnt: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The same, together with the companion, whose head here learns from no more than the network has."""
    said = _judge(work, rows)
    return work.companion.join(said, learnt, rows) if work.companion else said

"""Prepares a fine-tuning: opens and times the network, cuts the labelled images, lets the trunk look at the views."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.backbones.weights import locate_weights
from core.embeddings.embed import RECIPE_FORMAT
from core.engine.adapted import AdaptedNetwork, StartingPoint, adapt_network, start_tail, unseen_rows
from core.engine.augment import build_augmenter
from core.engine.checkpoints import data_digest
from core.engine.cut import CutPoint, open_trunk
from core.engine.network import Network, network_key
from core.engine.tail import TailTrainer, step_shares
from core.engine.trunk_cache import CachePlan, TrunkCache, fill_cache, fit_variants
from core.errors import TrainingDataError
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.text import Message
from core.training.folds import HELD_BACK, TRAIN, group_keys, keep_duplicates
from core.training.fine_tune.side import sized_backbone
from core.training.known_times import START_S, keep_seconds
from core.training.job import TrainJob
from core.training.labelled import Labelled, cut_labelled, labelled_places, shares_of
from core.training.settings import AugmentSettings
from core.training.strategies.fine_tune import FineTuneEstimate
from core.training.write_run import UNLABELLED

ALL_BLOCKS = 1000
N_TRUNK_BATCHES = 8
N_STEPS = 3


@dataclass(frozen=True, slots=True)
class Speeds:
    """Seconds on this computer, now.

    Attributes:
        view: For the trunk to look at one image.
        change: To change one image at random.
        step: To learn from one image.
        judge: For the tail to look at one image.
    """

    view: float
    change: float
    step: float
    judge: float


@dataclass(frozen=True, slots=True)
class Opened:
    """The network with what runs and trains it.

    Attributes:
        trunk: Its frozen part, compiled.
        start: Where the tail starts from, if not from the published weights.
        keeps_head: Whether it starts with the head of `start` too.
    """

    net: AdaptedNetwork
    trunk: Network
    trainer: TailTrainer
    start: StartingPoint | None
    keeps_head: bool
    speeds: Speeds


def open_to_adapt(job: TrainJob, start: StartingPoint | None, context: JobContext) -> Opened:
    """Build, cut and compile the network, and time it.

    Raises:
        WeightsError: The weights cannot be had, or those to start from do not fit.
    """
    context.progress(0, 0, stage=Message("jobs.preparing_network"), unit="")
    settings, chosen = job.settings, job.settings.chosen
    backbone = sized_backbone(job)
    located = locate_weights(
        backbone, weights=job.weights, allow_download=job.allow_download, context=context,
    )
    net = adapt_network(backbone, located, n_blocks=chosen.n_blocks, n_classes=len(job.classes))
    keeps_head = start_tail(net.tail, start, job.classes) if start else False
    trainer = TailTrainer(
        net.tail, shares=step_shares(net.model, net.cut, net.blocks, decay=settings.rate_decay),
        rate=chosen.learning_rate, label_smoothing=settings.label_smoothing, mixup=settings.mixup, seed=settings.seed,
    )
    context.check()
    trunk = open_trunk(net.model, net.cut, backbone)
    context.check()
    speeds = measure_speeds(
        trunk, trainer, net.cut, settings.augment, side_px=backbone.side_px, n_classes=len(job.classes),
        batch_size=settings.batch_size,
    )
    return Opened(net, trunk, trainer, start, keeps_head, speeds)


def check_labels(job: TrainJob) -> None:
    """Find out from the labels alone whether they suffice, before anything is built or read.

    Raises:
        TrainingDataError: No labels, or fewer than two classes with enough different images.
    """
    places = labelled_places(job)
    labels, hashes = np.asarray(job.labels, np.int64)[places], [job.images[i].content_hash for i in places]
    known = [job.groups[i] for i in places] if job.groups else []
    groups, _ = keep_duplicates(labels, hashes, known, n_parts=len(shares_of(job.settings)))
    cut_labelled(job, labels, group_keys(hashes, groups))


def cut_honestly(
    job: TrainJob, labelled: Labelled, start: StartingPoint | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The part of each image, and the rows that judge the network honestly; with folds these are for later.

    Raises:
        TrainingDataError: Too few different images, or an earlier run has seen all that could judge.
    """
    parts = cut_labelled(job, labelled.labels, labelled.keys)
    held_back = np.flatnonzero(parts == HELD_BACK)
    if start is None or start.seen is None:
        return parts, held_back
    honest = held_back[unseen_rows([labelled.hashes[i] for i in held_back], start.seen)]
    if not len(honest):
        raise TrainingDataError("training.all_seen")
    return parts, honest


def look_at_views(
    job: TrainJob, opened: Opened, labelled: Labelled, parts: NDArray[np.int64], working: Path,
    context: JobContext,
) -> tuple[TrunkCache, FineTuneEstimate, tuple[Message, ...]]:
    """Announce what the training takes, then let the trunk look at every view.

    Returns:
        The views, what was announced, and sentences for the user.

    Raises:
        InputError: Not even the plain views fit into the room that is allowed.
        StorageError, EngineError, JobCancelled: See `fill_cache`.
    """
    settings, net = job.settings, opened.net
    is_all = settings.is_in_folds or settings.learns_from_all
    learn_rows = np.arange(len(parts)) if is_all else np.flatnonzero(parts == TRAIN)
    n_variants, notes = fit_variants(
        net.cut.shape, len(parts), len(learn_rows), settings.chosen.n_variants, most_gb=settings.cache_gb,
    )
    if net.n_blocks < settings.chosen.n_blocks < ALL_BLOCKS:
        notes += (Message("training.all_adapted", backbone=net.backbone.name),)
    plan = CachePlan(
        job.embeddings if settings.keeps_cache else working, net.cut.shape, len(parts), learn_rows, n_variants,
        settings.augment, settings.seed)
    # a name that says all, for a training that goes on finds the views of the one that was killed
    plan = replace(plan, folder=plan.folder / _cache_name(job, net, labelled, plan))
    estimate = make_estimate(job, opened.speeds, plan)
    keep_seconds(job.settings, n_labels=len(parts), n_others=len(job.images) - len(parts),
                 seconds=START_S + estimate.seconds)
    context.publish(estimate)
    return fill_cache(plan, opened.trunk, labelled.pixels, context), estimate, notes


def _cache_name(job: TrainJob, net: AdaptedNetwork, labelled: Labelled, plan: CachePlan) -> str:
    """Names all that the views depend on."""
    order = b"".join(labelled.hashes) + plan.learn_rows.tobytes()
    what = data_digest([order, repr((plan.augment, plan.seed)).encode()], np.array([0, 1]))
    side, fit = net.backbone.side_px, job.settings.fit
    return f"{network_key(net.backbone, net.located)}-{side}px-{fit}-{RECIPE_FORMAT}-cut-{net.cut.name}-{what}"


def make_estimate(job: TrainJob, speeds: Speeds, plan: CachePlan) -> FineTuneEstimate:
    """How long a training will take at measured speeds; reading the images is not counted."""
    settings, n = job.settings, plan.n_images
    share = 1 - settings.validation_share - (0 if settings.is_in_folds else settings.held_back_share)
    n_others = sum(label == UNLABELLED for label in job.labels)
    trunk = speeds.view * plan.n_views + speeds.change * (plan.n_views - n)
    epoch = speeds.step * n * share + speeds.judge * n * settings.validation_share
    epochs = epoch * settings.chosen.n_epochs * max(1, settings.n_folds)
    if settings.is_in_folds or settings.learns_from_all:
        epochs += speeds.step * n * settings.chosen.n_epochs
    return FineTuneEstimate(
        round(n * share), plan.n_variants, plan.n_bytes, round(trunk, 2), round(epoch, 3),
        round(trunk + epochs + (speeds.view + speeds.judge) * n_others, 1),
    )


def recipe_of(backbone: Backbone, fit: str) -> Recipe:
    """How images are prepared for the backbone."""
    return Recipe(width_px=backbone.side_px, height_px=backbone.side_px, fit=fit)


def measure_speeds(
    trunk: Network, trainer: TailTrainer, cut: CutPoint, augment: AugmentSettings, *, side_px: int, n_classes: int,
    batch_size: int,
) -> Speeds:
    """Time one batch or a few of each; the trainer's network is left as it was."""
    view = _measure_trunk(trunk, side_px)
    step = _measure_steps(trainer, cut, n_classes, batch_size)
    # backward is about twice forward
    return Speeds(view, _measure_changes(augment, side_px), step, step / 3)


def _measure_trunk(trunk: Network, side_px: int) -> float:
    batch = np.zeros((trunk.batch_size, side_px, side_px, 3), np.uint8)

    def look(n_batches: int) -> None:
        for _ in trunk.embed_stream(batch for _ in range(n_batches)):
            pass

    look(1)
    return _seconds(lambda: look(N_TRUNK_BATCHES)) / (N_TRUNK_BATCHES * trunk.batch_size)


def _measure_changes(augment: AugmentSettings, side_px: int) -> float:
    augmenter, batch = build_augmenter(augment, 0), np.zeros((8, side_px, side_px, 3), np.float32)
    augmenter(batch, training=True)
    return _seconds(lambda: augmenter(batch, training=True)) / len(batch)


def _measure_steps(trainer: TailTrainer, cut: CutPoint, n_classes: int, batch_size: int) -> float:
    x = np.zeros((batch_size, *cut.shape), np.float32)
    y = np.full((batch_size, n_classes), 1 / n_classes, np.float32)
    with trainer.undone():
        trainer.train_on_batch(x, y)
        seconds = min(_seconds(lambda: trainer.train_on_batch(x, y)) for _ in range(N_STEPS))
    return seconds / batch_size


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

"""What a fine-tuning is made of before it learns: its input, the network opened and timed, the views looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import find_backbone
from core.embeddings.embed import RECIPE_FORMAT
from core.engine.network import network_key
from core.engine.adapted import (
    AdaptedNetwork, StartingPoint, adapt_network, start_tail, unseen_rows,
)
from core.training.batches import prepare_pictures
from core.training.fine_tune.estimate import Speeds, measure_speeds
from core.training.folds import HELD_BACK, TRAIN, choose_groups, cut_in_parts, group_keys
from core.engine.resume import data_digest
from core.engine.tail import TailTrainer, step_shares
from core.engine.trunk import Trunk, open_trunk
from core.engine.trunk_cache import CachePlan, TrunkCache, fill_cache, fit_variants
from core.training.working_folder import UNLABELLED
from core.backbones.weights import locate_weights
from core.errors import TrainingDataError
from core.images.recipe import Recipe
from core.jobs import JobContext
from core.text import Message
from core.training.settings import FineTuneEstimate, FineTuneSettings
from core.types import ImageRef, Skipped

ALL_BLOCKS = 1000


@dataclass(frozen=True, slots=True)
class FineTuneInput:
    """What a fine-tuning needs.

    Attributes:
        run: Id of the run.
        folder: The run's folder; must not exist yet.
        images: All images to learn from or to predict.
        labels: Index into `classes` for each image, −1 = unlabelled.
        classes: Names of the classes; two need at least three different labelled images.
        embeddings: The project's folder of embedding stores, where the views lie if they are kept.
        settings: See `FineTuneSettings`.
        weights: A weights file of the user's own for the backbone; None for the published one.
        allow_download: Whether the published file may be fetched.
        resume_from: Folder of a stopped run, or of an unfinished training, to go on with from its last
            complete epoch; None to begin.
        groups: Equal numbers mark images that are never parted between learning and judging, one for each
            image; () where exact copies alone count.
    """

    run: str
    folder: Path
    images: tuple[ImageRef, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    embeddings: Path
    settings: FineTuneSettings
    weights: Path | None = None
    allow_download: bool = False
    resume_from: Path | None = None
    groups: tuple[int, ...] = ()

    def groups_of(
        self, places: Sequence[int], labels: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """(n,) int64, equal for images that stay together, and notes; `places` are numbers of images."""
        hashes = [self.images[i].content_hash for i in places]
        twins = [self.groups[i] for i in places] if self.groups else []
        return choose_groups(labels, hashes, twins, n_parts=len(self.shares))

    @property
    def shares(self) -> tuple[float, ...]:
        """Of the parts that the labelled images are cut in."""
        settings = self.settings
        if self.is_in_folds:  # each half still needs one image to learn from and one to stop by
            return (1.0,) * 4
        learnt = 1 - settings.validation_share - settings.held_back_share
        return (learnt, settings.validation_share, settings.held_back_share)

    @property
    def is_in_folds(self) -> bool:
        """Whether every image is judged once, instead of a part of them."""
        return self.settings.n_folds >= 2

    @property
    def recipe(self) -> Recipe:
        """How its pictures are prepared."""
        side = find_backbone(self.settings.backbone).side_px
        return Recipe(width_px=side, height_px=side, fit=self.settings.fit)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labelled images that could be read.

    Attributes:
        images: In the order of the rows.
        pixels: (n_images, side, side, 3) uint8.
        labels: (n_images,) int64.
        groups: Equal for images that stay together, (n_images,) int64.
        skipped: Labelled images that could not be read.
        notes: Sentences for the user.
    """

    images: tuple[ImageRef, ...]
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()

    @property
    def hashes(self) -> list[bytes]:
        """Content hash of each image."""
        return [image.content_hash for image in self.images]

    @property
    def keys(self) -> list[bytes]:
        """What each image is told apart by in a cut; equal within a group."""
        return group_keys(self.hashes, self.groups)


@dataclass(frozen=True, slots=True)
class Opened:
    """The network with what runs and trains it.

    Attributes:
        net: Cut in two.
        trunk: Its frozen part, compiled.
        trainer: Takes the steps of its tail.
        start: Where the tail starts from, if not from the published weights.
        keeps_head: Whether it starts with the head of `start` too.
        speeds: As measured.
    """

    net: AdaptedNetwork
    trunk: Trunk
    trainer: TailTrainer
    start: StartingPoint | None
    keeps_head: bool
    speeds: Speeds


@dataclass(frozen=True, slots=True)
class Looked:
    """What the trunk saw.

    Attributes:
        cache: The views.
        estimate: As published before.
        notes: Sentences for the user.
    """

    cache: TrunkCache
    estimate: FineTuneEstimate
    notes: tuple[str, ...]


def open_to_adapt(inputs: FineTuneInput, start: StartingPoint | None, context: JobContext) -> Opened:
    """Build, cut and compile the network, and time it.

    Raises:
        WeightsError: The weights cannot be had, or those to start from do not fit.
        JobCancelled: The caller asked the job to end.
    """
    context.progress(0, 0, stage=Message("jobs.preparing_network"), unit="")
    settings, chosen = inputs.settings, inputs.settings.chosen
    backbone = find_backbone(settings.backbone)
    located = locate_weights(
        backbone, weights=inputs.weights, allow_download=inputs.allow_download, context=context,
    )
    net = adapt_network(backbone, located, n_blocks=chosen.n_blocks, n_classes=len(inputs.classes))
    keeps_head = start_tail(net.tail, start, inputs.classes) if start else False
    trainer = TailTrainer(
        net.tail, shares=step_shares(net.model, net.cut, net.blocks, decay=settings.rate_decay),
        rate=chosen.learning_rate, label_smoothing=settings.label_smoothing, mixup=settings.mixup, seed=settings.seed,
    )
    context.check()
    trunk = open_trunk(net.model, net.cut, backbone)
    context.check()
    speeds = measure_speeds(
        trunk, trainer, net.cut, settings.augment, side_px=backbone.side_px, n_classes=len(inputs.classes),
        batch_size=settings.batch_size,
    )
    return Opened(net, trunk, trainer, start, keeps_head, speeds)


def prepare_labelled(inputs: FineTuneInput, working: Path, context: JobContext) -> Labelled:
    """Read the labelled images.

    Raises:
        TrainingDataError: None of them can be read.
        JobCancelled: The caller asked the job to end.
    """
    given = np.asarray(inputs.labels, np.int64)
    places = np.flatnonzero(given != UNLABELLED)
    images = [inputs.images[i] for i in places]
    found = prepare_pictures(images, inputs.recipe, folder=working, context=context)
    kept = places[found.kept]
    if not len(kept):
        raise TrainingDataError("None of the labelled pictures can be read.", "See in the library what is wrong.")
    groups, notes = inputs.groups_of(kept.tolist(), given[kept])
    return Labelled(
        tuple(images[i] for i in found.kept), found.pixels, given[kept], groups, found.skipped, notes,
    )


def check_labels(inputs: FineTuneInput) -> None:
    """Find out from the labels alone whether they suffice, before anything is built or read.

    Raises:
        TrainingDataError: No labels, or fewer than two classes with enough different images.
    """
    given = np.asarray(inputs.labels, np.int64)
    places = np.flatnonzero(given != UNLABELLED)
    if not len(places):
        raise TrainingDataError("There are no labels to learn from.", "Label a few pictures of each class first.")
    hashes = [inputs.images[i].content_hash for i in places]
    groups, _ = inputs.groups_of(places.tolist(), given[places])
    _cut(inputs, given[places], group_keys(hashes, groups))


def cut_labelled(
    inputs: FineTuneInput, labelled: Labelled, start: StartingPoint | None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The part of each image, and the rows that judge the network honestly; with folds these are for later.

    Raises:
        TrainingDataError: Too few different images, or an earlier run has seen all that could judge.
    """
    parts = _cut(inputs, labelled.labels, labelled.keys)
    held_back = np.flatnonzero(parts == HELD_BACK)
    if start is None or start.seen is None:
        return parts, held_back
    honest = held_back[unseen_rows([labelled.hashes[i] for i in held_back], start.seen)]
    if not len(honest):
        raise TrainingDataError(
            "The run to start from has seen all pictures that would judge the new one.",
            "Start from the published network, take the same seed as that run, or label more pictures.",
        )
    return parts, honest


def _cut(inputs: FineTuneInput, labels: NDArray[np.int64], keys: Sequence[bytes]) -> NDArray[np.int64]:
    return cut_in_parts(labels, keys, shares=inputs.shares, seed=inputs.settings.seed, classes=inputs.classes)


def look_at_views(
    inputs: FineTuneInput, opened: Opened, labelled: Labelled, parts: NDArray[np.int64], working: Path,
    context: JobContext,
) -> Looked:
    """Announce what the training takes, then let the trunk look at every view.

    Raises:
        InputError: Not even the plain views fit into the room that is allowed.
        StorageError, EngineError, JobCancelled: See `fill_cache`.
    """
    settings, net = inputs.settings, opened.net
    is_all = inputs.is_in_folds or settings.learns_from_all
    learn_rows = np.arange(len(parts)) if is_all else np.flatnonzero(parts == TRAIN)
    n_variants, notes = fit_variants(
        net.cut.shape, len(parts), len(learn_rows), settings.chosen.n_variants, most_gb=settings.cache_gb,
    )
    if net.n_blocks < settings.chosen.n_blocks < ALL_BLOCKS:
        notes += (f"All of {net.backbone.name} was adapted, for it cannot be cut before so many blocks.",)
    plan = CachePlan(
        inputs.embeddings if settings.keeps_cache else working, net.cut.shape, len(parts), learn_rows, n_variants,
        settings.augment, settings.seed)
    # a name that says all, for a training that goes on finds the views of the one that was killed
    plan = replace(plan, folder=plan.folder / _cache_name(inputs, net, labelled, plan))
    estimate = make_estimate(inputs, opened.speeds, plan)
    context.publish(estimate)
    return Looked(fill_cache(plan, opened.trunk, labelled.pixels, context), estimate, notes)


def _cache_name(inputs: FineTuneInput, net: AdaptedNetwork, labelled: Labelled, plan: CachePlan) -> str:
    """Names all that the views depend on."""
    order = b"".join(labelled.hashes) + plan.learn_rows.tobytes()
    what = data_digest([order, repr((plan.augment, plan.seed)).encode()], np.array([0, 1]))
    side, fit = net.backbone.side_px, inputs.settings.fit
    return f"{network_key(net.backbone, net.located)}-{side}px-{fit}-{RECIPE_FORMAT}-cut-{net.cut.name}-{what}"


def make_estimate(inputs: FineTuneInput, speeds: Speeds, plan: CachePlan) -> FineTuneEstimate:
    """How long a training will take at measured speeds; reading the pictures is not counted."""
    settings, n = inputs.settings, plan.n_images
    share = 1 - settings.validation_share - (0 if inputs.is_in_folds else settings.held_back_share)
    n_others = sum(label == UNLABELLED for label in inputs.labels)
    trunk = speeds.view * plan.n_views + speeds.change * (plan.n_views - n)
    epoch = speeds.step * n * share + speeds.judge * n * settings.validation_share
    epochs = epoch * settings.chosen.n_epochs * max(1, settings.n_folds)
    if inputs.is_in_folds or settings.learns_from_all:
        epochs += speeds.step * n * settings.chosen.n_epochs
    return FineTuneEstimate(
        round(n * share), plan.n_variants, plan.n_bytes, round(trunk, 2), round(epoch, 3),
        round(trunk + epochs + (speeds.view + speeds.judge) * n_others, 1),
    )

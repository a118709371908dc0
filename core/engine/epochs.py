"""Train a network epoch by epoch; the same loop for networks from scratch and for fine-tuning.

The loop is our own and not `fit`: it ends within one batch (Keras's `stop_training` still
runs the whole validation), never books half an epoch, and keeps best and last weights whole
on disk. Steps are Keras's `train_on_batch`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.training.labelled import shuffled_batches
from core.engine.checkpoints import BEST, LAST, ProgressKeeper, Trainer, copy_weights, save_weights
from core.training.class_weights import class_weights
from core.errors import EngineError, RunError
from core.jobs import JobCancelled, JobContext
from core.settings import check_settings
from core.text import Message
from core.training.settings import EpochFigures, EpochSettings, StopReason

LARGEST_GRADIENT = 5.0
JUDGED_AT_ONCE = 64
TRAINING = Message("jobs.training")
SLOWEST = 0.01
"""Share of the first learning rate that the schedules end at."""

PLATEAU_EPOCHS = 4
PLATEAU_FACTOR = 0.5
LEAST_GAIN = 1e-4
"""A validation loss must fall by more than this to count as better."""


@dataclass(frozen=True, slots=True)
class EpochData:
    """What is learnt from, and what decides when to stop.

    Attributes:
        pixels, val_pixels: (n_images, height, width, channels) uint8, 0 … 255.
        labels, val_labels: (n_images,) int64, 0 … n_classes − 1.
        n_classes: At least 2.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    val_pixels: NDArray[np.uint8]
    val_labels: NDArray[np.int64]
    n_classes: int


class WholeTrainer(Trainer):
    """Takes the steps of a whole network behind its augmenter; the network itself stays free of the augmenter.

    Besides what the optimizer remembers it keeps where the random numbers of augmenter and dropout stand.

    Args:
        net: From (n, height, width, channels) float32 of 0 … 255 to (n, n_classes) logits.
        settings: First learning rate and smoothing of labels.
        augmenter: Applied to training batches only.
    """

    def __init__(self, net: keras.Model, settings: EpochSettings, augmenter: keras.Layer | None) -> None:
        first = [keras.Input(net.input_shape[1:])]
        self._model = keras.Sequential([*first, *([augmenter] if augmenter is not None else []), net])
        self._model.compile(
            optimizer=keras.optimizers.Adam(settings.learning_rate, clipnorm=LARGEST_GRADIENT),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
            metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        )
        self.optimizer = self._model.optimizer
        self.optimizer.build(self._model.trainable_variables)

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
        found: dict[str, float] = self._model.train_on_batch(x, y, sample_weight=sample_weight, return_dict=True)
        return found

    def variables(self) -> list[Any]:
        weights = {id(weight) for weight in self._model.weights}
        random = [variable for variable in self._model.variables if id(variable) not in weights]
        return [*self.optimizer.variables, *random]


@dataclass(frozen=True, slots=True)
class FitResult:
    """How a training went; the network then holds the weights of the best epoch.

    Attributes:
        history: One entry for each complete epoch.
        best_epoch: Counted from 1.
    """

    reason: StopReason
    history: tuple[EpochFigures, ...]
    best_epoch: int

    def to_json(self) -> dict[str, Any]:
        """What `run.json` says of it."""
        return {"stop_reason": self.reason.value, "best_epoch": self.best_epoch,
                "history": [asdict(figures) for figures in self.history]}


def fit_epochs(
    net: keras.Model, data: EpochData, *, settings: EpochSettings, folder: Path, context: JobContext,
    trainer: Trainer, stage: Message = TRAINING, fold: int = 0, keeper: ProgressKeeper | None = None,
) -> FitResult:
    """Train until the epochs are done, nothing improves, or somebody stops it.

    Args:
        net: From (n, height, width, channels) float32 of 0 … 255 to (n, n_classes) logits. Changed in place.
        settings: Epochs, batch, schedule, patience …
        folder: Gets `best.weights.h5` and `last.weights.h5`; must exist.
        context: Told the epochs, and published an `EpochFigures` after each.
        fold: Number that the published figures carry.
        keeper: Keeps the state after each epoch, and says where to go on.

    Returns:
        Why it ended and all figures; a cancelled training with at least one complete epoch of its own returns too.

    Raises:
        JobCancelled: Cancelled before the first epoch, or that after those that it goes on from, was complete.
        RunError: The loss was not a number from the first epoch on.
        EngineError: Not enough memory for even one epoch.
        StorageError: The weights could not be saved.
        InputError: A setting outside its range.
    """
    check_settings(settings)
    loop = _EpochLoop(net, data, settings, folder, context, trainer, keeper)
    reason = loop.run(stage, fold)
    is_stopped_at_once = reason is StopReason.STOPPED and len(loop.history) == loop.n_past
    if not loop.history or is_stopped_at_once:  # what it goes on from stays where it is
        raise _nothing_learnt(reason)
    net.load_weights(folder / BEST)
    return FitResult(reason, tuple(loop.history), loop.best_epoch)


def _nothing_learnt(reason: StopReason) -> Exception:
    """What to raise where not even one epoch was completed."""
    if reason is StopReason.STOPPED:
        return JobCancelled()
    if reason is StopReason.OUT_OF_MEMORY:
        return EngineError("training.out_of_memory", hint=reason.what_next)
    return RunError("training.loss_not_finite", hint=reason.what_next)


class _Ended(Exception):
    """Ends the loop at once, in the middle of an epoch."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


class _EpochLoop:
    """One training: the compiled network, the figures so far, and where the rate stands."""

    def __init__(
        self, net: keras.Model, data: EpochData, settings: EpochSettings, folder: Path, context: JobContext,
        trainer: Trainer, keeper: ProgressKeeper | None,
    ) -> None:
        self.history: list[EpochFigures] = list(keeper.past) if keeper else []
        self.n_past = len(self.history)
        self.best_epoch = max((f.epoch for f in self.history if f.is_best), default=0)
        self._keeper = keeper
        self._net, self._data, self._settings = net, data, settings
        self._folder, self._context = folder, context
        self._trainer = trainer
        self._measure = logits_function(net)
        is_weighted = settings.has_class_weights
        self._weights = class_weights(data.labels, data.n_classes) if is_weighted else np.ones(data.n_classes)
        self._rate = settings.learning_rate

    def run(self, stage: Message, fold: int) -> StopReason:
        """Train; the reason why it ended."""
        if self.history and self._is_stalled(len(self.history)):
            return StopReason.NO_IMPROVEMENT
        try:
            for epoch in range(len(self.history) + 1, self._settings.n_epochs + 1):
                figures = replace(self._one_epoch(epoch, stage), fold=fold)
                self._keep(figures)
                if self._is_stalled(epoch):
                    return StopReason.NO_IMPROVEMENT
        except JobCancelled:
            return StopReason.STOPPED
        except _Ended as ended:
            return ended.reason
        except (MemoryError, tf.errors.ResourceExhaustedError):
            return StopReason.OUT_OF_MEMORY
        self._context.progress(self._settings.n_epochs, self._settings.n_epochs, stage=stage, unit="epochs")
        return StopReason.COMPLETED

    def _one_epoch(self, epoch: int, stage: Message) -> EpochFigures:
        started = time.monotonic()
        loss, accuracy = self._train(epoch, stage)
        val_loss, val_accuracy = self._validate(epoch, stage)
        if not math.isfinite(val_loss):
            raise _Ended(StopReason.NOT_FINITE)
        seconds = time.monotonic() - started
        spent = [f.seconds for f in self.history] + [seconds]
        left = sum(spent) / len(spent) * (self._settings.n_epochs - epoch)
        best = min((f.val_loss for f in self.history), default=math.inf)
        return EpochFigures(
            epoch, self._settings.n_epochs, loss, accuracy, val_loss, val_accuracy, self._rate, seconds, left,
            is_best=val_loss < best - LEAST_GAIN,
        )

    def _train(self, epoch: int, stage: Message) -> tuple[float, float]:
        """One pass over the training images; mean loss and accuracy."""
        data, settings = self._data, self._settings
        batches = list(shuffled_batches(len(data.labels), settings.batch_size, seed=settings.seed, epoch=epoch))
        total_loss, total_right = 0.0, 0.0
        for at, rows in enumerate(batches):
            self._context.progress(epoch - 1, settings.n_epochs, stage=stage, unit="epochs")
            self._set_rate(epoch - 1 + at / len(batches))
            labels = data.labels[rows]
            logs = self._trainer.train_on_batch(
                np.asarray(data.pixels[rows], np.float32), np.eye(data.n_classes, dtype=np.float32)[labels],
                sample_weight=self._weights[labels],
            )
            if not math.isfinite(logs["loss"]):
                raise _Ended(StopReason.NOT_FINITE)
            total_loss += float(logs["loss"]) * len(rows)
            total_right += float(logs["accuracy"]) * len(rows)
        return total_loss / len(data.labels), total_right / len(data.labels)

    def _validate(self, epoch: int, stage: Message) -> tuple[float, float]:
        """Loss (without smoothing, unweighted) and accuracy on the validation images."""
        def tell() -> None:
            self._context.progress(epoch - 1, self._settings.n_epochs, stage=stage, unit="epochs")

        probabilities = predict_probabilities(self._measure, self._data.val_pixels, tell=tell)
        labels = self._data.val_labels
        of_label = probabilities[np.arange(len(labels)), labels]
        loss = float(-np.log(np.maximum(of_label, 1e-7)).mean())
        return loss, float((probabilities.argmax(axis=1) == labels).mean())

    def _keep(self, figures: EpochFigures) -> None:
        """Save the weights, then book the epoch: what is booked is on disk."""
        save_weights(self._net, self._folder / LAST)
        if figures.is_best:
            copy_weights(self._folder / LAST, self._folder / BEST)
            self.best_epoch = figures.epoch
        self.history.append(figures)
        if self._keeper:
            self._keeper.keep(tuple(self.history))
        self._context.publish(figures)

    def _is_stalled(self, epoch: int) -> bool:
        patience = self._settings.patience
        return patience > 0 and epoch - self.best_epoch >= patience and epoch < self._settings.n_epochs

    def _set_rate(self, epochs_done: float) -> None:
        settings = self._settings
        if settings.schedule == "cosine":
            self._rate = cosine_rate(settings.learning_rate, epochs_done / settings.n_epochs)
        elif settings.schedule == "plateau":
            self._rate = plateau_rate(settings.learning_rate, self.history)
        if epochs_done < settings.warm_up_epochs:
            self._rate = warm_up_rate(settings.learning_rate, epochs_done / settings.warm_up_epochs)
        self._trainer.optimizer.learning_rate = self._rate


def cosine_rate(first: float, done: float) -> float:
    """The learning rate when a share `done` (0 … 1) of the epochs is over (I. Loshchilov, F. Hutter, "SGDR")."""
    return first * (SLOWEST + (1 - SLOWEST) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def warm_up_rate(first: float, done: float) -> float:
    """The learning rate when a share `done` (0 … 1) of the warm-up is over: a line up to the first rate."""
    return first * max(SLOWEST, min(done, 1.0))


def plateau_rate(first: float, history: list[EpochFigures]) -> float:
    """Half as much for every four epochs in a row without a better validation loss."""
    rate, stalled = first, 0
    for figures in history:
        stalled = 0 if figures.is_best else stalled + 1
        if stalled == PLATEAU_EPOCHS:
            rate, stalled = rate * PLATEAU_FACTOR, 0
    return max(rate, first * SLOWEST)


def logits_function(net: keras.Model) -> Callable[[Any], Any]:
    """The network as one compiled function for prediction; it sees later changes of the weights."""
    compiled = tf.function(lambda batch: net(batch, training=False), reduce_retracing=True)
    return lambda batch: compiled(tf.convert_to_tensor(batch, tf.float32))


def predict_probabilities(
    logits: Callable[[Any], Any], pixels: NDArray[np.uint8], *, tell: Callable[[], None] = lambda: None,
) -> NDArray[np.float32]:
    """Class probabilities for prepared images.

    Args:
        pixels: (n_images, height, width, channels) uint8.
        tell: Called before each batch; may raise to end it.

    Returns:
        (n_images, n_classes) float32, rows sum to 1.
    """
    rows = []
    for start in range(0, len(pixels), JUDGED_AT_ONCE):
        tell()
        rows.append(np.asarray(logits(np.asarray(pixels[start:start + JUDGED_AT_ONCE], np.float32)), np.float64))
    found = np.concatenate(rows)
    shifted = np.exp(found - found.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = (shifted / shifted.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities

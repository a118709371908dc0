"""Trainings that end in a way of their own, for the live view."""

from __future__ import annotations

from core.errors import EngineError
from core.jobs import JobCancelled, JobContext
from core.text import Message
from core.training.job import TrainJob
from core.training.settings import EpochFigures

FAILING = {"train": "tests.gui.train.trainings:fail"}
BY_EPOCHS = {"train": "tests.gui.train.trainings:train_by_epochs"}


def fail(job: TrainJob, context: JobContext) -> None:
    raise EngineError("There is not enough memory to train this network.", "Try a smaller batch.")


def train_by_epochs(job: TrainJob, context: JobContext) -> None:
    """Two folds of three epochs, then cancelled by itself, as nothing is recorded here."""
    for fold in (1, 2):
        for epoch in (1, 2, 3):
            context.progress(epoch - 1, 3, stage=Message("Learning"), unit="epochs")
            context.publish(EpochFigures(
                epoch, 3, loss=0.5 / epoch, accuracy=1 - 0.3 / epoch, val_loss=0.6 / epoch,
                val_accuracy=1 - 0.4 / epoch, learning_rate=1e-3, seconds=1, seconds_left=3.0 - epoch, is_best=True,
                fold=fold,
            ))
    raise JobCancelled

"""The learning curve of a project: what more labels would bring."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.jobs import JobContext
from core.project.project import Project
from core.tasks import run_here
from core.training.job import TrainJob
from core.training.registry import make_settings
from core.workflow.training import prepare_training

if TYPE_CHECKING:
    from core.training.learning_curve import LearningCurve

STRATEGY = "transfer"
"""Whose head is trained on the draws: it takes the least time."""


def prepare_learning_curve(project: Project, chosen: Mapping[str, Any]) -> TrainJob:
    """The snapshot that the job `learning-curve` draws from.

    Args:
        chosen: Settings of the strategy `transfer`, such as another backbone.

    Raises:
        InputError, TrainingDataError, ProjectError, StorageError: See `prepare_training`.
    """
    return prepare_training(project, STRATEGY, make_settings(STRATEGY, chosen))


def measure_project(
    folder: Path, chosen: Mapping[str, Any], context: JobContext
) -> Mapping[str, Any]:
    """Measure the learning curve here; nothing but embeddings is kept.

    Returns:
        See `LearningCurve.to_json`.

    Raises:
        AppError: See `prepare_learning_curve` and the job.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder) as project:
        job = prepare_learning_curve(project, chosen)
    found: LearningCurve = run_here("learning-curve", job, context)
    return found.to_json()

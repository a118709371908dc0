"""What is kept of a job that is cancelled: said before, by the phase that it is in, and after.

A cancelled training changes neither labels nor the chosen run. What of it can be used or gone on with stays: a quick
answer and epochs as a stopped run, which is never chosen by itself, models that are complete, and embeddings.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import AppError
from core.project.project import Project
from core.project.runs import STOPPED, RunRow
from core.text import Message
from core.training.job import TrainJob
from core.training.registry import STRATEGIES, find_strategy
from core.training.settings import EpochFigures
from core.training.strategies.auto import QuickAnswer
from core.training.unfinished import working_folder
from core.workflow.resuming import resumable_trainings

KEPT = Message("jobs.cancelled.hint")
"""What a cancelled training leaves alone."""

_OTHERS = {
    "scan": "jobs.kept.import", "list-folders": "jobs.kept.nothing_written", "check-health": "jobs.kept.health",
    "write-predictions": "jobs.kept.no_file", "write-review": "jobs.kept.no_file", "embed": "jobs.kept.embeddings",
    "copy-project": "jobs.kept.no_copy",
    "back-up": "jobs.kept.no_backup", "restore": "jobs.kept.not_restored",
    "answer": "jobs.kept.no_predictions", "predict": "jobs.kept.no_predictions",
}


@dataclass(frozen=True, slots=True)
class Phase:
    """Where a training stands.

    Attributes:
        strategy: Its name.
        is_running: Whether it has begun.
        figures: What it published.
    """

    strategy: str
    is_running: bool = True
    figures: tuple[object, ...] = ()


def kept_of_training(phase: Phase) -> Message:
    """What would be kept of a training that were cancelled now."""
    if not phase.is_running:
        return Message("jobs.kept.not_begun")
    if find_strategy(phase.strategy).counts == "models":
        return Message("jobs.kept.models")
    if _is_by_epochs(phase.strategy):
        epochs = [one for one in phase.figures if isinstance(one, EpochFigures)]
        is_in_folds = bool(epochs) and epochs[-1].fold > 0
        n_done = max((one.epoch for one in epochs if not one.fold), default=0)
        if is_in_folds:
            return Message("jobs.kept.folds")
        return Message("jobs.kept.epochs", n=n_done) if n_done else Message("jobs.kept.no_epoch")
    quick = next((one for one in phase.figures if isinstance(one, QuickAnswer)), None)
    if quick is not None:
        return Message("jobs.kept.quick_answer", accuracy=quick.accuracy)
    return Message("jobs.kept.embeddings")


def kept_of_job(task: str) -> Message:
    """What would be kept of any other job that were cancelled now."""
    return Message(_OTHERS.get(task, "jobs.kept.unchanged"))


def after_cancel(project: Project, strategy: str, run_id: str, *, resumed: str = "") -> Message:
    """What was kept of a training that was cancelled before it made a run.

    Args:
        run_id: The run that it would have made; empty where it had not begun.
        resumed: The stopped run that it went on from; empty where there was none.
    """
    if not run_id:
        return Message("jobs.cancelled.not_begun")
    if resumed and resumed != run_id:
        return Message("jobs.cancelled.nothing_new", run=resumed)
    try:
        found = next((one for one in resumable_trainings(project) if one.begun.run == run_id), None)
    except AppError:
        found = None  # what is wrong with the catalog is said by whatever needs it
    if found is not None:
        return Message("jobs.cancelled.resumable", done=found.done)
    return Message("jobs.cancelled.no_epoch" if _is_by_epochs(strategy) else "jobs.cancelled.embeddings")


def resumed_run(job: object) -> str:
    """The stopped run that a training goes on from; empty for any other job."""
    if not isinstance(job, TrainJob) or job.resume_from is None or job.resume_from == working_folder(job.folder):
        return ""
    return job.resume_from.name


def after_stop(row: RunRow) -> Message | None:
    """What was kept of a training that was cancelled and made a run of what it had learnt; None for another run."""
    if row.status != STOPPED:
        return None
    history = row.figures.get("history", ())
    if not history:
        return Message("jobs.cancelled.quick_answer", run=row.id)
    return Message("jobs.cancelled.stopped_run", run=row.id, n=len(history))


def _is_by_epochs(strategy: str) -> bool:
    """Whether epochs are what it learns by and keeps."""
    if strategy not in STRATEGIES:
        return False
    declared = find_strategy(strategy)
    return declared.counts == "epochs" and bool(declared.estimator) and not declared.takes_seconds

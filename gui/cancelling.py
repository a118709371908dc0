"""What a Cancel button says before it is pressed: what would be kept of the job, by the phase that it is in."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from core.text import render
from gui.jobs import Job, JobState


FIGURES = 3
"""So many of the latest events are looked at for the epoch that is complete."""


def kept_if_cancelled(job: Job) -> str:
    """What would be kept of a job that were cancelled now."""
    from core.training.job import TrainJob
    from core.workflow.cancelling import Phase, kept_of_job, kept_of_training

    if job.task != "train":
        return render(kept_of_job(job.task))
    if not isinstance(job.inputs, TrainJob) or job.state is JobState.WAITING:
        return render(kept_of_training(Phase("", is_running=False)))
    return render(kept_of_training(Phase(job.inputs.strategy, figures=tuple(job.events[-FIGURES:]))))


def say_kept(button: QPushButton, job: Job) -> None:
    """Let a Cancel button say it."""
    said = kept_if_cancelled(job)
    if button.toolTip() != said:
        button.setToolTip(said)
        button.setAccessibleDescription(said)

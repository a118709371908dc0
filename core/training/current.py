"""Leaves images whose files changed after the last import out of a training: nobody labelled what they show now."""

from __future__ import annotations

from dataclasses import replace

from core.errors import TrainingDataError
from core.images.files import CHANGED
from core.images.stamps import find_changed_files
from core.jobs import JobContext
from core.text import Message
from core.training.job import TrainJob
from core.types import Skipped


def leave_out_changed(job: TrainJob, context: JobContext) -> tuple[TrainJob, tuple[Skipped, ...]]:
    """The training without the images whose files have another content now, and those images.

    Raises:
        TrainingDataError: No image of a class is left.
        JobCancelled: The caller asked the job to end.
    """
    changed = {c.image.id for c in find_changed_files(job.images, context)}
    if not changed:
        return job, ()
    kept = [at for at, image in enumerate(job.images) if image.id not in changed]
    labels = tuple(job.labels[at] for at in kept)
    if gone := sorted(set(job.labels) - set(labels) - {-1}):
        raise TrainingDataError(
            f"All images of the class “{job.classes[gone[0]]}” changed after the last import.",
            "Import their folder again, then train.",
        )
    left = replace(
        job, images=tuple(job.images[at] for at in kept), labels=labels,
        groups=tuple(job.groups[at] for at in kept) if job.groups else (),
    )
    return left, tuple(Skipped(image.path, Message(CHANGED)) for image in job.images if image.id in changed)

"""The review page of a run as a job: mistakes, their ImageNet readings, their pictures, one HTML file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.errors import AppError, WeightsError
from core.images.stamps import find_changed_files
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import find_run
from core.review.mistakes import Mistake, find_mistakes
from core.review.report import ReportInput, write_report
from core.review.verdict import say_changed_since
from core.runs.atomic import require_place
from core.runs.folder import OUT_OF_FOLD, RunPredictions, read_snapshot
from core.runs.job import ReadingInput, ReadingResult
from core.runs.record import RunRecord
from core.runs.whole import read_whole
from core.tasks import run_here
from core.types import ImageRef

FIGURES_OF_THEN = "The figures on this page are those of the training."
DEFAULT_BACKBONE = "efficientnet-lite0"
"""Reads the mistakes of runs whose own backbone has no ImageNet classifier at hand."""


@dataclass(frozen=True, slots=True)
class ReviewJob:
    """What the page is made from.

    Attributes:
        project: Name of the project, for people.
        folder: The run's folder.
        embeddings: The project's folder of embedding stores.
        images: Where the pictures lie that the run was judged by.
        colors: Colour of each class as "#RRGGBB", by name.
        out: HTML file to write.
    """

    project: str
    folder: Path
    embeddings: Path
    images: tuple[ImageRef, ...]
    colors: Mapping[str, str]
    out: Path


@dataclass(frozen=True, slots=True)
class ReviewWritten:
    """The page that was written, its run, how many mistakes it knows, and how many images changed since the run."""

    path: Path
    run: str
    n_mistakes: int
    n_changed: int = 0


def prepare_review(
    project: Project, run_id: str | None, out: Path, *, embeddings: Path | None = None
) -> ReviewJob:
    """What the page of a run is made from.

    Args:
        project: An open project.
        run_id: A run, or None for the latest.
        out: HTML file to write.
        embeddings: Where embeddings of mistakes go, instead of the project.

    Raises:
        InputError: Nothing can be written at `out`; see `require_place`.
        RunError: The run is missing or damaged.
    """
    require_place(out)
    folder = project.run_path(find_run(project, run_id).id)
    _, said = read_whole(folder)
    return ReviewJob(
        project.folder.name.removesuffix(".catalejo"), folder, embeddings or project.embeddings_path,
        image_refs(project, said.image_ids[said.kinds == OUT_OF_FOLD]),
        {row.name: row.color for row in list_classes(project)}, out,
    )


def write_review_page(job: ReviewJob, context: JobContext) -> ReviewWritten:
    """Write the page.

    Raises:
        RunError: The run is missing or damaged.
        InputError, StorageError: The file cannot be written.
        JobCancelled: The caller asked to end.
    """
    record, said = read_whole(job.folder)
    said, n_changed = _still_true(job, said, context)
    mistakes = _find_mistakes(job, record, said, context)
    if n_changed:
        record = replace(record, notes=(*record.notes, f"{say_changed_since(n_changed)} {FIGURES_OF_THEN}"))
    write_report(ReportInput(job.project, record, mistakes, dict(job.colors)), job.out, context=context)
    return ReviewWritten(job.out, record.run, len(mistakes), n_changed)


def _still_true(job: ReviewJob, said: RunPredictions, context: JobContext) -> tuple[RunPredictions, int]:
    """What the run says of images that still show what it saw, and how many it was judged by that do not."""
    changed = {c.image.id for c in find_changed_files(job.images, context)}
    contents = {image.id: image.content_hash for image in job.images}
    is_same = said.of_contents({i: h for i, h in contents.items() if i not in changed})
    is_here = np.fromiter((i in contents for i in said.image_ids.tolist()), bool, len(said.image_ids))
    is_changed = (said.kinds == OUT_OF_FOLD) & is_here & ~is_same
    return said.choose(is_same), int(is_changed.sum())


def _find_mistakes(
    job: ReviewJob, record: RunRecord, said: RunPredictions, context: JobContext
) -> tuple[Mistake, ...]:
    """The mistakes of a run on what it was judged by, worst first, with their ImageNet readings."""
    label_of = {row.image_id: row.label for row in read_snapshot(job.folder) if row.label in record.classes}
    refs = {ref.id: ref for ref in job.images}
    judged = [
        i for i in np.flatnonzero(said.kinds == OUT_OF_FOLD)
        if int(said.image_ids[i]) in label_of and int(said.image_ids[i]) in refs
    ]
    place = {name: at for at, name in enumerate(record.classes)}
    images = [refs[int(i)] for i in said.image_ids[judged]]
    labels = np.array([place[label_of[image.id]] for image in images], np.int64)
    probabilities = said.probabilities[judged]
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    readings = _read_with_imagenet(job, tuple(images[i] for i in wrong), record.backbone, context)
    return find_mistakes(probabilities, labels, images=images, classes=record.classes, readings=readings)


def _read_with_imagenet(
    job: ReviewJob, images: tuple[ImageRef, ...], backbone: str, context: JobContext
) -> dict[int, str]:
    """ “window screen 0.41” by image id; empty where no classifier can be had."""
    if not images:
        return {}
    try:
        try:
            result = _read(job, images, backbone or DEFAULT_BACKBONE, context)
        except WeightsError:
            result = _read(job, images, DEFAULT_BACKBONE, context)
    except AppError:
        return {}
    return {i: f"{pairs[0][0]} {pairs[0][1]:.2f}" for i, pairs in result.by_image.items()}


def _read(job: ReviewJob, images: tuple[ImageRef, ...], backbone: str, context: JobContext) -> ReadingResult:
    result: ReadingResult = run_here("read-imagenet", ReadingInput(images, job.embeddings, backbone, top=1), context)
    return result

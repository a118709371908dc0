"""Training a project: take a snapshot, let the engine train, record the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import InputError, StorageError, TrainingDataError
from core.jobs import JobCancelled, JobContext
from core.project.exclusion import count_excluded
from core.project.group_table import absolute_place, read_group_table, split_place
from core.project.journal import count_marked
from core.project.predictions import record_new_run
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs
from core.project.runs import FINISHED, RunRow, find_run, new_run_id, row_of_record
from core.project.labels import Snapshot, take_snapshot
from core.project.spared import remember_input
from core.runs.predictions import read_predictions
from core.training.job import TrainJob
from core.runs.record import TrainResult
from core.training.unfinished import clear_hopeless, forget_unfinished
from core.tasks import run_here
from core.text import Message
from core.training.registry import find_strategy, make_settings
from core.training.strategies.transfer import AUTO
from core.workflow.cancelling import after_cancel, after_stop, resumed_run
from core.workflow.readiness import count_training_data, find_concerns, findings_for_run
from core.workflow.health import CAPTURE_TIMES_NAME
from core.workflow.known_duplicates import duplicate_groups
from core.workflow.runs import WholeRun, describe_run, list_unrecorded, read_unrecorded


def prepare_training(
    project: Project, strategy: str, settings: Any, *, allow_download: bool = False, weights: Path | None = None
) -> TrainJob:
    """The frozen snapshot that a training works from.

    A strategy that needs no labels takes every class of the project, whether or not it has images. All of it is
    read at one moment, whatever another thread of this process changes meanwhile.

    Raises:
        TrainingDataError: No labels, or one class only; for a strategy without labels: no images, or one class only.
        InputError: The table of groups cannot be used.
        ProjectError, StorageError: The catalog cannot be read.
    """
    clear_hopeless(project.runs_path)
    record_unrecorded(project)
    with _one_moment(project):
        job = _prepare(project, strategy, settings, allow_download=allow_download, weights=weights)
    return _with_group_table(project, job)


def _with_group_table(project: Project, job: TrainJob) -> TrainJob:
    """The same training with the groups of the table that its settings name."""
    settings = job.settings
    if not getattr(settings, "group_table", ""):
        return job
    if settings.groups != AUTO:
        raise InputError("training.group_table.or_groups", groups=settings.groups)
    place = absolute_place(settings.group_table)
    n_labelled = sum(label >= 0 for label in job.labels)
    said, notes = read_group_table(project, place, job.images[:n_labelled])
    remember_input(project, split_place(place)[0])
    return replace(
        job, settings=replace(settings, group_table=place), notes=(*job.notes, *notes),
        table_groups=said + ("",) * (len(job.images) - n_labelled))


@contextmanager
def _one_moment(project: Project) -> Iterator[None]:
    """All reads see the same state of the catalog."""
    project.catalog.rows("BEGIN")
    try:
        yield
    finally:
        project.catalog.rows("COMMIT")


def _prepare(
    project: Project, strategy: str, settings: Any, *, allow_download: bool, weights: Path | None
) -> TrainJob:
    needs_labels = find_strategy(strategy).needs_labels
    snapshot = take_snapshot(project, has_empty_classes=not needs_labels)
    if needs_labels:
        _require_labels(snapshot)
    label_of = {image.id: int(label) for image, label in zip(snapshot.images, snapshot.labels, strict=True)}
    others = tuple(image for image in image_refs(project, ImageFilter(is_excluded=False)) if image.id not in label_of)
    if not needs_labels:
        _require_reading(snapshot, len(label_of) + len(others))
    run, images = new_run_id(project, strategy), snapshot.images + others
    return TrainJob(
        run=run, folder=project.run_path(run), strategy=strategy, settings=settings, images=images,
        labels=tuple(label_of.values()) + (-1,) * len(others), classes=snapshot.classes,
        class_ids=snapshot.class_ids, embeddings=project.embeddings_path, allow_download=allow_download,
        weights=weights, groups=duplicate_groups(project, images, getattr(settings, "groups", "same file")),
        capture_times=project.health_path / CAPTURE_TIMES_NAME,
        findings=findings_for_run(project), notes=_notes(project),
        n_excluded=count_excluded(project, is_readable=True),
    )


def _notes(project: Project) -> tuple[Message, ...]:
    """What is not learnt from although it has a label, or is there."""
    counts = {"checks.labels_not_learnt": count_marked(project, split="train"),
              "checks.excluded_not_learnt": count_excluded(project, is_readable=True)}
    return tuple(Message(code, n=n) for code, n in counts.items() if n)


def _require_labels(snapshot: Snapshot) -> None:
    if not len(snapshot.images):
        raise TrainingDataError("training.no_labels")
    if len(snapshot.classes) < 2:
        raise TrainingDataError("training.one_class", class_name=snapshot.classes[0])


def _require_reading(snapshot: Snapshot, n_images: int) -> None:
    """What a strategy needs that reads images without labels."""
    if not n_images:
        raise TrainingDataError("training.no_images")
    if len(snapshot.classes) < 2:
        raise TrainingDataError("training.reading_needs_classes")


def record_training(project: Project, job: TrainJob, result: TrainResult, *, gives_way: bool = False) -> RunRow:
    """Write a finished training into the catalog.

    Args:
        job: What it was given.
        result: What came of it.
        gives_way: Whether another thread of this process wants to write labels meanwhile.

    Raises:
        RunError: The run's files are missing or damaged.
        ProjectReadOnly, StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    class_ids = dict(zip(job.classes, job.class_ids, strict=True))
    try:
        whole = WholeRun(result.record, read_predictions(result.folder), class_ids)
        return _record(project, whole, gives_way=gives_way)
    except StorageError as error:
        raise StorageError("training.not_recorded", run=job.run, reason=error) from error


def record_unrecorded(project: Project) -> tuple[str, ...]:
    """Write runs into the catalog whose folder is whole but which were cut off before that; returns their ids.

    Those that are damaged or do not fit stay as they are.

    Raises:
        StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    fit = () if project.is_read_only else [one for one in list_unrecorded(project) if not one.reason]
    return tuple(_record(project, read_unrecorded(project, one.folder)).id for one in fit)


def _record(project: Project, whole: WholeRun, *, gives_way: bool = False) -> RunRow:
    record = whole.record
    class_ids = tuple(whole.class_ids[name] for name in record.classes)
    record_new_run(project, row_of_record(record, class_ids), whole.predictions, class_ids, gives_way=gives_way)
    row = find_run(project, record.run)
    if row.status == FINISHED:
        forget_unfinished(project.runs_path, record.strategy)
    return row


def train_project(
    folder: Path, strategy: str, chosen: Mapping[str, Any], context: JobContext, *, allow_download: bool = False,
    weights: Path | None = None,
) -> Mapping[str, Any]:
    """Train here and record the run.

    Returns:
        `run, strategy, backbone, seed, n_train, n_validation, accuracy, accuracy_kind, interval, confusion,
        classes, per_class, baseline_accuracy, majority_class, balanced_accuracy, weak_classes, test, expected,
        seconds, notes, findings, concerns, skipped`, `groups` (which images stayed together; see
        `GroupChoice.to_json`) and, if it was trained by epochs, `stop_reason, what_next, best_epoch, history`;
        accuracy is on images that the model did not see; it and the interval are None where no label could judge;
        `test` is the test accuracy (see `labelled_test_as_json`) or None, `expected` the expected accuracy on images
        without labels (see `expected_as_json`) or None, `concerns` are sentences; `cancelled` says what was kept of
        a training that was cancelled and made a run, else None.

    Raises:
        InputError, TrainingDataError, WeightsError, ProjectError, StorageError: See each.
        JobCancelled: The caller asked to end.
    """
    settings = make_settings(strategy, chosen)
    with Project.open(folder) as project:
        job = prepare_training(project, strategy, settings, allow_download=allow_download, weights=weights)
        return train_and_record(project, job, context)


def train_and_record(project: Project, job: TrainJob, context: JobContext) -> Mapping[str, Any]:
    """Train here and record the run; see `train_project`. What is kept of a cancelled one goes with the exception."""
    needs_labels = find_strategy(job.strategy).needs_labels
    concerns = find_concerns(count_training_data(project), needs_labels=needs_labels)
    try:
        result: TrainResult = run_here("train", job, context)
    except JobCancelled as cancelled:
        raise JobCancelled(after_cancel(project, job.strategy, job.run, resumed=resumed_run(job))) from cancelled
    row = record_training(project, job, result)
    return describe_run(project, row) | {
        "concerns": [str(c.message) for c in concerns], "skipped": [s.to_json() for s in result.skipped],
        "cancelled": after_stop(row)}

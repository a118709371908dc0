"""Going on with a training that was stopped or killed, and starting from what another one learnt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.errors import InputError, RunError
from core.images.files import find_other_files
from core.files.foreign import is_run_id
from core.jobs import JobContext
from core.project.project import Project
from core.project.run_marks import deleted_ids
from core.project.runs import list_runs
from core.runs.repository import read_run
from core.runs.snapshot import read_rows
from core.training.job import TrainJob
from core.training.unfinished import (
    LABELS_NAME, Resumable, cannot_go_on, describe_changed_settings, describe_difference, list_resumable,
)
from core.text import Message
from core.settings import check_settings, restore_settings
from core.training.registry import find_strategy, list_strategies, strategy_with
from core.training.write_run import labelled_rows

LATEST = "latest"
"""Stands for the training that was stopped or killed last."""


def resumable_trainings(project: Project) -> tuple[Resumable, ...]:
    """Trainings that can be gone on with, the one that began last first; without those that a later one made up for.

    Raises:
        ProjectError, StorageError: The catalog cannot be read.
    """
    deleted = deleted_ids(project)
    finished = [(row.strategy, row.created_at) for row in list_runs(project) if row.status == "finished"]
    return tuple(
        one for one in list_resumable(project.runs_path)
        if one.begun.run not in deleted
        and not any(strategy == one.begun.strategy and at > one.begun.started_at for strategy, at in finished)
    )


def prepare_resuming(
    project: Project, name: str = LATEST, chosen: Mapping[str, Any] | None = None, *, allow_download: bool = False,
    weights: Path | None = None,
) -> TrainJob:
    """The frozen snapshot with which a training goes on; `record_training` takes its result as any other.

    Args:
        project: Open for writing.
        name: Id of the run, or `LATEST`.
        chosen: Settings that are to be others from now on; only few may change.
        allow_download, weights: See `prepare_training`.

    Raises:
        RunError: There is nothing to go on with, or data or settings are others now; the sentence says which.
        InputError, TrainingDataError, ProjectError, StorageError: See `prepare_training`.
    """
    from core.workflow.training import prepare_training  # with all checks of the data: a tenth of a second

    found = _choose(project, name)
    begun = found.begun
    settings = replace(restore_settings(find_strategy(begun.strategy).settings, begun.settings), **(chosen or {}))
    check_settings(settings)
    job = prepare_training(
        project, begun.strategy, settings, allow_download=allow_download,
        weights=weights or (Path(begun.weights) if begun.weights else None),
    )
    _require_same(found, job)
    if found.is_run:
        return replace(job, resume_from=found.folder)
    return replace(job, run=begun.run, folder=project.run_path(begun.run), resume_from=found.folder)


def meant_strategy(folder: Path, resume: str | None, start: str | None, *, settings: Iterable[str] = ()) -> str:
    """The strategy where nobody named one: that of the training to go on with, or that which can start from a run.

    Args:
        settings: Names of the settings that were chosen; the first strategy that has them all is meant.

    Raises:
        RunError: There is nothing to go on with.
        ProjectError: The project cannot be opened.
    """
    if resume:
        with Project.open(folder, read_only=True) as project:
            return _choose(project, resume).begun.strategy
    return next(one.name for one in list_strategies() if one.starts_from_run) if start else strategy_with(settings)


def train_as_asked(
    folder: Path, strategy: str, chosen: Mapping[str, Any], context: JobContext, *, resume: str | None = None,
    start: str | None = None, allow_download: bool = False, weights: Path | None = None,
) -> Mapping[str, Any]:
    """Train here and record the run: anew, from what a run learnt (`start`), or going on (`resume`).

    Raises:
        InputError: Both were asked for, or a strategy that the training to go on with does not have.
        AppError: See `train_project`, `start_from` and `prepare_resuming`.
        JobCancelled: The caller asked to end.
    """
    from core.workflow.training import train_and_record, train_project

    if resume is None:
        chosen = chosen if start is None else start_from(folder, start, chosen)
        return train_project(folder, strategy, chosen, context, allow_download=allow_download, weights=weights)
    if start is not None or strategy != meant_strategy(folder, resume, None):
        raise InputError("training.resume_as_it_began")
    with Project.open(folder) as project:
        job = prepare_resuming(project, resume, chosen, allow_download=allow_download, weights=weights)
        return train_and_record(project, job, context)


def start_from(folder: Path, start: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a fine-tuning that starts from a run of the project, or from a run's folder or weights file.

    Of a run the network and the number of its adapted blocks are taken over, for its weights fit nothing else.

    Args:
        start: Id of a run, or a path.
        chosen: Settings that were chosen; they win.

    Raises:
        RunError: The run is missing or damaged, or of a strategy that leaves no network to start from.
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        of_project = project.run_path(start) if is_run_id(start) else Path(start)
    path = of_project if of_project.is_dir() else Path(start).absolute()
    if not path.is_dir():
        return {**chosen, "start_from": str(path)}
    record = read_run(path)
    if not find_strategy(record.strategy).starts_from_run:
        raise RunError(
            "training.leaves_no_network", run=record.run, strategy=record.strategy,
            names=tuple(one.name for one in list_strategies() if one.starts_from_run),
        )
    own = {name: record.settings[name] for name in ("backbone", "fit") if name in record.settings}
    if "n_blocks" not in record.fit:
        raise RunError("training.record_lacks_blocks", run=record.run)
    return {**own, "n_blocks": record.fit["n_blocks"], **chosen, "start_from": str(path)}


def _choose(project: Project, name: str) -> Resumable:
    if name == LATEST:
        latest = resumable_trainings(project)
        if not latest:
            raise RunError("training.none_to_resume")  # one that was cancelled before left nothing to go on with
        return latest[0]
    found = next((one for one in list_resumable(project.runs_path) if one.begun.run == name), None)
    if found is not None:
        return found
    if any(row.id == name for row in list_runs(project)):
        raise RunError("training.run_is_complete", run=name)
    raise RunError("training.no_such_unfinished", run=name)


def _require_same(found: Resumable, job: TrainJob) -> None:
    now = labelled_rows(job.images, job.labels, job.classes)
    difference = describe_difference(read_rows(found.folder / LABELS_NAME), now)
    if difference:
        raise cannot_go_on(*difference)
    learnt = [image for image, label in zip(job.images, job.labels, strict=True) if label >= 0]
    if other := find_other_files(learnt):  # looked at before the network is built: reading it all takes minutes
        raise cannot_go_on(Message("training.changed.files", n=len(other), name=other[0].path.name))
    changed = describe_changed_settings(found.begun.settings, json.loads(json.dumps(asdict(job.settings))))
    if changed:
        raise cannot_go_on(Message("training.changed.settings", settings=changed))

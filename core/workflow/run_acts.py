"""What a person does with runs: star, note, delete, bring back, remove for good; and one run shown in full."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.project.project import Project
from core.project.run_marks import deleted_ids, forget_marks, read_marks, set_deleted, set_note, set_star
from core.project.runs import find_run, list_runs
from core.errors import AppError, RunError
from core.review.gap import describe_gap
from core.runs.repository import read_run
from core.workflow.runs import list_runs_with_damage, remove_run


def change_run(
    folder: Path, run_id: str, *, is_starred: bool | None = None, note: str | None = None,
    is_deleted: bool | None = None,
) -> dict[str, Any]:
    """Change what a person says of a run; None leaves it as it is. Each change is a step of undo.

    Returns:
        `run`, and what is so now: `star`, `user_note`, `deleted`.

    Raises:
        RunError: There is no such run.
        ProjectError, StorageError: It cannot be written.
    """
    with Project.open(folder) as project:
        _require(project, run_id)
        if is_starred is not None:
            set_star(project, run_id, is_starred)
        if note is not None:
            set_note(project, run_id, note)
        if is_deleted is not None:
            set_deleted(project, [run_id], is_deleted)
        marks = read_marks(project).get(run_id)
    return {
        "run": run_id, "star": bool(marks and marks.is_starred), "user_note": marks.note if marks else "",
        "deleted": bool(marks and marks.is_deleted),
    }


def meant_run(folder: Path, run_id: str | None) -> str:
    """The run that was named, or the latest that finished.

    Raises:
        RunError: There is none.
        ProjectError: The project cannot be opened.
    """
    if run_id is not None:
        return run_id
    with Project.open(folder, read_only=True) as project:
        return find_run(project).id


def _require(project: Project, run_id: str) -> None:
    if all(run.id != run_id for run in list_runs(project, with_deleted=True)):
        raise RunError("runs.not_here", run=run_id)


def show_run(folder: Path, run_id: str | None = None) -> Mapping[str, Any]:
    """Everything about one run as JSON values: see `describe_run`, and `gap`, `environment` and `folder`.

    Args:
        run_id: Its name; None for the latest that finished.

    Raises:
        RunError: There is no such run.
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        row = find_run(project, run_id)
        path = project.run_path(row.id)
    facts = next(found for found in list_runs_with_damage(folder) if found["run"] == row.id)
    return {**facts, "gap": describe_gap(row.figures), "environment": read_environment(path), "folder": str(path)}


def read_environment(folder: Path) -> dict[str, Any]:
    """What a run was made with; of a run of an earlier version the version and the kind of machine alone."""
    try:
        record = read_run(folder)
    except AppError:
        return {}
    return {"catalejo": record.program_version, "machine": record.machine, **record.environment}


def count_deleted(project: Project) -> int:
    """How many deleted runs can be brought back."""
    return len(deleted_ids(project))


def empty_deleted(project: Project) -> tuple[str, ...]:
    """Remove the deleted runs for good, with their files: into the system's trash where there is one.

    Returns:
        Their names.

    Raises:
        ProjectReadOnly, ProjectDamaged, StorageError: See `remove_run`; runs that come later are left.
    """
    there = {run.id for run in list_runs(project, with_deleted=True)}
    emptied = []
    for run_id in sorted(deleted_ids(project)):
        if run_id in there:
            remove_run(project, run_id)
        forget_marks(project, [run_id])
        emptied.append(run_id)
    return tuple(emptied)

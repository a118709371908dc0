"""The command `runs`: every run, a word where its files are damaged, and runs that are not in the catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.project.project import Project
from core.project.runs import RunRow, list_runs
from core.runs.folder import find_damage
from core.workflow import training
from core.workflow.staleness import contents_now, count_changed_since
from core.workflow.unrecorded import describe_unrecorded


def list_runs_with_damage(folder: Path) -> list[dict[str, Any]]:
    """Every run of a project, newest first, as JSON values.

    `damage` is a sentence, or None for a whole one; `changed` counts the images that it was judged by and that show
    something else now.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        rows = list_runs(project)
        contents = contents_now(project) if rows else {}
        return [training.describe_run(project, row) | _look(project, row, contents) for row in rows]


def _look(project: Project, row: RunRow, contents: dict[int, bytes]) -> dict[str, Any]:
    damage = row.damage or find_damage(project.run_path(row.id))
    n_changed = 0 if damage else count_changed_since(project, row.id, contents=contents)
    return {"damage": damage or None, "changed": n_changed}


def list_not_recorded(folder: Path) -> list[dict[str, Any]]:
    """Runs whose folder is there but which the catalog does not list, as JSON values: `run, folder, reason`.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        return describe_unrecorded(project)

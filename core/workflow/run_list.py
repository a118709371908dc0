"""The command `runs`: every run, a word where its files are damaged, and runs that are not in the catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.project.project import Project
from core.project.runs import list_runs
from core.runs.folder import find_damage
from core.workflow import training
from core.workflow.unrecorded import describe_unrecorded


def list_runs_with_damage(folder: Path) -> list[dict[str, Any]]:
    """Every run of a project, newest first, as JSON values; `damage` is a sentence, or None for a whole one.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        return [
            training.describe_run(project, row) | {"damage": row.damage or find_damage(project.run_path(row.id)) or None}
            for row in list_runs(project)
        ]


def list_not_recorded(folder: Path) -> list[dict[str, Any]]:
    """Runs whose folder is there but which the catalog does not list, as JSON values: `run, folder, reason`.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        return describe_unrecorded(project)

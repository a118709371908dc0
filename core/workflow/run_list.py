"""The command `runs`: every run, and a word where its files are damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.project.project import Project
from core.project.runs import list_runs
from core.runs.folder import find_damage
from core.workflow import training


def list_runs_with_damage(folder: Path) -> list[dict[str, Any]]:
    """Every run of a project, newest first, as JSON values; `damage` is a sentence, or None for a whole one.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        return [
            training.describe_run(row) | {"damage": row.damage or find_damage(project.run_path(row.id)) or None}
            for row in list_runs(project)
        ]

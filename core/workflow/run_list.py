"""The command `runs`: every run, and a word where its files are damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.project.project import Project
from core.runs.folder import find_damage
from core.workflow import training
from core.workflow.staleness import contents_now, count_changed_since


def list_runs_with_damage(folder: Path) -> list[dict[str, Any]]:
    """Every run of a project, newest first, as JSON values.

    `damage` is a sentence, or None for a whole one; `changed` counts the images that it was judged by and that show
    something else now.

    Raises:
        ProjectError: The project cannot be opened.
    """
    rows = training.list_project_runs(folder)
    with Project.open(folder, read_only=True) as project:
        contents = contents_now(project) if rows else {}
        return [row | _look(project, row["run"], contents) for row in rows]


def _look(project: Project, run_id: str, contents: dict[int, bytes]) -> dict[str, Any]:
    damage = find_damage(project.run_path(run_id))
    n_changed = 0 if damage else count_changed_since(project, run_id, contents=contents)
    return {"damage": damage or None, "changed": n_changed}

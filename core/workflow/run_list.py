"""The command `runs`: every run, and a word where its files are damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.runs.folder import find_damage
from core.workflow import training


def list_runs_with_damage(folder: Path) -> list[dict[str, Any]]:
    """Every run of a project, newest first, as JSON values; `damage` is a sentence, or None for a whole one.

    Raises:
        ProjectError: The project cannot be opened.
    """
    runs = folder.expanduser() / "runs"
    return [row | {"damage": find_damage(runs / row["run"]) or None} for row in training.list_project_runs(folder)]

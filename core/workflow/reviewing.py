"""The review page of a run, and the first questions about the health of the data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.queries import count_all
from core.tasks import run_here
from core.workflow.importing import list_unreadable
from core.workflow.review_page import ReviewWritten, prepare_review


def write_review(folder: Path, out: Path, context: JobContext, *, run_id: str | None = None) -> Mapping[str, Any]:
    """Write the review page of a run.

    Returns:
        `run, out, mistakes`.

    Raises:
        ProjectError, RunError, StorageError, InputError: See each.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder) as project:
        written: ReviewWritten = run_here("write-review", prepare_review(project, run_id, out), context)
    return {"run": written.run, "out": str(out), "mistakes": written.n_mistakes}


def check_health(folder: Path, context: JobContext) -> Mapping[str, Any]:
    """Unreadable files, exact duplicates (under two labels first) and balance.

    Returns:
        `unreadable, duplicates, balance` as JSON values.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        counts = count_all(project)
        by_class = {row.name: counts.by_class.get(row.id, 0) for row in list_classes(project)}
        found = list(by_class.values())
        return {
            "unreadable": list_unreadable(project),
            "duplicates": find_exact_duplicates(project),
            "balance": {
                "counts": by_class, "smallest": min(found, default=0), "largest": max(found, default=0),
                "unlabelled": counts.by_split.get("train", 0) - counts.n_labelled,
                "test_images": counts.by_split.get("test", 0),
            },
        }


def find_exact_duplicates(project: Project) -> list[list[str]]:
    """Groups of files with equal content: under several labels first, then across splits, then the rest."""
    rows = project.catalog.rows(
        "SELECT content_hash, name, class_id, split FROM image WHERE content_hash IN "
        "(SELECT content_hash FROM image WHERE content_hash IS NOT NULL AND status <> 'missing' "
        "GROUP BY 1 HAVING count(*) > 1) AND status <> 'missing' ORDER BY sort_key"
    )
    groups: dict[bytes, list[tuple[str, int | None, str]]] = {}
    for content_hash, name, class_id, split in rows:
        groups.setdefault(content_hash, []).append((name, class_id, split))
    ordered = sorted(groups.values(), key=_gravity)
    return [[name for name, _, _ in group] for group in ordered]


def _gravity(group: list[tuple[str, int | None, str]]) -> tuple[bool, bool]:
    """Smallest for what matters most."""
    labels = {class_id for _, class_id, _ in group if class_id is not None}
    return len(labels) < 2, len({split for _, _, split in group}) < 2

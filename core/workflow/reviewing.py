"""The review page of a run, written from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.jobs import JobContext
from core.project.project import Project
from core.tasks import run_here
from core.workflow.looking import place_for_embeddings
from core.workflow.review_page import ReviewWritten, prepare_review


def write_review(folder: Path, out: Path, context: JobContext, *, run_id: str | None = None) -> Mapping[str, Any]:
    """Write the review page of a run; the project is only looked at.

    Returns:
        `run, out, mistakes, changed`; the last counts the images that changed since the run, which are left out.

    Raises:
        ProjectError, RunError, StorageError, InputError: See each.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder, read_only=True) as project, place_for_embeddings(project) as place:
        job = prepare_review(project, run_id, out, embeddings=place)
        written: ReviewWritten = run_here("write-review", job, context)
    return {"run": written.run, "out": str(out), "mistakes": written.n_mistakes, "changed": written.n_changed}

"""The review page of a run, written from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.jobs import JobContext
from core.project.project import Project
from core.tasks import run_here
from core.workflow.labelled_test import labelled_test_as_json
from core.workflow.looking import place_for_embeddings
from core.workflow.review_page import ReviewWritten, prepare_review
from core.workflow.training import describe_run

FIGURES = ("accuracy", "accuracy_kind", "interval", "n_validation", "confusion", "classes", "baseline_accuracy",
           "majority_class", "balanced_accuracy", "weak_classes")
"""What the answer says of the run itself."""


def write_review(folder: Path, out: Path, context: JobContext, *, run_id: str | None = None) -> Mapping[str, Any]:
    """Write the review page of a run; the project is only looked at.

    Returns:
        `run, out, mistakes` (their number), `changed` (images that changed since the run and are left out), and of
        the run `accuracy, accuracy_kind, interval, n_validation, confusion, classes, baseline_accuracy,
        majority_class, balanced_accuracy, weak_classes, test` as `train` gives them.

    Raises:
        ProjectError, RunError, StorageError, InputError: See each.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder, read_only=True) as project, place_for_embeddings(project) as place:
        job = prepare_review(project, run_id, out, embeddings=place)
        written: ReviewWritten = run_here("write-review", job, context)
        facts = describe_run(project, job.row)
        test = labelled_test_as_json(project, job.row, written.test)
    return {"run": written.run, "out": str(out), "mistakes": written.n_mistakes, "changed": written.n_changed,
            **{name: facts[name] for name in FIGURES if name in facts}, "test": test}

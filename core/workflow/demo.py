"""The command `demo`: a project of the shipped sample images, trained, with report, predictions and submission."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.jobs import JobContext
from core.workflow.importing import new_project
from core.workflow.predicting import write_predictions, write_submission
from core.workflow.review_page import write_review
from core.workflow.sample import IMAGES_NAME, PROJECT_NAME, copy_sample
from core.workflow.training import train_project


def run_demo(out: Path, context: JobContext) -> Mapping[str, Any]:
    """Copy the sample, make a project of it, train, review, predict and submit.

    Args:
        out: Folder that gets `images/`, `sample.catalejo/`, `report.html`, `predictions.csv` and
            `submission.csv`; made if missing. What is there of an earlier demo is used again.
        context: Told of progress.

    Returns:
        `project, report, predictions, submission` as paths, and `new, train, submit` as those commands give.

    Raises:
        InputError: The folder cannot be used.
        StorageError: Nothing can be written there.
        JobCancelled: The caller asked to end; the same command goes on from there.
    """
    project, images = out / PROJECT_NAME, out / IMAGES_NAME
    copy_sample(images, context)
    facts = new_project(project, images / "train", images / "test", context)
    trained = train_project(project, "transfer", {}, context)
    report, predictions, submission = out / "report.html", out / "predictions.csv", out / "submission.csv"
    write_review(project, report, context)
    write_predictions(project, predictions, context)
    submitted = write_submission(project, submission, context)
    return {
        "project": str(project), "report": str(report), "predictions": str(predictions),
        "submission": str(submission), "new": facts, "train": trained, "submit": submitted,
    }

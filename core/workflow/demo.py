"""The sample project: drawn pictures, the whole job, report and competition file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.jobs import JobContext
from core.project.catalog import CATALOG_NAME
from core.training.job import DrawSampleInput
from core.tasks import run_here
from core.workflow.importing import new_project
from core.workflow.predicting import write_predictions, write_submission
from core.workflow.review_page import write_review
from core.workflow.training import train_project

PROJECT_NAME = "sample.catalejo"
PICTURES_NAME = "pictures"


def run_demo(out: Path, context: JobContext) -> Mapping[str, Any]:
    """Draw the sample, make a project of it, train, review, predict and submit.

    Args:
        out: Folder that gets `pictures/`, `sample.catalejo/`, `report.html`, `predictions.csv` and
            `submission.csv`; made if missing. What is there of an earlier demo is used again.
        context: Told of progress.

    Returns:
        `project, report, predictions, submission` as paths, and `new, train, submit` as those commands give.

    Raises:
        InputError: The folder cannot be used.
        StorageError: Nothing can be written there.
        JobCancelled: The caller asked to end; the same command goes on from there.
    """
    project, pictures = out / PROJECT_NAME, out / PICTURES_NAME
    draw_pictures(pictures, context)
    facts = new_project(project, pictures / "train", pictures / "test", context)
    trained = train_project(project, "transfer", {}, context)
    report, predictions, submission = out / "report.html", out / "predictions.csv", out / "submission.csv"
    write_review(project, report, context)
    write_predictions(project, predictions, context)
    submitted = write_submission(project, submission, context)
    return {
        "project": str(project), "report": str(report), "predictions": str(predictions),
        "submission": str(submission), "new": facts, "train": trained, "submit": submitted,
    }


def draw_pictures(pictures: Path, context: JobContext) -> None:
    """Draw the sample pictures unless they are there."""
    if (pictures.parent / CATALOG_NAME).exists():
        raise InputError(f"“{pictures.parent}” is a project.", "Choose another folder for the sample.")
    try:
        pictures.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder “{pictures.parent}” cannot be made.", "Choose another place.") from error
    if not (pictures / "train").is_dir():
        run_here("draw-sample", DrawSampleInput(pictures), context)

"""The command `demo`: a project of the shipped sample images, trained, with report, predictions and submission."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.files.writing import put_in_place, write_errors
from core.jobs import JobContext
from core.project.catalog import CATALOG_NAME
from core.text import Message
from core.workflow.importing import new_project
from core.workflow.predicting import write_predictions, write_submission
from core.workflow.review_page import write_review
from core.workflow.training import train_project

PROJECT_NAME = "sample.catalejo"
IMAGES_NAME = "images"
SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
"""Drawn by `resources.sample_maker`: `train` with a folder a class, `test`, and two tables of what is true."""

PARTS = ("test_labels.csv", "planted.csv", "test", "train")
"""What is copied, in this order; `train` last says that the copy is complete."""

STAGE = Message("images.copying_sample")


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


def copy_sample(images: Path, context: JobContext) -> None:
    """Copy the sample images into a folder, which is made if missing, unless they are there; also a job.

    Raises:
        InputError: The folder belongs to a project.
        StorageError: Nothing can be written there.
        JobCancelled: The caller asked to end.
    """
    if (images.parent / CATALOG_NAME).exists():
        raise InputError("images.sample_in_project", folder=images.parent)
    n_files = sum(path.is_file() for path in SAMPLE.rglob("*"))
    context.progress(0, n_files, stage=STAGE, unit="files")
    with write_errors(images):
        images.mkdir(parents=True, exist_ok=True)
        if not (images / PARTS[-1]).is_dir():
            _copy_parts(images, context, n_files)
    context.progress(n_files, n_files, stage=STAGE, unit="files")


def _copy_parts(images: Path, context: JobContext, n_files: int) -> None:
    n_copied = count()

    def copy_one(source: str, target: str) -> None:
        context.progress(next(n_copied), n_files, stage=STAGE, unit="files")
        shutil.copy2(source, target)

    with tempfile.TemporaryDirectory(prefix=".sample-", dir=images) as draft:
        copy = shutil.copytree(SAMPLE, Path(draft) / "sample", copy_function=copy_one)
        for name in PARTS:
            if not (images / name).exists():
                put_in_place(copy / name, images / name)

"""The shipped sample: its images copied, and a project of them that is trained already.

`resources/sample` has the images, `resources/sample_trained.zip` the embeddings, the run and the data check that
`python -m resources.sample_maker` left of them. The project itself is made by an ordinary import, so its catalog is
of this version; a run is taken only if image numbers and content hashes of its snapshot are those of the copies.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from dataclasses import replace
from itertools import count
from pathlib import Path

from core.errors import InputError, RunError
from core.files.writing import put_in_place, write_errors
from core.jobs import JobContext
from core.project.catalog import CATALOG_NAME
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.rows import image_refs
from core.runs.repository import read_run_head, read_whole, write_run
from core.runs.snapshot import read_snapshot
from core.text import Message
from core.workflow.importing import new_project
from core.workflow.training import record_unrecorded

PROJECT_NAME = "sample.catalejo"
IMAGES_NAME = "images"
RESOURCES = Path(__file__).resolve().parents[2] / "resources"
SAMPLE = RESOURCES / "sample"
"""Drawn by `resources.sample_maker`: `train` with a folder a class, `test`, and two tables of what is true."""

TRAINED = RESOURCES / "sample_trained.zip"
"""What `resources.sample_maker` left of training and checking: `embeddings/`, `runs/`, `health/` of a project."""

KEPT_FOLDERS = ("embeddings", "health", "runs")
PARTS = ("test_labels.csv", "planted.csv", "test", "train")
"""What is copied, in this order; `train` last says that the copy is complete."""

STAGE = Message("images.copying_sample")


def sample_folder(user_data: Path) -> Path:
    """Where this version's sample belongs among the user's data; another sample has another folder and is kept."""
    return user_data / f"sample-{hashlib.sha256(TRAINED.read_bytes()).hexdigest()[:8]}"


def make_trained_sample(folder: Path, context: JobContext) -> Path:
    """Make the sample project with its run, without any training; one that is there already is left as it is.

    Args:
        folder: Gets `images/` and `sample.catalejo/`; made if missing.
        context: Told of progress.

    Returns:
        The project's folder.

    Raises:
        InputError: The folder cannot be used.
        ProjectError, StorageError: Nothing can be written there.
        JobCancelled: The caller asked to end.
    """
    project, images = folder / PROJECT_NAME, folder / IMAGES_NAME
    if (project / CATALOG_NAME).is_file():
        return project
    copy_sample(images, context)
    with write_errors(project), tempfile.TemporaryDirectory(prefix=".sample-", dir=folder) as place:
        unpacked, draft = Path(place) / "unpacked", Path(place) / PROJECT_NAME
        with zipfile.ZipFile(TRAINED) as archive:
            archive.extractall(unpacked)
        new_project(draft, images / "train", images / "test", context)
        with Project.open(draft) as opened:
            _take_over(opened, unpacked)
        put_in_place(draft, project)
    return project


def _take_over(project: Project, made: Path) -> None:
    """Embeddings and check belong to content hashes; the run is written anew with the paths of the copied images."""
    images = image_refs(project, ImageFilter())
    hashes, paths = ({ref.id: getattr(ref, name) for ref in images} for name in ("content_hash", "path"))
    for run in sorted((made / "runs").iterdir()):
        record, predictions = read_whole(run)
        rows = read_snapshot(run)
        if any(hashes.get(row.image_id) != row.content_hash for row in rows):
            raise RunError("runs.images_changed")
        write_run(
            project.run_path(record.run), record, head=read_run_head(run, record), predictions=predictions,
            snapshot=[replace(row, path=paths[row.image_id]) for row in rows], images=images)
    for name in ("embeddings", "health"):
        shutil.copytree(made / name, project.folder / name, dirs_exist_ok=True)
    record_unrecorded(project)


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

"""Trains on the sample images and keeps embeddings, run and data check in an archive that the window opens from."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from core.jobs import JobContext
from core.workflow.health import check_health
from core.workflow.importing import new_project
from core.workflow.sample import IMAGES_NAME, KEPT_FOLDERS, PROJECT_NAME, TRAINED, copy_sample
from core.workflow.training import train_project

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Date of each entry, so that equal contents make equal archives."""


def write_trained(path: Path = TRAINED) -> None:
    """Import, train and check the sample as a new user would, and write what is kept by content hash."""
    with tempfile.TemporaryDirectory() as place:
        project, images = Path(place) / PROJECT_NAME, Path(place) / IMAGES_NAME
        copy_sample(images, JobContext())
        new_project(project, images / "train", images / "test", JobContext())
        train_project(project, "transfer", {}, JobContext())
        check_health(project, JobContext())
        _pack(project, path)


def _pack(project: Path, path: Path) -> None:
    files = [file for name in KEPT_FOLDERS for file in sorted((project / name).rglob("*"))
             if file.is_file() and file.suffix != ".lock"]
    with zipfile.ZipFile(path, "w") as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(project).as_posix(), LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes(), compresslevel=9)

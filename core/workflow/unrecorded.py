"""Runs whose folder is whole but which the catalog does not list: cut off, or the disk was full, before they were.

They are listed by `runs` and recorded by `runs --record` or by the next training; nothing of them is removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import AppError, RunError
from core.project.classes import list_classes
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import list_runs
from core.runs.folder import UNFINISHED, RunPredictions, SnapshotRow, find_damage, read_snapshot
from core.runs.record import RunRecord
from core.runs.whole import read_whole


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A run that is not in the catalog.

    Attributes:
        folder: Its folder.
        reason: Why it cannot be recorded, one sentence; empty if it can.
    """

    folder: Path
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A run as its folder has it, fit to be recorded.

    Attributes:
        record: What it was.
        predictions: Of the images that it was trained on; whether others are still the same files is not known.
        class_ids: Class of the catalog by its name.
    """

    record: RunRecord
    predictions: RunPredictions
    class_ids: Mapping[str, int]


def list_unrecorded(project: Project) -> tuple[Unrecorded, ...]:
    """Runs that have a folder and are not in the catalog, by name.

    Raises:
        ProjectDamaged, StorageError: The catalog cannot be read.
    """
    found = []
    for folder in _folders(project):
        try:
            read_unrecorded(project, folder)
            found.append(Unrecorded(folder))
        except AppError as error:
            found.append(Unrecorded(folder, error.sentence))
    return tuple(found)


def describe_unrecorded(project: Project) -> list[dict[str, Any]]:
    """The same as JSON values: `run, folder, reason`."""
    return [{"run": one.folder.name, "folder": str(one.folder), "reason": one.reason}
            for one in list_unrecorded(project)]


def read_unrecorded(project: Project, folder: Path) -> WholeRun:
    """A run out of its folder, after making sure that it is one of these images and classes.

    Raises:
        RunError: It is damaged, or of other images, contents or classes than the project has now.
    """
    damage = find_damage(folder)
    if damage:
        raise _does_not_fit(damage)
    record, said = read_whole(folder)
    class_ids = {row.name: row.id for row in list_classes(project)}
    if record.run != folder.name:
        raise _does_not_fit(f"Its record is that of a run “{record.run}”.")
    lost = [name for name in record.classes if name not in class_ids]
    if lost:
        raise _does_not_fit(f"The project has no class “{lost[0]}” any more.")
    snapshot = read_snapshot(folder)
    if not _is_of(project, snapshot):
        raise _does_not_fit("Its images are not in the project, or have changed since.")
    rows = np.isin(said.image_ids, [row.image_id for row in snapshot])
    return WholeRun(record, said.choose(rows), {name: class_ids[name] for name in record.classes})


def _folders(project: Project) -> list[Path]:
    known = {row.id for row in list_runs(project)}
    try:
        return sorted(
            path for path in project.runs_path.iterdir()
            if path.is_dir() and not path.is_symlink() and path.name not in known
            and not path.name.startswith(".") and not path.name.endswith(UNFINISHED)
        )
    except OSError:
        return []


def _is_of(project: Project, snapshot: tuple[SnapshotRow, ...]) -> bool:
    known = {ref.id: ref.content_hash for ref in image_refs(project, [row.image_id for row in snapshot])}
    return all(known.get(row.image_id) == row.content_hash for row in snapshot)


def _does_not_fit(reason: str) -> RunError:
    return RunError(reason, "Delete its folder if you do not need it.")

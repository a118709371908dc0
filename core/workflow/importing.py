"""Making a project from folders of pictures, and taking labels from a table."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import InputError, StorageError
from core.jobs import JobContext
from core.project.backup_files import BACKUPS_NAME
from core.project.backups import keep_backup
from core.project.catalog import CATALOG_NAME
from core.project.importer import ImportSummary, import_folder
from core.project.label_csv import LabelCsvSummary, import_labels
from core.project.paths import display_text
from core.project.project import Project
from core.project.queries import count_all
from core.project.refiling import Refiling
from core.project.scan import require_folder


def new_project(folder: Path, source: Path, test: Path | None, context: JobContext) -> Mapping[str, Any]:
    """Make a project from a folder of pictures, or add to it what is new there.

    Args:
        folder: The project's folder; made if missing.
        source: Pictures, a sub-folder a class.
        test: Pictures without labels, or None.
        context: Told of progress.

    Returns:
        `images, classes, test_images, unreadable, missing` of the whole project, `added, moved, came_back,
        relabelled, kept_labels` of this import, and the copy of the catalog that was made (`backup, notes`).

    Raises:
        InputError: A folder is missing or holds no picture.
        ProjectError, StorageError: The project cannot be opened or written.
        JobCancelled: The caller asked to end.
    """
    folder = folder.expanduser()
    folders = [source] if test is None else [source, test]
    for pictures in folders:
        require_folder(pictures)
    if test is not None:
        _require_apart(source, test)
    is_new = not (folder / CATALOG_NAME).is_file()
    with Project.create(folder) if is_new else Project.open(folder) as project:
        try:
            summaries = [_import(project, source, "train", context)]
            if test is not None:
                summaries.append(_import(project, test, "test", context))
        except BaseException:
            if is_new and not count_all(project).n_images:
                project.close()
                shutil.rmtree(folder, ignore_errors=True)  # made a moment ago, and nothing is in it
            raise
        return _describe(project, summaries) | _back_up(project)


def _require_apart(source: Path, test: Path) -> None:
    """Pictures to train on cannot be test pictures as well."""
    if source.resolve() in (test.resolve(), *test.resolve().parents):
        raise InputError(
            f"The test pictures “{test}” lie in “{source}”, where every picture is for training.",
            "Keep the test pictures in a folder of their own.",
        )


def _import(project: Project, pictures: Path, split: str, context: JobContext) -> ImportSummary:
    summary = import_folder(project, pictures, split=split, with_labels=split == "train", context=context)
    if not summary.n_found and summary.n_unchanged:
        raise InputError(
            f"The pictures in “{pictures}” are in the project already, as part of another folder.",
            "Import that folder again to take in what is new.",
        )
    if not summary.n_found and summary.n_missing:
        raise InputError(
            f"None of the pictures of “{pictures}” is there any more.",
            "If they lie on a disk that is not connected, connect it and do this again; the labels are kept.",
        )
    if not summary.n_found:
        raise InputError(f"There are no pictures in “{pictures}”.", "Choose a folder that holds photographs.")
    return summary


def _describe(project: Project, summaries: list[ImportSummary]) -> dict[str, Any]:
    counts = count_all(project)
    names = dict(project.catalog.rows("SELECT id, name FROM class WHERE deleted = 0 ORDER BY position, id"))
    return {
        "project": str(project.folder),
        "images": counts.by_split.get("train", 0),
        "classes": {name: counts.by_class.get(i, 0) for i, name in names.items()},
        "test_images": counts.by_split.get("test", 0),
        "unreadable": list_unreadable(project), "missing": list_missing(project),
        "added": sum(s.n_added for s in summaries),
        "moved": sum(s.n_moved for s in summaries), "came_back": sum(s.n_returned for s in summaries),
        **_describe_refiling([s.refiling for s in summaries]),
        "not_pictures": sum(s.n_not_pictures for s in summaries),
        "with_frames": [name for s in summaries for name in s.with_frames],
        "skipped_folders": [{"path": _shown(s.path), "reason": s.reason} for x in summaries for s in x.skipped],
    }


def _describe_refiling(refilings: Sequence[Refiling]) -> dict[str, Any]:
    """How many labels followed their pictures to another class folder, how many did not, and the first few."""
    return {
        "relabelled": {"images": sum(r.n_followed for r in refilings),
                       "first": [asdict(one) for r in refilings for one in r.followed]},
        "kept_labels": {"images": sum(r.n_kept for r in refilings),
                        "first": [asdict(one) for r in refilings for one in r.kept]},
    }


def _shown(path: Path) -> str:
    return display_text(str(path).encode("utf-8", "surrogateescape"))


def list_unreadable(project: Project) -> list[dict[str, str]]:
    """Every file that should be a picture and is not, with the reason."""
    rows = project.catalog.rows("SELECT name, reason FROM image WHERE status = 'unreadable' ORDER BY sort_key")
    return [{"path": name, "reason": reason or ""} for name, reason in rows]


def list_missing(project: Project) -> list[str]:
    """Every picture whose file was gone when its folder was last looked through; it is not learnt from meanwhile."""
    rows = project.catalog.rows("SELECT name FROM image WHERE status = 'missing' ORDER BY sort_key")
    return [row[0] for row in rows]


def label_from_csv(folder: Path, table: Path) -> Mapping[str, Any]:
    """Label images from a CSV file with the columns path and label.

    Returns:
        `rows, labelled, unchanged, without_label, unknown, ambiguous, contradicting, new_classes, backup, notes`.

    Raises:
        InputError: The table cannot be read, or none of its rows names an image of the project.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    with Project.open(folder) as project:
        summary = import_labels(project, table)
        backup = _back_up(project) if summary.n_labelled else {"backup": None, "notes": []}
    if not summary.n_rows:
        raise InputError(
            f"The table “{table}” has no row with a path and a label.", "Write a line a picture, as in: a.jpg,cat",
        )
    if not summary.n_labelled + summary.n_unchanged:
        raise InputError(
            f"No row of “{table}” names exactly one image of the project; the first is “{_first(summary)}”.",
            "Write paths relative to the picture folder, or absolute, or file names that only one image has.",
        )
    return {
        "rows": summary.n_rows, "labelled": summary.n_labelled, "unchanged": summary.n_unchanged,
        "without_label": summary.n_without_label, "unknown": list(summary.unknown),
        "ambiguous": list(summary.ambiguous), "contradicting": list(summary.contradicting),
        "new_classes": list(summary.new_classes), **backup,
    }


def _back_up(project: Project) -> dict[str, Any]:
    """Copy the catalog; where there is no room for that, the work is done all the same."""
    try:
        return {"backup": str(keep_backup(project.folder)), "notes": []}
    except StorageError:
        where = display_text(os.fsencode(project.folder / BACKUPS_NAME))
        note = f"All is recorded, but no backup could be made in “{where}”: see whether the disk has room."
        return {"backup": None, "notes": [note]}


def _first(summary: LabelCsvSummary) -> str:
    return (*summary.unknown, *summary.ambiguous, "")[0]

"""Writes a list of images as a table, or as paths a line each, and the command `mistakes` that shows such lists."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InputError
from core.files.user_files import open_to_replace
from core.project.label_csv import neutralise
from core.project.predictions import list_predictions
from core.project.project import Project
from core.project.rows import image_rows, path_names
from core.project.runs import find_run
from core.project.spared import require_spared
from core.project.tag_columns import cells_of
from core.project.tags import ImageTags, read_tags
from core.workflow.comparing import compare_recorded
from core.workflow.confusion import read_confusion
from core.workflow.labelled_test import read_labelled_test
from core.workflow.mistake_lists import (
    JUDGED, PARTS, TEST, MistakeList, find_list, images_of_list, list_mistakes, list_new, name_part, test_lists,
)

COLUMNS = ("path", "label", "prediction", "confidence", "loss", "split", "flags", "tags")
PATHS = ".txt"
"""The ending of a file that gets the whole paths alone."""


def read_lists(project: Project, run_id: str, part: str, *, against: str | None = None) -> tuple[MistakeList, ...]:
    """The lists of one part of a run, from the catalog.

    Args:
        part: One of `PARTS`.
        against: Another run, to say what is fixed and broken since; for images that both were judged by.

    Raises:
        InputError: There is no such part.
        RunError: There is no such run.
    """
    if part not in PARTS:
        raise InputError("review.no_such_part", name=part, names=PARTS)
    if part == TEST:
        return test_lists(project, run_id, read_labelled_test(project, find_run(project, run_id)))
    if part != JUDGED:
        return list_new(project, run_id)
    comparison = compare_recorded(project, find_run(project, against).id, run_id) if against is not None else None
    return list_mistakes(project, run_id, part, read_confusion(project, run_id), comparison=comparison)


def describe_images(project: Project, run_id: str | None, ids: Sequence[int] | np.ndarray) -> list[dict[str, Any]]:
    """Each image as `COLUMNS` name it, in the order given; what a run does not say is None.

    Raises:
        RunError: There is no such run.
    """
    rows, tags = image_rows(project, ids), read_tags(project, ids)
    said = {one.image_id: one for one in list_predictions(project, run_id, ids)} if run_id is not None else {}
    names = dict(project.catalog.rows("SELECT id, name FROM class"))
    described = []
    for row, path in zip(rows, path_names(rows), strict=True):
        one, own = said.get(row.id), tags.get(row.id)
        described.append({
            "path": path, "label": names.get(row.class_id), "prediction": names.get(one.class_id) if one else None,
            "confidence": one.confidence if one else None, "loss": one.loss if one else None, "split": row.split,
            "flags": list(own.flags) if own else [], "tags": list(own.tags) if own else [],
        })
    return described


def write_list(project: Project, run_id: str | None, ids: Sequence[int] | np.ndarray, out: Path) -> int:
    """Write images as a table of `COLUMNS`, or their whole paths alone where `out` ends in “.txt”; how many.

    Raises:
        InputError: Nothing can be written at `out`; see `require_spared`.
        RunError, StorageError: There is no such run; the file cannot be written.
    """
    require_spared(project, out)
    if out.suffix.casefold() == PATHS:
        paths = [str(row.path) for row in image_rows(project, ids)]
        with open_to_replace(out) as file:
            file.writelines(f"{path}\n" for path in paths)
        return len(paths)
    rows = describe_images(project, run_id, ids)
    with open_to_replace(out) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            row["flags"], row["tags"] = cells_of(ImageTags(tuple(row["flags"]), tuple(row["tags"])))
            for figure in ("confidence", "loss"):
                row[figure] = "" if row[figure] is None else f"{row[figure]:.4f}"
            writer.writerow(neutralise(str(row[name] or "")) for name in COLUMNS)
    return len(rows)


def show_mistakes(
    folder: Path, *, run_id: str | None = None, part: str = JUDGED, name: str | None = None,
    against: str | None = None, out: Path | None = None,
) -> Mapping[str, Any]:
    """The lists of a run or, with a name, the images of one of them; the project is only looked at.

    Args:
        out: Where the images of the list are written; needs `name`.

    Returns:
        `project, run, part` and `lists` (`name, section, title, images` of each); with a name `list`, `title` and
        `images` (see `COLUMNS`), and `out` where a file was written.

    Raises:
        InputError: There is no such part or list; nothing can be written at `out`.
        ProjectError, RunError, StorageError: See each.
    """
    if out is not None and name is None:
        raise InputError("review.which_list")
    with Project.open(folder, read_only=True) as project:
        run = find_run(project, run_id)
        lists = read_lists(project, run.id, part, against=against)
        facts: dict[str, Any] = {
            "project": str(folder), "run": run.id, "part": part, "part_title": name_part(part, run)}
        if name is None:
            return {**facts, "lists": [{"name": one.name, "section": one.section, "title": one.title,
                                        "images": one.n_images} for one in lists]}
        chosen = find_list(lists, name)
        ids = images_of_list(project, run.id, chosen)
        if out is not None:
            write_list(project, run.id, ids, out)
        return {**facts, "list": chosen.name, "title": chosen.title,
                "images": describe_images(project, run.id, ids), "out": None if out is None else str(out)}

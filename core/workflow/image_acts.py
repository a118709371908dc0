"""The commands `exclude`, `include`, `remove` and `relocate`: images and folders by name, each act one undo step."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.jobs import JobContext
from core.project.exclusion import (
    count_excluded, exclude_images, excluded_ids, include_images, reason_from_text, reason_to_text,
)
from core.project.label_tables.finder import ImageFinder
from core.project.paths import source_bytes
from core.project.project import Project
from core.project.relocation import Relocation, record_relocation, relocation_input
from core.project.removal import list_removed, remove_images, remove_source, return_images
from core.project.rows import SourceRow, image_rows, list_sources, path_names
from core.tasks import run_here
from core.text import Message

MOST_NAMED = 5
"""Names in the sentence of an error; the rest is counted."""


def exclude(folder: Path, names: Sequence[str], *, reason: str = "") -> Mapping[str, Any]:
    """Exclude images by name; without any name nothing is changed.

    Args:
        names: Paths, or as much of their ends as tells them from all others.
        reason: One of `core.project.exclusion.REASONS` or words of one's own; empty means by hand.

    Returns:
        `project, changed, changed_test` (how many images were excluded now or for another reason, and how many test
        images were excluded now), `reason`, and as it is now `excluded, excluded_unreadable, excluded_test` (counts)
        and `images` (`path, split, reason` of each that is excluded).

    Raises:
        InputError: A name fits no image, or several.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    with Project.open(folder, read_only=not names) as project:
        ids = find_images(project, names)
        free = [i for i in ids if i not in excluded_ids(project)]
        n_changed = exclude_images(project, ids, reason) if ids else 0
        said = reason_from_text(reason_to_text(reason))
        return {**_describe(project, n_changed, free), "reason": said if ids else None}


def include(folder: Path, names: Sequence[str], *, is_all: bool = False) -> Mapping[str, Any]:
    """Let excluded images take part again; see `exclude`.

    Args:
        is_all: All that are excluded.
    """
    if bool(names) == is_all:
        raise InputError("imports.include_which")
    with Project.open(folder) as project:
        ids = sorted(excluded_ids(project)) if is_all else find_images(project, names)
        there = [i for i in ids if i in excluded_ids(project)]
        return _describe(project, include_images(project, ids), there)


def _describe(project: Project, n_changed: int, touched: Sequence[int]) -> dict[str, Any]:
    rows = image_rows(project, sorted(excluded_ids(project)))
    return {
        "project": str(project.folder), "changed": n_changed,
        "changed_test": sum(row.split == "test" for row in image_rows(project, touched)),
        "excluded": len(rows), "excluded_unreadable": sum(row.status != "ok" for row in rows),
        "excluded_test": count_excluded(project, split="test"),
        "images": [{"path": path, "split": row.split, "reason": row.excluded}
                   for row, path in zip(rows, path_names(rows), strict=True)],
    }


def remove(
    folder: Path, names: Sequence[str], *, source: Path | None = None, brings_back: bool = False
) -> Mapping[str, Any]:
    """Take images or a source folder out of a project, or bring back what was taken out; no file is touched.

    Args:
        names: See `exclude`; with `brings_back` the ends of paths of removed images, and all of them without any.
        source: The folder of a source, to take it out with all of its images.

    Returns:
        `project, removed, returned` (how many images), and `images`, the paths of all that are out now.

    Raises:
        InputError: A name fits no image, or several; there is no such source.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    if source is not None and (names or brings_back):
        raise InputError("imports.remove_which")
    is_list = not (names or source is not None or brings_back)
    with Project.open(folder, read_only=is_list) as project:
        n_removed = n_returned = 0
        if brings_back:
            n_returned = return_images(project, _find_removed(project, names))
        elif source is not None:
            n_removed = sum(remove_source(project, one.id) for one in find_sources(project, source))
        elif names:
            n_removed = remove_images(project, find_images(project, names))
        return {"project": str(folder), "removed": n_removed, "returned": n_returned,
                "images": [str(one.path) for one in list_removed(project)]}


def relocate(folder: Path, old: Path, new: Path, context: JobContext) -> Mapping[str, Any]:
    """Say where a source folder lies now; several sources below one folder move together.

    Args:
        old: The folder of a source, or one that holds several; it need not be there any more.
        new: Where it lies now.

    Returns:
        `project, found, missing` (names), `others` (images of the folder that are none of the project's), and
        `sources` (`folder, found, missing, others` of each).

    Raises:
        InputError: There is no such source, a folder is missing, or none of the images is there.
        ProjectError, StorageError: The project cannot be opened or written.
        JobCancelled: The caller asked to end; sources that were recorded stay.
    """
    with Project.open(folder) as project:
        found = []
        for source in find_sources(project, old):
            rest = os.path.relpath(source.path, old.expanduser().absolute())
            found.append(relocate_source(project, source.id, new if rest == "." else new / rest, context))
    return {
        "project": str(folder), "found": sum(one.n_found for one in found),
        "missing": [name for one in found for name in one.missing], "others": sum(one.n_others for one in found),
        "sources": [{"folder": str(one.folder), "found": one.n_found, "missing": len(one.missing),
                     "others": one.n_others} for one in found],
    }


def relocate_source(project: Project, source_id: int, folder: Path, context: JobContext) -> Relocation:
    """Look through the new folder of a source here, and record it; see `core.project.relocation`."""
    inputs = relocation_input(project, source_id, folder)
    return record_relocation(project, source_id, run_here("scan", inputs, context))


def find_sources(project: Project, folder: Path) -> tuple[SourceRow, ...]:
    """The sources at or below a folder.

    Raises:
        InputError: There are none.
    """
    place = Path(os.fsdecode(source_bytes(folder)))
    sources = list_sources(project)
    found = tuple(one for one in sources if one.path == place or place in one.path.parents)
    if not found:
        hint = Message("project.no_such_source.hint", folders=tuple(str(one.path) for one in sources))
        raise InputError("project.no_source_there", hint, folder=folder)
    return found


def find_images(project: Project, names: Sequence[str]) -> list[int]:
    """The image that each name means: a path, or the end of one.

    Raises:
        InputError: A name fits no image, or several.
    """
    if not names:
        return []
    finder, ids = ImageFinder(project, [Path.cwd()]), list[int]()
    unknown, ambiguous = list[str](), list[str]()
    for name in names:
        one = finder.find_file(name)
        found = {one} if one is not None else {
            i for match in finder.find(name, may_be_loose=False).values() for i in match.ids}
        if len(found) == 1:
            ids += found
        else:
            (ambiguous if found else unknown).append(name)
    for code, bad in (("imports.no_such_image", unknown), ("imports.several_images", ambiguous)):
        if bad:
            raise InputError(code, n=len(bad), names=tuple(bad[:MOST_NAMED]))
    return list(dict.fromkeys(ids))


def _find_removed(project: Project, names: Sequence[str]) -> list[int]:
    """The removed images whose paths end so; all without names."""
    removed = list_removed(project)
    ends = [tuple(Path(name).parts) for name in names]
    ids = [one.id for one in removed if not ends or any(one.path.parts[-len(end):] == end for end in ends)]
    if names and not ids:
        raise InputError("imports.no_such_removed_image", n=len(names), names=tuple(names[:MOST_NAMED]))
    return ids

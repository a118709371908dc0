"""The commands `flag` and `tag`: flags and tags of images by name, each act one step of undo; and their lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows, path_names
from core.project.tag_names import FLAG, TAG, clean_tag, find_flag, split_tags
from core.project.tags import NONE, change_tags, count_tags, read_tags
from core.workflow.image_acts import find_images


def flag(
    folder: Path, names: Sequence[str], *, on: Sequence[str] = (), off: Sequence[str] = (), having: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Flag images by name, or take flags away; without a flag to set or to clear nothing is changed.

    Args:
        names: Paths, or as much of their ends as tells them from all others.
        on, off: Flags to set and to clear; see `core.project.tags.find_flag`.
        having: List, and of those that are named change, only images that have each of these.

    Returns:
        `project, changed` (how many images changed), `flags` (images by flag) and `images` (`path, split, flags,
        tags` of each that was named; without names, of each that has a flag).

    Raises:
        InputError: A name fits no image, or several; there is no such flag; no image was named to change.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    add, remove = [(FLAG, find_flag(name)) for name in on], [(FLAG, find_flag(name)) for name in off]
    which = ImageFilter(status=None, flags=tuple(map(find_flag, having)))
    return _act(folder, names, FLAG, add, remove, which)


def tag(
    folder: Path, names: Sequence[str], *, on: Sequence[str] = (), off: Sequence[str] = (), having: Sequence[str] = ()
) -> Mapping[str, Any]:
    """As `flag`, with tags; each of `on` and `off` may hold several, with “;” between them.

    Returns:
        As `flag`, with `tags` (images by tag) in place of `flags`.
    """
    add, remove = ([(TAG, name) for written in some for name in split_tags(written) or (clean_tag(written),)]
                   for some in (on, off))
    which = ImageFilter(status=None, tags=tuple(map(clean_tag, having)))
    return _act(folder, names, TAG, add, remove, which)


def _act(
    folder: Path, names: Sequence[str], kind: str, add: Sequence[tuple[str, str]], remove: Sequence[tuple[str, str]],
    which: ImageFilter,
) -> Mapping[str, Any]:
    changes = bool(add or remove)
    if changes and not names:
        raise InputError("imports.tag_which_images")
    with Project.open(folder, read_only=not changes) as project:
        ids = find_images(project, names)
        if which.flags or which.tags:
            asked = set(image_ids(project, which).tolist())
            ids = [image_id for image_id in ids if image_id in asked]
        n_changed = change_tags(project, ids, add=add, remove=remove) if changes else 0
        if not names:
            ids = _having(project, kind, which)
        counts = {one.name: one.n_images for one in count_tags(project) if one.kind == kind}
        return {"project": str(folder), "changed": n_changed, f"{kind}s": counts, "images": _rows(project, ids)}


def _having(project: Project, kind: str, which: ImageFilter) -> list[int]:
    """Images with all that is asked for, in the order of names; with anything of the kind where nothing is."""
    found: list[int] = image_ids(project, which).tolist()
    if which.flags or which.tags:
        return found
    tagged = {i for i, one in read_tags(project).items() if (one.flags if kind == FLAG else one.tags)}
    return [i for i in found if i in tagged]


def _rows(project: Project, ids: Sequence[int]) -> list[dict[str, Any]]:
    rows, tags = image_rows(project, ids), read_tags(project, ids)
    return [{"path": path, "split": row.split, "flags": list(tags.get(row.id, NONE).flags),
             "tags": list(tags.get(row.id, NONE).tags)}
            for row, path in zip(rows, path_names(rows), strict=True)]

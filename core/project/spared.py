"""Files that no output may replace: the images of a project, and the tables that it was fed with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from core.errors import AppError, InputError
from core.files.foreign import parse_json
from core.project.catalog import write_meta
from core.project.paths import absolute_path
from core.project.project import Project
from core.files.user_files import is_standard_output, require_place

_KEY = "inputs"
_MOST_REMEMBERED = 100


def require_spared(
    project: Project, path: Path, *, inputs: Sequence[Path] = (), first_bytes: bytes = b""
) -> None:
    """Make sure that a file can be written and is neither an image of the project nor one of its inputs.

    A hard link to such a file is that file too.

    Args:
        path: Where something is to be written; “-” for the standard output.
        inputs: More files that must not be replaced.
        first_bytes: See `require_place`.

    Raises:
        InputError: It is, or `require_place` refuses it.
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    if is_standard_output(path):
        return
    require_place(path, inputs=(*inputs, *_remembered(project)), first_bytes=first_bytes)
    if any(_is_same(path, image) for image in _candidates(project, path)):
        raise InputError("project.output_is_an_image", path=path)


def remember_input(project: Project, path: Path) -> None:
    """Note that a table or template was read, so that no output replaces it; not where nothing can be written."""
    if project.is_read_only:
        return
    known = [str(one) for one in _remembered(project) if one != path.absolute()]
    with suppress(AppError), project.catalog.transaction() as db:
        write_meta(db, _KEY, [*known, str(path.absolute())][-_MOST_REMEMBERED:])


def _remembered(project: Project) -> tuple[Path, ...]:
    rows = project.catalog.rows("SELECT value FROM meta WHERE key = ?", (_KEY,))
    try:
        found = parse_json(rows[0][0]) if rows else []
    except ValueError:
        found = []
    return tuple(Path(one) for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _candidates(project: Project, path: Path) -> Iterator[Path]:
    """Images that may be the file at `path`: those with its bytes or its name."""
    try:
        n_bytes = path.stat().st_size
    except (OSError, ValueError):
        n_bytes = -1
    tail = os.fsencode(path.name)
    rows = project.catalog.rows(  # removed images too: they may come back
        "SELECT coalesce(s.path, r.path), i.path FROM ("
        "SELECT source_id, path, bytes FROM image UNION ALL SELECT source_id, path, bytes FROM removed_image) i "
        "LEFT JOIN source s ON s.id = i.source_id LEFT JOIN removed_source r ON r.id = i.source_id "
        "WHERE i.bytes = ? OR substr(i.path, -?) = ?", (n_bytes, len(tail), tail),
    )
    return (absolute_path(root, relative) for root, relative in rows)


def _is_same(path: Path, image: Path) -> bool:
    try:
        return path.samefile(image)
    except (OSError, ValueError):
        return path.parent.resolve() / path.name == image  # neither need be there: an image that is missing now

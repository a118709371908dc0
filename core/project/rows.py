"""Single images out of the catalog: references for jobs, rows for tiles and the inspector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InputError
from core.images.reasons import read_reason
from core.project.catalog import as_json, damaged
from core.project.exclusion import TAKES_PART, reason_from_text
from core.project.journal import moment_ns
from core.project.paths import absolute_path, display_text
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.text import Message
from core.types import FileStamp, ImageRef

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image as the catalog knows it.

    Attributes:
        id: Stable for the life of the project.
        path: Absolute path where the file was last seen.
        name: Readable path below the source ("pistol/img1.jpg").
        mtime_ns: When the file was last changed, nanoseconds since 1970.
        content_hash: SHA-256, or None where the bytes could not be read.
        format, width, height, mode: As in `ImageFacts`; None for unreadable images.
        split: "train" or "test".
        class_id: The label, or None.
        status: "ok", "unreadable" or "missing".
        reason: Why it is not "ok"; None otherwise.
        label_content: The content that the label was given to, where the file has another one now; else None.
        stamp: Of the file when it was last read.
        excluded: Why it is excluded; None where it takes part. See `core.project.exclusion`.
    """

    id: int
    source_id: int
    path: Path
    name: str
    n_bytes: int
    mtime_ns: int
    content_hash: bytes | None
    format: str | None
    width: int | None
    height: int | None
    mode: str | None
    split: str
    class_id: int | None
    status: str
    reason: Message | None
    label_content: bytes | None = None
    stamp: FileStamp | None = None
    excluded: Message | None = None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One folder of images.

    Attributes:
        id: Stable for the life of the project.
        path: The folder, absolute; it may be gone by now.
        name: The folder's name, readable.
        split: "train" or "test".
        n_images: Rows that it has.
    """

    id: int
    path: Path
    name: str
    split: str
    n_images: int


def image_refs(project: Project, which: ImageFilter | Sequence[int] | np.ndarray) -> tuple[ImageRef, ...]:
    """References to images, for jobs; images whose bytes were never read are left out.

    Args:
        which: A filter (in the order of names), or ids (in their order; unknown ones are left out).
    """
    ids = image_ids(project, which) if isinstance(which, ImageFilter) else np.asarray(which, dtype=np.int64)
    rows = project.catalog.rows(
        f"SELECT {REF_COLUMNS} FROM json_each(?) j JOIN image i ON i.id = j.value "
        "JOIN source s ON s.id = i.source_id WHERE i.content_hash IS NOT NULL ORDER BY j.key", (as_json(ids),),
    )
    require_hashes(project, [row[3] for row in rows])
    return tuple(image_ref(*row) for row in rows)


REF_COLUMNS = "i.id, s.path, i.path, i.content_hash, i.bytes, i.mtime_ns, i.ctime_ns, i.added_at"
"""What `image_ref` is made from, of `image i` and `source s`."""


def image_ref(
    image_id: int, root: bytes, path: bytes, content_hash: bytes, n_bytes: int, mtime_ns: int, ctime_ns: int | None,
    added_at: str,
) -> ImageRef:
    """A reference from `REF_COLUMNS`."""
    return ImageRef(
        image_id, absolute_path(root, path), content_hash, file_stamp(n_bytes, mtime_ns, ctime_ns, added_at))


def file_stamp(n_bytes: int, mtime_ns: int, ctime_ns: int | None, added_at: str) -> FileStamp:
    """The stamp of a file from the columns of its row."""
    if ctime_ns is not None:
        return FileStamp(n_bytes, mtime_ns, ctime_ns)
    return FileStamp(n_bytes, mtime_ns, None, moment_ns(added_at))


def image_rows(project: Project, ids: Sequence[int] | np.ndarray) -> tuple[ImageRow, ...]:
    """Rows in the order of `ids`; unknown ones are left out."""
    rows = project.catalog.rows(
        "SELECT i.id, i.source_id, s.path, i.path, i.name, i.bytes, i.mtime_ns, i.content_hash, i.format, i.width, "
        "i.height, i.mode, i.split, i.class_id, i.status, i.reason, i.label_content, "
        "i.excluded, i.bytes, i.mtime_ns, i.ctime_ns, i.added_at FROM json_each(?) j "
        "JOIN image i ON i.id = j.value JOIN source s ON s.id = i.source_id ORDER BY j.key", (as_json(ids),),
    )
    require_hashes(project, [row[7] for row in rows if row[7] is not None])
    return tuple(_image_row(*row) for row in rows)


def image_paths(project: Project, ids: Sequence[int] | np.ndarray) -> list[Path]:
    """Absolute paths in the order of `ids`, whether or not the files are there; unknown ones are left out."""
    rows = project.catalog.rows(
        "SELECT s.path, i.path FROM json_each(?) j JOIN image i ON i.id = j.value "
        "JOIN source s ON s.id = i.source_id ORDER BY j.key", (as_json(ids),))
    return [absolute_path(root, path) for root, path in rows]


def require_hashes(project: Project, hashes: Sequence[bytes]) -> None:
    """Make sure that these can be SHA-256 of images; embeddings are kept by them, one after the other.

    Raises:
        ProjectDamaged: One is shorter or longer.
    """
    if any(len(content_hash) != HASH_BYTES for content_hash in hashes):
        raise damaged(project.folder, "project.image_without_hash")


def image_row(project: Project, image_id: int) -> ImageRow:
    """One row.

    Raises:
        InputError: There is no such image.
    """
    rows = image_rows(project, (image_id,))
    if not rows:
        raise InputError("project.image_is_not_in_it")
    return rows[0]


def list_sources(project: Project) -> tuple[SourceRow, ...]:
    """The folders of images, in the order in which they were added."""
    rows = project.catalog.rows(
        "SELECT id, path, split, (SELECT count(*) FROM image WHERE source_id = source.id) FROM source ORDER BY id"
    )
    return tuple(
        SourceRow(source_id, absolute_path(path, b""), display_text(path.rpartition(b"/")[2]) or "/", split, n_images)
        for source_id, path, split, n_images in rows
    )


def refs_of(rows: Iterable[ImageRow]) -> tuple[ImageRef, ...]:
    """References to the images of rows, for jobs; images whose bytes were never read are left out."""
    return tuple(ImageRef(row.id, row.path, row.content_hash, row.stamp) for row in rows if row.content_hash)


def _image_row(image_id: int, source_id: int, root: bytes, path: bytes, *rest: Any) -> ImageRow:
    *facts, reason, label_content, excluded = rest[:-4]
    values = (
        image_id, source_id, absolute_path(root, path), *facts, read_reason(reason) if reason else None,
        label_content, file_stamp(*rest[-4:]), reason_from_text(excluded) if excluded else None)
    return ImageRow(*values)


def path_names(rows: Sequence[ImageRow]) -> tuple[str, ...]:
    """What tables and lists call images: paths below the source folder; absolute where two sources share one."""
    seen = Counter(row.name for row in rows)
    return tuple(row.name if seen[row.name] == 1 else str(row.path) for row in rows)


AT_ONCE = 500
"""Contents asked for in one question."""


def same_content(project: Project, row: ImageRow) -> tuple[ImageRow, ...]:
    """The other images whose files are the same byte for byte, by id; files that are gone are left out."""
    if row.content_hash is None:
        return ()
    sql = "SELECT id FROM image WHERE content_hash = ? AND id <> ? AND status <> 'missing' ORDER BY id"
    return image_rows(project, [found[0] for found in project.catalog.rows(sql, (row.content_hash, row.id))])


def images_with_content(project: Project, hashes: Sequence[bytes]) -> dict[bytes, tuple[int, ...]]:
    """The readable images of each content that has any, by id, whatever their label; excluded ones are among them."""
    found: dict[bytes, tuple[int, ...]] = {}
    for start in range(0, len(hashes), AT_ONCE):
        part = list(hashes[start:start + AT_ONCE])
        sql = (f"SELECT content_hash, id FROM image WHERE content_hash IN ({', '.join('?' * len(part))}) "
               "AND status = 'ok' ORDER BY id")
        for content, image_id in project.catalog.rows(sql, part):
            found[content] = (*found.get(content, ()), image_id)
    return found


def readable_contents(project: Project) -> list[bytes]:
    """Content hashes of all readable images, one an image."""
    sql = "SELECT content_hash FROM image WHERE status = 'ok' AND content_hash IS NOT NULL"
    found = [content for content, in project.catalog.rows(sql)]
    require_hashes(project, found)
    return found


def labelled_with_content(project: Project, hashes: Sequence[bytes]) -> dict[bytes, int]:
    """The labelled training image of each content that has one; of several the first."""
    found: dict[bytes, int] = {}
    for start in range(0, len(hashes), AT_ONCE):
        part = list(hashes[start:start + AT_ONCE])
        sql = (
            f"SELECT content_hash, min(id) FROM image WHERE content_hash IN ({', '.join('?' * len(part))}) "
            f"AND split = 'train' AND status = 'ok' AND class_id IS NOT NULL AND {TAKES_PART.format('id')} GROUP BY 1"
        )
        found.update(project.catalog.rows(sql, part))
    return found

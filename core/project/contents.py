"""Images by their content: what is there twice, and which labelled images have given contents."""

from __future__ import annotations

from collections.abc import Sequence

from core.project.project import Project
from core.project.rows import ImageRow, image_rows

AT_ONCE = 500
"""Contents asked for in one question."""


def same_content(project: Project, row: ImageRow) -> tuple[ImageRow, ...]:
    """The other images whose files are the same byte for byte, by id; files that are gone are left out."""
    if row.content_hash is None:
        return ()
    sql = "SELECT id FROM image WHERE content_hash = ? AND id <> ? AND status <> 'missing' ORDER BY id"
    return image_rows(project, [found[0] for found in project.catalog.rows(sql, (row.content_hash, row.id))])


def labelled_with_content(project: Project, hashes: Sequence[bytes]) -> dict[bytes, int]:
    """The labelled training image of each content that has one; of several the first.

    Args:
        project: An open project.
        hashes: Content hashes.
    """
    found: dict[bytes, int] = {}
    for start in range(0, len(hashes), AT_ONCE):
        part = list(hashes[start:start + AT_ONCE])
        sql = (
            f"SELECT content_hash, min(id) FROM image WHERE content_hash IN ({', '.join('?' * len(part))}) "
            "AND split = 'train' AND status = 'ok' AND class_id IS NOT NULL GROUP BY 1"
        )
        found.update(project.catalog.rows(sql, part))
    return found

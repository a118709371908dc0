"""Where a source and its images lie, as an entry of the undo history notes it, and putting them there again.

The entry holds the folders before and after and, of images whose path or status changed, both. When a file was last
read is not taken back: the next import reads those files again.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from typing import Any

from core.images.natural import natural_key
from core.project.paths import display_text, hidden_path
from core.text import Message

Places = Mapping[int, tuple[bytes, str, str | None]]
"""By image id its path, status and reason."""

_TABLES = ("image", "removed_image")


def read_places(db: sqlite3.Connection, source_id: int) -> Places:
    """Of all images of a source."""
    sql = "SELECT id, path, status, reason FROM image WHERE source_id = ?"
    return {image_id: (path, status, reason) for image_id, path, status, reason in db.execute(sql, (source_id,))}


def describe_places(
    source_id: int, folders: tuple[bytes, bytes], before: Places, after: Places
) -> dict[str, Any] | None:
    """What an entry of the journal holds, JSON values; None where nothing changed.

    Args:
        folders: Of the source, before and after.
    """
    images = [[image_id, _to_json(before[image_id]), _to_json(now)] for image_id, now in after.items()
              if before.get(image_id, now) != now]
    if not images and folders[0] == folders[1]:
        return None
    return {"source": source_id, "folders": [folder.hex() for folder in folders], "images": images}


def _to_json(place: tuple[bytes, str, str | None]) -> list[str | None]:
    path, status, reason = place
    return [path.hex(), status, reason]


def find_taken(db: sqlite3.Connection, payload: Mapping[str, Any], side: str) -> Message | None:
    """What is to be said where the folder that a source had, or got, is another source by now.

    Raises:
        KeyError, TypeError, ValueError: The entry is damaged.
    """
    folder = _folder(payload, side)
    if not db.execute("SELECT 1 FROM source WHERE path = ? AND id <> ?", (folder, payload["source"])).fetchone():
        return None
    return Message("project.place_is_taken", folder=os.fsdecode(folder))


def put_places(db: sqlite3.Connection, payload: Mapping[str, Any], side: str) -> None:
    """Put a source and its images where they were before or after a relocation; not where `find_taken` objects.

    An image whose path another one has by now counts as missing.

    Args:
        side: "before" or "after".

    Raises:
        KeyError, TypeError, ValueError: The entry is damaged.
    """
    if find_taken(db, payload, side) is not None:
        return
    source_id = payload["source"]
    for table in ("source", "removed_source"):
        db.execute(f"UPDATE {table} SET path = ? WHERE id = ?", (_folder(payload, side), source_id))
    at = 1 if side == "before" else 2
    rows = [(int(row[0]), bytes.fromhex(row[at][0]), row[at][1], row[at][2]) for row in payload["images"]]
    for table in _TABLES:
        own = f"UPDATE OR IGNORE {table} SET {{}} WHERE id = ? AND source_id = ?"
        db.executemany(own.format("path = CAST('/moving/' || id AS BLOB)"), [(row[0], source_id) for row in rows])
        db.executemany(own.format("path = ?, name = ?, sort_key = ?, status = ?, reason = ?"), [
            (path, display_text(path), natural_key(display_text(path)), status, reason, image_id, source_id)
            for image_id, path, status, reason in rows])
        left = f"UPDATE {table} SET path = ?, status = 'missing' WHERE id = ? AND path = ?"
        db.executemany(left, [(hidden_path(row[1], row[0]), row[0], b"/moving/%d" % row[0]) for row in rows])


def _folder(payload: Mapping[str, Any], side: str) -> bytes:
    return bytes.fromhex(payload["folders"][side == "after"])

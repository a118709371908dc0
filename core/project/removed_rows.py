"""Moves rows of images and sources out of the tables that everything reads, and back, with their predictions.

`core.project.removal` and the journal call it inside their transactions. A row keeps its id; nothing else may get it
meanwhile (`next_image_id`, `next_source_id`).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Sequence

from core.project.catalog import as_json

_AMONG = "IN (SELECT value FROM json_each(?))"


def take_out(db: sqlite3.Connection, image_ids: Sequence[int], source_ids: Collection[int] = ()) -> int:
    """Take images out, and sources that have none left; how many images were there."""
    ids = as_json(image_ids)
    db.execute(f"INSERT OR REPLACE INTO removed_image SELECT * FROM image WHERE id {_AMONG}", (ids,))
    db.execute(f"INSERT OR REPLACE INTO removed_prediction SELECT * FROM prediction WHERE image_id {_AMONG} "
               "AND run_number IN (SELECT number FROM run)", (ids,))  # others are of a run that is not recorded yet
    db.execute(f"DELETE FROM prediction WHERE image_id {_AMONG}", (ids,))
    n_images = db.execute(f"DELETE FROM image WHERE id {_AMONG}", (ids,)).rowcount
    is_empty = f"id {_AMONG} AND NOT EXISTS (SELECT 1 FROM image WHERE source_id = source.id)"
    sources = as_json(list(source_ids))
    db.execute(f"INSERT OR REPLACE INTO removed_source SELECT * FROM source WHERE {is_empty}", (sources,))
    db.execute(f"DELETE FROM source WHERE {is_empty}", (sources,))
    return n_images


def put_back(db: sqlite3.Connection, image_ids: Sequence[int], source_ids: Collection[int] = ()) -> int:
    """Put images back with their sources, and sources that may have none; how many images.

    A file that the project has by now under another row, because its folder was imported anew, stays out.
    """
    _put_back_sources(db, image_ids, source_ids)
    wanted = as_json(_without_present(db, image_ids))
    n_images = db.execute(f"INSERT OR IGNORE INTO image SELECT * FROM removed_image WHERE id {_AMONG}",
                          (wanted,)).rowcount
    back = f"image_id {_AMONG} AND image_id IN (SELECT id FROM image)"
    db.execute(f"INSERT OR REPLACE INTO prediction SELECT * FROM removed_prediction WHERE {back}", (wanted,))
    db.execute(f"DELETE FROM removed_prediction WHERE {back}", (wanted,))
    db.execute(f"DELETE FROM removed_image WHERE id {_AMONG} AND id IN (SELECT id FROM image)", (wanted,))
    db.execute("DELETE FROM removed_source WHERE id IN (SELECT id FROM source)")
    return n_images


def _put_back_sources(db: sqlite3.Connection, image_ids: Sequence[int], source_ids: Collection[int]) -> None:
    """The sources of removed images; where a folder was made a source again since, its images belong to that one."""
    named = f"SELECT * FROM removed_source WHERE id {_AMONG}"
    db.execute(f"INSERT OR IGNORE INTO source {named}", (as_json(list(source_ids)),))
    of_images = f"id IN (SELECT source_id FROM removed_image WHERE id {_AMONG})"
    ids = (as_json(image_ids),)
    db.execute(f"INSERT OR IGNORE INTO source SELECT * FROM removed_source WHERE {of_images}", ids)
    db.execute(
        "UPDATE removed_image SET source_id = (SELECT s.id FROM source s JOIN removed_source r ON r.path = s.path "
        f"WHERE r.id = removed_image.source_id) WHERE id {_AMONG} AND source_id NOT IN (SELECT id FROM source)", ids)


def _without_present(db: sqlite3.Connection, image_ids: Sequence[int]) -> list[int]:
    """Those of some removed images whose file no row of the project names."""
    path_of = "SELECT {0}.id, s.path, {0}.path FROM {0} JOIN source s ON s.id = {0}.source_id"
    hidden = db.execute(f"{path_of.format('removed_image')} WHERE removed_image.id {_AMONG}", (as_json(image_ids),))
    rows = hidden.fetchall()
    same = ("SELECT {0} FROM image JOIN source s ON s.id = image.source_id WHERE image.content_hash IN "
            f"(SELECT content_hash FROM removed_image WHERE id {_AMONG})")
    present = {os.path.join(root, path)
               for root, path in db.execute(same.format("s.path, image.path"), (as_json(image_ids),))}
    return [i for i, root, path in rows if os.path.join(root, path) not in present]


def next_image_id(db: sqlite3.Connection) -> int:
    """The first id that no image has or had while it can still come back."""
    return _next(db, "image")


def next_source_id(db: sqlite3.Connection) -> int:
    """The first id that no source has or had while it can still come back."""
    return _next(db, "source")


def _next(db: sqlite3.Connection, table: str) -> int:
    used = (f"SELECT max(id) FROM {name}" for name in (table, f"removed_{table}"))
    return max(db.execute(sql).fetchone()[0] or 0 for sql in used) + 1

"""What an import does with the files of removed images: which stay out, and which come back.

An image that was removed by itself stays out, wherever its file lies by now and however its folder comes into the
project; a file that shows something else than it did then is another image. A source that was removed as a whole
comes back when its folder is imported again, and so do its images whose files were moved since.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from core.project.catalog import as_json
from core.project.journal import REMOVE
from core.project.matching import ImportPlan
from core.project.paths import source_bytes
from core.project.removed_rows import put_back, take_out
from core.project.scan import ScannedFile, ScanResult

_LATEST = f"""
SELECT r.image_id, max(j.id), j.payload FROM journal_removal r JOIN journal j ON j.id = r.journal_id
WHERE j.undone = 0 AND j.action = '{REMOVE}' AND r.image_id IN (SELECT id FROM removed_image) GROUP BY r.image_id
"""  # beside max() SQLite takes the other columns from the same row


@dataclass(frozen=True, slots=True)
class RemovedMoves:
    """What becomes of removed images whose files were found at another place.

    Attributes:
        staying: (row, file) of those that were removed by themselves.
        n_back: Images of removed sources that came back.
        sources: Sources that came back with them, and may have no image there.
    """

    staying: tuple[tuple[int, ScannedFile], ...] = ()
    n_back: int = 0
    sources: tuple[int, ...] = ()


def return_source(db: sqlite3.Connection, folder: Path, split: str) -> int:
    """Bring back what was removed with its whole source where the folder is imported again; how many images.

    Also of a source of which a part came back before.
    """
    own = "WHERE path = ? AND split = ?"
    sql = f"SELECT id FROM removed_source {own} UNION SELECT id FROM source {own}"
    found = [row[0] for row in db.execute(sql, (source_bytes(folder), split) * 2)]
    sql = "SELECT id FROM removed_image WHERE source_id IN (SELECT value FROM json_each(?))"
    waiting = [row[0] for row in db.execute(sql, (as_json(found),))]
    alone = removed_alone(db) if waiting else ()
    return put_back(db, [i for i in waiting if i not in alone], found)


def removed_alone(db: sqlite3.Connection) -> frozenset[int]:
    """The images that are out because they were removed by themselves, and not with their source."""
    n_sources = "coalesce(json_array_length(payload, '$.sources'), 0)"
    sql = f"SELECT image_id FROM ({_LATEST}) WHERE json_valid(payload) AND {n_sources} = 0"
    return frozenset(row[0] for row in db.execute(sql))


def pass_over_removed(db: sqlite3.Connection, result: ScanResult) -> tuple[ScanResult, int]:
    """A scan without the files of images that were removed by themselves and lie where they lay; how many."""
    places: dict[bytes, set[bytes | None]] = defaultdict(set)
    sql = ("SELECT coalesce(s.path, r.path), i.path, i.content_hash FROM removed_image i "
           "LEFT JOIN source s ON s.id = i.source_id LEFT JOIN removed_source r ON r.id = i.source_id "
           "WHERE i.id IN (SELECT value FROM json_each(?))")
    for root, path, content in db.execute(sql, (as_json(list(removed_alone(db))),)):
        places[os.path.join(root or b"", path)].add(content)
    root = source_bytes(result.asked.folder)
    out = {f.path for f in result.files if f.content_hash in places.get(os.path.join(root, f.path), ())}
    return without_files(result, out), len(out)


def without_files(result: ScanResult, paths: Collection[bytes]) -> ScanResult:
    """A scan without some of its files."""
    return replace(result, files=tuple(f for f in result.files if f.path not in paths)) if paths else result


def settle_moved(db: sqlite3.Connection, plan: ImportPlan) -> tuple[ImportPlan, RemovedMoves]:
    """Take removed images out of a plan that are to stay out, and bring the others back, so that they can move."""
    sql = "SELECT id FROM removed_image WHERE id IN (SELECT value FROM json_each(?))"
    out = {row[0] for row in db.execute(sql, (as_json([i for i, _ in plan.moved]),))}
    if not out:
        return plan, RemovedMoves()
    stays = out & removed_alone(db)
    waiting = {row[0] for row in db.execute("SELECT id FROM removed_source")}
    n_back = put_back(db, sorted(out - stays))
    sources = tuple(row[0] for row in db.execute("SELECT id FROM source") if row[0] in waiting)
    there = {row[0] for row in db.execute("SELECT id FROM image WHERE id IN (SELECT value FROM json_each(?))",
                                          (as_json(sorted(out)),))}
    staying = tuple((i, file) for i, file in plan.moved if i in stays)
    taken = {file.path for _, file in staying}
    plan = replace(
        plan, moved=tuple((i, file) for i, file in plan.moved if i not in out or i in there),
        new=(*plan.new, *(file for i, file in plan.moved if i in out - stays - there)),
        displaced=tuple((i, path) for i, path in plan.displaced if path not in taken),
        missing=(*plan.missing, *(i for i, path in plan.displaced if path in taken)))
    return plan, RemovedMoves(staying, n_back, sources)


def put_away_empty(db: sqlite3.Connection, moves: RemovedMoves) -> None:
    """Take sources out again that came back with their images and have none left, for those moved elsewhere."""
    take_out(db, (), moves.sources)

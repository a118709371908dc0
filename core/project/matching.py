"""Which scanned file is which row: new, known, changed, or known from another place.

An image is known by its content. A file at an unknown path whose content belongs to a row whose
own file is gone *is* that row, moved; if the other file is still there, it is an exact duplicate. Rows of removed
images are looked at too; `core.project.removed_files` says which of them come back.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.project.paths import absolute_path, source_bytes
from core.project.scan import ScannedFile, ScanResult

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What recording a scan will do.

    Attributes:
        new: Files that get a row.
        changed: (row, file) at the same path with another content.
        touched: (row, file) at the same path with the same content, read anew.
        moved: (row, file) where the row's own file is gone; the row may be one of a removed image.
        missing: Rows whose file is gone and did not turn up elsewhere.
        displaced: (row, path) where another row moves to that path, as when files are numbered anew.
        n_unchanged: Rows that stay as they are.
    """

    new: tuple[ScannedFile, ...]
    changed: tuple[tuple[int, ScannedFile], ...]
    touched: tuple[tuple[int, ScannedFile], ...]
    moved: tuple[tuple[int, ScannedFile], ...]
    missing: tuple[int, ...]
    n_unchanged: int
    displaced: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    source_id: int
    path: bytes
    content_hash: bytes | None
    file: Path
    is_removed: bool = False


def plan_import(db: sqlite3.Connection, result: ScanResult, *, source_id: int) -> ImportPlan:
    """Match the files of a scan with the rows of the catalog; changes nothing."""
    sql = "SELECT id, path, content_hash FROM image WHERE source_id = ?"
    here = {path: _Row(i, source_id, path, content, Path()) for i, path, content in db.execute(sql, (source_id,))}
    at_path = {file.path: file for file in result.files}
    strangers = [f for f in result.files if f.path not in here or here[f.path].content_hash != f.content_hash]
    moved, twins = _find_moved(db, strangers, at_path, source_id, result.asked.folder)
    moved_ids = set(moved.values())
    changed: list[tuple[int, ScannedFile]] = []
    touched: list[tuple[int, ScannedFile]] = []
    new: list[ScannedFile] = []
    for file in result.files:
        row = here.get(file.path)
        if file.path in moved or file.path in twins:
            continue
        if row is None or row.id in moved_ids:
            new.append(file)
        else:
            (touched if row.content_hash == file.content_hash else changed).append((row.id, file))
    missing = _missing(here, result, at_path, moved_ids)
    by_path = tuple((row_id, at_path[path]) for path, row_id in moved.items())
    n_unchanged = len(result.unchanged) + len(twins) + len(touched)
    displaced = tuple((here[path].id, path) for path in moved if path in here and here[path].id not in moved_ids)
    return ImportPlan(tuple(new), tuple(changed), tuple(touched), by_path, missing, n_unchanged, displaced)


def _missing(
    here: dict[bytes, _Row], result: ScanResult, at_path: dict[bytes, ScannedFile], moved_ids: set[int]
) -> tuple[int, ...]:
    """Rows of this source that nothing was found for; unseen folders prove nothing about their files."""
    found = set(result.unchanged)
    root = source_bytes(result.asked.folder)
    unseen = tuple(os.fsencode(s.path)[len(root) + 1 :] + b"/" for s in result.skipped)
    unseen += tuple(folder + b"/" for folder in result.asked.excluded)
    return tuple(
        row.id for path, row in here.items()
        if path not in found and path not in at_path and row.id not in moved_ids and not path.startswith(unseen)
    )


def _find_moved(
    db: sqlite3.Connection, strangers: list[ScannedFile], at_path: dict[bytes, ScannedFile],
    source_id: int, folder: Path,
) -> tuple[dict[bytes, int], set[bytes]]:
    """Row by new path of what moved here, and paths that another source already has as the same file.

    Rows that lay at the same path, then those with the same file name, are preferred: where exact
    duplicates moved together, each keeps its own label.
    """
    candidates = _rows_by_hash(db, strangers)
    strangers = [f for f in strangers if f.content_hash in candidates]
    root = source_bytes(folder)
    places = {f.path: (absolute_path(root, f.path), candidates[f.content_hash or b""]) for f in strangers}
    twins = {path for path, (place, rows) in places.items()
             if any(row.source_id != source_id and row.file == place and not row.is_removed for row in rows)}
    moved: dict[bytes, int] = {}
    for common in (lambda path: path, lambda path: path.rpartition(b"/")[2], lambda path: b""):
        for file in strangers:
            if file.path in moved or file.path in twins:
                continue
            rows, wanted = candidates[file.content_hash or b""], common(file.path)
            row = next((r for r in rows if common(r.path) == wanted and _is_gone(r, at_path, source_id)), None)
            if row is not None:
                rows.remove(row)
                moved[file.path] = row.id
    return moved, twins


def _rows_by_hash(db: sqlite3.Connection, files: Iterable[ScannedFile]) -> dict[bytes, list[_Row]]:
    hashes = [f.content_hash.hex() for f in files if f.content_hash is not None]
    found: dict[bytes, list[_Row]] = defaultdict(list)
    sql = (
        "SELECT i.id, i.source_id, i.path, i.content_hash, coalesce(s.path, r.path), i.is_removed FROM ("
        "SELECT id, source_id, path, content_hash, 0 AS is_removed FROM image UNION ALL "
        "SELECT id, source_id, path, content_hash, 1 FROM removed_image) i "
        "LEFT JOIN source s ON s.id = i.source_id LEFT JOIN removed_source r ON r.id = i.source_id "
        "WHERE i.content_hash IN (SELECT unhex_blob(value) FROM json_each(?)) ORDER BY i.is_removed, i.id"
    )
    # SQLite knows unhex() only from 3.41 on
    db.create_function("unhex_blob", 1, bytes.fromhex, deterministic=True)
    for start in range(0, len(hashes), _CHUNK):
        wanted = json.dumps(hashes[start : start + _CHUNK])
        for row_id, source, path, content_hash, root, is_removed in db.execute(sql, (wanted,)):
            row = _Row(row_id, source, path, content_hash, absolute_path(root or b"", path), bool(is_removed))
            if row not in found[content_hash]:  # a content may lie in two chunks
                found[content_hash].append(row)
    return found


def _is_gone(row: _Row, at_path: dict[bytes, ScannedFile], source_id: int) -> bool:
    """Whether the row's own file no longer has the row's content."""
    if row.source_id == source_id and row.path in at_path:
        return at_path[row.path].content_hash != row.content_hash
    try:
        return not row.file.exists()
    except (OSError, ValueError):
        return True

"""JPEG thumbnails for the grid, kept by content hash in a file that may be deleted at any time.

The store is a cache: nothing that goes wrong with it reaches the caller. A damaged file is
made anew, and where nothing can be written the store lives in memory. Thumbnails that an older
decoder made are dropped, so that what is seen is what is learnt from.
"""

from __future__ import annotations

import io
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.images.decode import DECODER_VERSION
from core.images.reading import read_rgb

SIDE_PX = 256
QUALITY = 85
_SCHEMA = "CREATE TABLE IF NOT EXISTS thumbnail(hash BLOB PRIMARY KEY, jpeg BLOB NOT NULL) STRICT, WITHOUT ROWID"


def make_thumbnail(path: Path, *, side_px: int = SIDE_PX, content_hash: bytes | None = None) -> bytes:
    """A JPEG of an image whose longer side is at most `side_px`; never enlarged.

    Raises:
        ImageUnreadable: The image cannot be decoded, or is not of the content that is asked for.
    """
    image = read_rgb(path, content_hash, side_px=side_px)
    image.thumbnail((side_px, side_px))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


class ThumbnailStore:
    """Thumbnails by content hash; safe to use from several threads.

    Args:
        path: `thumbnails.sqlite` of a project; made if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = self._open()

    def get(self, content_hash: bytes) -> bytes | None:
        """The JPEG of an image, or None if it has not been made yet."""
        sql = "SELECT jpeg FROM thumbnail WHERE hash = ?"
        found: tuple[bytes] | None = self._try(lambda db: db.execute(sql, (content_hash,)).fetchone())
        return found[0] if found else None

    def put(self, content_hash: bytes, jpeg: bytes) -> None:
        """Keep one thumbnail."""
        def write(db: sqlite3.Connection) -> None:
            with db:
                db.execute("INSERT OR REPLACE INTO thumbnail VALUES (?, ?)", (content_hash, jpeg))

        self._try(write)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _try(self, action: Callable[[sqlite3.Connection], Any]) -> Any:
        with self._lock:
            try:
                return action(self._db)
            except sqlite3.ProgrammingError:
                return None  # closed while a thread was still at work
            except sqlite3.DatabaseError as error:
                if _is_damage(error):
                    self._db.close()
                    self._db = self._recreate()
                return None

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except sqlite3.DatabaseError as error:
            return self._recreate() if _is_damage(error) else _connect(":memory:")

    def _recreate(self) -> sqlite3.Connection:
        try:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            return _connect(self._path)
        except (OSError, sqlite3.DatabaseError):
            return _connect(":memory:")


def _connect(path: Path | str) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, timeout=2)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        # a cache may lose its last seconds in a power cut; it must not wait for the disk
        db.execute("PRAGMA synchronous=OFF")
        db.execute(_SCHEMA)
        _drop_of_older_decoder(db)
        db.execute("SELECT hash, jpeg FROM thumbnail LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db


def _drop_of_older_decoder(db: sqlite3.Connection) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version != DECODER_VERSION:
        with db:
            db.execute("DELETE FROM thumbnail")
            db.execute(f"PRAGMA user_version = {DECODER_VERSION}")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)

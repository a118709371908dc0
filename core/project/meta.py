"""Values of the catalog's table `meta`, each kept as JSON under a key of its own."""

from __future__ import annotations

import json
import sqlite3
from typing import Any


def read_meta(db: sqlite3.Connection, key: str, default: Any) -> Any:
    """The value of a key; the default where there is none, or what stands there is damaged or of another kind."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    try:
        value = json.loads(row[0]) if row else default
    except (ValueError, RecursionError):
        return default
    return value if isinstance(value, type(default)) else default


def write_meta(db: sqlite3.Connection, key: str, value: Any) -> None:
    """Keep a value; to be called inside a transaction."""
    sql = "INSERT INTO meta(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value"
    db.execute(sql, (key, json.dumps(value)))

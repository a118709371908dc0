"""The snapshot of a run: which images with which labels it was trained on, as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import RunError
from core.files.foreign import open_plain_file
from core.files.writing import open_text_to_write
from core.runs.sums import require_sound

SNAPSHOT_NAME = "snapshot.csv"
SNAPSHOT_COLUMNS = ("image_id", "content_hash", "path", "label", "group")
TABLE_COLUMN = "table_group"
"""Only where groups came from a table."""

UNKNOWN_GROUP = -1
"""Stands for the group of an image where nobody had looked for duplicates."""


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One labelled image as it was when the run was trained.

    Attributes:
        group: Equal for images that were known to be duplicates then; None where an earlier version did not note it.
        table_group: What the table of groups said of it; empty where there was none.
    """

    image_id: int
    content_hash: bytes
    path: Path
    label: str
    group: int | None = None
    table_group: str = ""


def read_snapshot(folder: Path) -> tuple[SnapshotRow, ...]:
    """What a run was trained on.

    Raises:
        RunError: The snapshot is missing or damaged.
    """
    require_sound(folder / SNAPSHOT_NAME)
    return read_rows(folder / SNAPSHOT_NAME)


def read_rows(path: Path) -> tuple[SnapshotRow, ...]:
    """Rows as in a snapshot.

    Raises:
        RunError: The file is missing or damaged.
    """
    try:
        with io.TextIOWrapper(open_plain_file(path), "utf-8", "surrogateescape", newline="") as file:
            return tuple(
                SnapshotRow(int(row["image_id"]), bytes.fromhex(row["content_hash"]), Path(row["path"]), row["label"],
                            int(row["group"]) if row.get("group") else None, row.get(TABLE_COLUMN) or "")
                for row in csv.DictReader(file)
            )
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise RunError("runs.snapshot_unreadable", path=path) from error


def write_rows(path: Path, rows: Iterable[SnapshotRow]) -> None:
    """Rows as in a snapshot.

    Raises:
        StorageError: The disk is full or fails.
    """
    rows = tuple(rows)
    has_table = any(row.table_group for row in rows)
    with open_text_to_write(path) as file:
        writer = csv.writer(file)
        writer.writerow((*SNAPSHOT_COLUMNS, TABLE_COLUMN) if has_table else SNAPSHOT_COLUMNS)
        writer.writerows((row.image_id, row.content_hash.hex(), row.path, row.label, row.group,
                          *((row.table_group,) if has_table else ())) for row in rows)

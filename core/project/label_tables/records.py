"""Objects of JSON as rows of a table: objects in objects become columns such as “data.image”."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.project.label_tables.rows import Grid, text_of

MAX_DEPTH = 4


def grid_of_records(records: Sequence[Mapping[str, Any]]) -> Grid:
    """A table with a column for each name, in the order in which the names appear."""
    flat = [dict(_flatten(record, "", MAX_DEPTH)) for record in records]
    titles = tuple(dict.fromkeys(title for record in flat for title in record))
    return Grid((titles, *(tuple(record.get(title, "") for title in titles) for record in flat)), has_titles=True)


def _flatten(record: Mapping[str, Any], prefix: str, depth: int) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for name, value in record.items():
        if isinstance(value, dict) and value and depth and not _is_choice(value):
            cells += _flatten(value, f"{prefix}{name}.", depth - 1)
        else:
            cells.append((f"{prefix}{name}", text_of(value)))
    return cells


def _is_choice(value: Mapping[str, Any]) -> bool:
    """Whether an object is one cell: the choices that a person made."""
    return "choices" in value or "taxonomy" in value

"""Rows of a label table: the image as the table names it, and its labels; how labels stand in one cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.errors import InputError
from core.text import Message

_NAME_KEYS = (
    "choices", "taxonomy", "rectanglelabels", "polygonlabels", "ellipselabels", "brushlabels", "keypointlabels",
    "tagName", "tag_name", "displayName", "class_name", "class", "label", "name", "tags", "labels",
)
"""Where the label stands in an object of Label Studio, Custom Vision, Vertex AI and their like."""

_NO_LABEL = frozenset({"", "nan", "null", "<na>", "#n/a"})
"""What spreadsheets and pandas write where there is no label."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One image of a table.

    Attributes:
        image: What the table calls it, as it stands there.
        labels: Its labels without repetition; none where the table has none.
        split: "train" or "test" where the table says so, else empty.
        excluded: Why the image is excluded, as the table says it; empty where it is not, None where nothing is said.
    """

    image: str
    labels: tuple[str, ...]
    split: str = ""
    excluded: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells which image the row means."""
        return self.image, self.split


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose columns must still be chosen.

    Attributes:
        rows: All rows; the first may hold titles.
        has_titles: Whether the first row is known to hold titles; None where that must be found out.
    """

    rows: tuple[tuple[str, ...], ...]
    has_titles: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelTable:
    """A table that was understood.

    Attributes:
        form: What it is ("Label Studio, JSON").
        rows: One for each row or image.
        columns: Titles or numbers of the columns of the image and the label; empty where there are no columns.
        notes: What the reader should know, whole sentences.
    """

    form: Message
    rows: tuple[LabelRow, ...]
    columns: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()


class ColumnsUnclear(InputError):
    """Nobody but the user can say which column names the image and which the label.

    Attributes:
        rows: The first rows of the table.
        has_titles: Whether the first of them holds titles.
    """

    def __init__(self, code: str, grid: Grid, *, hint: str = "tables.name_the_columns", **params: Any) -> None:
        super().__init__(code, hint, **params)
        self.rows, self.has_titles = grid.rows[:6], bool(grid.has_titles)


def is_no_label(text: str) -> bool:
    """Whether a cell says that the image has no label."""
    return text.strip(" \t/").casefold() in _NO_LABEL


def labels_in_cell(cell: str) -> tuple[str, ...]:
    """The labels in one cell: its text, or those in a list or object of JSON."""
    text = cell.strip()
    if text[:1] in ("[", "{"):
        for attempt in (text, text.replace("'", '"')):  # a list as Python prints it
            try:
                return labels_in_value(json.loads(attempt))
            except (ValueError, RecursionError):
                continue
    return () if is_no_label(text) else (cell,)


def labels_in_value(value: Any) -> tuple[str, ...]:
    """The labels in a value of JSON, without repetition."""
    return tuple(dict.fromkeys(label for label in _labels(value) if not is_no_label(label)))


def _labels(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        key = next((key for key in _NAME_KEYS if key in value), None)
        if key == "taxonomy" and isinstance(value[key], list):
            yield from ("/".join(map(str, path)) if isinstance(path, list) else str(path) for path in value[key])
        elif key is not None:
            yield from _labels(value[key])
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, list) and all(isinstance(part, str) for part in item):
                yield "/".join(item)  # a path in a taxonomy
            else:
                yield from _labels(item)
    elif value is not None:
        yield text_of(value)


def text_of(value: Any) -> str:
    """A plain value of JSON as a table would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

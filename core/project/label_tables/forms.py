"""Which form a label table has: recognised by how the file is built, each form by a reader of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.project.label_tables.columns import COLUMNS, FEW_ROWS, Chosen, read_grid
from core.project.label_tables.grid_columns import Fit, mend_rows
from core.project.label_tables.json_forms import JSON_FORMS
from core.project.label_tables.lists import FORM as LIST
from core.project.label_tables.lists import is_list, read_list
from core.project.label_tables.records import grid_of_records
from core.project.label_tables.rows import Grid, LabelRow, LabelTable
from core.project.label_tables.several import require_one_label, split_labels
from core.project.label_tables.titles import SPLIT_WORDS, split_in_cell
from core.project.label_tables.xml_forms import read_xml
from core.files.read_table import find_separator, read_text, split_rows
from core.text import Message

HINT = Message("tables.write_two_columns")
JSON_LINES = "tables.form.json_lines"
AUTOML = Message("tables.form.automl")


def read_label_table(
    path: Path, fit: Fit, *, classes: Collection[str] = (), columns: Chosen | None = None
) -> LabelTable:
    """The images and labels of a file.

    Args:
        path: A file of any form that is known.
        fit: Says whether a cell names an image of the project.
        classes: The classes of the project.
        columns: Columns that the user named; None to find them.

    Raises:
        ColumnsUnclear: It could be several columns, or none.
        InputError: The file cannot be read, is of no form that is known, or has several labels an image.
    """
    found = _understand(read_text(path), path, fit)
    if isinstance(found, tuple):
        form, grid = found
        found = read_grid(grid, path.name, fit, classes=classes, chosen=columns, form=form)
    elif columns:
        raise InputError("tables.no_columns", name=path.name, form=found.form)
    table = split_labels(found, classes)
    require_one_label(table, path.name)
    return _with_doubts(table, path.name, is_chosen=bool(columns))


def _with_doubts(table: LabelTable, name: str, *, is_chosen: bool) -> LabelTable:
    """The same table with a note if it has but one label.

    Raises:
        InputError: Each image has a number of its own.
    """
    labels = {label for row in table.rows for label in row.labels}
    if len(table.rows) < FEW_ROWS or is_chosen:
        return table
    if len(labels) == len(table.rows) and all(label.isdecimal() for label in labels):
        raise InputError("tables.numbers_of_their_own", n=len(labels), name=name)
    if len(labels) == 1:
        return replace(table, notes=(*table.notes, Message("tables.one_label_only", label=labels.pop().strip())))
    return table


def _understand(text: str, path: Path, fit: Fit) -> LabelTable | tuple[str, Grid]:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start in ("{", "["):
        return _read_json(text.lstrip("\ufeff"), path.name)
    if start == "<":
        return read_xml(text.lstrip("\ufeff \t\r\n"), path.name)
    text = _without_remarks(text, fit)
    listed = read_list(text, path, fit) if not find_separator(text)[1] or is_list(text) else None
    if listed is not None:
        return (LIST, listed) if isinstance(listed, Grid) else listed
    rows = split_rows(text, path)
    return _read_automl(rows) or (COLUMNS, Grid(tuple(mend_rows(rows, find_separator(text)[0], fit))))


def _without_remarks(text: str, fit: Fit) -> str:
    """A text without lines at its beginning that are marked as remarks."""
    while text.startswith("#"):
        line, _, rest = text.partition("\n")
        if fit(re.split(r"[,;\t| ]", line)[0].strip('" ')) or not rest:
            break
        text = rest
    return text


def _read_automl(rows: list[list[str]]) -> LabelTable | None:
    """`TRAIN,gs://bucket/a.jpg,label`, the first column may be missing; each further column is a further label."""
    if not rows or not any(cell.strip().startswith("gs://") for cell in rows[0][:2]):
        return None
    places = [next((i for i, cell in enumerate(row[:2]) if cell.strip().startswith("gs://")), None) for row in rows]
    if None in places:
        return None
    pairs = [(row, int(place or 0)) for row, place in zip(rows, places, strict=True)]
    parts = {row[0].strip().lower() for row, place in pairs if place == 1}
    if not parts <= SPLIT_WORDS:
        return None
    return LabelTable(AUTOML, tuple(
        LabelRow(row[place], tuple(dict.fromkeys(filter(_is_word, row[place + 1:]))),
                 split_in_cell(row[0]) if place else "") for row, place in pairs
    ))


def _is_word(cell: str) -> bool:
    """Whether a cell holds a label: what follows it may be the corners of a box."""
    return bool(cell.strip()) and not cell.strip().lower().startswith(("0.", "1.0"))


def _read_json(text: str, name: str) -> LabelTable | tuple[str, Grid]:
    document = _parse(text)
    if document is None:
        records = [_parse(line) for line in text.splitlines() if line.strip()]
        if records and all(isinstance(record, dict) for record in records):
            return JSON_LINES, grid_of_records(records)
        raise InputError("tables.damaged_json", name=name)
    for form, read in JSON_FORMS:
        found = read(document)
        if isinstance(found, Grid):
            return form, found
        if found is not None:
            return LabelTable(Message(form), tuple(found))
    raise InputError("tables.unknown_json", HINT, name=name)


def _parse(text: str) -> Any:
    """The value of a text in JSON; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None

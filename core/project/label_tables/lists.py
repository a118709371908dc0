"""Lists of `path label` a line, separated by spaces, as Caffe, ImageNet and Datumaro write them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from core.images.formats import EXTENSIONS, has_image_extension
from core.project.label_tables.grid_columns import Fit
from core.project.label_tables.rows import Grid, LabelRow, LabelTable
from core.project.label_tables.titles import means_image, means_label
from core.files.read_table import first_lines
from core.text import Message

FORM = "tables.form.list"
NAMES_FILE = "synsets.txt"
"""The names of the numbers of such a list, a line each, from 0; Datumaro writes it beside the list."""

_ENDING = rf"\.(?:{'|'.join(sorted((re.escape(e[1:]) for e in EXTENSIONS), key=len, reverse=True))})"
_BY_ENDING = re.compile(rf'"?(?P<image>[^"]*?{_ENDING})"?\s+(?P<label>\S.*)', re.IGNORECASE)
_LABEL_FIRST = re.compile(rf'(?P<label>\S+)\s+"?(?P<image>[^"]*{_ENDING})"?', re.IGNORECASE)
_QUOTED = re.compile(r'"(?P<image>[^"]+)"\s+(?P<label>\S.*)')
_LINES = (_BY_ENDING, _LABEL_FIRST, _QUOTED)


def is_list(text: str) -> bool:
    """Whether each of the first lines has a path, a space and a label, whatever commas the path has."""
    lines = first_lines(text)
    return bool(lines) and all(any(form.fullmatch(line.strip()) for form in _LINES[:2]) for line in lines)


def read_list(text: str, path: Path, fit: Fit) -> LabelTable | Grid | None:
    """The images and labels of a list; its columns if there are more than two; None if it is none.

    Args:
        text: The whole file.
        path: Where it lies; names of numbered classes may lie beside it.
        fit: Says whether a cell names an image of the project.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or (not is_list(text) and any("," in line or ";" in line for line in lines)):
        return None
    rows = [_row_of(line, fit) for line in lines if len(line.split()) > 1]
    if len(rows) < len(lines):
        return None
    cells = [tuple(line.split()) for line in lines]
    if len(cells[0]) > 2 and len(set(map(len, cells))) == 1 and _has_columns(cells):
        return Grid(tuple(cells))
    if means_image(rows[0].image) and all(map(means_label, rows[0].labels)):
        rows = rows[1:]
    return _with_names(LabelTable(Message(FORM), tuple(rows)), path)


def _has_columns(cells: list[tuple[str, ...]]) -> bool:
    """Whether words in a line are columns: there are titles, or a number stands before the image."""
    if means_image(cells[0][0]) and any(map(means_label, cells[0][1:])):
        return True
    return all(row[0].isdecimal() and has_image_extension(row[1]) for row in cells)


def _row_of(line: str, fit: Fit) -> LabelRow:
    found = next(filter(None, (form.fullmatch(line) for form in _LINES)), None)
    image, label = (found["image"], found["label"].strip()) if found else _split_by_name(line, fit)
    parts = label.split()
    are_numbers = len(parts) > 1 and all(part.isdecimal() for part in parts)
    return LabelRow(image, tuple(dict.fromkeys(parts)) if are_numbers else (label,))


def _split_by_name(line: str, fit: Fit) -> tuple[str, str]:
    """Image and label of a line: the longest beginning that names an image, else all but the last word."""
    words = line.split(" ") if " " in line else line.split()
    for i in range(len(words) - 1, 0, -1):
        image, label = " ".join(words[:i]), " ".join(words[i:])
        if label.strip() and fit(image):
            return image, label.strip()
    image, _, label = line.rpartition(" ") if " " in line else line.rpartition("\t")
    return image.strip(), label


def _with_names(table: LabelTable, path: Path) -> LabelTable:
    """The table with the names of its numbers, where they lie beside it."""
    try:
        names = (path.parent / NAMES_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return table
    numbers = {label for row in table.rows for label in row.labels}
    if not names or not all(number.isdecimal() and int(number) < len(names) for number in numbers):
        return table
    rows = tuple(replace(row, labels=tuple(names[int(number)].strip() for number in row.labels))
                 for row in table.rows)
    return replace(table, rows=rows, notes=(Message("tables.names_from_file", file=NAMES_FILE),))

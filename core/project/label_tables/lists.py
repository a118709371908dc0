"""Lists of `path label` a line, separated by spaces, as Caffe, ImageNet and Datumaro write them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from core.images.formats import EXTENSIONS
from core.project.label_tables.rows import LabelRow, LabelTable
from core.project.label_tables.titles import means_image, means_label
from core.runs.read_table import first_lines

FORM = "list of path and label"
NAMES_FILE = "synsets.txt"
"""The names of the numbers of such a list, a line each, from 0; Datumaro writes it beside the list."""

_ENDING = rf"\.(?:{'|'.join(sorted((re.escape(e[1:]) for e in EXTENSIONS), key=len, reverse=True))})"
_BY_ENDING = re.compile(rf'"?(?P<image>[^"]*?{_ENDING})"?\s+(?P<label>\S.*)', re.IGNORECASE)
_LABEL_FIRST = re.compile(rf'(?P<label>\S+)\s+"?(?P<image>[^"]*{_ENDING})"?', re.IGNORECASE)
_QUOTED = re.compile(r'"(?P<image>[^"]+)"\s+(?P<label>\S.*)')
_BY_LAST = re.compile(r"(?P<image>\S.*?)\s+(?P<label>\S+)")
_LINES = (_BY_ENDING, _LABEL_FIRST, _QUOTED, _BY_LAST)


def is_list(text: str) -> bool:
    """Whether each of the first lines has a path, a space and a label, whatever commas the path has."""
    lines = first_lines(text)
    return bool(lines) and all(any(form.fullmatch(line.strip()) for form in _LINES[:2]) for line in lines)


def read_list(text: str, path: Path) -> LabelTable | None:
    """The images and labels of a list; None if it is none.

    Args:
        text: The whole file.
        path: Where it lies; names of numbered classes may lie beside it.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or (not is_list(text) and any("," in line or ";" in line for line in lines)):
        return None
    found = [next(filter(None, (form.fullmatch(line) for form in _LINES)), None) for line in lines]
    rows = [_row_of(one) for one in found if one is not None]
    if len(rows) < len(lines):
        return None
    if means_image(rows[0].image) and all(map(means_label, rows[0].labels)):
        rows = rows[1:]
    return _with_names(LabelTable(FORM, tuple(rows)), path)


def _row_of(found: re.Match[str]) -> LabelRow:
    label = found["label"].strip()
    parts = label.split()
    are_numbers = len(parts) > 1 and all(part.isdecimal() for part in parts)
    return LabelRow(found["image"], tuple(dict.fromkeys(parts)) if are_numbers else (label,))


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
    return replace(table, rows=rows, notes=(f"The names of the numbers are from “{NAMES_FILE}” beside the table.",))

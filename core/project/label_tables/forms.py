"""Reads a table of labels of any form: comma-separated, JSON, lists of `path label` lines, and CVAT's XML."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from core.errors import InputError
from core.files.read_table import find_separator, first_lines, read_text, split_rows
from core.images.formats import EXTENSIONS, has_image_extension
from core.project.label_tables.columns import COLUMNS, FEW_ROWS, Chosen, read_grid
from core.project.label_tables.json_forms import JSON_FORMS, grid_of_records
from core.project.label_tables.rows import Grid, LabelRow, LabelTable
from core.project.label_tables.titles import (
    PLURAL_TITLES, SPLIT_WORDS, Fit, meanings, means_image, means_label, mend_rows, split_in_cell,
)
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
    table = _split_labels(found, classes)
    _require_one_label(table, path.name)
    return _with_doubts(table, path.name, is_chosen=bool(columns))


def _with_doubts(table: LabelTable, name: str, *, is_chosen: bool) -> LabelTable:
    """The same table with a note if it has but one label; refused if each image has a number of its own."""
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
        return _read_xml(text.lstrip("\ufeff \t\r\n"), path.name)
    text = _without_remarks(text, fit)
    listed = _read_list(text, path, fit) if not find_separator(text)[1] or _is_list(text) else None
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


LIST = "tables.form.list"
NAMES_FILE = "synsets.txt"
"""The names of the numbers of such a list, a line each, from 0; Datumaro writes it beside the list."""

_ENDING = rf"\.(?:{'|'.join(sorted((re.escape(e[1:]) for e in EXTENSIONS), key=len, reverse=True))})"
_BY_ENDING = re.compile(rf'"?(?P<image>[^"]*?{_ENDING})"?\s+(?P<label>\S.*)', re.IGNORECASE)
_LABEL_FIRST = re.compile(rf'(?P<label>\S+)\s+"?(?P<image>[^"]*{_ENDING})"?', re.IGNORECASE)
_QUOTED = re.compile(r'"(?P<image>[^"]+)"\s+(?P<label>\S.*)')
_LINES = (_BY_ENDING, _LABEL_FIRST, _QUOTED)


def _is_list(text: str) -> bool:
    """Whether each of the first lines has a path, a space and a label, whatever commas the path has."""
    lines = first_lines(text)
    return bool(lines) and all(any(form.fullmatch(line.strip()) for form in _LINES[:2]) for line in lines)


def _read_list(text: str, path: Path, fit: Fit) -> LabelTable | Grid | None:
    """The images and labels of a list; its columns if there are more than two; None if it is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or (not _is_list(text) and any("," in line or ";" in line for line in lines)):
        return None
    rows = [_row_of(line, fit) for line in lines if len(line.split()) > 1]
    if len(rows) < len(lines):
        return None
    cells = [tuple(line.split()) for line in lines]
    if len(cells[0]) > 2 and len(set(map(len, cells))) == 1 and _has_columns(cells):
        return Grid(tuple(cells))
    if means_image(rows[0].image) and all(map(means_label, rows[0].labels)):
        rows = rows[1:]
    return _with_names(LabelTable(Message(LIST), tuple(rows)), path)


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


_CVAT = Message("tables.form.cvat")
_AS_TABLE = Message("tables.export_as_table")


def _read_xml(text: str, name: str) -> LabelTable:
    """The labels of CVAT's own form."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError("tables.xml_with_entities", _AS_TABLE, name=name)
    try:
        root = ElementTree.fromstring(_with_its_encoding(text))
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise InputError("tables.damaged_xml", name=name, reason=str(error)) from error
    images = root.findall("image") if root.tag == "annotations" else []
    if not images:
        raise InputError("tables.unknown_xml", _AS_TABLE, name=name, tag=root.tag)
    return LabelTable(_CVAT, tuple(LabelRow(image.get("name", ""), _labels(image)) for image in images))


def _with_its_encoding(text: str) -> str | bytes:
    """The text, or the bytes of a file that is not UTF-8: its first line says what they are."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")
    return text


def _labels(image: ElementTree.Element) -> tuple[str, ...]:
    """The tags of an image; those of its shapes where it has no tag."""
    tags = [shape.get("label", "") for shape in image if shape.tag == "tag"]
    shapes = [shape.get("label", "") for shape in image]
    return tuple(dict.fromkeys(filter(None, tags or shapes)))


SHARE_OF_SLIPS = 0.05
"""Up to this share of the rows is left out; more are no slips, and the table is refused."""

N_SHOWN = 3
_SIGNS = re.compile(r"[|;]")
_COMMA = re.compile(r",")
_SPACES = re.compile(r"[ ]")
_FAMILIAR = 0.5
"""Tags make many combinations of few words."""


def _split_labels(table: LabelTable, classes: Collection[str]) -> LabelTable:
    """The same table with labels like “cat|dog” taken apart; what is a class of the project stays one."""
    labels = Counter(label.strip() for row in table.rows for label in row.labels)
    is_plural = any(meanings(title) & PLURAL_TITLES for title in table.columns[1:])
    parts: dict[str, tuple[str, ...]] = {}
    for pattern in (_SIGNS, _COMMA, _SPACES):
        whole = [label for label in labels if label not in classes and label not in parts]
        parts |= _taken_apart(whole, pattern, classes, is_plural=is_plural)
    if not parts:
        return table
    return replace(table, rows=tuple(
        row if row.labels and row.labels[0].strip() not in parts
        else replace(row, labels=tuple(dict.fromkeys(
            part for label in row.labels for part in parts.get(label.strip(), (label,)))))
        for row in table.rows
    ))


def _taken_apart(
    labels: Sequence[str], pattern: re.Pattern[str], classes: Collection[str], *, is_plural: bool
) -> dict[str, tuple[str, ...]]:
    """The parts of the labels that are several by one kind of separator."""
    split = {label: tuple(filter(None, map(str.strip, pattern.split(label)))) for label in labels}
    several = {label: parts for label, parts in split.items() if len(parts) > 1}
    if pattern is _SIGNS:  # no name of a class has these
        return several
    single = {parts[0] for parts in split.values() if len(parts) == 1} | set(classes)
    if _are_tags(several.values(), single, is_plural=is_plural):
        return several
    return {label: parts for label, parts in several.items() if all(part in single for part in parts)}


def _are_tags(several: Collection[tuple[str, ...]], single: Collection[str], *, is_plural: bool) -> bool:
    """Whether few words make many combinations, or a word stands at other places, as in no list of names."""
    n_words = len({part for parts in several for part in parts})
    lengths = {len(parts) for parts in several}
    if len(several) > 3 and len(lengths) > 1 and n_words <= _FAMILIAR * len(several):
        return True
    return is_plural and (_has_travelling_word(several) or _has_part_of_another(several))


def _has_travelling_word(several: Iterable[tuple[str, ...]]) -> bool:
    places: dict[str, set[tuple[int, int]]] = {}
    for parts in several:
        for i, part in enumerate(parts):
            places.setdefault(part, set()).add((i, len(parts) - i))
    return any(len({a for a, _ in found}) > 1 and len({b for _, b in found}) > 1 for found in places.values())


def _has_part_of_another(several: Collection[tuple[str, ...]]) -> bool:
    """Whether a combination of at least two holds no word that a longer one does not hold."""
    sets = {frozenset(parts) for parts in several}
    return len(sets) < 2_000 and any(a < b for a in sets for b in sets)


def _require_one_label(table: LabelTable, name: str) -> None:
    """Refuse a table that has several labels an image, but for a few slips, which are reported row by row."""
    several = [row for row in table.rows if len(row.labels) > 1]
    if len(several) > SHARE_OF_SLIPS * len(table.rows):
        first = tuple(Message("tables.row", image=row.image, labels=row.labels) for row in several[:N_SHOWN])
        raise InputError("tables.several_labels", n=len(several), rows=len(table.rows), name=name, first=first)

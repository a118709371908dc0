"""Tables with several labels an image: found in cells such as “cat dog” or “cat|dog”, and refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from core.errors import InputError
from core.project.label_tables.rows import LabelTable
from core.project.label_tables.titles import PLURAL_TITLES, meanings
from core.text import Message

SHARE_OF_SLIPS = 0.05
"""Up to this share of the rows is left out; more are no slips, and the table is refused."""

N_SHOWN = 3
_SIGNS = re.compile(r"[|;]")
_COMMA = re.compile(r",")
_SPACES = re.compile(r"[ ]")
_FAMILIAR = 0.5
"""Tags make many combinations of few words."""


def split_labels(table: LabelTable, classes: Collection[str]) -> LabelTable:
    """The same table with the labels of cells like “cat|dog” taken apart.

    Args:
        table: One that was understood.
        classes: Classes of the project; what is one stays one.
    """
    labels = Counter(label.strip() for row in table.rows for label in row.labels)
    is_plural = any(meaning in PLURAL_TITLES for title in table.columns[1:] for meaning in meanings(title))
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


def require_one_label(table: LabelTable, name: str) -> None:
    """Refuse a table that has several labels an image, but for a few slips, which are reported row by row.

    Raises:
        InputError: More than a few rows have several labels.
    """
    several = [row for row in table.rows if len(row.labels) > 1]
    if len(several) > SHARE_OF_SLIPS * len(table.rows):
        first = tuple(Message("tables.row", image=row.image, labels=row.labels) for row in several[:N_SHOWN])
        raise InputError("tables.several_labels", n=len(several), rows=len(table.rows), name=name, first=first)

"""Tables with one column a class, 1 where the image shows it (one-hot)."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import InputError
from core.project.label_tables.rows import LabelRow, LabelTable
from core.project.label_tables.titles import FLAG_TITLES, means_other, plain_title
from core.text import Message

FORM = Message("tables.form.one_hot")
_YES = frozenset({"1", "1.0", "true", "yes", "x", "sí", "si", "verdadero"})
_NO = frozenset({"0", "0.0", "false", "no", "", "falso", "nan", "-1", "-1.0"})


def read_one_hot(
    titles: Sequence[str], rows: Sequence[Sequence[str]], image: int, name: str, has_titles: bool
) -> LabelTable | None:
    """The label of each row is the title of its column with a 1; None if the table is of another form.

    Args:
        titles: Of all columns.
        rows: Cells, without the titles.
        image: The column of the image.
        name: What to call the table in an error.
        has_titles: Without titles there are no names for the classes.

    Raises:
        InputError: The columns hold probabilities.
    """
    if not has_titles or not rows:
        return None
    others = [i for i in range(len(titles)) if i != image and plain_title(titles[i]) not in FLAG_TITLES
              and not means_other(titles[i])]
    found = [i for i in others if _is_yes_or_no(rows, i)]
    if len(found) < 2:
        _refuse_probabilities(titles, rows, others, name)
        return None
    return LabelTable(FORM, tuple(
        LabelRow(row[image], tuple(titles[i] for i in found if row[i].strip().casefold() in _YES)) for row in rows
    ), (titles[image], f"{titles[found[0]]} … {titles[found[-1]]}"))


def _is_yes_or_no(rows: Sequence[Sequence[str]], column: int) -> bool:
    values = {row[column].strip().casefold() for row in rows}
    return values <= _YES | _NO and bool(values - {""})


def _refuse_probabilities(
    titles: Sequence[str], rows: Sequence[Sequence[str]], others: Sequence[int], name: str
) -> None:
    """Columns whose numbers sum to 1 in each row are what a model said."""
    shares = [i for i in others if all(_is_share(row[i]) for row in rows)]
    if len(shares) > 1 and all(abs(sum(float(row[i]) for i in shares) - 1) < 0.02 for row in rows):
        raise InputError("tables.probabilities", name=name)


def _is_share(cell: str) -> bool:
    try:
        return 0 <= float(cell) <= 1
    except ValueError:
        return False

"""Chooses the columns of the image and of the label: by title, and by cells where titles leave doubt."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from core.errors import InputError
from core.images.formats import has_image_extension
from core.project.label_tables import titles as words
from core.project.label_tables.titles import Columns, Fit, columns_of, has_titles
from core.project.label_tables.rows import ColumnsUnclear, Grid, LabelRow, LabelTable, is_no_label, labels_in_cell
from core.text import Message

SHARE_OF_DIFFERENT = 0.5
"""Labels repeat: a column with more values than this share of its rows is no column of labels."""

FEW_ROWS = 8
"""Below this number of rows nothing can be told from how often values repeat."""

MANY_ROWS = 20
"""From this number of rows a column is no label, whatever its title says, if no two rows have the same value."""

COLUMNS = "tables.form.columns"

Chosen = str | tuple[int, int]
"""Columns of image and label that the user named: “IMAGE,LABEL”, titles or numbers from 1; or places from 0."""


def read_grid(
    grid: Grid, name: str, fit: Fit, *, classes: Collection[str] = (), chosen: Chosen | None = None,
    form: str = COLUMNS,
) -> LabelTable:
    """The rows of a table after choosing its columns.

    Args:
        grid: Cells as they stand.
        name: What to call the table in an error.
        fit: Says whether a cell names an image of the project.
        classes: The classes of the project.
        chosen: Columns that the user named; None to find them.
        form: Code of what kind of table it is.

    Raises:
        ColumnsUnclear: It could be several columns, or none.
        InputError: The table has no two columns, holds predictions, or the chosen columns are not in it.
    """
    if not grid.rows:
        return LabelTable(Message(form), ())
    if max(map(len, grid.rows)) < 2:
        raise InputError("tables.no_two_columns", name=name)
    grid = replace(grid, has_titles=has_titles(grid, fit))
    columns = columns_of(grid)
    if chosen:
        return _two_columns(columns, *_chosen_columns(columns, chosen, name), form)
    image = image_column(columns, fit)
    if image is None:
        raise _unclear(name, grid, columns)
    label, notes = _label_column(columns, image, classes)
    if label is None and (table := _read_one_hot(columns, image, name)):
        return table
    if label is None:
        label = _label_by_cells(columns, image, classes)
    if label is None:
        raise _unclear(name, grid, columns)
    _require_labels(columns, image, label, name, grid, classes)
    return _two_columns(columns, image, label, form, notes)


def _two_columns(
    columns: Columns, image: int, label: int, form: str, notes: tuple[Message, ...] = ()
) -> LabelTable:
    part = _split_column(columns, image, label)
    rows = [LabelRow(row[image], labels_in_cell(row[label]), "" if part is None else words.split_in_cell(row[part]))
            for row in columns.rows]
    if (said := _excluded_column(columns, image, label)) is not None:
        rows = [replace(row, excluded=cells[said]) for row, cells in zip(rows, columns.rows, strict=True)]
    if _are_whole_numbers(text for row in rows for text in row.labels):
        rows = [replace(row, labels=tuple(text.strip()[:-2] for text in row.labels)) for row in rows]
    if columns.has_titles and words.have_boxes(columns.titles):
        rows = _join_objects(rows)
    titles = (columns.titles[image], columns.titles[label])
    return LabelTable(Message(form), tuple(rows), titles, notes + _unused(columns))


def _are_whole_numbers(texts: Iterable[str]) -> bool:
    """Whether all labels are like “3.0”, as pandas writes whole numbers beside an empty cell."""
    found = set(texts)
    return bool(found) and all(text.strip().endswith(".0") and text.strip()[:-2].isdecimal() for text in found)


def _join_objects(rows: list[LabelRow]) -> list[LabelRow]:
    """One row an image from one row an object."""
    labels: dict[tuple[str, str], dict[str, None]] = {}
    last = {row.key: row for row in rows}
    for row in rows:
        labels.setdefault(row.key, {}).update(dict.fromkeys(row.labels))
    return [replace(last[key], labels=tuple(found)) for key, found in labels.items()]


def _split_column(columns: Columns, image: int, label: int) -> int | None:
    """The column that says which part each image is of."""
    for i, title in enumerate(columns.titles):
        said = list(map(words.split_in_cell, columns.cells(i)))
        is_titled = columns.has_titles and words.plain_title(title) in words.SPLIT_TITLES
        if i not in (image, label) and any(said) and (is_titled or all(said)):
            return i
    return None


def _excluded_column(columns: Columns, image: int, label: int) -> int | None:
    """The column that says which images are excluded."""
    found = (i for i, title in enumerate(columns.titles) if words.plain_title(title) == words.EXCLUDED)
    return next((i for i in found if columns.has_titles and i not in (image, label)), None)


def _unused(columns: Columns) -> tuple[Message, ...]:
    """fastai marks the images to validate with; there is no such part here, which is said."""
    found = [title for title in columns.titles if words.plain_title(title) in ("isvalid", "fold")]
    return tuple(Message("tables.column_not_used", title=title) for title in found)


def _chosen_columns(columns: Columns, chosen: Chosen, name: str) -> tuple[int, int]:
    if not isinstance(chosen, str):
        return chosen
    parts = [part.strip() for part in next(csv.reader([chosen]), [])]
    found = [column_named(columns, part) for part in parts]
    if len(found) != 2 or None in found or found[0] == found[1]:
        raise InputError("tables.no_such_columns", chosen=chosen, name=name, titles=columns.titles)
    return int(found[0] or 0), int(found[1] or 0)


def column_named(columns: Columns, text: str) -> int | None:
    if text in columns.titles:
        return columns.titles.index(text)
    plain = [words.plain_title(title) for title in columns.titles]
    if words.plain_title(text) in plain:
        return plain.index(words.plain_title(text))
    return int(text) - 1 if text.isdecimal() and 1 <= int(text) <= len(plain) else None


def image_column(columns: Columns, fit: Fit) -> int | None:
    """The column whose cells name images; of equal ones the first with a title that says so.

    None where two columns name different images and no title tells which is meant, as in a table of pairs.
    """
    scores = []
    for column, title in enumerate(columns.titles):
        cells = columns.cells(column)
        is_titled = columns.has_titles and words.means_image(title)
        # a column of numbers may name images by chance
        fits = sum(map(fit, cells)) * (2 if is_titled else 1)
        scores.append((fits, sum(map(has_image_extension, cells)), is_titled))
    best = [i for i, score in enumerate(scores) if score == max(scores)]
    if max(scores)[0] and len({tuple(map(_name_in, columns.cells(i))) for i in best}) > 1:
        best = [i for i in best if scores[i][2] and words.plain_title(columns.titles[i]) not in words.BARE_IDS]
        return best[0] if len(best) == 1 else None
    return best[0]


def _name_in(cell: str) -> str:
    """The name of an image as cells of two columns may both have it: without folders, ending and capitals."""
    name = PurePosixPath(cell.strip().replace("\\", "/")).name.casefold()
    return name.rpartition(".")[0] if has_image_extension(name) else name


def _label_column(columns: Columns, image: int, classes: Collection[str]) -> tuple[int | None, tuple[Message, ...]]:
    """The column whose title means the label, or the only other one; None where that is in doubt."""
    has_excluded = columns.has_titles and words.EXCLUDED in map(words.plain_title, columns.titles)
    others = [i for i, title in enumerate(columns.titles) if i != image and (
        any(c.strip() for c in columns.cells(i)) or has_excluded and words.means_label(title))]
    if len(columns.titles) == 2:
        others = [1 - image]
    if not columns.has_titles:
        return (others[0], ()) if len(others) == 1 else (None, ())
    titled = [i for i in others if words.means_label(columns.titles[i])]
    if len(titled) > 1:
        return _best_of(columns, titled, classes)
    if titled and (named := _names_of_numbers(columns, titled[0], others, classes)) is not None:
        titles = {"names": columns.titles[named], "numbers": columns.titles[titled[0]]}
        return named, (Message("tables.names_instead_of_numbers", **titles),)
    if titled or len(others) != 1:
        return (titled[0] if titled else None), ()
    title = columns.titles[others[0]]
    return (None if words.means_prediction(title) or words.plain_title(title) == words.EXCLUDED else others[0]), ()


def _best_of(
    columns: Columns, titled: list[int], classes: Collection[str]
) -> tuple[int | None, tuple[Message, ...]]:
    """One of several columns that may hold the label."""
    for fits in (
        [i for i in titled if classes and columns.values(i) <= set(classes)],
        [i for i in titled if _say_the_same(columns, titled) and not _are_numbers(columns.values(i))],
        [i for i in titled if words.meanings(columns.titles[i]) & words.PLAIN_LABEL_TITLES],
    ):
        if len(fits) == 1:
            others = [columns.titles[i] for i in titled if i != fits[0]]
            return fits[0], (Message("tables.one_column_of_several", title=columns.titles[fits[0]], others=others),)
    return None, ()


def _names_of_numbers(columns: Columns, label: int, others: list[int], classes: Collection[str]) -> int | None:
    """The only column that has a name for each number of the label's column; None if there is none, or no need."""
    numbers = {row[label].strip() for row in columns.rows}
    if len(numbers) < 2 or not _are_numbers(numbers) or numbers <= set(classes):
        return None
    found = []
    for i in others:
        pairs = {(row[label].strip(), row[i].strip()) for row in columns.rows}
        names = {name for _, name in pairs}
        is_one_to_one = len(pairs) == len(names) == len(numbers) < len(columns.rows) / 2
        if is_one_to_one and not any(map(_are_numbers, ([name] for name in names))) and "" not in names:
            found += [] if words.means_other(columns.titles[i]) else [i]
    return found[0] if len(found) == 1 else None


def _say_the_same(columns: Columns, chosen: list[int]) -> bool:
    """Whether each value of one column goes with one value of each other, as numbers go with names."""
    together = {tuple(row[i].strip() for i in chosen) for row in columns.sample}
    return all(len({values[k] for values in together}) == len(together) for k in range(len(chosen)))


def _label_by_cells(columns: Columns, image: int, classes: Collection[str]) -> int | None:
    """The only column whose values repeat, are not all the same and are no measures."""
    found = [
        i for i in range(len(columns.titles)) if i != image and not all(map(words.split_in_cell, columns.cells(i)))
        and not (columns.has_titles and (words.means_other(columns.titles[i]) or words.means_image(columns.titles[i])
                                         or words.means_prediction(columns.titles[i])))
        and 1 < len(columns.values(i)) and not _are_measures(columns.values(i))
        and (len(columns.sample) < FEW_ROWS
             or len(columns.values(i)) <= SHARE_OF_DIFFERENT * len(columns.sample))
    ]
    if len(found) > 1:
        found = [i for i in found if classes and columns.values(i) <= set(classes)]
    return found[0] if len(found) == 1 else None


def _are_numbers(values: Collection[str]) -> bool:
    return all(value.removesuffix(".0").lstrip("-").isdecimal() for value in values)


def _are_measures(values: Collection[str]) -> bool:
    """Whether values are numbers with a fraction: confidences, sizes, places."""
    try:
        numbers = [float(value.replace(",", ".")) for value in values if not is_no_label(value)]
    except ValueError:
        return False
    return any(not number.is_integer() for number in numbers)


def _require_labels(
    columns: Columns, image: int, label: int, name: str, grid: Grid, classes: Collection[str]
) -> None:
    """Refuse what can be no labels: numbers with a fraction, or a value of its own in each of many rows."""
    values = columns.values(label)
    if values and _are_measures(values):
        raise ColumnsUnclear("tables.fractions", grid, title=columns.titles[label], name=name)
    n = len({row[image] for row in columns.sample})
    least = MANY_ROWS if columns.has_titles and words.means_label(columns.titles[label]) else FEW_ROWS
    if n >= least and len(values) == len(columns.sample) and not values & set(classes):
        raise ColumnsUnclear("tables.values_of_their_own", grid, name=name, title=columns.titles[label])


def _unclear(name: str, grid: Grid, columns: Columns) -> InputError:
    if columns.has_titles and any(map(words.means_prediction, columns.titles)):
        return ColumnsUnclear("tables.predictions", grid, hint="tables.name_prediction_columns", name=name)
    code = "tables.columns_unclear" if columns.has_titles else "tables.untitled_columns_unclear"
    return ColumnsUnclear(code, grid, name=name, n=len(columns.titles), titles=columns.titles)


ONE_HOT = Message("tables.form.one_hot")
YES = frozenset({"1", "1.0", "true", "yes", "x", "sí", "si", "verdadero"})
NO = frozenset({"0", "0.0", "false", "no", "", "falso", "nan", "-1", "-1.0"})


def _read_one_hot(columns: Columns, image: int, name: str) -> LabelTable | None:
    """The label of each row is the title of its column with a 1; None if the table is of another form."""
    titles, rows = columns.titles, columns.rows
    if not columns.has_titles or not rows:  # without titles there are no names for the classes
        return None
    others = [i for i in range(len(titles)) if i != image and words.plain_title(titles[i]) not in words.FLAG_TITLES
              and not words.means_other(titles[i])]
    found = [i for i in others if _is_yes_or_no(rows, i)]
    if len(found) < 2:
        _refuse_probabilities(rows, others, name)
        return None
    return LabelTable(ONE_HOT, tuple(
        LabelRow(row[image], tuple(titles[i] for i in found if row[i].strip().casefold() in YES)) for row in rows
    ), (titles[image], f"{titles[found[0]]} … {titles[found[-1]]}"))


def _is_yes_or_no(rows: Sequence[Sequence[str]], column: int) -> bool:
    values = {row[column].strip().casefold() for row in rows}
    return values <= YES | NO and bool(values - {""})


def _refuse_probabilities(rows: Sequence[Sequence[str]], others: Sequence[int], name: str) -> None:
    """Columns whose numbers sum to 1 in each row are what a model said."""
    shares = [i for i in others if all(_is_share(row[i]) for row in rows)]
    if len(shares) > 1 and all(abs(sum(float(row[i]) for i in shares) - 1) < 0.02 for row in rows):
        raise InputError("tables.probabilities", name=name)


def _is_share(cell: str) -> bool:
    try:
        return 0 <= float(cell) <= 1
    except ValueError:
        return False

"""The columns of a table before they have a meaning: their titles, if the first row holds some, and their cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.images.formats import has_image_extension
from core.project.label_tables.rows import Grid
from core.project.label_tables.titles import means_image, means_label

N_LOOKED_AT = 500
"""So many rows, spread over the table, are looked at to tell what its columns hold."""

Fit = Callable[[str], int]
"""How well a cell names an image of the project: 2 by its file name, 1 without the ending, 0 not at all."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a grid, apart from the rows that hold titles.

    Attributes:
        titles: Of each column; its number, from 1, where there are none.
        has_titles: Whether the first row holds them.
        rows: All other rows, filled up to the same length.
        sample: Some of these rows.
    """

    titles: list[str]
    has_titles: bool
    rows: list[tuple[str, ...]]
    sample: list[tuple[str, ...]]

    def cells(self, column: int) -> list[str]:
        return [row[column] for row in self.sample]

    def values(self, column: int) -> set[str]:
        return {cell.strip() for cell in self.cells(column)} - {""}


def has_titles(grid: Grid, fit: Fit) -> bool:
    """Whether the first row holds titles: it names no image, and its words are titles or stand nowhere else."""
    if grid.has_titles is not None:
        return grid.has_titles
    first, *others = grid.rows
    if any(fit(cell) == 2 or has_image_extension(cell) for cell in first):
        return False
    known = [cell for cell in first if means_image(cell) or means_label(cell)]
    if len(known) > 1:
        return True
    sample = _spread(others)
    below = {(i, cell.strip()) for row in sample for i, cell in enumerate(row)}
    is_data = any(fit(cell) or (i, cell.strip()) in below for i, cell in enumerate(first))
    if is_data or not others:
        return False
    return bool(known) or any(fit(cell) or has_image_extension(cell) for row in sample[:50] for cell in row)


def mend_rows(rows: Sequence[Sequence[str]], separator: str, fit: Fit) -> Iterator[tuple[str, ...]]:
    """Rows as long as the first: a name with a separator in it, written without quotes, is put together again.

    A row of two columns whose name cannot be put together becomes one cell, so that no part of it is taken for a
    label.
    """
    n = len(rows[0]) if rows else 0
    usual = min(Counter(map(len, rows)).most_common(2), key=lambda found: (-found[1], found[0]), default=(n, 0))[0]
    if 1 < usual < n and _join_named(rows[0], usual, separator, fit):
        n = usual  # the first row is no row of titles
    for row in rows:
        if n < 2 or not any(cell.strip() for cell in row[n:]):
            yield tuple(row)
            continue
        named = _join_named(row, n, separator, fit)
        yield named or ((separator.join(row),) if n == 2 else (*row[:n - 1], separator.join(row[n - 1:])))


def _join_named(row: Sequence[str], n: int, separator: str, fit: Fit) -> tuple[str, ...] | None:
    """A row as `n` cells, of which one is put together from several and names an image."""
    n_more = len(row) - n
    for i in range(n):
        whole = separator.join(row[i:i + n_more + 1])
        if fit(whole):
            return (*row[:i], whole, *row[i + n_more + 1:])
    return None


def columns_of(grid: Grid) -> Columns:
    """The columns of a grid of which is known whether it has titles."""
    n = max(map(len, grid.rows))
    is_titled = bool(grid.has_titles)
    first = grid.rows[0] if is_titled else ()
    titles = [first[i].strip() if i < len(first) and first[i].strip() else str(i + 1) for i in range(n)]
    rows = [(*row, *[""] * (n - len(row))) for row in grid.rows[int(is_titled):]]
    return Columns(titles, is_titled, rows, _spread(rows))


def _spread(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return list(rows[::max(1, len(rows) // N_LOOKED_AT)])

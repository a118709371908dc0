"""Reads groups of images from a column of a table: one patient, animal, place or film to a group.

A table is named as FILE:COLUMN; of a table of two columns the column need not be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.errors import InputError
from core.files.read_table import read_table
from core.project.label_csv import restore
from core.project.label_tables.columns import column_named, image_column
from core.project.label_tables.finder import ImageFinder
from core.project.label_tables.parts import find_images
from core.project.label_tables.rows import Grid
from core.project.label_tables.titles import Columns, Fit, columns_of, has_titles
from core.project.project import Project
from core.text import Message
from core.types import ImageRef

MAX_NAMED = 5
"""Images that are named in a sentence; the rest is counted."""


def split_place(place: str) -> tuple[Path, str]:
    """File and column of FILE:COLUMN; the column is empty where none is named."""
    file, colon, column = place.rpartition(":")
    if not colon or Path(place).is_file():
        return Path(place), ""
    return Path(file), column.strip()


def absolute_place(place: str) -> str:
    """The same with an absolute path, so that it means the same file wherever the program stands."""
    path, column = split_place(place)
    whole = path.expanduser().absolute()
    return f"{whole}:{column}" if column else str(whole)


def read_group_table(
    project: Project, place: str, images: Sequence[ImageRef]
) -> tuple[tuple[str, ...], tuple[Message, ...]]:
    """What the column says of each image, empty where the table has none; and notes of what it lacks.

    Args:
        place: FILE:COLUMN.
        images: Training images with a label; others are not asked for.

    Raises:
        InputError: The table cannot be read, its columns are unclear, it names none of the images, or it has two
            groups for one.
    """
    path, column = split_place(place)
    finder = ImageFinder(project, dict.fromkeys((path.absolute().parent, path.resolve().parent, Path.cwd())))
    pairs = _read_pairs(path, column, lambda cell: finder.fit(restore(cell)))
    found = find_images(((cell, "") for cell, _ in pairs), finder, path, split="train")
    groups: dict[int, str] = {}
    for cell, group in pairs:
        match = found.matches.get((cell, ""))
        if match is None or len(match.ids) > 1 or not group:
            continue
        if groups.setdefault(match.ids[0], group) != group:
            raise InputError("training.group_table.two", name=path.name, image=finder.readable(cell),
                             one=groups[match.ids[0]], other=group)
    said = tuple(groups.get(image.id, "") for image in images)
    lacking = [image.path.name for image, group in zip(images, said, strict=True) if not group]
    if len(lacking) == len(images):
        raise InputError("training.group_table.names_none", name=path.name)
    return said, _say_lacking(path.name, lacking, len(images))


def _say_lacking(name: str, lacking: Sequence[str], n_all: int) -> tuple[Message, ...]:
    if not lacking:
        return ()
    n_more = len(lacking) - MAX_NAMED
    named = (*lacking[:MAX_NAMED], *((Message("training.n_more", n=n_more),) if n_more > 0 else ()))
    return (Message("training.group_table.lacks", n=len(lacking), n_all=n_all, name=name, names=named),)


def _read_pairs(path: Path, column: str, fit: Fit) -> list[tuple[str, str]]:
    """The cell of the image and that of the group of each row."""
    grid = Grid(tuple(map(tuple, read_table(path))))
    if not grid.rows or max(map(len, grid.rows)) < 2:
        raise InputError("training.group_table.unclear", name=path.name, titles=grid.rows[0] if grid.rows else ("–",))
    columns = columns_of(Grid(grid.rows, has_titles(grid, fit) or (bool(column) and column in grid.rows[0])))
    image = image_column(columns, fit)
    group = _group_column(columns, image, column)
    if image is None or group is None or image == group:
        raise InputError("training.group_table.unclear", name=path.name, titles=columns.titles)
    return [(restore(row[image]), restore(row[group]).strip()) for row in columns.rows]


def _group_column(columns: Columns, image: int | None, column: str) -> int | None:
    """The column that is named; where none is, the only one beside that of the image."""
    if column:
        return column_named(columns, column)
    return 1 - image if image is not None and len(columns.titles) == 2 else None

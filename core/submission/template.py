"""Reads a competition's example file: its titles, its lines, and which column names the images."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from core.errors import InputError
from core.images.natural import natural_key
from core.files.read_table import read_table
from core.submission.names import ImageFinder, loose, readable, shown
from core.text import Message

ID_COLUMN = "ID"
ANSWER_COLUMN = "Ground_Truth"
TEMPLATE_HINT = "submission.template_hint"
N_LOOKED_AT = 500
"""So many lines are looked at to tell which column names the images."""

_ID_TITLES = re.compile(
    r"(image|img|file|test|sample|object|photo|picture)? ?(id|name|file|filename|path|image)s?|img")
_JOINTS = "_-:|/. "
"""What may stand between image and class in one cell."""


@dataclass(frozen=True, slots=True)
class Template:
    """A file in the competition's format.

    Attributes:
        titles: Title of each column; empty texts where the file has no line of titles.
        has_titles: Whether its first line holds titles.
        id_index: Which column names the image.
        rows: Cells of every line, as they are.
        ids: What each line calls its image: its cell, without the class in templates of a line an image and class.
        row_labels: The class or code that each line's id ends in; empty where ids are of images alone.
    """

    titles: tuple[str, ...]
    has_titles: bool
    id_index: int
    rows: tuple[tuple[str, ...], ...]
    ids: tuple[str, ...]
    row_labels: tuple[str, ...] = ()

    def column(self, index: int) -> list[str]:
        """All cells of a column."""
        return [row[index] for row in self.rows]

    def title(self, index: int) -> Message:
        """What to call a column in a sentence: “label”, or “column 2” where there are no titles."""
        title = self.titles[index]
        return Message("text.quoted", word=readable(title)) if title.strip() else \
            Message("submission.column_number", number=index + 1)

    @property
    def others(self) -> list[int]:
        """All columns but that of the ids."""
        return [i for i in range(len(self.titles)) if i != self.id_index]


def plain_template(paths: Sequence[str], answer_titles: Sequence[str] = (ANSWER_COLUMN,)) -> Template:
    """`ID` and an empty answer for each image, in natural order of the file names."""
    # in NFC: a Mac takes accents apart, the competition does not
    ids = sorted((unicodedata.normalize("NFC", PurePath(path).name) for path in paths), key=natural_key)
    rows = tuple((i, *("" for _ in answer_titles)) for i in ids)
    return Template((ID_COLUMN, *answer_titles), True, 0, rows, tuple(ids))


def read_template(path: Path, finder: ImageFinder, endings: Sequence[str]) -> Template:
    """Read a file in the competition's format; the id column is the one that names most of the images.

    What is written from it has commas, whatever stood between its cells: a spreadsheet may have changed them.

    Args:
        path: CSV file separated by commas, semicolons or tabs, with titles or without.
        endings: Names and codes of the classes, for ids such as `img7_pistol`.

    Raises:
        InputError: It cannot be read, has one column or no lines, lines of unequal length, or names no image.
    """
    lines = [tuple(line) for line in read_table(path, hint=TEMPLATE_HINT)]
    _require_table(path, lines)
    best = max(range(len(lines[0])), key=lambda index: _score(lines, index, finder))
    if _score(lines, best, finder)[0]:
        ids = tuple(line[best] for line in lines)
        n_titles = int(not _names_image(ids, finder))
        return _template(lines, n_titles, best, ids[n_titles:])
    for index in range(len(lines[0])):
        parted = [part for line in lines[1:] if (part := _part(line[index], endings))]
        if len(parted) == len(lines) - 1 and finder.find(parted[0][0]).images:
            return _template(lines, 1, index, tuple(p[0] for p in parted), tuple(p[1] for p in parted))
    raise InputError(
        "submission.no_id_column", name=path.name, cells=shown(lines[1]),
    )


def _require_table(path: Path, lines: Sequence[tuple[str, ...]]) -> None:
    if not lines or len(lines[0]) < 2:
        raise InputError("submission.one_column_only", TEMPLATE_HINT, path=path)
    if len(lines) < 2:
        raise InputError("submission.no_lines", TEMPLATE_HINT, path=path)
    odd = next((line for line in lines if len(line) != len(lines[0])), None)
    if odd is not None:
        raise InputError(
            "submission.uneven_lines", TEMPLATE_HINT, path=path, n_first=len(lines[0]),
            name=readable(odd[0]), n_odd=len(odd),
        )


def _template(
    lines: Sequence[tuple[str, ...]], n_titles: int, id_index: int, ids: tuple[str, ...],
    row_labels: tuple[str, ...] = (),
) -> Template:
    titles = lines[0] if n_titles else ("",) * len(lines[0])
    return Template(titles, bool(n_titles), id_index, tuple(lines[n_titles:]), ids, row_labels)


def _score(lines: Sequence[tuple[str, ...]], index: int, finder: ImageFinder) -> tuple[int, bool, int, int]:
    """How well a column names images: how many different ones, by its title, how exactly, and the first of equals."""
    found = [finder.find(line[index]) for line in lines[1 : 1 + N_LOOKED_AT]]
    images = {f.images for f in found if f.images}
    effort = sum(f.effort for f in found if f.images)
    return len(images), bool(_ID_TITLES.fullmatch(loose(lines[0][index]))), -effort, -index


def _names_image(ids: Sequence[str], finder: ImageFinder) -> bool:
    """Whether the first line is no title but an image that no other line names."""
    first = finder.find(ids[0]).images
    return bool(first) and all(finder.find(i).images != first for i in ids[1:])


def _part(cell: str, endings: Sequence[str]) -> tuple[str, str] | None:
    """Image and class of an id such as `img7_pistol`; None where it ends in no class."""
    text = readable(cell).strip()
    for ending in sorted(endings, key=len, reverse=True):
        image = text[: len(text) - len(ending)]
        if text.casefold().endswith(readable(ending).casefold()) and image[-1:] in _JOINTS and len(image) > 1:
            return image[:-1], ending
    return None

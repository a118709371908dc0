"""What the title of a column means: the image, the label, or something else that tables hold beside them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.images.formats import has_image_extension
from core.project.label_tables.rows import Grid

_IMAGE_NOUNS = (
    "image", "images", "img", "imgs", "photo", "photos", "picture", "pictures", "pic", "file", "files", "path",
    "imagen", "foto", "archivo", "fichero", "ruta", "fotografia",
)
_IMAGE_ENDINGS = ("", "id", "ids", "name", "names", "file", "filename", "path", "url", "uri", "code", "uid", "key",
                  "gcsuri", "nombre")
IMAGE_TITLES = frozenset({
    *(noun + ending for noun in _IMAGE_NOUNS for ending in _IMAGE_ENDINGS),
    "id", "ids", "idcode", "name", "fname", "uri", "url", "urls", "externalid", "originalimageuri", "sourceref",
    "dataid", "sampleid", "key", "nombre", "identificador", "nombredearchivo", "nombrearchivo", "nombredelarchivo",
    "nombreimagen", "nombredelaimagen", "rutaimagen", "rutadelaimagen", "idimagen", "nombrefichero",
    "nombredefichero", "enlace",
})
BARE_IDS = frozenset(("id", "ids", "key", "identificador"))
"""Titles that do not say what they identify: they may number the rows."""

_LABEL_NOUNS = (
    "label", "class", "category", "breed", "species", "diagnosis", "target", "type", "tag", "annotation", "choice",
    "groundtruth", "answer", "truth", "kind", "etiqueta", "clase", "categoria", "especie", "raza", "diagnostico",
    "tipo", "anotacion", "respuesta", "variety", "variedad", "dx", "genus", "lbl", "cls",
)
_LABEL_ENDINGS = (
    "", "s", "es", "name", "names", "text", "title", "id", "ids", "index", "idx", "code", "number", "num",
)
LABEL_TITLES = frozenset({
    *(noun + ending for noun in _LABEL_NOUNS for ending in _LABEL_ENDINGS),
    "y", "categories", "displayname", "tagname", "verdad", "ytrue", "cassavalabel", "objetivo", "humanlabel",
    "imagelabel", "imageclass", "imagelabels", "imageclassname", "truelabel", "trueclass", "goldlabel", "gold",
})
PLAIN_LABEL_TITLES = frozenset(
    "label labels labelname labeltext class classname choice etiqueta etiquetas clase groundtruth truelabel".split())
"""Where several titles could mean the label, these are what people call it first."""

PLURAL_TITLES = frozenset(
    "labels tags classes categories attributes etiquetas clases categorias types targets".split())
"""Titles that promise several labels an image."""

SPLIT_WORDS = frozenset(
    "train training val valid validate validation test testing unassigned entrenamiento prueba".split())

_TEST_WORDS = frozenset("test testing prueba".split())
SPLIT_TITLES = frozenset("split subset set partition usage mluse particion conjunto".split())

PREDICTION_TITLES = frozenset(
    "prediction predictions predicted predictedlabel predictedclass ypred pred prediccion prediccion".split())

_OTHER_TITLES = frozenset(
    "annotationid annotator annotatorid createdat updatedat leadtime completedby width height size depth split set "
    "subset fold isvalid valid istest istrain usage mluse xmin ymin xmax ymax x y1 x1 x2 y2 w h bbox confidence "
    "score sex age date time datetime timestamp patient patientid filesize fileattributes regioncount regionid "
    "regionshapeattributes regionattributes difficult truncated occluded latitude longitude lat lon user username "
    "email comment comments note notes source license licence author copyright agreement unnamed0 index nota "
    "notas fecha autor".split()
)
EXCLUDED = "excluded"
"""Title of the column that says which images are excluded, and why."""

FLAG_TITLES = frozenset("isvalid valid istest istrain train test difficult truncated occluded iscrowd".split())
_BOXES = ({"xmin", "xmax"}, {"x1", "x2"}, {"bbox"}, {"bboxx", "bboxwidth"}, {"xmin", "width"})


def plain_title(title: str) -> str:
    """A title without capitals, accents, spaces and punctuation: “File_Name” is “filename”."""
    letters = unicodedata.normalize("NFKD", title).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def meanings(title: str) -> frozenset[str]:
    """A title and the last part of one that names an object in an object: “data.image” may mean “image”."""
    return frozenset((plain_title(title), plain_title(title.rpartition(".")[2])))


def means_image(title: str) -> bool:
    """Whether a column of this title may name the image."""
    return not meanings(title).isdisjoint(IMAGE_TITLES)


def means_label(title: str) -> bool:
    """Whether a column of this title may hold the label."""
    return not meanings(title).isdisjoint(LABEL_TITLES) and not means_other(title)


def means_other(title: str) -> bool:
    """Whether a column of this title is known to hold neither."""
    return not meanings(title).isdisjoint(_OTHER_TITLES) or plain_title(title) == EXCLUDED


def split_in_cell(cell: str) -> str:
    """The part that a cell says: "train", "test", or nothing."""
    word = cell.strip().casefold()
    return "" if word not in SPLIT_WORDS else "test" if word in _TEST_WORDS else "train"


def means_prediction(title: str) -> bool:
    """Whether a column holds what a model said."""
    return plain_title(title) in PREDICTION_TITLES


def have_boxes(titles: list[str]) -> bool:
    """Whether a table has a row for each object in an image."""
    plain = {meaning for title in titles for meaning in meanings(title)}
    return any(box <= plain for box in _BOXES)


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

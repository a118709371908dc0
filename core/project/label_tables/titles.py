"""What the title of a column means: the image, the label, or something else that tables hold beside them."""

from __future__ import annotations

import unicodedata

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
_PLAIN_LABEL_TITLES = frozenset(
    "label labels labelname labeltext class classname choice etiqueta etiquetas clase groundtruth truelabel".split())
"""Where several titles could mean the label, these are what people call it first."""

PLURAL_TITLES = frozenset(
    "labels tags classes categories attributes etiquetas clases categorias types targets".split())
"""Titles that promise several labels an image."""

SPLIT_WORDS = frozenset(
    "train training val valid validate validation test testing unassigned entrenamiento prueba".split())

_TEST_WORDS = frozenset("test testing prueba".split())
_SPLIT_TITLES = frozenset("split subset set partition usage mluse particion conjunto".split())

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
FLAG_TITLES = frozenset("isvalid valid istest istrain train test difficult truncated occluded iscrowd".split())
_BOXES = ({"xmin", "xmax"}, {"x1", "x2"}, {"bbox"}, {"bboxx", "bboxwidth"}, {"xmin", "width"})


def plain_title(title: str) -> str:
    """A title without capitals, accents, spaces and punctuation: “File_Name” is “filename”."""
    letters = unicodedata.normalize("NFKD", title).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def meanings(title: str) -> tuple[str, ...]:
    """A title and the last part of one that names an object in an object: “data.image” may mean “image”."""
    return tuple(dict.fromkeys((plain_title(title), plain_title(title.rpartition(".")[2]))))


def means_image(title: str) -> bool:
    """Whether a column of this title may name the image."""
    return any(meaning in IMAGE_TITLES for meaning in meanings(title))


def is_bare_id(title: str) -> bool:
    """Whether a title says “id” or “key” and not of what: it may number the rows."""
    return plain_title(title) in ("id", "ids", "key", "identificador")


def means_label(title: str) -> bool:
    """Whether a column of this title may hold the label."""
    return any(meaning in LABEL_TITLES for meaning in meanings(title)) and not means_other(title)


def is_plain_label(title: str) -> bool:
    """Whether a title says “label” or “class” and nothing more particular."""
    return any(meaning in _PLAIN_LABEL_TITLES for meaning in meanings(title))


def means_other(title: str) -> bool:
    """Whether a column of this title is known to hold neither."""
    return any(meaning in _OTHER_TITLES for meaning in meanings(title))


def means_split(title: str) -> bool:
    """Whether a column of this title says which part an image is of."""
    return plain_title(title) in _SPLIT_TITLES


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

"""What names of folders mean: splits (train, valid, test), batches (2021, camera_2), thumbnails and trash.

NAS systems, file managers and photo programs leave folders of thumbnails, previews and trash among images: copies
that nobody took and nobody labelled.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase

_KINDS = {
    "train": "train training trn trainval entrenamiento entrenar",
    "valid": "valid validation validate val dev validacion validar",
    "test": "test testing tst eval evaluation holdout prueba pruebas evaluacion",
    "unlabelled": "unlabelled unlabeled unsup unsupervised unannotated",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_FILLERS = frozenset((
    "image images img imgs picture pictures photo photos foto fotos imagen imagenes set sets data dataset datos "
    "conjunto de del jpg jpeg png folder folders dir split final original all"
).split())

_DATE = re.compile(
    r"(19|20)\d\d([-_. ]?[01]\d([-_. ]?[0-3]\d)?)?([-_. T]\d{2,6})?|[0-3]?\d[-_. ][01]?\d[-_. ](19|20)\d\d")
_DATED = re.compile(r"(19|20)\d\d[-_.]?[01]\d([-_.]?[0-3]\d)?[-_. ]+\D.*")
_CAMERA_CARD = re.compile(r"dcim|\d{3}[a-z_]{4,5}\d?|\d{3}_\d{4}|\d{3}_[a-z]{3,5}")
_BATCH_WORDS = (
    "batch|part|session|set|series|serie|camera|cam|card|shoot|shooting|day|week|month|year|run|take|roll|disk|group|"
    "lote|parte|sesion|camara|dia|semana|carpeta|folder|fold|chunk|shard|capture|site|round|video|clip|seq|sequence|"
    "subject|patient|paciente|person|user|scene|location|device|phone|scan|visit|trip"
)
_BATCH = re.compile(rf"({_BATCH_WORDS})s?([-_. #]*\d+|[-_. ]+[a-z])")
_CONTAINER = re.compile(
    r"images?|imgs?|pictures?|photos?|pics?|fotos?|imagen(es)?|jpe?gs?|pngs?|originals?|raw|files?")
_NUMBER = re.compile(r"[-_. #(]*\d+[-_. )]*")
_NUMBERED = re.compile(r".*[a-z][-_. #(]*\d+\)?")

_FOLDERS = frozenset((
    # Synology, QNAP, other NAS systems and their snapshots
    "@eadir", "@tmp", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", ".@__thumb", "@__thumb", ".@__qini",
    ".@upload_cache", ".snapshot", ".snapshots", ".zfs", ".stversions", ".stfolder", ".dropbox.cache",
    # Windows
    "$recycle.bin", "recycler", "system volume information",
    # macOS, also on disks that others read
    "__macosx", ".trashes", ".trash", ".appledouble", ".appledb", ".spotlight-v100", ".fseventsd", ".temporaryitems",
    "temporary items", "network trash folder", ".documentrevisions-v100",
    # Linux and file managers
    "lost+found", ".thumbnails", ".thumbs", ".xvpics", ".dtrash", ".trash",
    # photo programs and notebooks
    ".picasaoriginals", "captureone", ".ipynb_checkpoints", "__pycache__", ".git",
))
_FOLDER_PATTERNS = (
    ".trash-*", "*.lrdata", "*.lrcat-data", "*.photoslibrary", "*.photolibrary", "*.aplibrary",
    "*.migratedphotolibrary",
)
_FILES = frozenset((
    "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".ds_store", ".picasa.ini", "picasa.ini",
    "zbthumbnail.info",
))
_FILE_PATTERNS = ("._*", "synophoto_thumb_*", "synofile_thumb_*", "*@synoeastream", "*@synoresource")


@dataclass(frozen=True, slots=True)
class SplitName:
    """A folder's name read as that of a split.

    Attributes:
        kind: "train", "valid", "test" or "unlabelled".
        rest: Its other words ("birds" in birds_train); side by side, all splits have the same ones.
    """

    kind: str
    rest: tuple[str, ...]


def read_split_name(name: str) -> SplitName | None:
    """The split that a folder's name means where other splits lie beside it, or None.

    Capitals, accents, numbers ("val2017") and words such as "images" do not matter.
    """
    words = re.findall(r"[^\W\d_]+", _plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))
    if words in (["hold", "out"], ["held", "out"]):
        return SplitName("test", ())
    if words in (["sin", "etiquetar"], ["sin", "etiquetas"]):
        return SplitName("unlabelled", ())
    read = [(word, _KIND_OF.get(word) or _KIND_OF.get(re.sub(r"(sets?|images?|data)$", "", word))) for word in words]
    kinds = {kind for _, kind in read if kind}
    if len(kinds) != 1:
        return None
    return SplitName(kinds.pop(), tuple(word for word, kind in read if not kind and word not in _FILLERS))


def is_batch_name(name: str) -> bool:
    """Whether a folder is called like a batch of images: a date, a camera's card, "batch_1", or just "images"."""
    plain = _plain(name).strip()
    return any(pattern.fullmatch(plain) for pattern in (_DATE, _DATED, _CAMERA_CARD, _BATCH, _CONTAINER))


def is_long_number(name: str) -> bool:
    """Whether a folder is called by a number of three digits or more ("001"), as batches are and classes seldom."""
    return bool(re.fullmatch(r"\d{3,}", name.strip()))


def is_numbered_name(name: str) -> bool:
    """Whether a folder is called by a number, alone or after a word; it may be a batch, and a class as well."""
    plain = _plain(name).strip()
    return bool(_NUMBER.fullmatch(plain) or _NUMBERED.fullmatch(plain))


def _plain(name: str) -> str:
    """Small letters without accents."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


def is_foreign_folder(name: str) -> bool:
    """Whether a folder of this name, at any depth, holds thumbnails, previews or trash; capitals do not matter."""
    return _matches(name, _FOLDERS, _FOLDER_PATTERNS)


def is_foreign_file(name: str) -> bool:
    """Whether a file of this name was left by a system or program; capitals do not matter."""
    return _matches(name, _FILES, _FILE_PATTERNS)


def _matches(name: str, names: frozenset[str], patterns: tuple[str, ...]) -> bool:
    folded = name.casefold().strip()
    return folded in names or any(fnmatchcase(folded, pattern) for pattern in patterns)

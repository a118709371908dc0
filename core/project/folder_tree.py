"""Walks a folder of images, and the job that counts the images of each sub-folder without reading them.

Names of folders tell splits (train, valid, test), batches (2021, camera_2), thumbnails and trash. Hidden files and
folders, other projects, and what NAS systems, file managers and photo programs leave among images (copies that nobody
took and nobody labelled) are passed over; the latter are counted by name.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from core.errors import ImageUnreadable, InputError
from core.files.writing import reason_of
from core.images.files import open_regular
from core.images.formats import MAGIC_BYTES, has_image_extension, has_image_magic
from core.images.natural import natural_key
from core.jobs import JobContext
from core.project.catalog import CATALOG_NAME
from core.project.paths import absolute_path, display_text
from core.text import Message
from core.types import Skipped

STAGE_LOOKING = Message("jobs.finding_images")

ICLOUD_ENDING = ".icloud"
"""Of hidden files that stand for images which are still in iCloud; they are listed as unreadable, not passed over."""

ForeignNames = tuple[tuple[str, int], ...]
"""Names of folders and files that were passed over as left by a system or program, and how many of each."""


@dataclass(frozen=True, slots=True)
class FolderListing:
    """Which sub-folders of a folder hold images, and how many; told by names, no image was decoded.

    Attributes:
        folder: Absolute.
        counts: Relative folder (`os.fsencode`, parts joined by "/", empty for the folder itself) and the number of
            files directly in it that promise an image; natural order, only folders that hold any.
        foreign: What was passed over, by name.
        skipped: Sub-folders that could not be looked into.
        excluded: Sub-folders that are not part of it.
    """

    folder: Path
    counts: tuple[tuple[bytes, int], ...]
    foreign: ForeignNames = ()
    skipped: tuple[Skipped, ...] = ()
    excluded: tuple[bytes, ...] = ()

    @property
    def n_images(self) -> int:
        return sum(n for _, n in self.counts)

    def without(self, folders: Collection[bytes]) -> FolderListing:
        """The same without some sub-folders."""
        inside = tuple(folder + b"/" for folder in folders)
        counts = tuple((f, n) for f, n in self.counts if f not in folders and not f.startswith(inside))
        return replace(self, counts=counts, excluded=(*self.excluded, *folders))


def list_folder(folder: Path, context: JobContext) -> FolderListing:
    """Count the images of each sub-folder.

    Args:
        folder: Must exist.
        context: Told of every sub-folder; asked whether to end.

    Raises:
        InputError: The folder is missing, not a folder, or cannot be read.
        JobCancelled: The caller asked the job to end.
    """
    require_folder(folder)
    root, skipped, foreign = os.fsencode(folder.expanduser().absolute()), list[Skipped](), Counter[str]()
    files: dict[bytes, list[bytes]] = defaultdict(list)
    for path in walk_files(root, context, skipped=skipped, foreign=foreign):
        parent, _, name = path.rpartition(b"/")
        files[parent].append(name)
    counts = [(parent, _count_images(root, parent, names, context)) for parent, names in files.items()]
    counts.sort(key=lambda row: natural_key(display_text(row[0])))
    shown = tuple((parent, n) for parent, n in counts if n)
    return FolderListing(Path(os.fsdecode(root)), shown, sorted_foreign(foreign), tuple(skipped))


def sorted_foreign(foreign: Counter[str]) -> ForeignNames:
    """Most frequent first."""
    return tuple(sorted(foreign.items(), key=lambda row: (-row[1], row[0])))


def require_folder(folder: Path) -> None:
    """Make sure that a folder can be looked into.

    Raises:
        InputError: The folder is missing, not a folder, or cannot be read.
    """
    try:
        with os.scandir(folder):
            return
    except FileNotFoundError as error:
        raise InputError("project.folder_does_not_exist", folder=folder) from error
    except NotADirectoryError as error:
        raise InputError("project.not_a_folder", folder=folder) from error
    except (OSError, ValueError) as error:
        raise InputError("project.folder_cannot_be_read", folder=folder, reason=reason_of(error)) from error


def walk_files(
    root: bytes, context: JobContext, *, skipped: list[Skipped], foreign: Counter[str],
    excluded: Collection[bytes] = (),
) -> Iterator[bytes]:
    """Relative paths of all files; a folder reached twice, by whatever link, is entered once.

    Args:
        root: `os.fsencode` of the folder.
        context: Told how many files were found; asked whether to end.
        skipped: Receives the sub-folders that could not be looked into.
        foreign: Receives the names that were passed over.
        excluded: Relative folders that are not entered.
    """
    seen: set[tuple[int, int]] = set()
    folders, links, n_found = [b""], list[bytes](), 0
    while folders or links:
        # links come last, so that a folder is known by its true place if it has one below the root
        relative = folders.pop() if folders else links.pop()
        try:
            entries = _enter(os.path.join(root, relative), seen, foreign)
        except OSError as error:
            reason = Message("project.subfolder_cannot_be_read", reason=reason_of(error))
            skipped.append(Skipped(absolute_path(root, relative), reason))
            continue
        for entry in entries:
            path = relative + b"/" + entry.name if relative else entry.name
            if not _is_folder(entry):
                n_found += 1
                yield path
            elif path not in excluded:
                (links if entry.is_symlink() else folders).append(path)
        context.progress(n_found, 0, stage=STAGE_LOOKING, unit="files")


def _enter(folder: bytes, seen: set[tuple[int, int]], foreign: Counter[str]) -> list[os.DirEntry[bytes]]:
    status = os.stat(folder)
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as entries:
        found = list(entries)
    if any(e.name == os.fsencode(CATALOG_NAME) for e in found):
        return []  # a project is not a place for images to label
    shown = []
    for entry in found:
        name = display_text(entry.name)
        if is_foreign_folder(name) if _is_folder(entry) else is_foreign_file(name):
            foreign["._*" if name.startswith("._") else name] += 1
        elif not name.startswith(".") or name.endswith(ICLOUD_ENDING):
            shown.append(entry)
    return shown


def _is_folder(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _count_images(root: bytes, folder: bytes, names: list[bytes], context: JobContext) -> int:
    """Files that promise an image by their ending or, where none in the folder does, by their first bytes."""
    n_promised = sum(has_image_extension(display_text(name)) for name in names)
    if n_promised:
        return n_promised
    context.check()
    return sum(_has_magic(absolute_path(root, folder + b"/" + name if folder else name)) for name in names)


def _has_magic(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return has_image_magic(file.read(MAGIC_BYTES))
    except ImageUnreadable:
        return False


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


def read_split_name(name: str) -> tuple[str, tuple[str, ...]] | None:
    """The split that a folder's name means where other splits lie beside it, or None.

    Capitals, accents, numbers ("val2017") and words such as "images" do not matter.

    Returns:
        "train", "valid", "test" or "unlabelled", and the other words ("birds" in birds_train), which all splits side
        by side have in common.
    """
    words = re.findall(r"[^\W\d_]+", _plain(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))
    if words in (["hold", "out"], ["held", "out"]):
        return "test", ()
    if words in (["sin", "etiquetar"], ["sin", "etiquetas"]):
        return "unlabelled", ()
    read = [(word, _KIND_OF.get(word) or _KIND_OF.get(re.sub(r"(sets?|images?|data)$", "", word))) for word in words]
    kinds = {kind for _, kind in read if kind}
    if len(kinds) != 1:
        return None
    return kinds.pop(), tuple(word for word, kind in read if not kind and word not in _FILLERS)


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

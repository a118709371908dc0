"""The job that looks through a folder: which pictures are there, and what is wrong with the others.

A file is listed as a picture when it decodes; as unreadable when it does not but its ending or
its first bytes promise a picture; anything else only counts as "not a picture". Hidden files and
folders and other projects are passed over. The scan writes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ImageUnreadable, InputError
from core.images.decode import FRAMED_FORMATS, ImageFacts, inspect_stream
from core.images.files import open_regular, unreadable_from_os
from core.images.fingerprint import hash_stream
from core.images.formats import MAGIC_BYTES, has_picture_extension, has_picture_magic
from core.images.natural import natural_key
from core.jobs import JobContext
from core.project.catalog import CATALOG_NAME
from core.project.paths import absolute_path, display_text
from core.types import Skipped

BATCH = 64
"""Files between two looks at whether the job was cancelled."""

ICLOUD_ENDING = b".icloud"
"""Of hidden files that stand for images which are still in iCloud; they are listed as unreadable, not passed over."""

MAX_THREADS = 4
STAGE_LOOKING = "Looking for pictures"
STAGE_READING = "Reading pictures"


@dataclass(frozen=True, slots=True)
class ScanInput:
    """What to look through.

    Attributes:
        folder: The folder; absolute.
        split: "train" or "test", for all its pictures.
        with_labels: Whether sub-folders name classes.
        known: Size in bytes and mtime_ns by relative path (see `ScannedFile.path`) of files
            that need not be read again when both are unchanged.
    """

    folder: Path
    split: str = "train"
    with_labels: bool = True
    known: Mapping[bytes, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """One picture, or one file that should have been one.

    Attributes:
        path: `os.fsencode` of the path relative to the folder, parts joined by "/".
        n_bytes: Size of the file.
        mtime_ns: When it was last changed, nanoseconds since 1970.
        content_hash: SHA-256, or None where the bytes could not be read.
        facts: What the picture is, or None if it cannot be decoded.
        reason: Why it cannot be decoded, and what to do; empty for good pictures.
    """

    path: bytes
    n_bytes: int
    mtime_ns: int
    content_hash: bytes | None
    facts: ImageFacts | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a folder holds, in natural order.

    Attributes:
        folder, split, with_labels: As asked.
        files: Pictures, good and unreadable ones, that were read.
        unchanged: Relative paths of known files that were not read again.
        n_not_pictures: Other files that were passed over.
        skipped: Sub-folders that could not be looked into.
    """

    folder: Path
    split: str
    with_labels: bool
    files: tuple[ScannedFile, ...]
    unchanged: tuple[bytes, ...]
    n_not_pictures: int
    skipped: tuple[Skipped, ...]


def scan_folder(inputs: ScanInput, context: JobContext) -> ScanResult:
    """Find all pictures below a folder and check each once.

    Args:
        inputs: What to look through.
        context: Told of every batch; asked whether to end.

    Raises:
        InputError: The folder is missing, not a folder, or cannot be read.
        JobCancelled: The caller asked the job to end.
    """
    require_folder(inputs.folder)
    skipped: list[Skipped] = []
    names = list(_walk(os.fsencode(inputs.folder), skipped, context))
    names.sort(key=lambda name: (natural_key(display_text(name)), name))
    files: list[ScannedFile] = []
    unchanged: list[bytes] = []
    n_not_pictures = 0
    for name, outcome in zip(names, _read_all(names, inputs, context), strict=True):
        if isinstance(outcome, ScannedFile):
            files.append(outcome)
        elif outcome:
            unchanged.append(name)
        else:
            n_not_pictures += 1
    return ScanResult(
        inputs.folder, inputs.split, inputs.with_labels,
        tuple(files), tuple(unchanged), n_not_pictures, tuple(skipped),
    )


def names_with_frames(files: Sequence[ScannedFile]) -> tuple[str, ...]:
    """Display names of pages and animations, of which the first image alone is used."""
    return tuple(display_text(file.path) for file in files
                 if file.facts is not None and file.facts.n_frames > 1 and file.facts.format in FRAMED_FORMATS)


def require_folder(folder: Path) -> None:
    """Make sure that a folder can be looked into.

    Raises:
        InputError: The folder is missing, not a folder, or cannot be read.
    """
    try:
        with os.scandir(folder):
            return
    except FileNotFoundError as error:
        raise InputError(f"The folder “{folder}” does not exist.", "Check its name.") from error
    except NotADirectoryError as error:
        raise InputError(f"“{folder}” is not a folder.", "Choose the folder of the pictures.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"The folder “{folder}” cannot be read.", "Check its permissions and the disk.") from error


def _walk(root: bytes, skipped: list[Skipped], context: JobContext) -> Iterator[bytes]:
    """Relative paths of all files; a folder reached twice, by whatever link, is entered once."""
    seen: set[tuple[int, int]] = set()
    folders, links, n_found = [b""], list[bytes](), 0
    while folders or links:
        # links come last, so that a folder is known by its true place if it has one below the root
        relative = folders.pop() if folders else links.pop()
        try:
            entries = _enter(os.path.join(root, relative), seen)
        except OSError as error:
            reason = f"The folder cannot be read ({error.strerror})."
            skipped.append(Skipped(absolute_path(root, relative), reason))
            continue
        for entry in entries:
            path = relative + b"/" + entry.name if relative else entry.name
            if not _is_folder(entry):
                n_found += 1
                yield path
            elif entry.is_symlink():
                links.append(path)
            else:
                folders.append(path)
        context.progress(n_found, 0, stage=STAGE_LOOKING, unit="files")


def _enter(folder: bytes, seen: set[tuple[int, int]]) -> list[os.DirEntry[bytes]]:
    status = os.stat(folder)
    if (status.st_dev, status.st_ino) in seen:
        return []
    seen.add((status.st_dev, status.st_ino))
    with os.scandir(folder) as entries:
        shown = [e for e in entries if not e.name.startswith(b".") or e.name.endswith(ICLOUD_ENDING)]
    if any(e.name == os.fsencode(CATALOG_NAME) for e in shown):
        return []  # a project is not a place for pictures to label
    return shown


def _is_folder(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _read_all(names: list[bytes], inputs: ScanInput, context: JobContext) -> Iterator[ScannedFile | bool]:
    """For each name the file, True if it is known and unchanged, or False if it is not a picture."""
    root, total = os.fsencode(inputs.folder), len(names)

    def read(name: bytes) -> ScannedFile | bool:
        return _read_file(root, name, inputs.known.get(name))

    context.progress(0, total, stage=STAGE_READING)
    n_threads = min(MAX_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(max(2, n_threads), thread_name_prefix="catalejo-scan") as pool:
        for start in range(0, total, BATCH):
            batch = names[start : start + BATCH]
            yield from pool.map(read, batch)
            context.progress(start + len(batch), total, stage=STAGE_READING)


def _read_file(root: bytes, name: bytes, known: tuple[int, int] | None) -> ScannedFile | bool:
    path, is_promised = absolute_path(root, name), has_picture_extension(display_text(name))
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        return ScannedFile(name, 0, 0, None, None, unreadable_from_os(error).sentence) if is_promised else False
    if known == (status.st_size, status.st_mtime_ns):
        return True
    if not is_promised and not stat.S_ISREG(status.st_mode):
        return False
    content_hash, facts, reason = _read_content(path, is_promised)
    if facts is None and not reason:
        return False
    return ScannedFile(name, status.st_size, status.st_mtime_ns, content_hash, facts, reason)


def _read_content(path: Path, is_promised: bool) -> tuple[bytes | None, ImageFacts | None, str]:
    """Hash, facts and reason; all empty for what is no picture and does not promise to be one."""
    content_hash = None
    try:
        with open_regular(path) as file:
            if is_promised or has_picture_magic(file.read(MAGIC_BYTES)):
                is_promised = True
                content_hash = hash_stream(file)
            facts = inspect_stream(file)
            return content_hash or hash_stream(file), facts, ""
    except ImageUnreadable as error:
        return content_hash, None, str(error) if is_promised else ""

"""The job that looks through a folder: which images are there, and what is wrong with the others.

A file is listed as an image when it decodes; as unreadable when it does not but its ending or
its first bytes promise an image; anything else only counts as "not an image". What is passed over
is said in `core.project.folder_tree`. The scan writes nothing.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import ImageUnreadable, InputError
from core.images.decode import FRAMED_FORMATS, ImageFacts, inspect_stream
from core.images.files import hash_stream, is_same_stamp, open_regular, stamp_of, unreadable_from_os
from core.images.formats import MAGIC_BYTES, has_image_extension, has_image_magic
from core.images.natural import natural_key
from core.images.reasons import reason_of
from core.jobs import JobContext
from core.processors import n_processors
from core.project.class_naming import ClassNaming
from core.project.folder_tree import ForeignNames, require_folder, sorted_foreign, walk_files
from core.project.paths import absolute_path, display_text
from core.text import Message
from core.types import FileStamp, Skipped

BATCH = 64
"""Files between two looks at whether the job was cancelled."""

MAX_THREADS = 4
STAGE_READING = Message("jobs.reading_images")


@dataclass(frozen=True, slots=True)
class ScanInput:
    """What to look through.

    Attributes:
        folder: The folder; absolute.
        split: "train" or "test", for all its images.
        with_labels: Whether sub-folders name classes.
        known: By relative path (see `ScannedFile.path`) the stamps of files that need not be read again while
            they are the same.
        naming: Which class a sub-folder names.
        excluded: Relative sub-folders (see `ScannedFile.path`) that are not looked into.
    """

    folder: Path
    split: str = "train"
    with_labels: bool = True
    known: Mapping[bytes, FileStamp] = field(default_factory=dict)
    naming: ClassNaming = ClassNaming()
    excluded: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """One image, or one file that should have been one.

    Attributes:
        path: `os.fsencode` of the path relative to the folder, parts joined by "/".
        n_bytes: Size of the file.
        mtime_ns: When it was last changed, nanoseconds since 1970.
        content_hash: SHA-256, or None where the bytes could not be read.
        facts: What the image is, or None if it cannot be decoded.
        reason: Why it cannot be decoded, and what to do; None for good images.
        ctime_ns: When its inode was last changed, nanoseconds since 1970; None for a file that cannot be asked.
    """

    path: bytes
    n_bytes: int
    mtime_ns: int
    content_hash: bytes | None
    facts: ImageFacts | None
    reason: Message | None = None
    ctime_ns: int | None = None


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a folder holds, in natural order.

    Attributes:
        asked: What was looked through.
        files: Images, good and unreadable ones, that were read.
        unchanged: Relative paths of known files that were not read again.
        n_not_images: Other files that were passed over.
        skipped: Sub-folders that could not be looked into.
        foreign: Folders and files that were passed over as left by a system or program, by name.
    """

    asked: ScanInput
    files: tuple[ScannedFile, ...]
    unchanged: tuple[bytes, ...]
    n_not_images: int
    skipped: tuple[Skipped, ...]
    foreign: ForeignNames = ()


def scan_folder(inputs: ScanInput, context: JobContext) -> ScanResult:
    """Find all images below a folder and check each once.

    Args:
        inputs: What to look through.
        context: Told of every batch; asked whether to end.

    A file that goes away between being found and being read is not there. Where the folder itself goes, as with a
    disk that is unplugged, nothing is said of its images.

    Raises:
        InputError: The folder is missing, not a folder, cannot be read, or went away meanwhile.
        JobCancelled: The caller asked the job to end.
    """
    require_folder(inputs.folder)
    skipped, foreign = list[Skipped](), Counter[str]()
    root = os.fsencode(inputs.folder)
    names = list(walk_files(root, context, skipped=skipped, foreign=foreign, excluded=inputs.excluded))
    names.sort(key=lambda name: (natural_key(display_text(name)), name))
    files: list[ScannedFile] = []
    unchanged: list[bytes] = []
    n_not_images = n_gone = 0
    for name, outcome in zip(names, _read_all(names, inputs, context), strict=True):
        if isinstance(outcome, ScannedFile):
            files.append(outcome)
        elif outcome is None:
            n_gone += 1
        elif outcome:
            unchanged.append(name)
        else:
            n_not_images += 1
    if n_gone and (n_gone == len(names) or not inputs.folder.is_dir()):
        raise InputError("project.folder_went_away", folder=inputs.folder)
    return ScanResult(
        inputs, tuple(files), tuple(unchanged), n_not_images, tuple(skipped), sorted_foreign(foreign))


def names_with_frames(files: Sequence[ScannedFile]) -> tuple[str, ...]:
    """Display names of pages and animations, of which the first image alone is used."""
    return tuple(display_text(file.path) for file in files
                 if file.facts is not None and file.facts.n_frames > 1 and file.facts.format in FRAMED_FORMATS)


def _read_all(names: list[bytes], inputs: ScanInput, context: JobContext) -> Iterator[ScannedFile | bool | None]:
    """For each name the file, True if it is known and unchanged, False if it is no image, or None if it is gone."""
    root, total = os.fsencode(inputs.folder), len(names)

    def read(name: bytes) -> ScannedFile | bool | None:
        return _read_file(root, name, inputs.known.get(name))

    context.progress(0, total, stage=STAGE_READING, unit="files")
    n_threads = min(MAX_THREADS, n_processors())
    with ThreadPoolExecutor(max(2, n_threads), thread_name_prefix="catalejo-scan") as pool:
        for start in range(0, total, BATCH):
            batch = names[start : start + BATCH]
            yield from pool.map(read, batch)
            context.progress(start + len(batch), total, stage=STAGE_READING, unit="files")


def _read_file(root: bytes, name: bytes, known: FileStamp | None) -> ScannedFile | bool | None:
    path, is_promised = absolute_path(root, name), has_image_extension(display_text(name))
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and not os.path.lexists(path):
            return None
        return ScannedFile(name, 0, 0, None, None, unreadable_from_os(error).message) if is_promised else False
    now = stamp_of(status)
    if known is not None and is_same_stamp(known, now):
        return True
    if not is_promised and not stat.S_ISREG(status.st_mode):
        return False
    content_hash, facts, reason = _read_content(path, is_promised)
    if facts is None and reason is None:
        return False
    return ScannedFile(name, now.n_bytes, now.mtime_ns, content_hash, facts, reason, now.ctime_ns)


def _read_content(path: Path, is_promised: bool) -> tuple[bytes | None, ImageFacts | None, Message | None]:
    """Hash, facts and reason; all empty for what is no image and does not promise to be one."""
    content_hash = None
    try:
        with open_regular(path) as file:
            if is_promised or has_image_magic(file.read(MAGIC_BYTES)):
                is_promised = True
                content_hash = hash_stream(file)
            facts = inspect_stream(file)
            return content_hash or hash_stream(file), facts, None
    except ImageUnreadable as error:
        return content_hash, None, reason_of(error) if is_promised else None

"""The cue table: measurements of all images and a sketch of each, kept by content hash; one decode an image.

Kept in a NumPy archive without pickles, so that the next check reads only new images. Names of files are not kept:
they belong to a path, not to the content (`core.checks.name_cues`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.checks.cue_measures import (
    CHROMA_PX, SIDE_PX, SKETCH_PX, measure_pixels, read_file_cues,
)
from core.errors import ImageUnreadable
from core.files.writing import write_arrays, write_errors
from core.images.decode import DECODER_VERSION
from core.images.files import open_regular
from core.images.reading import read_image
from core.images.reasons import DECODE_ERRORS
from core.jobs import JobContext
from core.files.stored_arrays import open_arrays
from core.text import Message
from core.types import ImageRef

NUMBERS = (
    "width", "height", "aspect", "pixels", "bytes", "bytes_per_pixel", "jpeg_quality", "has_exif", "year", "n_frames",
    "has_alpha", "brightness", "contrast", "sharpness", "saturation", "border_red", "border_green", "border_blue",
    "border_uniformity", "background", "brightest",
)
"""Columns of `CueTable.numbers`."""

WORDS = ("format", "mode", "camera")
"""Columns of `CueTable.words`."""

CACHE_VERSION = 1000 + DECODER_VERSION
"""The thousands count what is measured."""

CHUNK = 64
N_THREADS = 2
STAGE = Message("jobs.measuring_images")


@dataclass(frozen=True, slots=True)
class CueTable:
    """Measurements of all images; an image that could not be read has NaN, empty words and a black sketch.

    Attributes:
        numbers: (n_images, len(NUMBERS)) float32, NaN where unknown.
        words: (n_images, len(WORDS)) unicode.
        grey: (n_images, 48, 48) uint8 sketches.
        chroma: (n_images, 2, 8, 8) uint8 sketches.
        is_read: (n_images,) bool.
        unread: Why contents could not be read, by their hash.
    """

    numbers: NDArray[np.float32]
    words: NDArray[np.str_]
    grey: NDArray[np.uint8]
    chroma: NDArray[np.uint8]
    is_read: NDArray[np.bool_]
    unread: Mapping[bytes, Message]

    def number(self, name: str) -> NDArray[np.float32]:
        """One column of numbers, (n_images,)."""
        return self.numbers[:, NUMBERS.index(name)]

    def word(self, name: str) -> NDArray[np.str_]:
        """One column of words, (n_images,)."""
        return self.words[:, WORDS.index(name)]


@dataclass(frozen=True, slots=True)
class _Measured:
    """One row of the table."""

    numbers: tuple[float, ...]
    words: tuple[str, ...]
    grey: NDArray[np.uint8]
    chroma: NDArray[np.uint8]


def measure_cues(images: Sequence[ImageRef], context: JobContext, *, cache: Path | None = None) -> CueTable:
    """Measure all images that the cache does not know, in threads; a broken one is listed in `unread`.

    Args:
        images: Images to measure; rows of the table keep their order.
        context: Progress counts images.
        cache: File to keep measurements in, which need not exist; None keeps nothing.

    Raises:
        JobCancelled: The caller asked the job to end; what was measured so far is in the cache.
        StorageError: The cache cannot be written.
    """
    known = _load(cache)
    new = list({i.content_hash: i for i in images if i.content_hash not in known}.values())
    unread: dict[bytes, Message] = {}
    try:
        _measure_all(new, known, unread, context)
    finally:
        if cache is not None and len(unread) < len(new):
            _save(cache, known)
    black = np.zeros((SKETCH_PX, SKETCH_PX), np.uint8), np.zeros((2, CHROMA_PX, CHROMA_PX), np.uint8)
    blank = _Measured((np.nan,) * len(NUMBERS), ("",) * len(WORDS), *black)
    columns = _columns([known.get(image.content_hash, blank) for image in images])
    return CueTable(*columns, np.array([image.content_hash in known for image in images], bool), unread)


def measure_one(path: Path, *, content_hash: bytes | None = None) -> _Measured:
    """Decode and measure one image.

    Raises:
        ImageUnreadable: With the reason in plain words.
    """
    with open_regular(path) as file:
        pixels = read_image(file, content_hash, side_px=SIDE_PX)
        try:
            of_file, words = read_file_cues(file)
        except DECODE_ERRORS as error:
            raise ImageUnreadable("images.header_unreadable") from error
    of_pixels, *sketch = measure_pixels(pixels)
    numbers = of_file | of_pixels
    return _Measured(tuple(numbers[name] for name in NUMBERS), words, *sketch)


def _measure_all(
    images: list[ImageRef], known: dict[bytes, _Measured], unread: dict[bytes, Message], context: JobContext,
) -> None:
    n_done = 0
    context.progress(0, len(images), stage=STAGE)
    with ThreadPoolExecutor(N_THREADS, thread_name_prefix="catalejo-cues") as pool:
        for start in range(0, len(images), CHUNK):
            chunk = images[start:start + CHUNK]
            for image, measured in zip(chunk, pool.map(_try_one, chunk), strict=True):
                if isinstance(measured, Message):
                    unread[image.content_hash] = measured
                else:
                    known[image.content_hash] = measured
                n_done += 1
                context.progress(n_done, len(images), stage=STAGE)


def _try_one(image: ImageRef) -> _Measured | Message:
    """The measurements, or the reason why there are none."""
    try:
        return measure_one(image.path, content_hash=image.content_hash)
    except ImageUnreadable as error:
        return error.message


def _columns(
    rows: list[_Measured],
) -> tuple[NDArray[np.float32], NDArray[np.str_], NDArray[np.uint8], NDArray[np.uint8]]:
    numbers = np.array([r.numbers for r in rows], np.float32).reshape(-1, len(NUMBERS))
    words = np.array([r.words for r in rows], "U40").reshape(-1, len(WORDS))
    grey = np.array([r.grey for r in rows], np.uint8).reshape(-1, SKETCH_PX, SKETCH_PX)
    chroma = np.array([r.chroma for r in rows], np.uint8).reshape(-1, 2, CHROMA_PX, CHROMA_PX)
    return numbers, words, grey, chroma


def _load(cache: Path | None) -> dict[bytes, _Measured]:
    """What was measured before; a cache that is damaged or of another version counts as empty."""
    if cache is None or not cache.is_file():
        return {}
    try:
        with open_arrays(cache) as stored:
            if int(stored["version"]) != CACHE_VERSION:
                return {}
            hashes, numbers, words = stored["hashes"], stored["numbers"], stored["words"]
            grey, chroma = stored["grey"], stored["chroma"]
        return {
            hashes[i].tobytes(): _Measured(tuple(numbers[i]), tuple(map(str, words[i])), grey[i], chroma[i])
            for i in range(len(hashes))
        }
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return {}


def _save(cache: Path, known: dict[bytes, _Measured]) -> None:
    numbers, words, grey, chroma = _columns(list(known.values()))
    hashes = np.frombuffer(b"".join(known), np.uint8).reshape(len(known), -1)
    with write_errors(cache):
        cache.parent.mkdir(parents=True, exist_ok=True)
    write_arrays(
        cache, version=np.array(CACHE_VERSION), hashes=hashes, numbers=numbers, words=words, grey=grey, chroma=chroma,
    )

"""Capture times of images (EXIF), read once an image and kept by content hash."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ImageUnreadable, StorageError
from core.files.stored_arrays import open_arrays
from core.files.writing import write_arrays, write_errors
from core.images.exif import CAMERA_LENGTH, capture_time
from core.images.files import HASH_BYTES, is_same_stamp, open_regular, require_content, stamp_of
from core.jobs import JobContext
from core.text import Message
from core.types import ImageRef

VERSION = 1
"""Counts what is read; measurements of another version are read anew."""

N_SAMPLE = 40
"""So many images, spread over all, are read first; where none of them has a time, the others are not read."""

CHUNK = 64
N_THREADS = 2
STAGE = Message("jobs.reading_capture_times")

Taken = tuple[float, str]


@dataclass(frozen=True, slots=True)
class CaptureTimes:
    """When and by which camera images were taken.

    Attributes:
        seconds: (n_images,) float64 of the camera's clock; NaN where unknown.
        cameras: (n_images,) unicode, empty where unknown.
    """

    seconds: NDArray[np.float64]
    cameras: NDArray[np.str_]


def read_capture_times(images: Sequence[ImageRef], context: JobContext, *, cache: Path | None) -> CaptureTimes:
    """Read when images were taken, those that the cache does not know.

    Args:
        images: A file that is gone, changed or no image has no time.
        context: Progress counts images.
        cache: File to keep the times in, which need not exist; None keeps nothing.

    Raises:
        JobCancelled: The caller asked the job to end; what was read so far is in the cache.
    """
    known = _load(cache)
    n_known = len(known)
    sample = [images[at] for at in np.unique(np.linspace(0, len(images) - 1, N_SAMPLE).astype(int))] if images else []
    try:
        _read_all(sample, known, context)
        if any(not np.isnan(known.get(image.content_hash, _UNKNOWN)[0]) for image in sample):
            _read_all(images, known, context)
    finally:
        if cache is not None and len(known) > n_known:
            with suppress(StorageError):  # the times are right without it, and only read again
                _save(cache, known)
    taken = [known.get(image.content_hash, _UNKNOWN) for image in images]
    return CaptureTimes(
        np.array([seconds for seconds, _ in taken], np.float64), np.array([camera for _, camera in taken], np.str_))


_UNKNOWN: Taken = (float("nan"), "")


def _read_all(images: Sequence[ImageRef], known: dict[bytes, Taken], context: JobContext) -> None:
    new = list({image.content_hash: image for image in images if image.content_hash not in known}.values())
    with ThreadPoolExecutor(N_THREADS, thread_name_prefix="catalejo-times") as pool:
        for start in range(0, len(new), CHUNK):
            context.progress(start, len(new), stage=STAGE)
            chunk = new[start:start + CHUNK]
            for image, taken in zip(chunk, pool.map(_read_one, chunk), strict=True):
                if taken is not None:
                    known[image.content_hash] = taken


def _read_one(image: ImageRef) -> Taken | None:
    """Its time; None where the file is not the one that is meant, so that nothing is kept of it."""
    try:
        is_same = image.stamp is not None and is_same_stamp(image.stamp, stamp_of(os.stat(image.path)))
        with open_regular(image.path) as file:
            require_content(file, None if is_same else image.content_hash)
            return capture_time(file)
    except (ImageUnreadable, OSError, ValueError):
        return None


def _load(cache: Path | None) -> dict[bytes, Taken]:
    """What was read before; a cache that is damaged or of another version counts as empty."""
    if cache is None or not cache.is_file():
        return {}
    try:
        with open_arrays(cache) as stored:
            if int(stored["version"]) != VERSION:
                return {}
            hashes, seconds, cameras = stored["hashes"], stored["seconds"], stored["cameras"]
        return {hashes[i].tobytes(): (float(seconds[i]), str(cameras[i])) for i in range(len(hashes))}
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return {}


def _save(cache: Path, known: dict[bytes, Taken]) -> None:
    with write_errors(cache):
        cache.parent.mkdir(parents=True, exist_ok=True)
    write_arrays(
        cache, version=np.array(VERSION), hashes=np.frombuffer(b"".join(known), np.uint8).reshape(-1, HASH_BYTES),
        seconds=np.array([seconds for seconds, _ in known.values()], np.float64),
        cameras=np.array([camera for _, camera in known.values()], f"U{CAMERA_LENGTH}"),
    )

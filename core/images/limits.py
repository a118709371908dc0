"""Limits of decoding: the largest image, and the memory that all decoding threads of a process share."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

import psutil
from PIL import Image

from core.errors import InputError

PIXELS_VARIABLE = "CATALEJO_MAX_PIXELS"
"""Environment variable that sets how many pixels an image may have."""

DEFAULT_MAX_PIXELS = 178_956_970
"""Without the variable: Pillow's own limit, beyond which it takes an image for an attack."""

SHARE_OF_MEMORY, MOST_BYTES = 0.25, 1 << 30
"""Threads may together fill this share of the memory that was free at first, and no more than this."""

BYTES_PER_PIXEL = {"1": 3, "L": 4, "P": 5, "RGB": 5, "I;16": 8, "I;16B": 8, "I": 9, "F": 9}
"""What decoding to RGB takes at its height; formats in `_TWICE` hold the pixels once more."""

MANY_PIXELS = 32_000_000
"""From so many on it is worth some milliseconds to give an image's memory back to the system at once."""

_MANY_BYTES = 12
_TWICE = frozenset({"WEBP", "AVIF", "HEIF", "JPEG2000", "GIF"})


def max_pixels() -> int:
    """How many pixels an image may have.

    Raises:
        InputError: The environment variable holds something else than a number.
    """
    text = os.environ.get(PIXELS_VARIABLE, "").strip()
    if not text:
        return DEFAULT_MAX_PIXELS
    try:
        limit = int(text)
    except ValueError:
        limit = 0
    if limit < 1:
        raise InputError(
            "images.pixel_limit_invalid", variable=PIXELS_VARIABLE, value=text, default=DEFAULT_MAX_PIXELS)
    return limit


def decoding_bytes(image: Image.Image) -> int:
    """About how much memory it takes to decode an opened image (after `draft`) to RGB."""
    per_pixel = BYTES_PER_PIXEL.get(image.mode, _MANY_BYTES) + (4 if image.format in _TWICE else 0)
    return image.width * image.height * per_pixel


class MemoryBudget:
    """Lets threads in while what they need fits together; one whose need is larger than all waits to be alone.

    Threads come in their order, so that many small images never keep a large one waiting.
    """

    def __init__(self, n_bytes: int) -> None:
        self.n_bytes = n_bytes
        self._in_use = 0
        self._turn = threading.Lock()
        self._freed = threading.Condition()

    @contextmanager
    def reserve(self, n_bytes: int) -> Iterator[None]:
        """Wait for `n_bytes`, and keep them for the block; not to be nested."""
        with self._turn, self._freed:
            self._freed.wait_for(lambda: not self._in_use or self._in_use + n_bytes <= self.n_bytes)
            self._in_use += n_bytes
        try:
            yield
        finally:
            with self._freed:
                self._in_use -= n_bytes
                self._freed.notify_all()


@cache
def decoding_budget() -> MemoryBudget:
    """The budget of this process."""
    return MemoryBudget(min(int(psutil.virtual_memory().available * SHARE_OF_MEMORY), MOST_BYTES))


def give_memory_back(n_pixels: int) -> None:
    """After a large image: let the C library return to the system what it keeps (glibc holds on to such blocks)."""
    if n_pixels < MANY_PIXELS:
        return
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)

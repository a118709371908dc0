"""Opens `.npz` files of a project, which may be damaged or foreign: every failure is an OSError or ValueError."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

import numpy as np
from numpy.lib.npyio import NpzFile

from core.files.foreign import open_plain_file


MOST_UNPACKED_BYTES = 1024**3

_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, MemoryError, RuntimeError, OverflowError, SyntaxError,
    tokenize.TokenError,  # numpy reads the head of an array as Python source
)


@contextmanager
def open_arrays(path: Path) -> Iterator[NpzFile]:
    """The arrays of a file by name, while the block lasts; each is read when it is asked for.

    Raises:
        OSError: It cannot be read, or is no regular file.
        ValueError: It is damaged or of another kind; also what goes wrong with an array in the block.
        KeyError: From the block, where an array is missing.
    """
    with damage_as_value_error(path), open_plain_file(path) as raw:
        _require_no_bomb(raw)
        raw.seek(0)
        with np.load(raw, allow_pickle=False) as arrays:
            yield arrays


@contextmanager
def damage_as_value_error(path: Path) -> Iterator[None]:
    """Whatever reading a damaged archive raises, as one error.

    Raises:
        ValueError: The archive, or an array in it, is damaged.
    """
    try:
        yield
    except _DAMAGE as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _require_no_bomb(file: BufferedReader) -> None:
    """This program does not compress arrays; a small compressed file could hold more than the memory does."""
    with zipfile.ZipFile(file) as content:
        packed = [member.file_size for member in content.infolist() if member.compress_type != zipfile.ZIP_STORED]
    if sum(packed) > MOST_UNPACKED_BYTES:
        raise ValueError(f"expected at most {MOST_UNPACKED_BYTES} bytes of compressed arrays")

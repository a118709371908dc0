"""Arrays of a project that are damaged, or made to do harm, end in an OSError or a ValueError, and at once."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.files.stored_arrays import open_arrays


def write_sound(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, ids=np.arange(500))


def write_member(path: Path, header: bytes) -> None:
    header = header.ljust(117) + b"\n"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("ids.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)


def compress_terabytes(path: Path) -> None:
    """The sizes are announced in the list of contents, and believed before anything is unpacked."""
    np.savez_compressed(path, ids=np.zeros(10**6))
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02") + 24
    content[at:at + 4] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(content)


def encrypt(path: Path) -> None:
    write_sound(path)
    content = bytearray(path.read_bytes())
    content[content.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)


def announce_terabytes(path: Path) -> None:
    write_member(path, b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999,), }")


def nest(path: Path) -> None:
    write_member(path, b"(" * 5000)


def pickle_object(path: Path) -> None:
    np.savez(path, ids=np.array([{}], dtype=object))


def flip(path: Path) -> None:
    write_sound(path)
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)


def put_pipe(path: Path) -> None:
    os.mkfifo(path)


HARMFUL = (
    compress_terabytes, encrypt, announce_terabytes, nest, pickle_object, flip,
    pytest.param(put_pipe, marks=pytest.mark.skipif(os.name == "nt", reason="no pipes with names")),
    lambda path: path.mkdir(), lambda path: path.write_bytes(b"x"), lambda path: path.write_bytes(b"\x93NUMPY\x01\0"),
)


@pytest.mark.parametrize("make", HARMFUL)
def test_what_cannot_be_read_is_a_foreseen_error(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "arrays.npz"
    make(path)
    with pytest.raises((OSError, ValueError)), open_arrays(path) as arrays:
        arrays["ids"]


def test_what_the_program_writes_is_read(tmp_path: Path) -> None:
    write_sound(tmp_path / "arrays.npz")
    with open_arrays(tmp_path / "arrays.npz") as arrays:
        assert arrays["ids"].sum() == 124750

"""The identity of an image is the SHA-256 of its file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from core.errors import ImageUnreadable
from core.images import files
from core.images.files import HASH_BYTES, hash_file
from core.images.reading import read_image


def test_hash_is_that_of_the_bytes_however_large(image_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = image_folder / "red" / "red_0.png"
    expected = hashlib.sha256(path.read_bytes()).digest()
    assert hash_file(path) == expected and len(expected) == HASH_BYTES
    monkeypatch.setattr(files, "READ_AT_ONCE_BYTES", 10)
    assert hash_file(path) == expected
    assert read_image(path, None).shape == (72, 96, 3)


def test_a_missing_file_gives_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        hash_file(tmp_path / "nothing.jpg")
    assert caught.value.message.code == "images.gone"

"""Thumbnails are small, kept by content, and never a reason to fail."""

from __future__ import annotations

import io
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from core.errors import ImageUnreadable
from core.images.thumbnails import ThumbnailStore, make_thumbnail
from tests.conftest import draw_picture


def test_a_thumbnail_is_a_jpeg_that_fits_its_square(tmp_path: Path) -> None:
    draw_picture(1, "red", (800, 600)).save(tmp_path / "large.png")
    with Image.open(io.BytesIO(make_thumbnail(tmp_path / "large.png"))) as small:
        assert small.format == "JPEG" and small.size == (256, 192)
    with Image.open(io.BytesIO(make_thumbnail(tmp_path / "large.png", side_px=64))) as smaller:
        assert smaller.size == (64, 48)


def test_a_small_picture_is_not_enlarged(image_folder: Path) -> None:
    with Image.open(io.BytesIO(make_thumbnail(image_folder / "red" / "red_0.png"))) as small:
        assert small.size == (96, 72)
    with pytest.raises(ImageUnreadable):
        make_thumbnail(image_folder / "blue" / "broken.jpg")


def test_thumbnails_come_back_after_reopening(tmp_path: Path) -> None:
    store = ThumbnailStore(tmp_path / "t.sqlite")
    store.put(b"a" * 32, b"A")
    store.put(b"b" * 32, b"B")
    store.put(b"a" * 32, b"AA")
    store.close()
    store = ThumbnailStore(tmp_path / "t.sqlite")
    assert [store.get(name * 32) for name in (b"a", b"b", b"c")] == [b"AA", b"B", None]
    store.close()
    assert store.get(b"a" * 32) is None


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_store_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "t.sqlite").write_bytes(damage)
    store = ThumbnailStore(tmp_path / "t.sqlite")
    store.put(b"a" * 32, b"A")
    assert store.get(b"a" * 32) == b"A"
    store.close()
    again = ThumbnailStore(tmp_path / "t.sqlite")
    assert again.get(b"a" * 32) == b"A"
    again.close()


def test_damage_while_open_loses_thumbnails_only(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    store = ThumbnailStore(path)
    for i in range(100):
        store.put(bytes([i]) * 32, b"x" * 300)
    store.close()
    store = ThumbnailStore(path)
    with open(path, "r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (path.stat().st_size - 8192))
    for i in range(100):
        assert store.get(bytes([i]) * 32) in (None, b"x" * 300)
    store.put(b"n" * 32, b"N")
    assert store.get(b"n" * 32) == b"N"
    store.close()
    again = ThumbnailStore(path)
    assert again.get(b"n" * 32) == b"N" and again.get(b"\0" * 32) is None
    again.close()


def test_where_nothing_can_be_written_the_store_lives_in_memory(tmp_path: Path) -> None:
    store = ThumbnailStore(tmp_path / "no such folder" / "t.sqlite")
    store.put(b"a" * 32, b"A")
    assert store.get(b"a" * 32) == b"A"
    store.close()


def test_several_threads_may_read_and_write(tmp_path: Path) -> None:
    store = ThumbnailStore(tmp_path / "t.sqlite")

    def work(i: int) -> bool:
        store.put(i.to_bytes(32, "big"), str(i).encode())
        return store.get(i.to_bytes(32, "big")) == str(i).encode()

    with ThreadPoolExecutor(4, thread_name_prefix="catalejo-test") as pool:
        assert all(pool.map(work, range(200)))
    store.close()


def test_thumbnails_of_an_older_decoder_are_made_again(tmp_path: Path) -> None:
    store = ThumbnailStore(tmp_path / "t.sqlite")
    store.put(b"a" * 32, b"A")
    store.close()
    with sqlite3.connect(tmp_path / "t.sqlite") as db:
        db.execute("PRAGMA user_version = 0")
    db.close()
    store = ThumbnailStore(tmp_path / "t.sqlite")
    assert store.get(b"a" * 32) is None
    store.put(b"a" * 32, b"B")
    store.close()
    store = ThumbnailStore(tmp_path / "t.sqlite")
    assert store.get(b"a" * 32) == b"B"
    store.close()

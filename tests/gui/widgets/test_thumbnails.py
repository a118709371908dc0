"""The cache asks newest first, forgets what scrolled away, and stays within its bytes."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.errors import ImageUnreadable
from core.images.files import hash_file
from core.images.thumbnails import ThumbnailStore
from gui.widgets.background_query import NewestFirst
from gui.widgets.thumbnails import SHARP_FROM_PX, ImageKey, ThumbnailCache, fit_image, load_stored
from tests.conftest import draw_picture
from tests.gui.widgets.conftest import FakeThumbnails


def request_for(number: int, side_px: int = 144) -> ImageKey:
    return ImageKey(Path(f"/nowhere/{number}.jpg"), number.to_bytes(32, "big"), side_px)


def test_a_thumbnail_arrives_in_the_size_asked_for(thumbnails: ThumbnailCache, qtbot: QtBot) -> None:
    wanted = request_for(1)
    assert thumbnails.get(wanted.content_hash) is None
    with qtbot.waitSignal(thumbnails.arrived) as arrived:
        thumbnails.ask("grid", [wanted])
    assert arrived.args == [frozenset([wanted.content_hash])]
    thumbnail = thumbnails.get(wanted.content_hash)
    assert thumbnail is not None
    assert (thumbnail.pixmap.width(), thumbnail.pixmap.height()) == (144, 108)
    assert thumbnails._n_bytes == 144 * 108 * 4


def test_what_is_there_is_not_asked_for_again(
    thumbnails: ThumbnailCache, fake_thumbnails: FakeThumbnails, qtbot: QtBot
) -> None:
    for side_px in (144, 144, 200):
        thumbnails.ask("grid", [request_for(1, side_px), request_for(2, 144)])
        wait_for(qtbot, thumbnails, 1, side_px=side_px)
        wait_for(qtbot, thumbnails, 2)
    assert sorted(fake_thumbnails.loaded) == [1, 1, 2]


def wait_for(qtbot: QtBot, thumbnails: ThumbnailCache, number: int, *, side_px: int = 144) -> None:
    qtbot.waitUntil(lambda: _side(thumbnails, number) == side_px)


def _side(thumbnails: ThumbnailCache, number: int) -> int:
    thumbnail = thumbnails.get(number.to_bytes(32, "big"))
    return thumbnail.side_px if thumbnail else 0


def test_tiles_scrolled_away_are_never_read(
    thumbnails: ThumbnailCache, fake_thumbnails: FakeThumbnails, qtbot: QtBot
) -> None:
    fake_thumbnails.is_open.clear()
    thumbnails.ask("grid", [request_for(n) for n in range(100)])
    qtbot.waitUntil(lambda: fake_thumbnails.loaded == [0])
    thumbnails.ask("grid", [request_for(n) for n in range(500, 503)])
    assert len(thumbnails._threads._pending) == 3
    fake_thumbnails.is_open.set()
    qtbot.waitUntil(lambda: _side(thumbnails, 502) == 144)
    assert fake_thumbnails.loaded == [0, 500, 501, 502]


def test_two_views_do_not_take_each_others_place(
    thumbnails: ThumbnailCache, fake_thumbnails: FakeThumbnails, qtbot: QtBot
) -> None:
    fake_thumbnails.is_open.clear()
    thumbnails.ask("grid", [request_for(0), request_for(1), request_for(2)])
    qtbot.waitUntil(lambda: fake_thumbnails.loaded == [0])
    thumbnails.ask("inspector", [request_for(7), request_for(1)])
    fake_thumbnails.is_open.set()
    qtbot.waitUntil(lambda: _side(thumbnails, 2) == 144)
    assert fake_thumbnails.loaded == [0, 7, 1, 2]


def test_bytes_are_bounded_and_the_longest_unseen_goes(fake_thumbnails: FakeThumbnails, qtbot: QtBot) -> None:
    one = 144 * 108 * 4
    cache = ThumbnailCache(fake_thumbnails.load, max_bytes=3 * one, n_threads=1)
    try:
        for number in (1, 2, 3, 1, 4):
            cache.ask("grid", [request_for(number)])
            wait_for(qtbot, cache, number)
        assert cache._n_bytes == 3 * one
        assert [n for n in range(1, 5) if _side(cache, n)] == [1, 3, 4]
    finally:
        cache.close()


def test_an_unreadable_image_says_why_and_is_not_read_again(
    thumbnails: ThumbnailCache, fake_thumbnails: FakeThumbnails, qtbot: QtBot
) -> None:
    fake_thumbnails.unreadable = {1}
    wanted = request_for(1)
    with qtbot.waitSignal(thumbnails.arrived):
        thumbnails.ask("grid", [wanted])
    assert thumbnails.reason(wanted.content_hash) == "The file is cut off before the picture ends."
    thumbnails.ask("grid", [wanted])
    assert not thumbnails.is_busy()
    thumbnails.forget()
    fake_thumbnails.unreadable = set()
    thumbnails.ask("grid", [wanted])
    qtbot.waitUntil(lambda: _side(thumbnails, 1) == 144)


def test_closing_while_reading_ends_the_threads(fake_thumbnails: FakeThumbnails, qtbot: QtBot) -> None:
    fake_thumbnails.is_open.clear()
    cache = ThumbnailCache(fake_thumbnails.load, n_threads=2)
    cache.ask("grid", [request_for(n) for n in range(10)])
    qtbot.waitUntil(lambda: len(fake_thumbnails.loaded) == 2)
    threading.Timer(0.05, fake_thumbnails.is_open.set).start()
    with qtbot.assertNotEmitted(cache.arrived, wait=50):
        cache.close()
    assert len(fake_thumbnails.loaded) == 2


def test_made_thumbnails_are_kept_in_the_store(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    draw_picture(1, "red", (800, 600)).save(path)
    store = ThumbnailStore(tmp_path / "thumbnails.sqlite")
    content_hash = hash_file(path)
    made = load_stored(store, path, content_hash)
    path.unlink()
    assert load_stored(store, path, content_hash) == made
    store.close()


def test_other_pixels_under_a_known_name_never_become_its_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    draw_picture(1, "red", (800, 600)).save(path)
    content_hash = hash_file(path)
    draw_picture(2, "blue", (800, 600)).save(path)
    store = ThumbnailStore(tmp_path / "thumbnails.sqlite")
    with pytest.raises(ImageUnreadable, match="has changed"):
        load_stored(store, path, content_hash)
    assert store.get(content_hash) is None
    store.close()


def test_why_there_is_none_is_asked_anew_after_an_import(
    thumbnails: ThumbnailCache, fake_thumbnails: FakeThumbnails, qtbot: QtBot
) -> None:
    fake_thumbnails.unreadable = {1}
    thumbnails.ask("grid", [request_for(1)])
    qtbot.waitUntil(lambda: bool(thumbnails.reason(request_for(1).content_hash)))
    fake_thumbnails.unreadable = set()
    thumbnails.forget_reasons()
    thumbnails.ask("grid", [request_for(1)])
    wait_for(qtbot, thumbnails, 1)


def test_a_large_tile_shows_the_picture_itself_and_its_thumbnail_when_it_is_gone(
    thumbnails: ThumbnailCache, fake_thumbnails: FakeThumbnails, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "one.png"
    draw_picture(1, "red", (800, 600)).save(path)
    content_hash = hash_file(path)
    thumbnails.ask("grid", [ImageKey(path, content_hash, SHARP_FROM_PX)])
    wait_for(qtbot, thumbnails, int.from_bytes(content_hash, "big"), side_px=SHARP_FROM_PX)
    assert fake_thumbnails.loaded == []
    thumbnails.ask("grid", [request_for(2, SHARP_FROM_PX)])
    wait_for(qtbot, thumbnails, 2, side_px=SHARP_FROM_PX)
    assert fake_thumbnails.loaded == [2]


@pytest.mark.parametrize(("size", "fitted"), [((64, 48), (100, 75)), ((400, 10), (100, 2)), ((5000, 2), (100, 1))])
def test_pictures_are_fitted_into_the_square(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    pixels = np.full((size[1], size[0], 3), (200, 30, 10), dtype=np.uint8)
    scaled = fit_image(Image.fromarray(pixels), 100)
    assert (scaled.width(), scaled.height()) == fitted
    assert scaled.pixelColor(0, 0).getRgb() == (200, 30, 10, 255)
    assert scaled.format() == QImage.Format.Format_RGB32


def test_results_come_in_the_gui_thread_together(qtbot: QtBot) -> None:
    results: list[tuple[int, int]] = []
    threads: list[threading.Thread] = []

    def on_results(new: list[tuple[int, int]]) -> None:
        threads.append(threading.current_thread())
        results.extend(new)

    workers = NewestFirst(lambda n: n * n, on_results, name="squares", n_threads=2)
    workers.ask("test", range(50))
    qtbot.waitUntil(lambda: len(results) == 50)
    workers.close()
    assert sorted(results) == [(n, n * n) for n in range(50)]
    assert set(threads) == {threading.main_thread()}

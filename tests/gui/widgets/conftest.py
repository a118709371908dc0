"""A million images that exist nowhere, and views on them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from core.errors import ImageUnreadable
from gui.widgets.grid_view import GridView
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile


class FakeSource:
    """Tiles out of thin air; counts what it was asked for."""

    def __init__(self) -> None:
        self.n_asked = 0
        self.changes: dict[int, dict[str, object]] = {}

    def tiles(self, ids: np.ndarray) -> list[Tile]:
        self.n_asked += len(ids)
        return [self._tile(i) for i in ids.tolist()]

    def _tile(self, i: int) -> Tile:
        tile = Tile(
            id=i, path=Path(f"/nowhere/{i}.jpg"), content_hash=i.to_bytes(32, "big"), name=f"{i}.jpg",
            label="pistol", color="#E69F00", sign="■", width=160, height=120,
        )
        return replace(tile, **self.changes.get(i, {}))  # type: ignore[arg-type]


class FakeThumbnails:
    """Thumbnails as the cache loads them; can be held back so that requests pile up."""

    def __init__(self) -> None:
        self.loaded: list[int] = []
        self.is_open = threading.Event()
        self.is_open.set()
        self.unreadable: set[int] = set()
        encoded = io.BytesIO()
        Image.new("RGB", (64, 48), (200, 30, 30)).save(encoded, "PNG")
        self._png = encoded.getvalue()

    def load(self, path: Path, content_hash: bytes) -> bytes:
        number = int.from_bytes(content_hash, "big")
        self.loaded.append(number)
        assert self.is_open.wait(30)
        if number in self.unreadable:
            raise ImageUnreadable("The file is cut off before the picture ends.")
        return self._png


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def model(source: FakeSource, qapp: object) -> ImageModel:
    """Ids 0 … 999 in order."""
    model = ImageModel(source.tiles)
    model.set_ids(np.arange(1000))
    return model


@pytest.fixture
def selection(model: ImageModel) -> ImageSelectionModel:
    return ImageSelectionModel(model)


@pytest.fixture
def fake_thumbnails() -> FakeThumbnails:
    return FakeThumbnails()


@pytest.fixture
def thumbnails(fake_thumbnails: FakeThumbnails, qapp: object) -> Iterator[ThumbnailCache]:
    cache = ThumbnailCache(fake_thumbnails.load, n_threads=1)
    yield cache
    fake_thumbnails.is_open.set()
    cache.close()


@pytest.fixture
def grid(
    model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache, qtbot: QtBot
) -> GridView:
    """Five columns and three lines and a bit, shown, with the keyboard."""
    view = GridView(model, selection, thumbnails)
    qtbot.addWidget(view)
    view.resize(800, 600)
    with qtbot.waitExposed(view):
        view.show()
    view.setFocus()
    return view

"""The loupe with drawn pictures on disk: next, previous, zoom, reasons, and an end to its thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.images.files import hash_file
from core.text import text
from gui.widgets.decoded_images import DecodedImages, build_pyramid
from gui.widgets.image_model import ImageModel
from gui.widgets.loupe import Loupe
from gui.widgets.image_view import MAX_SCALE, ImageView
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ImageKey, ThumbnailCache
from gui.widgets.tile import Tile
from tests.conftest import draw_picture

Key = Qt.Key


class FolderSource:
    """Tiles of the files of `image_folder`, in the order of their names."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(folder.rglob("*.*"))
        self.predictions: dict[int, str] = {}

    def tiles(self, ids: np.ndarray) -> list[Tile]:
        return [self._tile(i) for i in ids.tolist()]

    def _tile(self, i: int) -> Tile:
        path = self.files[i]
        tile = Tile(i, path, hash_file(path), path.name, label=path.parent.name, color="#E69F00", sign="■")
        return replace(tile, prediction=self.predictions.get(i), confidence=0.97)

    def id_of(self, name: str) -> int:
        return next(i for i, path in enumerate(self.files) if path.name == name)


@pytest.fixture
def folder_source(image_folder: Path) -> FolderSource:
    return FolderSource(image_folder)


@pytest.fixture
def model(folder_source: FolderSource, qapp: object) -> ImageModel:
    model = ImageModel(folder_source.tiles)
    model.set_ids(np.arange(len(folder_source.files)))
    return model


@pytest.fixture
def loupe(
    model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache, qtbot: QtBot
) -> Iterator[Loupe]:
    loupe = Loupe(model, selection, thumbnails)
    qtbot.addWidget(loupe)
    loupe.resize(400, 340)
    yield loupe
    loupe.close_files()


def open_at(loupe: Loupe, row: int, qtbot: QtBot) -> None:
    loupe._selection.set_current_row(row)
    loupe.open()
    qtbot.waitUntil(lambda: has_picture(loupe))


def has_picture(loupe: Loupe) -> bool:
    return loupe._view._pyramid is not None


def test_next_and_previous_are_ready_before_they_are_asked_for(loupe: Loupe, qtbot: QtBot) -> None:
    open_at(loupe, 1, qtbot)
    qtbot.waitUntil(lambda: len(loupe._view._decoded._images) == 3)
    QTest.keyClick(loupe, Key.Key_Right)
    assert has_picture(loupe)
    assert loupe._selection.current_id() == 2
    QTest.keyClick(loupe, Key.Key_Left)
    QTest.keyClick(loupe, Key.Key_Left)
    assert loupe._selection.selected_ids().tolist() == [0]
    QTest.keyClick(loupe, Key.Key_Left)
    assert loupe._selection.current_id() == 0


def test_the_picture_is_turned_as_its_file_says(loupe: Loupe, folder_source: FolderSource, qtbot: QtBot) -> None:
    open_at(loupe, folder_source.id_of("turned.jpg"), qtbot)
    assert loupe._view._image_size().toTuple() == (72, 96)


def test_an_unreadable_image_says_why(loupe: Loupe, folder_source: FolderSource, qtbot: QtBot) -> None:
    loupe._selection.set_current_row(folder_source.id_of("broken.jpg"))
    loupe.open()
    qtbot.waitUntil(lambda: loupe._view._message == "This JPEG image is truncated.")
    assert not loupe.grab().isNull()


def test_it_says_label_and_prediction(
    loupe: Loupe, model: ImageModel, folder_source: FolderSource, qtbot: QtBot
) -> None:
    open_at(loupe, 0, qtbot)
    label = folder_source.files[0].parent.name
    assert loupe.caption.words == label
    folder_source.predictions = {0: "phone"}
    model.refresh(np.array([0]))
    assert loupe.caption.words == f"{label} → phone 0.97"
    folder_source.predictions = {0: label}
    model.refresh()
    assert loupe.caption.words == text("widgets.prediction_agrees", label=label, confidence="0.97")


@pytest.mark.parametrize("key", [Key.Key_Escape, Key.Key_Space])
def test_it_closes(loupe: Loupe, qtbot: QtBot, key: Key) -> None:
    open_at(loupe, 0, qtbot)
    with qtbot.waitSignal(loupe.closed):
        QTest.keyClick(loupe, key)
    assert not loupe.isVisible()


def test_it_closes_when_its_image_leaves(loupe: Loupe, model: ImageModel, qtbot: QtBot) -> None:
    open_at(loupe, 0, qtbot)
    with qtbot.waitSignal(loupe.closed):
        model.set_ids(np.empty(0, dtype=np.int64))


def test_without_a_current_image_it_stays_shut(loupe: Loupe) -> None:
    loupe.open()
    assert not loupe.isVisible()


def test_digits_label(loupe: Loupe, qtbot: QtBot) -> None:
    open_at(loupe, 0, qtbot)
    with qtbot.waitSignal(loupe.keys.relabel_requested) as asked:
        QTest.keyClick(loupe, Key.Key_2)
    assert asked.args == [2]


def test_plus_minus_and_z_zoom(loupe: Loupe, qtbot: QtBot) -> None:
    open_at(loupe, 0, qtbot)
    fitted = loupe._view.scale
    QTest.keyClick(loupe, Key.Key_Plus)
    assert loupe._view.scale == pytest.approx(fitted * 1.25)
    QTest.keyClick(loupe, Key.Key_Minus)
    QTest.keyClick(loupe, Key.Key_Z)
    assert loupe._view.is_fitted
    QTest.keyClick(loupe, Key.Key_Z)
    assert loupe._view.scale == 1


# canvas


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageView:
    """A picture of 4000 × 3000 pixels, white with a red square in the middle, in 400 × 300."""
    canvas = ImageView()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    pixels = np.full((3000, 4000, 3), 255, dtype=np.uint8)
    pixels[1400:1600, 1900:2100] = (255, 0, 0)
    canvas.show()
    canvas.show_image(build_pyramid(Image.fromarray(pixels)))
    return canvas


def test_fitted_it_is_drawn_from_a_small_copy(canvas: ImageView) -> None:
    pyramid = canvas._pyramid
    assert pyramid is not None
    assert canvas.scale == pytest.approx(0.1)
    assert [level.width() for level in pyramid.levels] == [4000, 2000, 1000, 500]
    assert pyramid.level_for(0.1).width() == 500
    assert pyramid.level_for(3).width() == 4000
    picture = canvas.grab().toImage()
    assert picture.pixelColor(200, 150) == QColor("red")
    assert picture.pixelColor(100, 150) == QColor("white")


def test_zooming_keeps_the_point_under_the_pointer(canvas: ImageView) -> None:
    def under(position: QPointF) -> tuple[float, float]:
        target: QRectF = canvas._target()
        factor = target.width() / 4000
        return (position.x() - target.left()) / factor, (position.y() - target.top()) / factor

    pointer = QPointF(310, 90)
    before = under(pointer)
    canvas.zoom_by(6.0, pointer)
    assert under(pointer) == pytest.approx(before)


def test_zoom_has_bounds(canvas: ImageView) -> None:
    canvas.zoom_to(1e9)
    assert canvas.scale == MAX_SCALE
    canvas.zoom_to(1e-9)
    assert canvas.scale == pytest.approx(0.1)


def mouse(canvas: ImageView, what: QEvent.Type, x: int, y: int) -> None:
    """Straight to the widget: `QTest.mouseMove` asks the platform, which may swallow the first move."""
    left, position = Qt.MouseButton.LeftButton, QPointF(x, y)
    event = QMouseEvent(what, position, canvas.mapToGlobal(position), left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas, event)


def test_dragging_moves_the_picture_but_not_out_of_sight(canvas: ImageView) -> None:
    canvas.zoom_to(1.0)
    start = QPointF(canvas._center)
    mouse(canvas, QEvent.Type.MouseButtonPress, 200, 150)
    mouse(canvas, QEvent.Type.MouseMove, 150, 130)
    assert (canvas._center - start).toTuple() == (50, 20)
    mouse(canvas, QEvent.Type.MouseMove, 9000, 9000)
    mouse(canvas, QEvent.Type.MouseButtonRelease, 9000, 9000)
    assert canvas._center.toTuple() == (200, 150)
    assert canvas.grab().toImage().pixelColor(1, 1) == QColor("white")


def test_a_double_click_goes_to_actual_size_and_back(canvas: ImageView) -> None:
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton)
    assert canvas.scale == 1
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton)
    assert canvas.is_fitted


# files


def test_pictures_kept_are_bounded_but_the_wanted_one_stays(tmp_path: Path, qtbot: QtBot) -> None:
    keys = []
    for i in range(3):
        path = tmp_path / f"{i}.png"
        draw_picture(i, "red", (100, 100)).save(path)
        keys.append(ImageKey(path, b""))
    files = DecodedImages(max_bytes=2 * 100 * 100 * 4)
    for key in keys:
        with qtbot.waitSignal(files.arrived):
            files.ask([key])
    assert [files.get(key) is not None for key in keys] == [False, True, True]
    files.close()

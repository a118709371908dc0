"""Captions: chosen, remembered, and cut where neighbours are alike."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics
from pytestqt.qtbot import QtBot

from gui.widgets.grid_view import GridView
from gui.widgets.image_model import ImageModel
from gui.widgets.cut_names import shared_starts
from gui.widgets.tile_caption import CaptionPainter, Captions
from tests.gui.widgets.conftest import FakeSource


def test_captions_are_written_and_read() -> None:
    for captions in (Captions(), Captions(True, False, False), Captions(False, False, False)):
        assert Captions.read(str(captions)) == captions
    assert Captions.read("") == Captions() and Captions.read("captions name of old").name


def test_names_share_what_one_of_their_neighbours_shares() -> None:
    assert shared_starts(["a_001", "a_002", "a_010", "b"]) == [4, 4, 3, 0]
    assert shared_starts([]) == [] and shared_starts(["one"]) == [0]


def painter_of(grid: GridView, captions: Captions) -> CaptionPainter:
    return CaptionPainter(grid._tile_painter.font, grid.palette(), captions)


def test_a_name_is_cut_where_it_is_like_its_neighbours(grid: GridView) -> None:
    painter = painter_of(grid, Captions(name=True))
    metrics = QFontMetrics(grid._tile_painter.font)
    names = [f"holiday_in_the_mountains_{i:03d}_of_the_summer_with_a_long_ending.jpg" for i in (17, 18, 29)]
    width = metrics.horizontalAdvance("holiday_in_the_mount")
    cut = [painter.cut(n, k, width) for n, k in zip(names, shared_starts(names), strict=True)]
    assert len(set(cut)) == 3, "what differs is in sight"
    assert all(metrics.horizontalAdvance(words) <= width for words in cut)
    ends = [f"holiday_in_the_mountains_{i:03d}.jpg" for i in (17, 18)]
    cut = [painter.cut(n, k, width) for n, k in zip(ends, shared_starts(ends), strict=True)]
    middle = [metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width) for name in ends]
    assert cut == middle, "as usual where that shows it"
    assert painter.cut("short.jpg", 3, width) == "short.jpg"


def test_lines_and_heights_follow_the_choice(grid: GridView, qtbot: QtBot) -> None:
    heights = []
    for captions in (Captions(False, False, False), Captions(), Captions(name=True)):
        grid.set_captions(captions)
        heights.append(grid._geometry.line_height)
        assert not grid.grab().isNull()
    assert heights[0] < heights[1] < heights[2]


def test_a_prediction_bears_the_sign_of_its_class_in_its_colour(
    grid: GridView, model: ImageModel, source: FakeSource
) -> None:
    plain = {"prediction": "phone", "confidence": 0.97}
    source.changes = {0: plain, 1: {**plain, "prediction_sign": "◆", "prediction_color": "#0072B2"}}
    model.refresh()
    pictures = []
    for row in (0, 1):
        rect = grid.visualRect(model.index(row, 0))
        words = rect.adjusted(0, rect.width() + 4, 0, 0)
        pictures.append(grid.viewport().grab(words).toImage())
    blue = [sum(_is_blue(image.pixelColor(x, y)) for x in range(image.width()) for y in range(image.height()))
            for image in pictures]
    assert blue[0] == 0 < blue[1]


def _is_blue(color: QColor) -> bool:
    return color.blue() > color.red() + 60


def test_names_of_neighbours_out_of_sight_count_too(grid: GridView, model: ImageModel, source: FakeSource) -> None:
    source.changes = {i: {"name": f"series_{i // 5}_{i}"} for i in range(1000)}
    model.set_ids(np.arange(1000))
    assert grid._shared_starts(range(5, 10))[0] == grid._shared_starts(range(0, 10))[5]

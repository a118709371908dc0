"""The current image, large and sharp, with its name and label below; its neighbours are decoded ahead."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.text import text
from gui import theme
from gui.widgets.labels import ElidedLabel
from gui.widgets.image_view import TileView
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile
from gui.widgets.class_style import color_label


class Stage(QWidget):
    """Shows one image.

    Args:
        thumbnails: What is shown until the image is there.
    """

    def __init__(self, thumbnails: ThumbnailCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tile: Tile | None = None
        self.view = TileView(thumbnails)
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._sign, self._label = QLabel(), ElidedLabel()
        self._place = theme.caption_label("")
        self._build()
        theme.current().changed.connect(self._color_sign)

    @property
    def label_text(self) -> str:
        return self._label.text

    def show_tile(self, tile: Tile, *, row: int, n_images: int) -> None:
        """Show the `row`-th (from 0) of so many images."""
        self._tile = tile
        self._name.set_text(tile.name)
        self._label.set_text(tile.label or text("widgets.without_label"))
        self._place.setText(text("widgets.place", row=row + 1, count=n_images))
        self._color_sign()
        self.view.setAccessibleName(f"{tile.name}, {self._label.text}")
        self.view.show_tile(tile)

    def _build(self) -> None:
        font = self._name.font()
        font.setWeight(font.Weight.DemiBold)
        self._name.setFont(font)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.BETWEEN)
        below.addWidget(self._name, 2)
        below.addWidget(self._sign)
        below.addWidget(self._label, 1)
        below.addWidget(self._place)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.BETWEEN)
        column.addWidget(self.view, 1)
        column.addLayout(below)

    def _color_sign(self) -> None:
        tile = self._tile
        self._sign.setText(tile.sign if tile is not None else "")
        self._sign.setVisible(bool(self._sign.text()))
        color_label(self._sign, tile.color if tile is not None else "")

"""The current picture, large and sharp, with its name and label below; its neighbours are decoded ahead."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import theme
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.full_images import FullImages, ImageKey, key_of
from gui.widgets.loupe_canvas import LoupeCanvas
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile
from gui.widgets.class_style import color_label


class Stage(QWidget):
    """Shows one picture.

    Args:
        thumbnails: What is shown until the picture is there.
    """

    def __init__(self, thumbnails: ThumbnailCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._files = FullImages(parent=self)
        self._tile: Tile | None = None
        self._key: ImageKey | None = None
        self.canvas = LoupeCanvas()
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._sign, self._label = QLabel(), ElidedLabel()
        self._place = theme.caption_label("")
        self._build()
        self._files.arrived.connect(self._on_files_arrived)
        theme.current().changed.connect(self._color_sign)

    @property
    def is_sharp(self) -> bool:
        """Whether the picture itself is shown, and not its thumbnail."""
        return self._key is not None and self._files.get(self._key) is not None

    @property
    def label_text(self) -> str:
        return self._label.text

    def show_tile(self, tile: Tile, *, row: int, n_images: int) -> None:
        """Show the `row`-th (from 0) of so many pictures."""
        self._tile = tile
        self._name.set_text(tile.name)
        self._label.set_text(tile.label or self.tr("no label"))
        self._place.setText(self.tr("{0} of {1}").format(f"{row + 1:,}", f"{n_images:,}"))
        self._color_sign()
        self.canvas.setAccessibleName(f"{tile.name}, {self._label.text}")
        if key_of(tile) != self._key:
            self._key = key_of(tile)
            self._show_picture(tile)

    def decode(self, tiles: Sequence[Tile]) -> None:
        """Decode these, the first one first; the others are likely to be wanted next."""
        self._files.ask([key_of(tile) for tile in tiles if tile.content_hash])

    def toggle_fit(self) -> None:
        """Between the whole picture and every pixel of it."""
        self.canvas.show_actual_size() if self.canvas.is_fitted else self.canvas.fit()

    def close_files(self) -> None:
        """End the decoding thread; must be called before the program ends."""
        self._files.close()

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
        column.addWidget(self.canvas, 1)
        column.addLayout(below)

    def _show_picture(self, tile: Tile) -> None:
        key = key_of(tile)
        picture = self._files.get(key)
        reason = self._files.reason(key) or (tile.reason if tile.is_unreadable else "")
        thumbnail = self._thumbnails.get(tile.content_hash)
        if picture is not None:
            self.canvas.show_picture(picture)
        elif reason:
            self.canvas.show_message(reason)
        else:
            self.canvas.show_placeholder(thumbnail.pixmap if thumbnail is not None else None)

    def _color_sign(self) -> None:
        tile = self._tile
        self._sign.setText(tile.sign if tile is not None else "")
        self._sign.setVisible(bool(self._sign.text()))
        color_label(self._sign, tile.color if tile is not None else "")

    def _on_files_arrived(self, key: ImageKey) -> None:
        if key == self._key and self._tile is not None:
            self._show_picture(self._tile)

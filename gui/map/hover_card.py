"""The card beside the point under the pointer: thumbnail, name, label and prediction."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from core.text import text
from gui import theme
from gui.widgets.layouts import column_of
from gui.widgets.tile import Tile

SIDE_PX, AWAY_PX, WIDEST_PX = 128, 14, 200


class HoverCard(QFrame):
    """Lies over the map and takes no clicks.

    Args:
        parent: The map.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._map = parent
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._image = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._words = theme.caption_label("")
        column_of(self._image, self._words, spacing=theme.INSIDE, margins=theme.INSIDE, parent=self)
        self.hide()

    def show_tile(self, tile: Tile, pixmap: QPixmap | None, at: QPointF) -> None:
        """Show an image beside its point."""
        self._image.setVisible(pixmap is not None)
        if pixmap is not None:
            self._image.setPixmap(pixmap.scaled(
                SIDE_PX, SIDE_PX, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation))
        metrics, cut = self._words.fontMetrics(), Qt.TextElideMode.ElideMiddle
        self._words.setText("\n".join(metrics.elidedText(words, cut, WIDEST_PX) for words in _say(tile)))
        self.adjustSize()
        room = self._map.rect()
        x = round(at.x()) + AWAY_PX
        if x + self.width() > room.right():
            x = round(at.x()) - AWAY_PX - self.width()
        y = min(max(round(at.y()) - self.height() // 2, 2), max(room.bottom() - self.height() - 2, 2))
        self.move(QPoint(max(x, 2), y))
        self.show()
        self.raise_()


def _say(tile: Tile) -> list[str]:
    label = f"{tile.sign} {tile.label}" if tile.label else text("window_map.no_label")
    lines = [tile.name, label]
    if tile.prediction is not None:
        lines.append(text("window_map.predicted", sign=tile.prediction_sign, name=tile.prediction,
                          confidence=tile.confidence_text))
    return lines

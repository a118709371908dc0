"""Pixels as a network sees them: fitted into a square, never smoothed where they are enlarged."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme


class PixelView(QWidget):
    """Shows one picture on a neutral ground; empty until it has one.

    Args:
        name: What it shows, for people who cannot see it.
        side_px: Of the square.
    """

    def __init__(self, name: str, side_px: int) -> None:
        super().__init__()
        self._side_px = side_px
        self._image: QImage | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def image(self) -> QImage | None:
        return self._image

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """Show (height, width, 3 or 1) uint8, or nothing."""
        self._image = None if pixels is None else image_of(pixels)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side_px, self._side_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), theme.current().tile)
            if self._image is not None:
                self._paint(painter, self._image)
        finally:
            painter.end()

    def _paint(self, painter: QPainter, image: QImage) -> None:
        scale = min(self.width() / image.width(), self.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        target = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(target, image)


def image_of(pixels: np.ndarray) -> QImage:
    """A copy of (height, width, 3 or 1) uint8."""
    height, width, n_channels = pixels.shape
    grey = n_channels == 1
    form = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    whole = np.ascontiguousarray(pixels)
    return QImage(whole.data, width, height, width * n_channels, form).copy()

"""Draws a heat map over a photograph: dimmed grey below, colours above; see `core.heat_maps.paint`."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.heat_maps.paint import DIMMED, colour_bar
from core.text import text
from gui import theme
from gui.widgets.layouts import column_of, row_of
from gui.widgets.labels import ElidedLabel, wrapped_caption
from gui.widgets.thumbnails import to_qimage

BAR_PX, BAR_WIDTH_PX = 10, 96
BLACK = QColor(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A heat map over a photograph.

    Attributes:
        heat: Its colours over the whole image, of any size.
        opacity: 0 … 1; 0 leaves the photograph.
    """

    heat: QImage
    opacity: float = 1.0


class GreyCopies:
    """The grey copy of the photograph that was drawn last, so that moving it costs no conversion."""

    def __init__(self) -> None:
        self._key, self._grey = 0, QImage()

    def of(self, image: QImage | QPixmap) -> QImage:
        if self._key != image.cacheKey():
            plain = image.toImage() if isinstance(image, QPixmap) else image
            self._key, self._grey = image.cacheKey(), plain.convertToFormat(QImage.Format.Format_Grayscale8)
        return self._grey


def draw_overlay(painter: QPainter, target: QRectF, grey: QImage, source: QRectF, overlay: Overlay) -> None:
    """Draw over a photograph that is there.

    Args:
        painter: As the photograph was drawn with.
        target: Where it was drawn.
        grey: The photograph in grey.
        source: The part of it that was drawn.
        overlay: The heat map.
    """
    if not overlay.opacity:
        return
    painter.save()
    painter.setOpacity(overlay.opacity)
    painter.fillRect(target, BLACK)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
    painter.setOpacity(overlay.opacity * DIMMED)
    painter.drawImage(target, grey, source)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setOpacity(overlay.opacity)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    x, y = overlay.heat.width() / grey.width(), overlay.heat.height() / grey.height()
    part = QRectF(source.x() * x, source.y() * y, source.width() * x, source.height() * y)
    painter.drawImage(target, overlay.heat, part)
    painter.restore()


def overlaid(pixmap: QPixmap, heat: QImage) -> QPixmap:
    """A photograph with a heat map over it."""
    image = pixmap.toImage()
    whole = QRectF(image.rect())
    with QPainter(image) as painter:
        draw_overlay(painter, whole, image.convertToFormat(QImage.Format.Format_Grayscale8), whole, Overlay(heat))
    return QPixmap.fromImage(image)


class ColourBar(QWidget):
    """The scale of a heat map from nothing to the strongest evidence."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(BAR_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(64, BAR_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.drawImage(self.rect(), to_qimage(colour_bar(256, 1)))


class HeatLegend(QWidget):
    """The scale with what its ends mean, and what a heat map is."""

    def __init__(self) -> None:
        super().__init__()
        low, high = theme.caption_label(text("window_heat.scale_low")), theme.caption_label(
            text("window_heat.scale_high"))
        meaning = wrapped_caption()
        meaning.setText(text("heat.meaning"))
        column_of(ColourBar(), row_of(low, (None, 1), high), meaning, spacing=2, parent=self)


class TileLegend(QWidget):
    """What the colours in the tiles of a grid mean; hidden while there are none."""

    def __init__(self) -> None:
        super().__init__()
        bar = ColourBar()
        bar.setFixedWidth(BAR_WIDTH_PX)
        bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        words = ElidedLabel(text("window_heat.of_predicted"))
        words.setToolTip(text("heat.meaning"))
        row_of((words, 1), theme.caption_label(text("window_heat.scale_low")), bar,
               theme.caption_label(text("window_heat.scale_high")),
               parent=self)
        self.hide()

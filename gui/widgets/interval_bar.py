"""An accuracy with its confidence interval, drawn as a point on a band: a widget, and the drawing for a cell."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPaintEvent, QPainter, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.text import text
from gui import theme

BAND_PX, POINT_PX = 10, 5
STEPS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98)
"""Where the axis may begin; it always ends at 100 %."""


def axis_start(low: float) -> float:
    """The largest round beginning that leaves a fifth of the axis before the interval."""
    return max((step for step in STEPS if low - step >= 0.2 * (1 - step)), default=0.0)


def draw_interval(
    painter: QPainter, area: QRectF, accuracy: float, *, low: float, high: float, start: float, color: QColor,
    ground: QColor,
) -> None:
    """Draw band and point.

    Args:
        painter: Left as it was.
        area: Where the axis lies, from `start` to 1.
        accuracy, low, high, start: 0 … 1.
        color: Of point and band.
        ground: Of the empty axis.
    """
    def x(share: float) -> float:
        return area.left() + area.width() * max(0.0, share - start) / (1 - start)

    middle = area.center().y()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(area.left(), middle - 1, area.width(), 2), ground)
    band = QColor(color)
    band.setAlphaF(0.35)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(band)
    painter.drawRoundedRect(QRectF(x(low), middle - BAND_PX / 2, max(2.0, x(high) - x(low)), BAND_PX), 3, 3)
    painter.setBrush(color)
    painter.drawEllipse(QPointF(x(accuracy), middle), POINT_PX, POINT_PX)
    painter.restore()


class IntervalBar(QWidget):
    """Accuracy and interval on an axis with its two ends written."""

    def __init__(self) -> None:
        super().__init__()
        self._figures: tuple[float, float, float] | None = None
        self.setFont(theme.tabular(theme.scaled_font(self.font(), theme.CAPTION_SCALE)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_figures(self, accuracy: float, *, low: float, high: float) -> None:
        """Draw these, 0 … 1."""
        self._figures = accuracy, low, high
        words = text("window_train.accuracy_between", accuracy=accuracy, low=low, high=high)
        self.setAccessibleName(text("window_train.accuracy"))
        self.setAccessibleDescription(words)
        self.setToolTip(text("window_train.accuracy_between.tip", words=words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, BAND_PX + 2 * theme.INSIDE + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._figures is None:
            return
        with QPainter(self) as painter:
            accuracy, low, high = self._figures
            start = axis_start(low)
            area = QRectF(POINT_PX, 0, self.width() - 2 * POINT_PX, BAND_PX + 2 * theme.INSIDE)
            draw_interval(
                painter, area, accuracy, low=low, high=high, start=start, color=theme.current().accent,
                ground=theme.current().line,
            )
            self._write_ends(painter, area, start)

    def _write_ends(self, painter: QPainter, area: QRectF, start: float) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        height = QFontMetricsF(self.font()).height()
        line = QRectF(0, area.bottom(), self.width(), math.ceil(height))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, f"{100 * start:.0f} %")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, "100 %")

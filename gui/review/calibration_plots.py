"""Two small plots: confidence against accuracy (reliability diagram), coverage against errors at each threshold."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPaintEvent, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.review.coverage import CoverageCurve
from core.review.reliability import Calibration, ReliabilityBin
from core.text import text
from gui import theme

LEAST_PX, WANTED_PX = 150, 240
POINT_PX = 3.5
MOST_UPRIGHT = 1.25
"""Height of a field beside its width at most."""

N_STEPS = 200
"""Thresholds at which the curve is drawn."""


class SharePlot(QWidget):
    """A field with both axes from 0 to 100 %.

    Args:
        across, up: Titles of the axes.
    """

    def __init__(self, across: str, up: str) -> None:
        super().__init__()
        self._across, self._up = across, up
        self.setFont(theme.tabular(theme.scaled_font(self.font(), theme.CAPTION_SCALE)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(WANTED_PX, WANTED_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, LEAST_PX)

    def field(self) -> QRectF:
        """Where the points lie: below the title of the upright axis, above that of the other."""
        line = self.fontMetrics().height()
        share_px = self.fontMetrics().horizontalAdvance("100 %")
        left, right = share_px + theme.INSIDE, share_px / 2 + theme.INSIDE
        above = line + theme.INSIDE
        width = self.width() - left - right
        return QRectF(left, above, width, min(self.height() - 3 * line - theme.BETWEEN, MOST_UPRIGHT * width))

    def place(self, x: float, y: float) -> QPointF:
        """Where shares lie, 0 … 1."""
        field = self.field()
        return QPointF(field.left() + x * field.width(), field.bottom() - y * field.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_axes(painter)
            self.paint_data(painter)

    def paint_data(self, painter: QPainter) -> None:
        """Draw what is shown."""
        raise NotImplementedError

    def _paint_axes(self, painter: QPainter) -> None:
        field, line = self.field(), self.fontMetrics().height()
        painter.setPen(QPen(theme.current().line, 1))
        for share in (0.0, 0.5, 1.0):
            painter.drawLine(self.place(0, share), self.place(1, share))
            painter.drawLine(self.place(share, 0), self.place(share, 1))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        centre, right = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0.0, 0.5, 1.0):
            words, at = f"{100 * share:.0f} %", self.place(share, share)
            painter.drawText(QRectF(at.x() - 40, field.bottom() + theme.INSIDE, 80, line), centre, words)
            painter.drawText(QRectF(0, at.y() - line / 2, field.left() - theme.INSIDE, line), right, words)
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, self._up)
        below = QRectF(0, field.bottom() + theme.INSIDE + line, self.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._across)


class ReliabilityPlot(SharePlot):
    """Bins of judged images: filled as the run is, with the interval of their accuracy; hollow before scaling."""

    def __init__(self) -> None:
        super().__init__(text("window_review.confidence"), text("window_review.accuracy"))
        self.shown: Calibration | None = None
        self.setAccessibleName(text("window_review.reliability"))

    def show_calibration(self, found: Calibration, words: str) -> None:
        """Draw it; words for screen readers."""
        self.shown = found
        self.setAccessibleDescription(words)
        self.update()

    def paint_data(self, painter: QPainter) -> None:
        if self.shown is None:
            return
        color = theme.current().accent
        painter.setPen(QPen(theme.current().caption, 1, Qt.PenStyle.DashLine))
        painter.drawLine(self.place(0, 0), self.place(1, 1))
        self._paint_bins(painter, self.shown.before.bins, theme.current().caption, is_filled=False)
        for one in self.shown.after.bins:
            low, high = one.interval
            painter.setPen(QPen(color, 1))
            painter.drawLine(self.place(one.confidence, low), self.place(one.confidence, high))
        self._paint_bins(painter, self.shown.after.bins, color, is_filled=True)

    def _paint_bins(
        self, painter: QPainter, bins: Sequence[ReliabilityBin], color: QColor, *, is_filled: bool
    ) -> None:
        painter.setPen(QPen(color, 1))
        painter.setBrush(color if is_filled else Qt.BrushStyle.NoBrush)
        for one in bins:
            painter.drawEllipse(self.place(one.confidence, one.accuracy), POINT_PX, POINT_PX)


class CoveragePlot(SharePlot):
    """Share of images that is answered at each threshold, share of the answers that is wrong, and the threshold."""

    def __init__(self) -> None:
        super().__init__(text("window_review.threshold"), text("window_review.coverage_and_errors"))
        self.curve: CoverageCurve | None = None
        self.sure = 0.0
        self._coverage: list[tuple[float, float]] = []
        self._errors: list[tuple[float, float]] = []
        self.setAccessibleName(text("window_review.coverage_plot"))

    def show_curve(self, curve: CoverageCurve) -> None:
        """Draw it."""
        self.curve = curve
        points = [curve.at(step / N_STEPS) for step in range(N_STEPS + 1)]
        self._coverage = [(one.sure, one.coverage) for one in points]
        self._errors = [(one.sure, one.error) for one in points if one.error is not None]
        self.update()

    def show_threshold(self, sure: float, words: str) -> None:
        """Mark it, 0 … 1; words for screen readers."""
        self.sure = sure
        self.setAccessibleDescription(words)
        self.update()

    def paint_data(self, painter: QPainter) -> None:
        if self.curve is None:
            return
        looks = theme.current()
        painter.setPen(QPen(looks.caption, 1, Qt.PenStyle.DashLine))
        painter.drawLine(self.place(self.sure, 0), self.place(self.sure, 1))
        self._paint_line(painter, self._coverage, looks.accent)
        self._paint_line(painter, self._errors, looks.red)
        found = self.curve.at(self.sure)
        painter.setPen(Qt.PenStyle.NoPen)
        for share, color in ((found.coverage, looks.accent), (found.error, looks.red)):
            if share is not None:
                painter.setBrush(color)
                painter.drawEllipse(self.place(self.sure, share), POINT_PX + 1, POINT_PX + 1)

    def _paint_line(self, painter: QPainter, points: Sequence[tuple[float, float]], color: QColor) -> None:
        painter.setPen(QPen(color, 2))
        painter.drawPolyline(QPolygonF([self.place(x, y) for x, y in points]))

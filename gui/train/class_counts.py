"""How many pictures each class has: sign, name, bar and count, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.text import text
from core.text.numbers import format_whole
from gui import theme
from gui.widgets.class_style import BAR_CONTRAST, ClassStyle, shown_color

N_SHOWN = 12
"""More classes than this are counted in the last line."""

BAR_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class CountedClass:
    """One line."""

    style: ClassStyle
    n_images: int


class ClassCounts(QWidget):
    """Draws the counts; the first `N_SHOWN` classes, or all of them once `show_all` was called."""

    def __init__(self) -> None:
        super().__init__()
        self._classes: tuple[CountedClass, ...] = ()
        self._limit = N_SHOWN
        self.setFont(theme.tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def n_hidden(self) -> int:
        """Classes that are not drawn."""
        return max(0, len(self._classes) - self._limit)

    def show_all(self) -> None:
        self._limit = len(self._classes)
        self.updateGeometry()
        self.update()

    def set_classes(self, classes: Sequence[CountedClass]) -> None:
        was_whole = len(self._classes) > N_SHOWN and self.n_hidden == 0
        self._classes = tuple(classes)
        self._limit = len(classes) if was_whole else N_SHOWN
        self.setAccessibleName(text("window_train.images_per_class"))
        self.setAccessibleDescription(", ".join(f"{c.style.name} {format_whole(c.n_images)}" for c in classes))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, min(self._limit, len(self._classes)) * self._line_px())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            largest = max((c.n_images for c in self._classes), default=0)
            for at, counted in enumerate(self._classes[:self._limit]):
                self._paint_line(painter, counted, at * self._line_px(), largest)
        finally:
            painter.end()

    def _paint_line(self, painter: QPainter, counted: CountedClass, top: int, largest: int) -> None:
        metrics, height = self.fontMetrics(), self._line_px()
        color = shown_color(counted.style.color, self.palette(), ratio=BAR_CONTRAST)
        sign_px = self._sign_px()
        count_px = metrics.horizontalAdvance(format_whole(largest))
        bar_px = round(self.width() * BAR_SHARE)
        name_px = self.width() - sign_px - count_px - bar_px - 2 * theme.BETWEEN
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(color)
        painter.drawText(QRectF(0, top, sign_px, height), middle, counted.style.sign)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        name = metrics.elidedText(counted.style.name, Qt.TextElideMode.ElideMiddle, name_px)
        painter.drawText(QRectF(sign_px, top, name_px, height), middle, name)
        painter.drawText(
            QRectF(self.width() - count_px, top, count_px, height), middle | Qt.AlignmentFlag.AlignRight,
            format_whole(counted.n_images),
        )
        length = bar_px * counted.n_images / largest if largest else 0
        painter.fillRect(QRectF(sign_px + name_px + theme.BETWEEN, top + height / 2 - 3, length, 6), color)

    def _sign_px(self) -> int:
        """As wide as the widest sign, so that all names begin below each other."""
        signs = (c.style.sign for c in self._classes[:self._limit])
        return max(map(self.fontMetrics().horizontalAdvance, signs), default=0) + theme.BETWEEN

    def _line_px(self) -> int:
        return self.fontMetrics().height() + theme.INSIDE

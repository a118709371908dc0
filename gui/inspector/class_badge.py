"""A class as a small badge: its sign in its colour, and its name."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.widgets.class_style import ClassStyle

RADIUS_PX = 4


class ClassBadge(QWidget):
    """Takes the room of its name, and less if it must."""

    def __init__(self) -> None:
        super().__init__()
        self._style = ClassStyle(None, "")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return self._style.name

    def show_style(self, style: ClassStyle) -> None:
        self._style = style
        self.setAccessibleName(style.name)
        self.setToolTip(style.name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._style.name) + self._sign_width() + 2 * theme.BETWEEN
        return QSize(width + 1, metrics.height() + 2 * theme.INSIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(48, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().line, 1))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        inner = self.rect().adjusted(theme.BETWEEN, 0, -theme.BETWEEN, 0)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if self._style.sign:
            painter.setPen(self._style.shown_color(self.palette()))
            painter.drawText(inner, middle, self._style.sign)
            inner.adjust(self._sign_width(), 0, 0, 0)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        name = self.fontMetrics().elidedText(self._style.name, Qt.TextElideMode.ElideRight, inner.width() + 1)
        painter.drawText(inner, middle, name)

    def _sign_width(self) -> int:
        if not self._style.sign:
            return 0
        return self.fontMetrics().horizontalAdvance(self._style.sign) + theme.INSIDE

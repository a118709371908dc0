"""A class as a small badge: its sign in its colour, and its name."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.widgets.class_style import ClassStyle, paint_sign, sign_width

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
        width = metrics.horizontalAdvance(self._style.name) + sign_width(self._style, metrics) + 2 * theme.BETWEEN
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
        paint_sign(painter, inner, self._style, self.palette())
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        name = self.fontMetrics().elidedText(self._style.name, Qt.TextElideMode.ElideRight, inner.width() + 1)
        painter.drawText(inner, middle, name)

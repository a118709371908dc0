"""A class as a small badge: its sign in its colour, and its name."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.inspector.subject import Face
from gui.widgets.tones import visible

RADIUS_PX = 4
SIGN_CONTRAST = 2.0


class ClassBadge(QWidget):
    """Takes the room of its name, and less if it must."""

    def __init__(self) -> None:
        super().__init__()
        self._face = Face(None, "")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return self._face.name

    def show_face(self, face: Face) -> None:
        self._face = face
        self.setAccessibleName(face.name)
        self.setToolTip(face.name)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._face.name) + self._sign_width() + 2 * theme.BETWEEN
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
        if self._face.sign:
            painter.setPen(shown_color(self._face, self.palette()))
            painter.drawText(inner, middle, self._face.sign)
            inner.adjust(self._sign_width(), 0, 0, 0)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        name = self.fontMetrics().elidedText(self._face.name, Qt.TextElideMode.ElideRight, inner.width() + 1)
        painter.drawText(inner, middle, name)

    def _sign_width(self) -> int:
        if not self._face.sign:
            return 0
        return self.fontMetrics().horizontalAdvance(self._face.sign) + theme.INSIDE


def shown_color(face: Face, palette: QPalette) -> QColor:
    """The colour of a class, moved toward the text's until it stands out from the page."""
    text = palette.color(QPalette.ColorRole.Text)
    if not face.color:
        return theme.current().caption
    return visible(QColor(face.color), palette.color(QPalette.ColorRole.Base), text, ratio=SIGN_CONTRAST)

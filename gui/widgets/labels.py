"""A label of one line that ends in … where it does not fit, and a thin separator line."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QPainter, QPalette
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget


class ElidedLabel(QWidget):
    """Takes the room it gets.

    Args:
        text: First text.
        mode: Where the … goes.
        role: Palette role of the text.
    """

    def __init__(
        self, text: str = "", *, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        role: QPalette.ColorRole = QPalette.ColorRole.WindowText,
    ) -> None:
        super().__init__()
        self._text, self._mode = text, mode
        self.setForegroundRole(role)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.set_text(text)

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(text if self._is_cut() else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.setPen(self.palette().color(self.foregroundRole()))
            text = self.fontMetrics().elidedText(self._text, self._mode, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        finally:
            painter.end()
        if bool(self.toolTip()) != self._is_cut():
            self.setToolTip(self._text if self._is_cut() else "")

    def _is_cut(self) -> bool:
        return self.fontMetrics().horizontalAdvance(self._text) > self.width()


def line() -> QFrame:
    """One pixel high."""
    frame = QFrame()
    frame.setProperty("role", "line")
    frame.setFixedHeight(1)
    return frame

"""A row of chips: what the grid is narrowed to, each part with a × that takes it away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from gui import theme
from gui.widgets.filter_words import Chip
from gui.widgets.class_style import shown_color

HEIGHT_PX, WIDEST_PX, CROSS_PX = 24, 220, 16


class FilterChips(QWidget):
    """Signals: removed(str part): the × of a chip was clicked, or Delete pressed on it."""

    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.INSIDE)
        self._row.addStretch(1)
        self._chips: list[Chip] = []
        self._buttons: list[ChipButton] = []
        self.setMinimumHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_chips(self, chips: Sequence[Chip]) -> None:
        """Show these, in their order."""
        if list(chips) == self._chips:
            return
        self._chips = list(chips)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [ChipButton(chip) for chip in chips]
        for place, (chip, button) in enumerate(zip(chips, self._buttons, strict=True)):
            button.clicked.connect(partial(self.removed.emit, chip.part))
            self._row.insertWidget(place, button)


class ChipButton(QToolButton):
    """One chip; a click anywhere on it takes the part away."""

    def __init__(self, chip: Chip) -> None:
        super().__init__()
        self._chip = chip
        self.setAccessibleName(self.tr("Filter {0}; click to remove it").format(chip.text))
        self.setToolTip(self.tr("{0} – click to remove this filter").format(chip.text))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        width = self._sign_width() + self.fontMetrics().horizontalAdvance(self._chip.text) + CROSS_PX
        return QSize(min(width + 2 * theme.BETWEEN + theme.INSIDE, WIDEST_PX), HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._sign_width() + CROSS_PX + 3 * theme.BETWEEN, HEIGHT_PX)

    def _sign_width(self) -> int:
        sign = self._chip.sign
        return self.fontMetrics().horizontalAdvance(sign) + theme.INSIDE if sign else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        palette, role = self.palette(), QPalette.ColorRole
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_live = self.underMouse() or self.hasFocus()
        painter.setPen(palette.color(role.Highlight if is_live else role.Mid))
        painter.setBrush(palette.color(role.Base))
        frame = self.rect().adjusted(0, 0, -1, -1)
        painter.drawRoundedRect(frame, HEIGHT_PX / 2, HEIGHT_PX / 2)
        room = frame.adjusted(theme.BETWEEN, 0, -theme.BETWEEN, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        if self._chip.sign:
            painter.setPen(shown_color(self._chip.color, palette))
            painter.drawText(room, middle, self._chip.sign)
        painter.setPen(palette.color(role.Text))
        text = room.adjusted(self._sign_width(), 0, -CROSS_PX, 0)
        shown = self.fontMetrics().elidedText(self._chip.text, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, middle, shown)
        painter.setPen(palette.color(role.Text if is_live else role.PlaceholderText))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, "×")

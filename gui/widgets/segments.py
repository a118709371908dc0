"""Choices side by side, of which one is down: which images, which figures, counts or percent."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPaintEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from gui import theme
from gui.widgets.layouts import STRETCH, row_of

RADIUS_PX = 4


class Segments(QWidget):
    """Several choices side by side.

    Args:
        name: For screen readers ("Which images").

    Attributes:
        buttons: By key; those that are no choice now are hidden.

    Signals:
        chosen(str key): a button was clicked, also the one that is down already.
    """

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        self._row = row_of((STRETCH, 1), spacing=theme.INSIDE, parent=self)

    def show_choices(self, choices: Sequence[tuple[str, str, str]], current: str) -> None:
        """Offer these as (key, text, tooltip); `current` is down, "" for none."""
        wanted = {key for key, _, _ in choices}
        for at, (key, words, tool_tip) in enumerate(choices):
            button = self.buttons.get(key) or self._build(key)
            if self._row.indexOf(button) != at:
                self._row.insertWidget(at, button)
            button.setText(words)
            button.setToolTip(tool_tip)
            button.setAccessibleDescription(tool_tip)
        for key, button in self.buttons.items():
            button.setVisible(key in wanted)
        self._group.setExclusive(False)
        for key, button in self.buttons.items():
            button.setChecked(key == current)
        self._group.setExclusive(bool(current))

    def _build(self, key: str) -> QToolButton:
        button = SegmentButton()
        button.clicked.connect(lambda: self._on_button_clicked(key))
        self._group.addButton(button)
        self.buttons[key] = button
        self._row.insertWidget(self._row.count() - 1, button)
        return button

    def _on_button_clicked(self, key: str) -> None:
        self.buttons[key].setChecked(True)
        self.chosen.emit(key)


class SegmentButton(QToolButton):
    """One choice; what is down has an accent frame and heavier text, so that it shows in the dark too."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + width // 12 + 2 * theme.BETWEEN + theme.INSIDE, theme.row_px(self))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            palette, role = self.palette(), QPalette.ColorRole
            is_down = self.isChecked()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            is_live = self.underMouse() or self.hasFocus()
            frame = role.Highlight if is_down or self.hasFocus() else role.Dark if is_live else role.Mid
            painter.setPen(QPen(palette.color(frame), 2 if self.hasFocus() else 1))
            painter.setBrush(palette.color(role.Base if is_down else role.Button))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), RADIUS_PX, RADIUS_PX)
            font = theme.tabular(self.font())
            font.setWeight(QFont.Weight.DemiBold if is_down else QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(palette.color(role.ButtonText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())

"""A column of widgets that opens and closes by a click on its title."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from gui import theme
from gui.widgets.layouts import column_of


SHEET = "QToolButton { border: none; padding: 2px; } QToolButton:focus { text-decoration: underline; }"
"""An open fold is no button that is held down."""


class Fold(QWidget):
    """A column of widgets that opens and closes by a click on its title; closed at first."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setStyleSheet(SHEET)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self._content = QWidget()
        self._content.hide()
        self.column = column_of(spacing=theme.INSIDE, parent=self._content)
        column_of(self.button, self._content, spacing=theme.INSIDE, parent=self)
        self.button.toggled.connect(self._on_button_toggled)

    def _on_button_toggled(self, is_open: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._content.setVisible(is_open)

"""One part of the left panel: a heading, perhaps a + button, and a list."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gui import theme
from gui.icons import icon
from gui.widgets.row_list import RowList

BUTTON_PX = 24


class PanelSection(QWidget):
    """Signals: add_asked(): the + button was clicked."""

    add_asked = Signal()

    def __init__(self, title: str, rows: RowList, *, add: str = "") -> None:
        super().__init__()
        self.rows = rows
        heading = theme.caption_label(title.upper())
        font = heading.font()
        font.setWeight(font.Weight.DemiBold)
        heading.setFont(font)
        head = QHBoxLayout()
        head.setContentsMargins(theme.AROUND, 0, theme.INSIDE, 0)
        head.addWidget(heading, 1)
        heading.setMinimumHeight(BUTTON_PX)
        if add:
            head.addWidget(self._build_button(add))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addLayout(head)
        self.column.addWidget(rows)

    def _build_button(self, words: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon("add"))
        button.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        button.setAutoRaise(True)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFixedSize(BUTTON_PX, BUTTON_PX)
        button.clicked.connect(self.add_asked)
        return button

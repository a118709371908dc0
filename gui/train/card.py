"""A framed group with a title, the building block of the page."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QSizePolicy

from gui import theme
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import column_of, row_of


class Card(QFrame):
    """A title above a column of widgets; fill `column`, and `head` beside the title.

    Args:
        title: What the group is about.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self._title = theme.bold(ElidedLabel(title))
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # spare height goes below
        self.head = row_of((self._title, 1))
        self.column = column_of(self.head, margins=theme.AROUND, parent=self)

    @property
    def title(self) -> str:
        return self._title.text

    def set_title(self, title: str) -> None:
        self._title.set_text(title)
        self.setAccessibleName(title)

"""A framed group with a title, the building block of the page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.icons import IconLabel


class Card(QFrame):
    """A title above a column of widgets; fill `column`, and `head` beside the title.

    Args:
        title: What the group is about.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._title = QLabel(title)
        self._title.setFont(emphasized(self._title.font()))
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # spare height goes below
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.BETWEEN)
        self.head.addWidget(self._title, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.AROUND)
        self.column.setSpacing(theme.BETWEEN)
        self.column.addLayout(self.head)

    @property
    def title(self) -> str:
        return self._title.text()

    def set_title(self, title: str) -> None:
        self._title.setText(title)
        self.setAccessibleName(title)


class SignedText(QWidget):
    """A sentence behind a sign of what kind it is; hidden while it is empty.

    Args:
        icon_name: A key of `gui.icons.NAMES`.
        role: Colour of the sign.
    """

    def __init__(self, icon_name: str, *, role: str = "caption", text: str = "") -> None:
        super().__init__()
        self._label = wrapped(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.BETWEEN)
        row.addWidget(
            IconLabel(icon_name, role=role, side_px=theme.SMALL_ICON_PX), alignment=Qt.AlignmentFlag.AlignTop
        )
        row.addWidget(self._label, 1)
        self.set_text(text)

    @property
    def text(self) -> str:
        return self._label.text()

    def set_text(self, text: str) -> None:
        self._label.setText(text)
        self.setVisible(bool(text))


def emphasized(font: QFont) -> QFont:
    """The same font, heavier."""
    heavy = QFont(font)
    heavy.setWeight(QFont.Weight.DemiBold)
    return heavy


def wrapped(text: str = "") -> QLabel:
    """A label that breaks its lines and never widens the page."""
    label = QLabel(text)
    _wrap(label)
    return label


def wrapped_caption(text: str = "") -> QLabel:
    """The same in quieter, smaller text."""
    label = theme.caption_label(text)
    _wrap(label)
    return label


def _wrap(label: QLabel) -> None:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(80)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)

"""Sentences that wrap, some behind a sign of their kind and with a button that shows what they speak of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.icons import IconLabel


class SignedSentence(QWidget):
    """A sentence behind a sign; hidden while it is empty.

    Args:
        icon_name: A key of `gui.icons.NAMES`.
        role: Colour of the sign.
    """

    def __init__(self, icon_name: str, *, role: str = "caption") -> None:
        super().__init__()
        self._label = sentence_label()
        self.link = QPushButton()
        self.link.setProperty("role", "quiet")
        self.link.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.BETWEEN)
        sign = IconLabel(icon_name, role=role, side_px=theme.SMALL_ICON_PX)
        row.addWidget(sign)
        row.addWidget(self._label, 1)
        row.addWidget(self.link)
        row.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        return self._label.text()

    def set_text(self, text: str) -> None:
        self._label.setText(text)
        self.setVisible(bool(text))

    def make_link(self, text: str) -> None:
        """Offer to show what the sentence speaks of; connect `link.clicked`."""
        self.link.setText(text)
        self.link.show()


def sentence_label(*, is_strong: bool = False) -> QLabel:
    """A label that breaks its lines and never widens the page."""
    label = QLabel(wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setMinimumWidth(80)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    font = theme.tabular(label.font())
    if is_strong:
        font.setWeight(font.Weight.DemiBold)
    label.setFont(font)
    return label

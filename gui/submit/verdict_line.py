"""One sentence on whether the file can be saved, behind a sign that says the same."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from gui import theme
from gui.icons import IconLabel


class Tone(StrEnum):
    """What kind of sentence it is."""

    NOTE = "note"
    RIGHT = "right"
    DOUBT = "doubt"
    WRONG = "wrong"


SIGNS = {
    Tone.NOTE: ("note", "caption"), Tone.RIGHT: ("check", "accent"), Tone.DOUBT: ("doubt", "amber"),
    Tone.WRONG: ("wrong", "red"),
}
"""Icon and colour of each."""

N_LINES = 4
"""Lines of text that there is room for."""


class VerdictLine(QWidget):
    """Room for four lines, so that nothing jumps while one types; a refusal says what and what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = IconLabel("note", role="caption", side_px=theme.SMALL_ICON_PX)
        self._label = QLabel(wordWrap=True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._label.setMinimumHeight(N_LINES * self._label.fontMetrics().lineSpacing())
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.INSIDE, 0, theme.INSIDE)
        row.setSpacing(theme.BETWEEN)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.tone = Tone.NOTE

    @property
    def text(self) -> str:
        return self._label.text()

    def say(self, sentence: str, tone: Tone) -> None:
        """Show a sentence."""
        self.tone = tone
        self._label.setText(sentence)
        self.setToolTip(sentence)
        self._sign.set_icon(SIGNS[tone][0], role=SIGNS[tone][1])
        self.setAccessibleName(sentence)

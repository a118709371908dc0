"""What stands where nothing is to show: one sentence and, where it helps, one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from gui import theme

WIDEST_PX = 420


class EmptyState(QWidget):
    """One sentence and one button in the middle.

    Args:
        sentence: What is empty, and why ("No mistakes here.").
        button: What the button does ("Look at the most unsure instead"); "" for none.

    Signals:
        acted(): the button was clicked.
    """

    acted = Signal()

    def __init__(self, sentence: str, button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._sentence.setMaximumWidth(WIDEST_PX)
        self._button = QPushButton()
        self._button.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.AROUND)
        column.addStretch()
        column.addWidget(self._sentence)
        column.setAlignment(self._sentence, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self.say(sentence, button)

    def say(self, sentence: str, button: str = "") -> None:
        """Other words, as for another filter."""
        self._sentence.setText(sentence)
        # a wrapped label takes the least width that it may: give it the width of its text
        text_width = self._sentence.fontMetrics().horizontalAdvance(sentence) + theme.BETWEEN
        self._sentence.setMinimumWidth(min(text_width, WIDEST_PX))
        # and the height of its lines, which a layout forgets for a label that it puts in the middle
        self._sentence.setMinimumHeight(max(self._sentence.heightForWidth(min(text_width, WIDEST_PX)), 0))
        self._button.setText(button)
        self._button.setVisible(bool(button))

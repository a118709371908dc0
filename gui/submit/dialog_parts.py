"""What the submission dialog is made of: two choices, the table of codes, and the line that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, StrEnum

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView, QComboBox, QHeaderView, QLabel, QSizePolicy, QTableWidget, QTableWidgetItem,
    QWidget,
)

from core.submission import Missing, Says
from core.text import text
from gui import theme
from gui.icons import IconLabel
from gui.widgets.layouts import row_of

MOST_ROWS = 6
"""Rows that are seen before the table scrolls."""


def choice_box(name: str, choices: Iterable[tuple[str, StrEnum | None]]) -> QComboBox:
    """Words to choose from, each for a choice or for none; Qt gives the choices back as plain texts.

    Args:
        name: What is chosen, for screen readers and as a tooltip.
        choices: Words and choice of each line.
    """
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    for words, choice in choices:
        box.addItem(words, None if choice is None else str(choice))
    return box


def build_write_box() -> QComboBox:
    """What is written where the template could want several things, as `Says`."""
    return choice_box(text("window_submit.what"), (
        (text("window_submit.as_template"), None), (text("window_submit.class"), Says.CLASS),
        (text("window_submit.probabilities"), Says.PROBABILITY), (text("window_submit.one_hot"), Says.ONE_HOT),
    ))


def build_missing_box() -> QComboBox:
    """What is written for images without a prediction, as `Missing`."""
    return choice_box(text("window_submit.missing"), (
        (text("window_submit.missing_none"), None), (text("window_submit.missing_majority"), Missing.MAJORITY),
        (text("window_submit.missing_mean"), Missing.MEAN),
    ))


class CodeTable(QTableWidget):
    """Classes at the left, codes at the right.

    Signals:
        edited: A code was typed.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setAccessibleName(text("window_submit.codes"))
        self.setHorizontalHeaderLabels([text("window_submit.class_column"), text("window_submit.code_column")])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.row_px(self))
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.setTabKeyNavigation(False)
        self.itemChanged.connect(lambda _: self.edited.emit())

    @property
    def codes(self) -> dict[str, str]:
        """Code by class; classes without one are left out."""
        rows = ((self._text(i, 0), self._text(i, 1).strip()) for i in range(self.rowCount()))
        return {name: code for name, code in rows if code}

    def show_codes(self, classes: Sequence[str], codes: Mapping[str, str]) -> None:
        """Show these, without saying that anything was typed."""
        with QSignalBlocker(self):
            self.setRowCount(len(classes))
            for place, name in enumerate(classes):
                fixed = QTableWidgetItem(name)
                fixed.setFlags(Qt.ItemFlag.ItemIsEnabled)
                fixed.setToolTip(name)
                self.setItem(place, 0, fixed)
                code = QTableWidgetItem(codes.get(name, ""))
                code.setToolTip(text("window_submit.type_code", name=name))
                self.setItem(place, 1, code)
        n_seen = min(max(len(classes), 2), MOST_ROWS)
        rows_px = n_seen * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows_px + 2 * self.frameWidth())

    def _text(self, row: int, column: int) -> str:
        return str(self.model().index(row, column).data() or "")


class Tone(Enum):
    """What kind of sentence it is: icon and colour of its sign."""

    NOTE = ("note", "caption")
    RIGHT = ("check", "accent")
    DOUBT = ("doubt", "amber")
    WRONG = ("wrong", "red")


N_LINES = 4
"""Lines of text that there is room for."""


class VerdictLine(QWidget):
    """Room for four lines, so that nothing jumps while one types; a refusal says what and what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = IconLabel("note", role="caption", side_px=theme.SMALL_ICON_PX)
        self.label = QLabel(wordWrap=True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label.setMinimumHeight(N_LINES * self.label.fontMetrics().lineSpacing())
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        row_of(
            (self._sign, 0, Qt.AlignmentFlag.AlignTop), (self.label, 1), margins=(0, theme.INSIDE, 0, theme.INSIDE),
            parent=self
        )
        self.tone = Tone.NOTE

    def say(self, sentence: str, tone: Tone) -> None:
        """Show a sentence."""
        self.tone = tone
        self.label.setText(sentence)
        self.setToolTip(sentence)
        name, color = tone.value
        self._sign.set_icon(name, role=color)
        self.setAccessibleName(sentence)

"""The bars above the images of the Review page: a few choices beside each other, one of them down."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.text import text
from gui import theme
from gui.review.facts import ReviewFacts
from gui.review.review_listing import Mode, Scope
from gui.icons import icon_button
from gui.widgets.layouts import column_of, row_of
from gui.widgets.segments import Segments

UNSURE, BY_CLASS = "unsure", "by_class"
BROKEN, FIXED, CORRECTED, STILL = "broken", "fixed", "corrected", "still_wrong"
LONGEST_CELL, LONGEST_READING = 30, 20
"""Characters of the name of a cell or list on its button, and of a reading's."""

Choice = tuple[str, str, str]


class ModeBar(QWidget):
    """Two rows of choices; the second belongs to the mode.

    Attributes:
        modes: Each one of `Mode`.
        parts: Each one of the constants of this module.

    Signals:
        lists_asked(): the lists that are folded away are wanted.
    """

    lists_asked = Signal()

    def __init__(self, facts: ReviewFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self.modes = Segments(text("window_review.modes_name"))
        self.parts = Segments(text("window_review.parts_name"))
        self.unfold = icon_button("list", text("window_review.unfold_lists"), self.lists_asked.emit)
        self._row = QWidget()
        row_of(self.unfold, (self.modes, 1), spacing=theme.INSIDE, parent=self._row)
        column_of(
            self._row, self.parts, spacing=theme.INSIDE, margins=(theme.BETWEEN, theme.BETWEEN, theme.BETWEEN, 0),
            parent=self
        )

    def show_scope(self, scope: Scope | None, *, part: str, cell: str) -> None:
        """Say what is shown.

        Args:
            scope: The mode, or None where another filter is at work.
            part: Which part of the mode.
            cell: Name of the cell ("pistol → smartphone"); empty without one.
        """
        mode = scope.mode if scope is not None else None
        self.modes.show_choices(self._mode_choices(scope, cell), mode or "")
        parts = self._part_choices(mode)
        self.parts.show_choices(parts, part)
        self.parts.setVisible(bool(parts))

    def show_lists(self, are_shown: bool) -> None:
        """Say whether the lists stand beside the images; then nobody needs the modes."""
        self._row.setVisible(not are_shown)

    def _mode_choices(self, scope: Scope | None, cell: str) -> list[Choice]:
        facts = self._facts
        n_wrong = facts.shown.n_wrong if facts.shown is not None else 0
        choices = [(Mode.MISTAKES, text("window_review.mistakes", n=n_wrong), text("window_review.mistakes_tip"))]
        mode = scope.mode if scope is not None else None
        if scope is not None and mode is Mode.LIST:
            choices.append((Mode.LIST, _cut(scope.name), text("window_review.list_tip", name=scope.name)))
        elif mode is Mode.READING and cell:
            tip = text("window_review.reading_mode_tip", cell=cell)
            choices.append((Mode.READING, _cut(cell, LONGEST_READING), tip))
        elif mode is Mode.CELL and cell:
            choices.append((Mode.CELL, _cut(cell), text("window_review.cell_tip", cell=cell)))
        if facts.n_test:
            choices.append((Mode.TEST, text("window_review.test_images", n=facts.n_test),
                            text("window_review.test_images_tip")))
        if facts.comparison is not None:
            n = len(facts.comparison.fixed) + len(facts.comparison.broken)
            choices.append((Mode.CHANGES, text("window_review.changes", n=n), text("window_review.changes_tip")))
        return [(str(key), said, tool_tip) for key, said, tool_tip in choices]

    def _part_choices(self, mode: Mode | None) -> list[Choice]:
        found = self._facts.comparison
        if mode is Mode.TEST:
            return [
                (UNSURE, text("window_review.by_confidence"), text("window_review.by_confidence_tip")),
                (BY_CLASS, text("window_review.by_prediction"), text("window_review.by_prediction_tip")),
            ]
        if mode is Mode.CHANGES and found is not None:
            return [
                (BROKEN, text("window_review.broken", n=len(found.broken)), text("window_review.broken_tip")),
                (FIXED, text("window_review.fixed", n=len(found.fixed)), text("window_review.fixed_tip")),
                (CORRECTED, text("window_review.corrected", n=len(self._facts.corrected)),
                 text("window_review.corrected_tip")),
                (STILL, text("window_review.still_wrong", n=len(found.still_wrong)),
                 text("window_review.still_wrong_tip")),
            ]
        return []


def _cut(name: str, longest: int = LONGEST_CELL) -> str:
    return name if len(name) <= longest else name[:longest - 1] + "…"

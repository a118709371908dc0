"""Which pictures of the run: its mistakes, one cell, the test pictures, or what it fixed and broke."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui import theme
from gui.review.facts import ReviewFacts
from gui.review.review_listing import Mode, Scope
from gui.review.segments import Segments

UNSURE, BY_CLASS = "unsure", "by_class"
BROKEN, FIXED, CORRECTED, STILL = "broken", "fixed", "corrected", "still_wrong"
LONGEST_CELL = 30
"""Characters of a cell's name on its button."""

Choice = tuple[str, str, str]


class ModeBar(QWidget):
    """Two rows of choices; the second belongs to the mode.

    Signals:
        mode_asked(str mode): one of `Mode`.
        part_asked(str part): one of the constants of this module.
    """

    mode_asked = Signal(str)
    part_asked = Signal(str)

    def __init__(self, facts: ReviewFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self.modes, self.parts = Segments(self.tr("Which pictures")), Segments(self.tr("Which of them"))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.BETWEEN, theme.BETWEEN, theme.BETWEEN, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.modes)
        column.addWidget(self.parts)
        self.modes.chosen.connect(self.mode_asked)
        self.parts.chosen.connect(self.part_asked)

    def show_scope(self, scope: Scope | None, *, part: str, cell: str) -> None:
        """Say what is shown.

        Args:
            scope: The mode, or None where another filter is at work.
            part: Which part of the mode.
            cell: Name of the cell ("pistol → smartphone"); empty without one.
        """
        mode = scope.mode if scope is not None else None
        self.modes.show_choices(self._mode_choices(cell if mode is Mode.CELL else ""), mode or "")
        parts = self._part_choices(mode)
        self.parts.show_choices(parts, part)
        self.parts.setVisible(bool(parts))

    def _mode_choices(self, cell: str) -> list[Choice]:
        facts, tr = self._facts, self.tr
        n_wrong = facts.shown.n_wrong if facts.shown is not None else 0
        choices = [(Mode.MISTAKES, tr("Mistakes {0}").format(f"{n_wrong:,}"),
                    tr("Where model and label disagree most comes first (M)"))]
        if cell:
            shown = cell if len(cell) <= LONGEST_CELL else cell[:LONGEST_CELL - 1] + "…"
            choices.append((Mode.CELL, shown, tr("The cell that was chosen in the matrix: {0}").format(cell)))
        if facts.n_test:
            choices.append((Mode.TEST, tr("Test pictures {0}").format(f"{facts.n_test:,}"),
                            tr("What the model says of the test pictures")))
        if facts.comparison is not None:
            n = len(facts.comparison.fixed) + len(facts.comparison.broken)
            choices.append((Mode.CHANGES, tr("Fixed and broken {0}").format(f"{n:,}"),
                            tr("Pictures that this run gets right or wrong unlike the run before")))
        return [(str(key), text, tool_tip) for key, text, tool_tip in choices]

    def _part_choices(self, mode: Mode | None) -> list[Choice]:
        tr, found = self.tr, self._facts.comparison
        if mode is Mode.TEST:
            return [
                (UNSURE, tr("Least sure first"), tr("By the model's confidence in what it says")),
                (BY_CLASS, tr("By what the model says"), tr("One class after the other, least sure first")),
            ]
        if mode is Mode.CHANGES and found is not None:
            return [
                (BROKEN, tr("Broken {0}").format(f"{len(found.broken):,}"), tr("Right before, wrong now")),
                (FIXED, tr("Fixed {0}").format(f"{len(found.fixed):,}"), tr("Wrong before, right now")),
                (CORRECTED, tr("New label {0}").format(f"{len(self._facts.corrected):,}"),
                 tr("Wrong before, right now because you changed the label")),
                (STILL, tr("Still wrong {0}").format(f"{len(found.still_wrong):,}"), tr("Wrong in both runs")),
            ]
        return []

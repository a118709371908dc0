"""The bars above the images of the Review page: a few choices beside each other, one of them down."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPaintEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from core.text import text
from gui import theme
from gui.review.facts import ReviewFacts
from gui.review.review_listing import Mode, Scope
from gui.widgets.layouts import STRETCH, column_of, row_of

RADIUS_PX = 4


class Segments(QWidget):
    """Several choices side by side.

    Args:
        name: For screen readers ("Which images").

    Attributes:
        buttons: By key; those that are no choice now are hidden.

    Signals:
        chosen(str key): a button was clicked, also the one that is down already.
    """

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        self._row = row_of((STRETCH, 1), spacing=theme.INSIDE, parent=self)

    def show_choices(self, choices: Sequence[tuple[str, str, str]], current: str) -> None:
        """Offer these as (key, text, tooltip); `current` is down, "" for none."""
        wanted = {key for key, _, _ in choices}
        for key, words, tool_tip in choices:
            button = self.buttons.get(key) or self._build(key)
            button.setText(words)
            button.setToolTip(tool_tip)
            button.setAccessibleDescription(tool_tip)
        for key, button in self.buttons.items():
            button.setVisible(key in wanted)
        self._group.setExclusive(False)
        for key, button in self.buttons.items():
            button.setChecked(key == current)
        self._group.setExclusive(bool(current))

    def _build(self, key: str) -> QToolButton:
        button = SegmentButton()
        button.clicked.connect(lambda: self._on_button_clicked(key))
        self._group.addButton(button)
        self.buttons[key] = button
        self._row.insertWidget(self._row.count() - 1, button)
        return button

    def _on_button_clicked(self, key: str) -> None:
        self.buttons[key].setChecked(True)
        self.chosen.emit(key)


class SegmentButton(QToolButton):
    """One choice; what is down has an accent frame and heavier text, so that it shows in the dark too."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + width // 12 + 2 * theme.BETWEEN + theme.INSIDE, theme.row_px(self))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            palette, role = self.palette(), QPalette.ColorRole
            is_down = self.isChecked()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            is_live = self.underMouse() or self.hasFocus()
            frame = role.Highlight if is_down or self.hasFocus() else role.Dark if is_live else role.Mid
            painter.setPen(QPen(palette.color(frame), 2 if self.hasFocus() else 1))
            painter.setBrush(palette.color(role.Base if is_down else role.Button))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), RADIUS_PX, RADIUS_PX)
            font = theme.tabular(self.font())
            font.setWeight(QFont.Weight.DemiBold if is_down else QFont.Weight.Normal)
            painter.setFont(font)
            painter.setPen(palette.color(role.ButtonText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


UNSURE, BY_CLASS = "unsure", "by_class"
BROKEN, FIXED, CORRECTED, STILL = "broken", "fixed", "corrected", "still_wrong"
LONGEST_CELL = 30
"""Characters of a cell's name on its button."""

Choice = tuple[str, str, str]


class ModeBar(QWidget):
    """Two rows of choices; the second belongs to the mode.

    Attributes:
        modes: Each one of `Mode`.
        parts: Each one of the constants of this module.
    """

    def __init__(self, facts: ReviewFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self.modes = Segments(text("window_review.modes_name"))
        self.parts = Segments(text("window_review.parts_name"))
        column_of(
            self.modes, self.parts, spacing=theme.INSIDE, margins=(theme.BETWEEN, theme.BETWEEN, theme.BETWEEN, 0),
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
        self.modes.show_choices(self._mode_choices(cell if mode is Mode.CELL else ""), mode or "")
        parts = self._part_choices(mode)
        self.parts.show_choices(parts, part)
        self.parts.setVisible(bool(parts))

    def _mode_choices(self, cell: str) -> list[Choice]:
        facts = self._facts
        n_wrong = facts.shown.n_wrong if facts.shown is not None else 0
        choices = [(Mode.MISTAKES, text("window_review.mistakes", n=n_wrong), text("window_review.mistakes_tip"))]
        if cell:
            shown = cell if len(cell) <= LONGEST_CELL else cell[:LONGEST_CELL - 1] + "…"
            choices.append((Mode.CELL, shown, text("window_review.cell_tip", cell=cell)))
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

"""Two runs beside each other: the test in a sentence, classes, what is confused more or less, and their images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from core.errors import AppError
from core.text import text
from core.workflow.two_runs import PairedRuns, TwoRuns, compare_two
from core.workflow.two_runs_words import LISTS, describe_pair
from gui import theme
from gui.pages import PageContext
from gui.runs.comparison_tables import MovesTable, PairedClassTable
from gui.widgets.class_style import class_styles
from gui.widgets.labels import ElidedButton, ElidedLabel, SignedSentence, line, wrapped, wrapped_caption
from gui.widgets.layouts import BAR, STRETCH, ScrollArea, column_of, empty, row_of
from gui.widgets.segments import Segments

JUDGED, TEST = "judged", "test"

ShowImages = Callable[[str, np.ndarray, str], object]
"""Shows a list of images: the run whose predictions stand below them, the images, and what they are."""


class ComparisonView(QWidget):
    """Follows labels and images of the session while it is in sight.

    Args:
        context: What a page may use.
        show_images: Where a number leads.

    Signals:
        left: The way back to all runs was asked for.
    """

    left = Signal()

    def __init__(self, context: PageContext, show_images: ShowImages) -> None:
        super().__init__()
        self._context, self._session, self._show_images = context, context.session, show_images
        self._ids: tuple[str, str] | None = None
        self.found: TwoRuns | None = None
        self.shown = JUDGED
        self.title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.back = ElidedButton("back", text("window_runs.compare.back"))
        self.swap = ElidedButton("swap", text("window_runs.compare.swap"), text("window_runs.compare.swap.tip"))
        self.sets = Segments(text("window_runs.compare.sets"))
        self.verdict, self.said = wrapped(is_strong=True), wrapped()
        self.lists: dict[str, QPushButton] = {}
        self.notes = QVBoxLayout()
        self.classes, self.matrix = PairedClassTable(), MovesTable()
        self._heads = [_head("window_runs.compare.classes"), _head("window_runs.compare.matrix")]
        self._captions = [wrapped_caption(text("window_runs.compare.classes_caption")),
                          wrapped_caption(text("window_runs.compare.matrix_caption"))]
        self._build()
        self._connect()

    @property
    def pair(self) -> PairedRuns | None:
        """The set that is shown."""
        return getattr(self.found, self.shown) if self.found is not None else None

    def compare(self, before: str, after: str) -> None:
        """Show what changed from one run to the other."""
        self._ids, self.shown = (before, after), JUDGED
        self.refresh()

    def refresh(self) -> None:
        """Read it anew, or say why the runs cannot be compared."""
        if self._ids is None or not self._session.is_open:
            return
        before, after = self._ids
        self.title.set_text(text("review.compare.title", before=before, after=after))
        try:
            self.found = compare_two(self._session.project, before, after)
        except AppError as error:
            self.found = None
            self.verdict.setText(error.sentence)
            self.said.setText(error.hint)
        if self.pair is None and self.found is not None:
            self.shown = TEST if self.shown == JUDGED else JUDGED
        self._show()

    def take_keyboard(self) -> None:
        """To the first list of images that there is."""
        there = (button for button in self.lists.values() if button.isVisibleTo(self) and button.isEnabled())
        next(there, self.back).setFocus(Qt.FocusReason.OtherFocusReason)

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        lists = row_of()
        for name in LISTS:
            self.lists[name] = QPushButton()
            self.lists[name].setToolTip(text(f"window_runs.compare.list.{name}.tip"))
            self.lists[name].clicked.connect(partial(self._on_list_clicked, name))
            lists.addWidget(self.lists[name])
        lists.addStretch(1)
        self.notes.setSpacing(theme.INSIDE)
        content = QWidget()
        column_of(
            self.sets, self.verdict, self.said, lists, self.notes, theme.BETWEEN,
            self._heads[0], self._captions[0], self.classes, theme.BETWEEN,
            self._heads[1], self._captions[1], self.matrix, STRETCH, margins=theme.AROUND, parent=content)
        bar = row_of(self.back, (self.title, 1), self.swap, margins=BAR)
        column_of(bar, line(), (ScrollArea(content), 1), spacing=0, parent=self)

    def _connect(self) -> None:
        self.back.clicked.connect(self.left)
        self.swap.clicked.connect(self._on_swap_clicked)
        self.sets.chosen.connect(self._on_sets_chosen)
        self.classes.chosen.connect(self._on_class_chosen)
        self.matrix.cell_chosen.connect(self._on_cell_chosen)
        theme.current().changed.connect(self._on_theme_changed)

    def _show(self) -> None:
        pair = self.pair
        for widget in (*self.lists.values(), *self._heads, *self._captions, self.classes, self.matrix):
            widget.setVisible(pair is not None)
        self._show_notes()
        self._show_sets()
        if pair is None:
            return
        on, accuracies, test, *left_out = describe_pair(pair, is_test=self.shown == TEST)
        self.verdict.setText(test)
        self.said.setText("\n".join((on, accuracies, *left_out)))
        for name, button in self.lists.items():
            n = len(getattr(pair.lists, name))
            button.setText(text(f"window_runs.compare.list.{name}", n=n))
            button.setEnabled(n > 0)
        styles = class_styles(self._session.classes)
        self.classes.show_pair(pair, styles)
        self.matrix.show_pair(pair, styles)

    def _show_notes(self) -> None:
        empty(self.notes)
        for note in self.found.notes if self.found is not None else ():
            self.notes.addWidget(SignedSentence("note", text=str(note)))

    def _show_sets(self) -> None:
        there = [name for name in (JUDGED, TEST) if self.found is not None and getattr(self.found, name) is not None]
        choices = [(name, text(f"window_runs.compare.{name}", n=len(getattr(self.found, name).image_ids)),
                    text(f"window_runs.compare.{name}.tip")) for name in there]
        self.sets.show_choices(choices, self.shown)
        self.sets.setVisible(len(there) > 1)

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_swap_clicked(self) -> None:
        if self._ids is not None:
            self._ids = self._ids[1], self._ids[0]
            self.refresh()

    def _on_sets_chosen(self, name: str) -> None:
        self.shown = name
        self._show()

    def _on_list_clicked(self, name: str) -> None:
        if self.pair is not None:
            self._lead(getattr(self.pair.lists, name), text(f"window_runs.compare.name.{name}"))

    def _on_class_chosen(self, row: int, _: int) -> None:
        if self.pair is not None:
            self._lead(self.pair.changed_of_class(row),
                       text("window_runs.compare.name.class", name=self.pair.classes[row].name))

    def _on_cell_chosen(self, label: int, prediction: int) -> None:
        if self.pair is not None:
            names = [self.pair.classes[i].name for i in (label, prediction)]
            self._lead(self.pair.of_cell(label, prediction), " → ".join(names))

    def _lead(self, image_ids: np.ndarray, name: str) -> None:
        """To the images, with the predictions of the second run below them."""
        if len(image_ids) and self.found is not None:
            self._show_images(self.found.after.id, image_ids, name)

    def _on_theme_changed(self) -> None:
        if self.pair is not None:
            self._show()


def _head(code: str) -> QLabel:
    return theme.bold(QLabel(text(code)))

"""The Review page: the accuracy of a run, its confusion matrix and its mistakes, to relabel and train again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from core.project.queries import ImageFilter
from core.text import Message, text
from core.workflow.mistake_lists import JUDGED, TEST as TEST_PART, uncertain_list
from core.workflow.judged_scores import JudgedScores, read_judged_scores
from gui.jobs import Job
from gui.widgets.browser import ImageBrowser
from gui.widgets.browser_view import BrowserView
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import line
from gui.pages import PageContext
from gui.review.arrangement import Arrangement
from gui.review.facts import ReviewFacts
from gui.review.list_panel import ListPanel
from gui.review.matrix_panel import MATRIX, PAIRS, READINGS, MatrixPanel
from gui.review.mode_bar import BROKEN, BY_CLASS, CORRECTED, FIXED, STILL, UNSURE, ModeBar
from gui.review.readings_source import ReadingsSource
from gui.review.review_listing import Mode, ReviewListing, Scope
from gui.review.run_header import TEST, RunHeader
from gui.review.saving import Saving
from gui.review.workspace import Workspace, scope_of
from gui.widgets.image_query import ImageQuery
from gui.widgets.layouts import ScrollArea, column_of, row_of
from gui.widgets.visible_browser import show_query

TILE_PX = 112
"""Size of the tiles at first: two lines of them find room on a small screen."""

LEAST_LINES = 6
"""Room for the images in lines of text; where the window is lower than all that, the page scrolls."""

MISTAKES = Scope(Mode.MISTAKES, ImageFilter(status=None, is_mistake=True, is_excluded=False), "loss",
                 is_descending=True)
"""Narrowed by its mode to what `core.workflow.confusion.mistakes_of` lets through."""


class ReviewPage(QWidget):
    """Follows the session's chosen run.

    Args:
        context: Session, jobs, thumbnails and the window.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._session, self._saving = context, context.session, Saving(context)
        self.facts = ReviewFacts(self._session, self)
        self.listing = ReviewListing(self._session, parent=self)
        self.header = RunHeader(self._session, self.facts)
        self.matrix = MatrixPanel()
        self.modes = ModeBar(self.facts)
        self.browser = ImageBrowser(
            self._session, context.thumbnails, preferences=context.preferences, listing=self.listing, name="review",
            tile_px=TILE_PX, heat=context.heat)
        self._reading = Message("window_review.readings")
        self._readings = ReadingsSource(context, self.facts, self.matrix.readings, self._is_reading_wanted)
        self.nothing = EmptyState(
            text("window_review.nothing"), text("window_review.train_first"))
        self.lists = ListPanel()
        self.part, self._is_trained_now, self._is_new_list, self._is_begun = UNSURE, False, True, True
        self._places: dict[object, tuple[int | None, int]] = {}
        self._stack, self._splitter = QStackedWidget(), QSplitter()
        self._build()
        self._arrangement = Arrangement(self, self._splitter, context.preferences)
        self.workspace = Workspace(self, self.lists, context)
        self._connect()
        self._begin()

    # ── what is shown ────────────────────────────────────────────────────

    def show_mistakes(self) -> None:
        """All mistakes of the set that is shown, the most believed first."""
        self._show(self._mistakes())

    def show_figures(self, kind: str) -> None:
        """Unfold the figures at one of their kinds."""
        self.workspace.give_way()
        self.matrix.kinds.chosen.emit(kind)
        self.matrix.take_keyboard()

    def go_to_matrix(self) -> None:
        """Put the keyboard into the matrix, or into the pairs where these are shown."""
        self.workspace.give_way()
        if self.matrix.kind not in (MATRIX, PAIRS):
            self.matrix.show_kind("")
        self.matrix.take_keyboard()

    def show_set(self, *, is_test: bool) -> None:
        """The labelled test set in matrix and lists, or the images that the run was judged by."""
        self.facts.choose_set(is_test=is_test)
        self.show_mistakes()

    def _mistakes(self) -> Scope:
        """Where nothing is wrong, the images that the run is least sure of."""
        test, shown = self.facts.test, self.facts.shown
        if shown is not None and shown.n_total and not shown.n_wrong and self.facts.run is not None:
            part, among = (TEST_PART, test.image_ids) if self.facts.is_test and test is not None else (JUDGED, None)
            return scope_of(uncertain_list(part, shown.n_total, among))
        if not self.facts.is_test or test is None:
            return MISTAKES
        which = ImageFilter(status=None, is_mistake=True, split="test", is_excluded=False)
        return Scope(Mode.MISTAKES, which, "confidence", is_descending=True, among=test.image_ids, is_test=True)

    def show_cell(self, label_id: int | None, predicted_id: int | None) -> None:
        """The images of one cell of the matrix, or of a whole row (`predicted_id` None) or column."""
        which = ImageFilter(
            status=None, class_ids=(label_id,) if label_id is not None else (),
            predicted_class_ids=(predicted_id,) if predicted_id is not None else (),
            is_labelled=True if label_id is None else None, is_excluded=False,
        )
        is_right, test = label_id == predicted_id, self.facts.test
        if self.facts.is_test and test is not None:
            self._show(Scope(Mode.CELL, replace(which, split="test"), "confidence", is_descending=not is_right,
                             among=test.image_ids, is_test=True))
            return
        self._show(Scope(Mode.CELL, which, "confidence" if is_right else "loss", is_descending=not is_right))

    def show_reading(self, image_ids: tuple[int, ...], title: Message) -> None:
        """The images of a line of the ImageNet readings."""
        self._reading = title
        self._show(Scope(Mode.READING, order="loss", is_descending=True, among=np.array(image_ids, np.int64),
                         is_test=self.facts.is_test))

    def show_test(self, part: str = UNSURE) -> None:
        """The test images, least sure first, together or class after class."""
        which = ImageFilter(status=None, split="test")
        self._show(Scope(Mode.TEST, which, "confidence", by_class=part == BY_CLASS), part)

    def show_list(self, image_ids: np.ndarray, name: str) -> None:
        """Images that something else names, such as a comparison of two runs."""
        self._show(Scope(Mode.LIST, order="confidence", is_descending=True, among=image_ids, name=name))

    def show_changes(self, part: str = "") -> None:
        """What the run broke, fixed, or got wrong like the run before; what is not empty by default."""
        found = self.facts.comparison
        if found is None:
            return
        lists = {BROKEN: found.broken, FIXED: found.fixed, CORRECTED: self.facts.corrected, STILL: found.still_wrong}
        part = part or next((key for key in lists if len(lists[key])), BROKEN)
        self._show(Scope(Mode.CHANGES, order="loss", is_descending=True, among=lists[part]), part)

    def show_scope(self, scope: Scope) -> None:
        """The images of a list."""
        self._show(scope)

    def arrange(self) -> None:
        """Find the places of all parts anew."""
        self._arrangement.forget()
        self._arrangement.arrange()

    def view(self) -> tuple[bool, Scope | None, str, BrowserView]:
        """Set, mode, part and images that are shown."""
        return self.facts.is_test, self.listing.scope, self.part, BrowserView.of(self.browser)

    def restore_view(self, view: tuple[bool, Scope | None, str, BrowserView]) -> None:
        """Show them again."""
        is_test, scope, part, images = view
        self.facts.choose_set(is_test=is_test)
        if scope is not None:
            self._change_scope(scope, part)
        images.restore(self.browser)

    def take_keyboard(self) -> None:
        """To the images."""
        self.browser.take_keyboard()

    def _show(self, scope: Scope, part: str = "") -> None:
        self._change_scope(scope, part)
        self.browser.take_keyboard()

    def _change_scope(self, scope: Scope, part: str) -> None:
        before, images = self.listing.scope, self.browser.selection
        if before is not None:
            self._places[before.place] = images.current_id(), images.currentIndex().row()
        self.part, self._is_new_list = part, True
        self._say_empty(scope, part)
        self.listing.show_scope(scope)

    def _say_empty(self, scope: Scope, part: str) -> None:
        words = {
            BROKEN: "window_review.none_broken", FIXED: "window_review.none_fixed",
            CORRECTED: "window_review.none_corrected", STILL: "window_review.none_still_wrong",
        }
        is_change = scope.mode is Mode.CHANGES
        self.browser.say_when_empty(
            text(words[part]) if is_change and part in words else "",
            text("window_review.show_mistakes_instead") if is_change else "")

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        images = QWidget()
        column_of(self.modes, (self.browser, 1), spacing=0, parent=images)
        self._splitter.addWidget(self.matrix)
        self._splitter.addWidget(images)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        content = _LeastHigh()
        below = row_of(self.lists, (self._splitter, 1), spacing=0)
        column_of(self.header, line(), (below, 1), spacing=0, parent=content)
        lines_px = LEAST_LINES * self.fontMetrics().height()
        self.browser.setMinimumHeight(self.browser.bar.sizeHint().height() + lines_px)
        self._stack.addWidget(ScrollArea(content))
        self._stack.addWidget(self.nothing)
        column_of(self._stack, spacing=None, parent=self)

    def _connect(self) -> None:
        session, jobs = self._session, self._context.jobs
        session.run_chosen.connect(self._begin)
        session.project_changed.connect(self._begin)
        jobs.training_started.connect(self._on_jobs_training_started)
        jobs.trained.connect(self._on_jobs_trained)
        self.facts.changed.connect(self._on_facts_changed)
        self.listing.scope_changed.connect(self._show_modes)
        self.listing.changed.connect(self._on_listing_changed)
        self.matrix.asked.connect(self.show_cell)
        self.matrix.readings.images_asked.connect(self.show_reading)
        self.matrix.kind_changed.connect(self._readings.refresh)
        self.matrix.readings.filled.connect(self._on_readings_filled)
        self.matrix.fold_asked.connect(self._readings.refresh)
        self.modes.modes.chosen.connect(self._on_modes_mode_asked)
        self.modes.parts.chosen.connect(self._on_modes_part_asked)
        self.header.train.clicked.connect(lambda: self._context.window.actions_table.do("train.start"))
        self.header.change.link.clicked.connect(lambda: self.show_changes())
        self.header.calibration.link.clicked.connect(
            lambda: self._context.window.actions_table.do("review.confidence"))
        self.header.test.prediction_asked.connect(lambda: self._saving.predict_test(self._on_test_predicted))
        self.header.sets.chosen.connect(lambda key: self.show_set(is_test=key == TEST))
        self.header.expected.images_asked.connect(self._on_expected_images_asked)
        self.nothing.acted.connect(lambda: self._context.window.go_to("train"))
        self.browser.empty_acted.connect(self.show_mistakes)

    def _on_expected_images_asked(self, image_ids: tuple[int, ...]) -> None:
        """Images that are to be labelled stand among all images, for this page lists what a run got wrong."""
        self._context.window.go_to("library")
        show_query(self._context.window, ImageQuery({"image_ids": image_ids}))

    def _begin(self) -> None:
        """Another run or project: its mistakes."""
        self._show_training()
        self._arrangement.forget()
        self.workspace.begin()
        self._places.clear()
        self.facts.is_test, self._is_begun = False, True
        self._stack.setCurrentIndex(0 if self._session.run is not None else 1)
        self._change_scope(MISTAKES, "")

    def _show_modes(self) -> None:
        scope = self.listing.scope
        shown = _cell_of(scope)
        is_reading = scope is not None and scope.mode is Mode.READING
        self.modes.show_scope(
            scope, part=self._part_shown(scope), cell=str(self._reading) if is_reading else self._say_cell(shown))
        self.matrix.mark(shown)
        self.workspace.mark()

    def _part_shown(self, scope: Scope | None) -> str:
        if scope is not None and scope.mode is Mode.TEST and not scope.by_class:
            return UNSURE if self.listing.order == "confidence" and not self.listing.is_descending else ""
        return self.part

    def _say_cell(self, shown: tuple[int | None, int | None] | None) -> str:
        if shown is None:
            return ""
        names = [self.matrix.model.name_of(i) if i is not None else text("window_review.any_class") for i in shown]
        return " → ".join(names)

    def _is_reading_wanted(self) -> bool:
        return self.isVisible() and self.matrix.kind == READINGS and not self.matrix.is_folded

    def _read_scores(self) -> JudgedScores:
        assert self.facts.run is not None
        return read_judged_scores(self._session.project, self.facts.run.id)

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_facts_changed(self) -> None:
        shown = self.facts.shown
        if self.facts.run is None or shown is None:
            return
        self.matrix.show_confusion(shown, self._session.classes, self._read_scores)
        self._readings.refresh()
        scope = self.listing.scope
        if scope is not None and scope.is_test and not self.facts.is_test:
            self._change_scope(MISTAKES, "")  # the last label of the test set is gone
        if self._is_begun and scope is not None and scope.mode is Mode.MISTAKES and not shown.n_wrong:
            self._change_scope(self._mistakes(), "")
        self._is_begun = False
        self._follow_changes()
        self._show_modes()
        self.workspace.arrange()
        self.workspace.refresh()
        self._arrangement.arrange()

    def _follow_changes(self) -> None:
        """After a training what it fixed and broke comes first, if there is any."""
        found = self.facts.comparison
        if self._is_trained_now:
            self._is_trained_now = False
            if found is not None and len(found.fixed) + len(found.broken):
                self.show_changes()

    def _on_listing_changed(self) -> None:
        """Another list begins with its first image, or where one was when it was last in sight."""
        if self._is_new_list and self.browser.model.rowCount():
            self.browser.selection.set_current_row(self._kept_row())
        self._is_new_list = False

    def _kept_row(self) -> int:
        scope, model = self.listing.scope, self.browser.model
        image_id, row = self._places.get(scope.place, (None, 0)) if scope is not None else (None, 0)
        found = model.row_of(image_id) if image_id is not None else None
        return max(min(row, model.rowCount() - 1), 0) if found is None else found

    def _on_readings_filled(self) -> None:
        self._arrangement.forget()
        self._arrangement.arrange()

    def _on_test_predicted(self) -> None:
        self.facts.refresh()
        self.listing.refresh()

    def _on_jobs_training_started(self, job: Job) -> None:
        self._show_training()
        job.finished.connect(self._show_training)

    def _show_training(self) -> None:
        """A training of another project is none of this page's."""
        self.header.show_training(self._context.training.is_training)

    def _on_jobs_trained(self, run_id: str) -> None:
        self._is_trained_now = True
        if self.isVisible():
            self._follow_changes()

    def _on_modes_mode_asked(self, mode: str) -> None:
        scope = self.listing.scope
        if mode in (Mode.CELL, Mode.LIST, Mode.READING) and scope is not None:
            self._show(replace(scope))
        elif mode == Mode.MISTAKES:
            self.show_mistakes()
        elif mode == Mode.TEST:
            self.show_test()
        elif mode == Mode.CHANGES:
            self.show_changes()

    def _on_modes_part_asked(self, part: str) -> None:
        if part in (UNSURE, BY_CLASS):
            self.show_test(part)
        else:
            self.show_changes(part)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.facts.wake()
        self.workspace.wake()
        self._readings.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.facts.sleep()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.workspace.arrange()
        self._arrangement.arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrangement.forget()


class _LeastHigh(QWidget):
    """Content of a scroll area that is stretched before it scrolls; Qt scrolls from the height that it would like."""

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return max(0, layout.minimumHeightForWidth(width)) if layout is not None else 0


def _cell_of(scope: Scope | None) -> tuple[int | None, int | None] | None:
    if scope is None or scope.mode is not Mode.CELL:
        return None
    label, predicted = scope.which.class_ids, scope.which.predicted_class_ids
    return label[0] if label else None, predicted[0] if predicted else None

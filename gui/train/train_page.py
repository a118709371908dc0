"""The page Train: how to train, on what, what goes on, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QPushButton, QScrollArea, QWidget

from core.text import render, text
from core.training.strategies.zero_shot import ZERO_SHOT
from core.workflow.readiness import Concern, TrainingData, count_training_data, find_concerns
from gui import theme
from gui.pages import PageContext
from gui.train.class_map_card import ClassMapCard
from gui.train.data_card import PLACES, DataCard
from gui.train.live_card import LiveCard, ResumeCard
from gui.train.networks import list_networks, what_to_fetch
from gui.train.preview_card import PreviewCard
from gui.train.readings_card import ReadingsCard
from gui.train.result_card import ResultCard
from gui.train.setup_card import SetupCard
from gui.train.starting import start_training
from gui.train.trial_cards import EffortCard, RateCard
from gui.widgets.image_query import ImageQuery
from gui.widgets.labels import line, wrapped_caption
from gui.widgets.layouts import BAR, STRETCH, column_of, fill, row_of
from gui.widgets.visible_browser import show_query

WIDE_PX, AIRY_PX, SETUP_PX, RESULT_MAX_PX = 796, 916, 320, 900
"""From these widths on there are two columns, with wide margins; the width of the left one, the most of the right."""

PREVIEW_LINES, CLASS_MAP_LINES = 40, 27
"""Widths of cards, in heights of a line, from which on their two halves stand side by side."""

SHOW_MISTAKES, SHOW_TEST_MISTAKES = "review.mistakes", "review.test_mistakes"
"""The acts that lead to the mistakes of the chosen run, on the images it was judged by and on test images."""


class TrainPage(QScrollArea):
    """Everything about training.

    Args:
        context: What a page may use.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._session = context, context.session
        self._plan, self._watch = context.plan, context.training
        self._data = TrainingData((), 0, 0)
        self._is_run_unread = True
        self._concerns: tuple[Concern, ...] = ()
        self.setup, self.data = SetupCard(self._plan), DataCard()
        self.live = LiveCard(self._watch, context.runner)
        self.result = ResultCard(context.session, self._watch)
        self.all_runs = QPushButton(text("window_train.all_runs"))
        self.resume = ResumeCard(context.session, context.jobs, self._watch)
        self.class_map = ClassMapCard(context.session, self._plan, context.runner)
        self.effort = EffortCard(context.session, self._plan, context.runner)
        self.rate = RateCard(context.session, self._plan, context.runner)
        self.preview = PreviewCard(context.session, self._plan, context.runner)
        self.readings = ReadingsCard(context.session)
        self.start = QPushButton()
        self.start.setProperty("role", "primary")
        self.hint = wrapped_caption()
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._left, self._right, self._foot = _SetupColumn(), QWidget(), QWidget(self)
        self._is_stale = True
        self._later = QTimer(self, singleShot=True, interval=0)
        self._build()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show everything as it is now."""
        self.result.refresh()
        self.resume.refresh()
        self._refresh_all_runs()
        self._is_run_unread = True
        self._refresh_data()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column_of(self.setup, self.effort, self.data, STRETCH, spacing=theme.AROUND, parent=self._left)
        column_of(line(), row_of((self.hint, 1), self.start, margins=BAR), spacing=0, parent=self._foot)
        self._right.setMaximumWidth(RESULT_MAX_PX)
        column_of(
            self.live, self.resume, self.result, self.readings, self.class_map, self.preview, self.rate,
            row_of(self.all_runs, STRETCH), STRETCH, spacing=theme.AROUND, parent=self._right
        )
        content = QWidget()
        content.setLayout(self._columns)
        self._columns.setSpacing(theme.AROUND)
        fill(self._columns, self._left, (self._right, 1))
        self.setWidget(content)

    def _connect(self) -> None:
        session = self._session
        self.start.clicked.connect(lambda: start_training(self._context))
        self.setup.changed.connect(self._refresh_start)
        self._plan.changed.connect(self._refresh_concerns)
        self._plan.changed.connect(self._arrange)  # other cards need other room
        self.data.mend_asked.connect(self._on_data_mend_asked)
        self.result.review_asked.connect(self._on_result_review_asked)
        window = self._context.window
        self.readings.images_asked.connect(lambda ids: show_query(window, ImageQuery({"image_ids": ids})))
        self.result.expected.images_asked.connect(lambda ids: show_query(window, ImageQuery({"image_ids": ids})))
        self.readings.give_asked.connect(self._on_readings_give_asked)
        self._watch.changed.connect(self._refresh_start)
        self._watch.labels_moved.connect(self.result.refresh_moved)
        self._context.jobs.training_started.connect(self._on_jobs_training_started)
        self._context.runner.job_finished.connect(self._refresh_networks)
        session.project_changed.connect(self.refresh)
        session.runs_changed.connect(self._refresh_all_runs)
        self.all_runs.clicked.connect(lambda: self._go_to("runs"))
        session.runs_changed.connect(self.resume.refresh)
        session.run_chosen.connect(self._on_session_run_chosen)
        for signal in (session.labels_changed, session.classes_changed, session.images_changed):
            signal.connect(self._refresh_later)
        session.images_changed.connect(self._ask_what_changed)
        self._later.timeout.connect(self._refresh_data)

    # ── what is shown ────────────────────────────────────────────────────

    def _refresh_later(self) -> None:
        """Count once after many labels, and only while somebody looks."""
        self._is_stale = True
        if self.isVisible():
            self._later.start()

    def _refresh_data(self) -> None:
        self._is_stale = False
        if not self._session.is_open:
            return
        self._data = count_training_data(self._session.project)
        self.result.refresh_mistakes()
        if self._is_run_unread:
            self._read_run()
        if self.isVisible():
            self.result.expected.refresh()
        self.readings.refresh()
        self._refresh_concerns()

    def _refresh_concerns(self) -> None:
        needs_labels = self._plan.declaration.needs_labels
        self.data.set_title(
            text("window_train.training_data") if needs_labels else text("window_train.measured_by"))
        self._concerns = find_concerns(self._data, needs_labels=needs_labels)
        self.data.show_data(self._data, self._concerns, self._session)
        self._refresh_start()

    def _refresh_start(self) -> None:
        needs_labels = self._plan.declaration.needs_labels
        self.start.setText(
            text("window_train.train_on", n=self._data.n_labels) if needs_labels
            else text("window_train.predict_images", n=self._data.n_images)
        )
        blocking = [c for c in self._concerns if c.is_blocking]
        reason = self._why_not(blocking)
        self.start.setEnabled(not reason)
        self.hint.setText(reason or self._say_cost())
        self._place_foot()

    def _place_foot(self) -> None:
        """What starts a training stays in sight below what scrolls."""
        width, button = self.viewport().width(), self.start.sizeHint()
        hint_px = self.hint.heightForWidth(max(80, width - button.width() - theme.BETWEEN - 2 * theme.AROUND))
        height = max(button.height(), hint_px) + 2 * theme.BETWEEN + 1
        self.setViewportMargins(0, 0, 0, height)
        self._foot.setGeometry(0, self.height() - height, width, height)

    def _why_not(self, blocking: list[Concern]) -> str:
        """One sentence of why training cannot start now; empty if it can."""
        if self._watch.is_training:
            return text("window_train.running")
        if self._session.is_open and self._session.project.is_read_only:
            return text("window_train.read_only")
        return render(blocking[0].message) if blocking else ""

    def _say_cost(self) -> str:
        missing = what_to_fetch(self._plan.backbones, self.setup.networks)
        if missing is not None:
            return text("window_train.fetch_first", mb=missing.download_mb)
        return text("window_train.key_t")

    def _refresh_all_runs(self) -> None:
        self.all_runs.setVisible(bool(self._session.listed_runs))

    def _refresh_networks(self) -> None:
        if self.isVisible():
            self.setup.set_networks(list_networks())
            self._refresh_start()

    # ── what happens ─────────────────────────────────────────────────────

    def _on_jobs_training_started(self) -> None:
        """Where the cards stand below each other, what is going on would be out of sight."""
        QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.live))

    def _ask_what_changed(self) -> None:
        self._is_run_unread = True
        self._refresh_later()

    def _read_run(self) -> None:
        """Read the files of the chosen run, which takes its time, once somebody looks."""
        self._is_stale = not self.isVisible()
        if self.isVisible():
            self.result.refresh_since()
            self._is_run_unread = False

    def _on_session_run_chosen(self) -> None:
        self.result.refresh()
        self.readings.refresh()
        self._ask_what_changed()

    def _on_readings_give_asked(self, class_name: str, index: int) -> None:
        if self._plan.strategy != ZERO_SHOT.name:
            self._plan.choose_strategy(ZERO_SHOT.name)
        self.class_map.give(class_name, index)
        QTimer.singleShot(0, self, lambda: self.ensureWidgetVisible(self.class_map))

    def _on_data_mend_asked(self, concern: Concern) -> None:
        for name in PLACES[concern.remedy]:
            if self._go_to(name):
                return

    def _on_result_review_asked(self) -> None:
        """The act of the page Review, which knows what to show there; without it the page as it is."""
        table = self._context.window.actions_table
        wanted = SHOW_TEST_MISTAKES if self.result.leads_to_test else SHOW_MISTAKES
        if any(action.name == wanted for action in table.all()):
            table.do(wanted)
        else:
            self._go_to("review")

    def _go_to(self, name: str) -> bool:
        window = self._context.window
        is_there = any(page.name == name for page in window.workbench.pages)
        if is_there:
            window.go_to(name)
        return is_there

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._later.start()
        if not self.setup.networks:
            QTimer.singleShot(0, self, self._refresh_networks)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_foot()
        self._arrange()

    def _arrange(self) -> None:
        """Two columns where there is room for what the right one shows; its halves beside each other likewise."""
        whole = self.viewport().width()
        margin = theme.MARGIN if whole >= AIRY_PX else theme.AROUND
        self._columns.setContentsMargins(margin, margin, margin, margin)
        beside_px = min(whole - 2 * margin - SETUP_PX - theme.AROUND, RESULT_MAX_PX)
        self._direct_cards(beside_px)
        is_wide = whole >= WIDE_PX and self._right.minimumSizeHint().width() <= beside_px
        if not is_wide:
            self._direct_cards(min(whole - 2 * margin, RESULT_MAX_PX))
        _direct(self._columns, is_row=is_wide)
        self._left.setFixedWidth(SETUP_PX if is_wide else max(200, whole - 2 * margin))

    def _direct_cards(self, right_px: int) -> None:
        for card, n_lines in ((self.preview, PREVIEW_LINES), (self.class_map, CLASS_MAP_LINES)):
            _direct(card.sides, is_row=right_px >= n_lines * self.fontMetrics().height())


def _direct(box: QBoxLayout, *, is_row: bool) -> None:
    box.setDirection(QBoxLayout.Direction.LeftToRight if is_row else QBoxLayout.Direction.TopToBottom)


class _SetupColumn(QWidget):
    """Of a fixed width: its words need the height for that one, also where a card below is wider."""

    def heightForWidth(self, width: int) -> int:
        return super().heightForWidth(min(width, self.maximumWidth()))

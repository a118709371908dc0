"""The Health page: the findings, one of them in full, and the images behind it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QSplitter, QStackedWidget, QWidget

from core.checks.check import Finding, say_skipped
from core.checks.inputs import HealthResult
from core.checks.registry import find_check
from core.project.rows import image_rows, path_names
from core.text import Message, render, text
from core.workflow.trashing import can_put_back
from gui.health.finding_images import FindingBrowser, FindingListing, NoteTiles, say_note
from gui.health.findings import FindingArea, FindingList, FindingPanel
from gui.health.remedies import ACCEPT, Remedies
from gui.widgets.browser_view import BrowserView
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedLabel, line
from gui.widgets.layouts import BAR, ScrollArea, column_of, row_of
from gui.pages import PageContext

WIDE_PX, LIST_PX, LIST_LOW_PX = 760, 290, 190
"""From this width on the list stands beside the images; its width there, and its height above them."""

MOST_OF_LIST = 0.6
"""Share of the page that the list takes at most where its size is taken over from another window."""

LEAST_LINES = 6
"""Room for the images in lines of text; where the window is lower than all that, the page scrolls."""


class HealthPage(QWidget):
    """Follows the check of the open project.

    Args:
        context: Session, jobs, thumbnails and the window.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._session = context, context.session
        self.watch = context.health
        self.listing = FindingListing(self._session, parent=self)
        self.browser = FindingBrowser(
            self._session, context.thumbnails, preferences=context.preferences, listing=self.listing, name="health")
        self._tiles = NoteTiles(self.browser.model.source)
        self.browser.model.source = self._tiles.tiles
        self.remedies = Remedies(context, self.watch, self.browser)
        self.list, self.panel = FindingList(), FindingPanel()
        self.state, self.skipped = ElidedLabel(), ElidedLabel()
        self.check_button, self.back_button = QPushButton(text("window_health.check_again")), QPushButton()
        self.nothing = EmptyState("")
        self._stack, self._splitter = QStackedWidget(), QSplitter()
        self._shown: tuple[str, tuple[int, ...]] = ("", ())
        self._build()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        self._show_state()
        findings = self.watch.findings
        if findings:
            self._stack.setCurrentIndex(0)
            self.list.set_findings(findings)
        else:
            self._stack.setCurrentWidget(self.nothing)
            self._say_nothing()

    def view(self) -> tuple[str, BrowserView]:
        """Finding and images that are shown."""
        return self.list.current_key(), BrowserView.of(self.browser)

    def restore_view(self, view: tuple[str, BrowserView]) -> None:
        """Show them again."""
        key, images = view
        if self.watch.find(key) is not None:
            self.list.choose(key)
            images.restore(self.browser, with_filter=False)

    @property
    def finding(self) -> Finding | None:
        """The finding that is shown."""
        return self.watch.find(self.list.current_key())

    def take_keyboard(self) -> None:
        """To the images."""
        self.browser.take_keyboard()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        top = row_of((self.state, 1), self.back_button, self.check_button, margins=BAR)
        right = QWidget()
        column_of(FindingArea(self.panel), line(), (self.browser, 1), spacing=0, parent=right)
        self._splitter.addWidget(self.list)
        self._splitter.addWidget(right)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        lines_px = LEAST_LINES * self.fontMetrics().height()
        self.browser.setMinimumHeight(self.browser.bar.sizeHint().height() + lines_px)
        self._stack.addWidget(ScrollArea(self._splitter))
        self._stack.addWidget(self.nothing)
        self._skipped_bar = QWidget()
        row_of((self.skipped, 1), margins=BAR, parent=self._skipped_bar)
        column_of(top, self._skipped_bar, line(), (self._stack, 1), spacing=0, parent=self)

    def _connect(self) -> None:
        self.watch.changed.connect(self.refresh)
        self._splitter.splitterMoved.connect(self._on_splitter_moved)
        self.list.chosen.connect(lambda _: self._show_finding())
        self.check_button.clicked.connect(self.watch.check)
        self.back_button.clicked.connect(self.remedies.bring_back)
        self.nothing.acted.connect(self.watch.check)
        self.browser.accept_asked.connect(self._on_browser_accept_asked)
        self.browser.selection.current_id_changed.connect(lambda _: self._show_note())

    # ── what is shown ────────────────────────────────────────────────────

    def _show_state(self) -> None:
        result, watch = self.watch.result, self.watch
        self.check_button.setEnabled(self._session.is_open and not watch.is_checking)
        n_back = can_put_back(self._session.project) if self._session.is_open else 0
        self.back_button.setVisible(n_back > 0)
        self.back_button.setText(text("window_health.put_back", n=n_back))
        self.state.set_text(self._say_state(result))
        ids = [one.image_id for one in result.skipped] if result is not None else []
        rows = image_rows(self._session.project, ids) if ids and self._session.is_open else ()
        self._skipped_bar.setVisible(bool(rows))
        self.skipped.set_text(render(say_skipped(path_names(rows))) if rows else "")

    def _say_state(self, result: HealthResult | None) -> str:
        if self.watch.is_checking:
            return text("window_health.checking")
        if result is None:
            return text("window_health.not_checked")
        state = Message("window_health.stale") if self.watch.is_stale else Message(
            "window_health.checked", n=result.n_images)
        n_excluded = self._session.counts.n_excluded
        if n_excluded:
            state = Message("window_health.state_with_excluded", state=state, n=n_excluded)
        missing = [Message("window_health.unchecked", check=u.title, reason=u.reason) for u in result.unchecked]
        return text("window_health.state_with_unchecked", state=state, missing=missing) if missing else render(state)

    def _say_nothing(self) -> None:
        if self.watch.is_checking:
            self.nothing.say(text("window_health.looking"))
        elif self._session.is_open and not self._session.counts.n_ok:
            self.nothing.say(text("window_health.no_images"))
        elif self.watch.result is None:
            self.nothing.say(text("window_health.why_check"), text("window_health.check"))
        else:
            self.nothing.say(text("window_health.nothing_found"))

    def _show_finding(self) -> None:
        finding = self.finding
        if finding is None:
            return
        self.panel.show_finding(finding, self.remedies.offered(finding))
        self._tiles.notes = find_check(finding.check).notes(finding)
        key, ids = self._shown
        self._shown = finding.key, finding.image_ids
        if key != finding.key:
            code = "window_health.all_settled" if finding.image_ids else "window_health.about_all_images"
            self.browser.say_when_empty(text(code))
            self.listing.show_images(finding.image_ids)
        elif ids != finding.image_ids:
            self.listing.replace_images(finding.image_ids)
        self._show_note()

    def _show_note(self) -> None:
        image_id = self.browser.selection.current_id()
        note = self._tiles.notes.get(image_id) if image_id is not None else None
        self.panel.show_note(say_note(note) if note is not None else "")

    def _on_browser_accept_asked(self) -> None:
        finding = self.finding
        if finding is not None and ACCEPT in finding.remedies:
            self.remedies.accept_suggestion()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.watch.want()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE_PX
        orientation = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if self._splitter.orientation() is not orientation or event.oldSize().width() <= 0:
            self._splitter.setOrientation(orientation)
            whole, first = (self.width(), LIST_PX) if is_wide else (self.height(), LIST_LOW_PX)
            first = min(self._context.preferences.number(self._split_name(), first), int(whole * MOST_OF_LIST))
            self._splitter.setSizes([first, max(whole - first, 1)])

    def _split_name(self) -> str:
        is_wide = self._splitter.orientation() is Qt.Orientation.Horizontal
        return f"health_split_{'wide' if is_wide else 'high'}"

    def _on_splitter_moved(self) -> None:
        self._context.preferences.keep_number(self._split_name(), self._splitter.sizes()[0])

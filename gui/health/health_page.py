"""The Health page: findings by how much they matter, one of them in full, and the pictures behind it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.checks.findings import Finding, FindingKind
from core.checks.health_result import HealthResult
from core.cli.sentences import plural
from gui import theme
from gui.widgets.labels import ElidedLabel, line
from gui.health.doubt_tiles import Doubt, DoubtTiles
from gui.health.finding_list import FindingList
from gui.health.finding_listing import FindingListing
from gui.health.finding_panel import FindingPanel
from gui.health.health_browser import HealthBrowser
from gui.health.remedies import Remedies
from gui.health.watch import watch_of
from gui.widgets.tile import CatalogTiles
from gui.widgets.empty_state import EmptyState
from gui.pages import PageContext

WIDE_PX, LIST_PX, LIST_LOW_PX = 760, 290, 190
"""From this width on the list stands beside the pictures; its width there, and its height above them."""


class HealthPage(QWidget):
    """Follows the check of the open project.

    Args:
        context: Session, jobs, thumbnails and the window.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._session = context, context.session
        self.watch = watch_of(context.session, context.jobs, context.runner)
        self.listing = FindingListing(self._session, parent=self)
        self.browser = HealthBrowser(
            self._session, context.thumbnails, preferences=context.preferences, listing=self.listing, name="health")
        self._tiles = DoubtTiles(CatalogTiles(self._session))
        self.browser.model.set_source(self._tiles)
        self.remedies = Remedies(context, self.watch, self.browser)
        self.list, self.panel = FindingList(), FindingPanel()
        self.state = ElidedLabel()
        self.check_button, self.back_button = QPushButton(self.tr("Check again")), QPushButton(self.tr("Put back"))
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

    def choose(self, key: str) -> None:
        """Show a finding by its key."""
        self.list.choose(key)

    @property
    def finding(self) -> Finding | None:
        """The finding that is shown."""
        return self.watch.find(self.list.current_key())

    def take_keyboard(self) -> None:
        """To the pictures."""
        self.browser.take_keyboard()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(theme.AROUND, theme.BETWEEN, theme.AROUND, theme.BETWEEN)
        top.setSpacing(theme.BETWEEN)
        top.addWidget(self.state, 1)
        top.addWidget(self.back_button)
        top.addWidget(self.check_button)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.panel)
        column.addWidget(line())
        column.addWidget(self.browser, 1)
        self._splitter.addWidget(self.list)
        self._splitter.addWidget(right)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        self._stack.addWidget(self._splitter)
        self._stack.addWidget(self.nothing)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(line())
        whole.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.watch.changed.connect(self.refresh)
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
        n_back = self.remedies.n_in_trash
        self.back_button.setVisible(n_back > 0)
        self.back_button.setText(self.tr("Put {0} back").format(plural(n_back, self.tr("file"))))
        self.state.set_text(self._say_state(result))

    def _say_state(self, result: HealthResult | None) -> str:
        if self.watch.is_checking:
            return self.tr("Checking the data …")
        if result is None:
            return self.tr("Not checked yet")
        words = self.tr("{0} checked").format(plural(result.n_images, self.tr("picture")))
        if self.watch.is_stale:
            words = self.tr("Something changed since the check; it will be made again")
        missing = [f"{u.part} ({u.sentence})" for u in result.unchecked]
        return words + (self.tr("; not looked at: {0}").format(", ".join(missing)) if missing else "")

    def _say_nothing(self) -> None:
        if self.watch.is_checking:
            self.nothing.say(self.tr("Looking for wrong labels, copies, leaks and shortcuts …"))
        elif self._session.is_open and not self._session.counts.n_ok:
            self.nothing.say(self.tr("There are no pictures to check yet."))
        elif self.watch.result is None:
            self.nothing.say(
                self.tr("Wrong labels, copies and shortcuts make a model look better than it is."),
                self.tr("Check the data"))
        else:
            self.nothing.say(self.tr("Nothing was found that speaks against this data."))

    def _show_finding(self) -> None:
        finding = self.finding
        if finding is None:
            return
        self.panel.show_finding(finding, self.remedies.offered(finding))
        doubts = self._doubts(finding)
        self._tiles.set_doubts(doubts)
        key, ids = self._shown
        self._shown = finding.key, finding.image_ids
        if key != finding.key:
            self.browser.say_when_empty(self._empty_words(finding))
            self.listing.show_images(finding.image_ids)
        elif ids != finding.image_ids:
            self.listing.replace_images(finding.image_ids)
        self._show_note()

    def _show_note(self) -> None:
        image_id = self.browser.selection.current_id()
        doubt = self._tiles.find(image_id) if image_id is not None else None
        self.panel.show_note(doubt.words if doubt is not None else "")

    def _empty_words(self, finding: Finding) -> str:
        if finding.kind is FindingKind.BALANCE:
            return self.tr("This is about all pictures; label more of the small classes.")
        return self.tr("Every picture of this finding has been dealt with.")

    def _doubts(self, finding: Finding) -> Mapping[int, Doubt]:
        result = self.watch.result
        if result is None:
            return {}
        if finding.kind is FindingKind.LABEL_ERROR:
            return {
                s.image_id: Doubt(f"{s.sentence} {s.reason}".strip(), s.suggested)
                for s in result.label_errors
            }
        if finding.kind in (FindingKind.DUPLICATE, FindingKind.TWO_LABELS, FindingKind.NEAR_TWIN):
            groups = result.near_twins if finding.kind is FindingKind.NEAR_TWIN else result.duplicates
            return {i: Doubt(d) for g in groups for i, d in zip(g.image_ids, g.differences, strict=True) if d}
        if finding.kind is FindingKind.OUTLIER:
            return {o.image_id: Doubt(o.sentence) for o in reversed(result.outliers)}
        if finding.kind is FindingKind.LEAK:
            return {leak.test_id: Doubt(leak.sentence) for leak in result.leaks}
        return {}

    def _on_browser_accept_asked(self) -> None:
        finding = self.finding
        if finding is not None and finding.kind is FindingKind.LABEL_ERROR:
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
            self._splitter.setSizes([first, max(whole - first, 1)])

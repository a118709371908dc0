"""The window of the guide: contents and search on the left, a page on the right, back and forward above."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QSplitter, QTreeWidget, QTreeWidgetItem, QWidget

from core.text import text
from core.text.language import language
from gui import theme
from gui.help.guide import START, TOPIC_OF_PAGE, Section, find_sections, guide_folder, read_sections, sections_of
from gui.help.guide_view import GuideView
from gui.icons import icon_button
from gui.widgets.labels import line
from gui.widgets.layouts import BAR, STRETCH, column_of, row_of

if TYPE_CHECKING:
    from gui.main_window import MainWindow

FIRST_SIZE, CONTENTS_PX = (1000, 720), 260
_SECTION = Qt.ItemDataRole.UserRole


def open_guide(window: MainWindow, topic: str = "") -> GuideWindow:
    """Show the guide at a topic, or where it was left; one window, in the language in force."""
    guide = window.findChild(GuideWindow) or GuideWindow(window)
    if topic or not guide.view.source().isValid():
        guide.show_topic(topic or START)
    guide.show()
    guide.raise_()
    guide.activateWindow()
    return guide


def explain_page(window: MainWindow) -> None:
    """Show what the guide says of the page that is open."""
    open_guide(window, TOPIC_OF_PAGE.get(window.workbench.current_page, START))


class GuideWindow(QDialog):
    """Stays beside the main window, which can be used meanwhile.

    Attributes:
        language: In which it was built.
        view: The page.
        contents: Pages and their sections, or those that were found.
        search: The words that are looked for.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self._window, self.language = window, language()
        self.setWindowTitle(text("window_help.guide"))
        self.view = GuideView(text("window_help.page"))
        self.contents, self.search = QTreeWidget(), QLineEdit()
        self._nothing = QLabel(text("window_help.nothing_found"), wordWrap=True)
        self._build()
        self._show_contents(read_sections(self.language))
        self.resize(QSize(*FIRST_SIZE).boundedTo(self.screen().availableSize()))
        window.rebuilding.connect(self._on_window_rebuilding)

    def show_topic(self, topic: str, anchor: str = "") -> None:
        """Show a page, or a section of it."""
        url = QUrl.fromLocalFile(str(guide_folder(self.language) / f"{topic}.md"))
        if anchor:
            url.setFragment(anchor)
        self.view.setSource(url)

    def resume(self, other: GuideWindow) -> None:
        """Take the place of a window in another language, at the same page and section."""
        self.setGeometry(other.geometry())
        source = other.view.source()
        if not source.isValid():
            return
        topic = Path(source.toLocalFile()).stem
        before, now = (sections_of(one.language, topic) for one in (other, self))
        at = next((n for n, section in enumerate(before) if section.anchor == source.fragment()), 0)
        self.show_topic(topic, now[at].anchor if len(now) == len(before) else "")

    def _build(self) -> None:
        back = icon_button("back", text("window_help.back"), self.view.backward)
        forward = icon_button("forward", text("window_help.forward"), self.view.forward)
        start = icon_button("welcome", text("window_help.contents"), lambda: self.show_topic(START))
        smaller = icon_button("", text("window_help.smaller_text"), lambda: self.view.zoomOut(1), shown="A−")
        larger = icon_button("", text("window_help.larger_text"), lambda: self.view.zoomIn(1), shown="A+")
        for button, available in ((back, self.view.backwardAvailable), (forward, self.view.forwardAvailable)):
            button.setEnabled(False)
            available.connect(button.setEnabled)
        self._build_contents()
        left = QWidget()
        column_of(self.search, (self.contents, 1), self._nothing, margins=theme.BETWEEN, parent=left)
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.addWidget(left)
        middle.addWidget(self.view)
        middle.setStretchFactor(1, 1)
        middle.setSizes([CONTENTS_PX, FIRST_SIZE[0] - CONTENTS_PX])
        middle.setChildrenCollapsible(False)
        column_of(row_of(back, forward, start, STRETCH, smaller, larger, margins=BAR, spacing=theme.INSIDE), line(),
                  (middle, 1), spacing=0, parent=self)
        for key, act in (
            (QKeySequence.StandardKey.Back, self.view.backward),
            (QKeySequence.StandardKey.Forward, self.view.forward),
            (QKeySequence.StandardKey.ZoomIn, larger.click), (QKeySequence.StandardKey.ZoomOut, smaller.click),
            (QKeySequence.StandardKey.Find, self.search.setFocus), (QKeySequence.StandardKey.Close, self.close),
        ):
            QShortcut(QKeySequence(key), self, act)

    def _build_contents(self) -> None:
        self.search.setPlaceholderText(text("window_help.search"))
        self.search.setAccessibleName(text("window_help.search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search_changed)
        self.search.returnPressed.connect(self._show_first)
        self.contents.setHeaderHidden(True)
        self.contents.setAccessibleName(text("window_help.contents"))
        self.contents.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.contents.itemClicked.connect(self._show_item)
        self.contents.itemActivated.connect(self._show_item)
        self._nothing.hide()

    def _show_contents(self, sections: tuple[Section, ...]) -> None:
        """Pages, and below each its sections; those that were found stand below their page too."""
        self.contents.clear()
        row_px = theme.row_px(self.contents)
        titles = {section.topic: section for section in read_sections(self.language) if section.level == 1}
        pages: dict[str, QTreeWidgetItem] = {}
        for section in sections:
            page = pages.get(section.topic)
            if page is None:
                page = pages[section.topic] = _item(titles.get(section.topic, section), row_px)
                self.contents.addTopLevelItem(page)
            if section.level > 1:
                page.addChild(_item(section, row_px))
        if self.search.text().strip():
            self.contents.expandAll()
        self._nothing.setVisible(not sections)

    def _on_search_changed(self, wanted: str) -> None:
        self._show_contents(find_sections(self.language, wanted))

    def _show_first(self) -> None:
        first = self.contents.topLevelItem(0)
        if first is not None:
            self._show_item(first.child(0) or first)

    def _on_window_rebuilding(self) -> None:
        """Another language may be spoken from now on; the guide of it takes this one's place."""
        if self.language == language():
            return
        guide = GuideWindow(self._window)
        guide.resume(self)
        guide.setVisible(self.isVisible())
        self.setParent(None)
        self.deleteLater()

    def _show_item(self, item: QTreeWidgetItem) -> None:
        section: Section = item.data(0, _SECTION)
        self.show_topic(section.topic, section.anchor)
        self.view.show_words(self.search.text().strip())


def _item(section: Section, row_px: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem([section.title])
    item.setToolTip(0, section.title)
    item.setData(0, _SECTION, section)
    item.setSizeHint(0, QSize(0, row_px))
    return item

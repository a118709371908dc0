"""The frame around every page: page switch above, side panels left and right, the page between.

Panels are hidden and shown with their widths kept, also from one start to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup, QFrame, QHBoxLayout, QScrollArea, QSplitter, QStackedWidget, QToolButton, QWidget,
)

from gui import theme
from gui.widgets.labels import ElidedLabel, line
from gui.icons import icon
from gui.pages import KeepsView, Page
from gui.preferences import Preferences
from gui.widgets.layouts import column_of, row_of

LEFT_PX, RIGHT_PX = 208, 288
"""First widths of the side panels."""

LEFT_MIN_PX, RIGHT_MIN_PX, MIDDLE_MIN_PX = 160, 224, 320


class Workbench(QWidget):
    """Holds the pages of the open project.

    Signals:
        page_changed: Name of the page that is shown now.
    """

    page_changed = Signal(str)

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._pages: list[Page] = []
        self._built: dict[str, QWidget] = {}
        self._views: dict[str, object] = {}
        self._current = ""
        self._left, self._right = _side(LEFT_MIN_PX), _side(RIGHT_MIN_PX)
        self._stack = QStackedWidget()
        self._stack.setMinimumWidth(MIDDLE_MIN_PX)
        self._switch = QButtonGroup(self)
        self._switch_row = QHBoxLayout()
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._build()

    @property
    def current_page(self) -> str:
        """Name of the shown page; empty while there is none."""
        return self._current

    @property
    def project_name(self) -> str:
        return self._name.text

    @property
    def pages(self) -> tuple[Page, ...]:
        return tuple(self._pages)

    def set_pages(self, pages: Sequence[Page]) -> None:
        """Offer these pages; each is built when it is first shown."""
        assert not self._pages, "pages are set once"
        for page in pages:
            self._pages.append(page)
            button = self._build_button(page)
            self._switch.addButton(button)
            self._switch_row.addWidget(button)

    def set_project_name(self, name: str) -> None:
        self._name.set_text(name)

    def set_left_panel(self, panel: QWidget) -> None:
        """Sources, classes and filters."""
        self._left.setWidget(panel)
        self._left.setVisible(self._is_wanted("left"))

    def set_inspector(self, inspector: QWidget) -> None:
        """The selected image in detail."""
        self._right.setWidget(inspector)
        self._right.setVisible(self._is_wanted("right"))

    def go_to(self, name: str) -> QWidget:
        """Show a page, built now if need be."""
        index = next(i for i, page in enumerate(self._pages) if page.name == name)
        if name not in self._built:
            built = self._built[name] = self._pages[index].widget_factory()
            self._stack.addWidget(built)
            if name in self._views and isinstance(built, KeepsView):
                built.restore_view(self._views.pop(name))
        widget = self._built[name]
        self._stack.setCurrentWidget(widget)
        self._switch.buttons()[index].setChecked(True)
        self._current = name
        self.page_changed.emit(name)
        return widget

    def views(self) -> dict[str, object]:
        """What the pages show, by their names, for `restore_views`."""
        kept = {name: page.view() for name, page in self._built.items() if isinstance(page, KeepsView)}
        return {**self._views, **kept}

    def restore_views(self, views: dict[str, object]) -> None:
        """Let each page show what it showed, as soon as it is built."""
        self._views = dict(views)

    def has_panel(self, side: str) -> bool:
        """Is there anything on the "left" or "right"?"""
        return self._panel(side).widget() is not None

    def is_panel_shown(self, side: str) -> bool:
        return self._panel(side).isVisibleTo(self)

    def toggle_panel(self, side: str) -> None:
        """Hide or show the "left" or "right" panel."""
        panel = self._panel(side)
        self._keep_widths()
        panel.setVisible(not panel.isVisibleTo(self))
        self._preferences.keep_number(f"{side}_shown", int(panel.isVisibleTo(self)))
        self.restore_widths()

    def restore_widths(self) -> None:
        """Give the side panels the widths that they had."""
        left = self._preferences.number("left_width", LEFT_PX) if self.is_panel_shown("left") else 0
        right = self._preferences.number("right_width", RIGHT_PX) if self.is_panel_shown("right") else 0
        self._splitter.setSizes([left, max(MIDDLE_MIN_PX, self.width() - left - right), right])

    def _build(self) -> None:
        theme.bold(self._name)
        bar = QFrame()
        bar.setObjectName("pageBar")
        row_of((self._name, 1), self._switch_row, margins=(theme.AROUND, 0, theme.BETWEEN, 0), parent=bar)
        for widget in (self._left, self._stack, self._right):
            self._splitter.addWidget(widget)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        for index, stretch in enumerate((0, 1, 0)):
            self._splitter.setStretchFactor(index, stretch)
        self._splitter.splitterMoved.connect(self._keep_widths)
        column_of(bar, line(), (self._splitter, 1), spacing=0, parent=self)

    def _build_button(self, page: Page) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "page")
        button.setText(f"\u2009{page.title}")  # a thin space: the style leaves none beside the icon
        button.setAccessibleName(page.title)
        button.setIcon(icon(page.icon))
        button.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        key = QKeySequence(page.key).toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{page.title} ({key})" if key else page.title)
        button.clicked.connect(lambda: self.go_to(page.name))
        return button

    def _keep_widths(self) -> None:
        for side in ("left", "right"):
            if self.is_panel_shown(side) and self._panel(side).width() > 0 and self.isVisible():
                self._preferences.keep_number(f"{side}_width", self._panel(side).width())

    def _is_wanted(self, side: str) -> bool:
        return bool(self._preferences.number(f"{side}_shown", 1))

    def _panel(self, side: str) -> QScrollArea:
        return {"left": self._left, "right": self._right}[side]


def _side(min_width_px: int) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setMinimumWidth(min_width_px)
    area.hide()
    return area

"""The frame around every page: page switch above, side panels left and right, the page between.

Panels are hidden and shown with their widths kept, also from one start to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup, QFrame, QHBoxLayout, QScrollArea, QSplitter, QStackedWidget, QToolButton, QWidget,
)

from gui import theme
from gui.widgets.labels import ElidedLabel, line
from gui.icons import icon
from gui.pages import Page
from gui.preferences import Preferences
from gui.widgets.layouts import column_of, row_of
from gui.widgets.quiet_scroll_bar import scroll_quietly

LEFT_PX, RIGHT_PX = 208, 288
"""First widths of the side panels."""

LEFT_MIN_PX, RIGHT_MIN_PX, MIDDLE_MIN_PX = 160, 224, 320


class Workbench(QWidget):
    """Holds the pages of the open project.

    Attributes:
        pages: As they are offered.
        current_page: Name of the shown page; empty while there is none.
    """

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.pages: tuple[Page, ...] = ()
        self.current_page = ""
        self._built: dict[str, Any] = {}
        self._views: dict[str, object] = {}
        self._panels = {"left": _side(LEFT_MIN_PX), "right": _side(RIGHT_MIN_PX)}
        self._stack = QStackedWidget()
        self._stack.setMinimumWidth(MIDDLE_MIN_PX)
        self._switch = QButtonGroup(self)
        self._switch_row, self._tools_row = QHBoxLayout(), QHBoxLayout()
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._build()

    @property
    def project_name(self) -> str:
        return self._name.text

    def set_pages(self, pages: Sequence[Page]) -> None:
        """Offer these pages; each is built when it is first shown."""
        self.pages = tuple(pages)
        for page in pages:
            button = self._build_button(page)
            self._switch.addButton(button)
            self._switch_row.addWidget(button)

    def add_tool(self, action: QAction) -> None:
        """Offer an act of the window behind the pages, as an icon."""
        button = QToolButton()
        button.setAutoRaise(True)
        button.setIcon(icon("help"))
        button.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        button.setToolTip(f"{action.text()} ({key})" if key else action.text())
        button.setAccessibleName(action.text())
        button.clicked.connect(action.trigger)
        self._tools_row.addWidget(button)

    def set_project_name(self, name: str) -> None:
        self._name.set_text(name)

    def set_panel(self, side: str, widget: QWidget) -> None:
        """Put something on the "left" or "right"."""
        self._panels[side].setWidget(widget)
        self._panels[side].setVisible(bool(self._preferences.number(f"{side}_shown", 1)))

    def go_to(self, name: str) -> QWidget:
        """Show a page, built now if need be."""
        index = next(i for i, page in enumerate(self.pages) if page.name == name)
        widget = self.build_page(name)
        self._stack.setCurrentWidget(widget)
        self._switch.buttons()[index].setChecked(True)
        self.current_page = name
        self._fit_inspector(has_images=self.pages[index].has_images)
        return widget

    def build_page(self, name: str) -> QWidget:
        """The widget of a page, built now if need be, and not shown by that."""
        if name not in self._built:
            page = next(page for page in self.pages if page.name == name)
            built: Any = page.widget_factory()
            self._built[name] = built
            self._stack.addWidget(built)
            if name in self._views:
                built.restore_view(self._views.pop(name))
        widget: QWidget = self._built[name]
        return widget

    def _fit_inspector(self, *, has_images: bool) -> None:
        """Beside a page without images the panel at the right is empty: the page takes its room."""
        panel = self._panels["right"]
        is_wanted = panel.widget() is not None and has_images and bool(self._preferences.number("right_shown", 1))
        if is_wanted != self.is_panel_shown("right"):
            self._keep_widths()
            panel.setVisible(is_wanted)
            self.restore_widths()

    def views(self) -> dict[str, object]:
        """What the pages show, by their names, for `restore_views`."""
        kept = {name: page.view() for name, page in self._built.items() if hasattr(page, "restore_view")}
        return {**self._views, **kept}

    def restore_views(self, views: dict[str, object]) -> None:
        """Let each page show what it showed, as soon as it is built."""
        self._views = dict(views)

    def has_panel(self, side: str) -> bool:
        """Is there anything on the "left" or "right"?"""
        return self._panels[side].widget() is not None

    def is_panel_shown(self, side: str) -> bool:
        return self._panels[side].isVisibleTo(self)

    def toggle_panel(self, side: str) -> None:
        """Hide or show the "left" or "right" panel."""
        panel = self._panels[side]
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
        row_of((self._name, 1), self._switch_row, self._tools_row,
               margins=(theme.AROUND, 0, theme.BETWEEN, 0), parent=bar)
        for widget in (self._panels["left"], self._stack, self._panels["right"]):
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
        for side, panel in self._panels.items():
            if self.is_panel_shown(side) and panel.width() > 0 and self.isVisible():
                self._preferences.keep_number(f"{side}_width", panel.width())


def _side(min_width_px: int) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    scroll_quietly(area)
    area.setMinimumWidth(min_width_px)
    area.hide()
    return area

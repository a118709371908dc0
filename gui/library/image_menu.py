"""The context menu of images in grid, table and loupe, on whatever page they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from gui.actions import MenuEntry
from gui.library.tag_actions import FLAG_ACTS
from gui.widgets.browser import ImageBrowser

if TYPE_CHECKING:
    from gui.main_window import MainWindow

IMAGE_MENU: tuple[MenuEntry, ...] = (
    "image.loupe", "image.heat", "", "image.label", "image.accept", "image.unlabel", "", "image.exclude",
    "image.remove", "", ("window_library.flags", *FLAG_ACTS), "image.tags", "", "image.similar",
    "image.contributions", "", "image.copy_path", "image.show_file", "image.save_heat", "",
    "view.captions", "view.heat_tiles",
)
"""Acts on what is selected; those that the table lacks are left out."""

ISSUE_MENU = ("health.accept", "health.keep", "health.skip")
"""Acts on images behind a finding, which come first on the page Health."""

GROUND_MENU = (
    "image.select_all", "view.all", "view.refresh", "", "view.filter_files", "view.filters", "view.save_list", "",
    "view.sort", "view.table", "view.captions", "view.heat_tiles",
)
"""Acts where no image is under the pointer."""


class ImageMenu(QObject):
    """Hears the wish for a context menu that no widget of a page has taken.

    Args:
        window: Its workbench is listened to, and becomes the parent.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.workbench)
        self._window = window
        window.workbench.installEventFilter(self)

    def build(self, browser: ImageBrowser, *, is_on_image: bool) -> QMenu:
        """The menu for the images that are selected, or for the ground around them."""
        names: tuple[MenuEntry, ...] = IMAGE_MENU if is_on_image else GROUND_MENU
        if is_on_image and self._window.workbench.current_page == "health":
            names = (*ISSUE_MENU, "", *IMAGE_MENU)
        return self._window.actions_table.build_menu(names, browser)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ContextMenu or not isinstance(event, QContextMenuEvent):
            return False
        is_by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        below = QApplication.focusWidget() if is_by_key else QApplication.widgetAt(event.globalPos())
        browser = _browser_of(below)
        if browser is None or below is None or browser.bar.isAncestorOf(below):
            return False
        place = browser.place_of_current() if is_by_key else None
        at = event.globalPos() if place is None else place
        self.build(browser, is_on_image=is_by_key or browser.is_image_at(at)).popup(QPoint(at))
        return True


def _browser_of(widget: QWidget | None) -> ImageBrowser | None:
    while widget is not None and not isinstance(widget, ImageBrowser):
        widget = widget.parentWidget()
    return widget

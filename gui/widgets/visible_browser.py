"""Finds the image browser that is visible, and shows an image or a query in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from gui.widgets.browser import ImageBrowser
from gui.widgets.image_query import ImageQuery

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def visible_browser(window: QWidget) -> ImageBrowser | None:
    """The browser that has the keyboard, else the one that is visible; None where there is none."""
    widget = QApplication.focusWidget()
    while widget is not None:
        if isinstance(widget, ImageBrowser):
            return widget
        widget = widget.parentWidget()
    return next((b for b in window.findChildren(ImageBrowser) if b.isVisible()), None)


def show_image(window: MainWindow, image_id: int) -> None:
    """Show one image in full: in the visible browser if it lists it, else among all images."""
    browser = visible_browser(window)
    if browser is None or browser.model.row_of(image_id) is None:
        show_query(window, ImageQuery())
        browser = visible_browser(window)
    if browser is None:
        return
    if browser.listing.is_asking:
        browser.listing.changed.connect(partial(_open, browser, image_id), Qt.ConnectionType.SingleShotConnection)
    else:
        _open(browser, image_id)


def _open(browser: ImageBrowser, image_id: int) -> None:
    row = browser.model.row_of(image_id)
    if row is not None:
        browser.selection.set_current_row(row)
        browser.open_loupe()


def show_query(window: MainWindow, query: ImageQuery, *, page: str = "library") -> None:
    """Show what was asked for in the visible browser; where there is none, go to a page that has one."""
    browser = visible_browser(window)
    if browser is None and window.has_project:
        window.go_to(page)
        browser = visible_browser(window)
    if browser is not None:
        browser.show_query(query)


def take_keyboard_of_images(window: QWidget) -> None:
    """Give the keyboard back to the images in sight, if there are any."""
    browser = visible_browser(window)
    if browser is not None:
        browser.take_keyboard()

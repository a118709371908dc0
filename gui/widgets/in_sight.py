"""Which browser acts and questions are meant for: the one that people look at."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from gui.widgets.browser import ImageBrowser
from gui.widgets.look import Look
from gui.main_window import MainWindow


def browser_in_sight(window: QWidget) -> ImageBrowser | None:
    """The browser that has the keyboard, else the one that is visible; None where there is none."""
    widget = QApplication.focusWidget()
    while widget is not None:
        if isinstance(widget, ImageBrowser):
            return widget
        widget = widget.parentWidget()
    return next((b for b in window.findChildren(ImageBrowser) if b.isVisible()), None)


def show_image(window: MainWindow, image_id: int) -> None:
    """Show one image in full: in the browser in sight if it lists it, else among all images."""
    browser = browser_in_sight(window)
    if browser is None or browser.model.row_of(image_id) is None:
        show_look(window, Look())
        browser = browser_in_sight(window)
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


def show_look(window: MainWindow, look: Look, *, page: str = "library") -> None:
    """Show what was asked for in the browser in sight; where there is none, go to a page that has one."""
    browser = browser_in_sight(window)
    if browser is None and window.has_project:
        window.go_to(page)
        browser = browser_in_sight(window)
    if browser is not None:
        browser.look_at(look)

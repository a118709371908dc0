"""The acts on pictures; each goes to the browser in sight."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from core.project.rows import image_row, image_rows
from gui import messages
from gui.actions import Action
from gui.widgets.browser import ImageBrowser
from gui.widgets.class_picker import ClassChooser
from gui.widgets.visible_browser import visible_browser
from gui.session import Session

if TYPE_CHECKING:
    from gui.main_window import MainWindow

Act = Callable[[ImageBrowser], None]


def tr(text: str) -> str:
    return QCoreApplication.translate("BrowserActions", text)


def browser_actions(session: Session, window: MainWindow) -> list[Action]:
    """What can be done with pictures, on whatever page they are."""
    builder = _Builder(session, window)
    return [*builder.label_actions(), *builder.file_actions(), *builder.view_actions(), *builder.key_hints()]


class _Builder:
    """Makes actions that ask for the browser when they are done."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        self._session, self._window = session, window

    def label_actions(self) -> list[Action]:
        return [
            self._act("image.label", tr("Label as…"), "L", self._choose_class, "Image", "label"),
            self._act("image.accept", tr("Accept what the model says as label"), "", ImageBrowser.accept, "Image",
                      "suggestion"),
            self._act("image.unlabel", tr("Take the label away"), "", ImageBrowser.unlabel, "Image"),
            self._act("image.loupe", tr("Show the picture in full"), "", ImageBrowser.open_loupe, "Image", "loupe",
                      starts_group=True),
        ]

    def file_actions(self) -> list[Action]:
        return [
            self._act("image.select_all", tr("Select all"), "Ctrl+A", lambda b: b.grid.selectAll(), "Edit"),
            self._act("image.copy_path", tr("Copy the path"), "Ctrl+Shift+C", self._copy_paths, "Image", "copy",
                      starts_group=True),
            self._act("image.show_file", tr("Show in the file manager"), "", self._show_file, "Image", "folder"),
        ]

    def view_actions(self) -> list[Action]:
        return [
            self._act("view.find", tr("Find by name"), "F; Ctrl+F", lambda b: b.bar.start_search(), "View", "search",
                      starts_group=True, needs_image=False),
            self._act("view.sort", tr("Order of the pictures…"), "S", lambda b: b.bar.open_order_menu(), "View",
                      "sort", needs_image=False),
            self._act("view.all", tr("Show all pictures"), "Ctrl+0", ImageBrowser.show_all, "View",
                      needs_image=False),
            self._act("view.refresh", tr("Apply the filter again"), "F5", ImageBrowser.refresh, "View",
                      needs_image=False),
            self._table_action(),
            self._act("view.larger", tr("Larger pictures"), "Ctrl++; Ctrl+=", lambda b: b.grid.zoom_in(), "View"),
            self._act("view.smaller", tr("Smaller pictures"), "Ctrl+-", lambda b: b.grid.zoom_out(), "View"),
        ]

    def key_hints(self) -> list[Action]:
        """Keys that the views hear by themselves, for the overview of keys."""
        return [
            Action(f"image.key.{name}", title, key, None, "Image")
            for name, title, key in (
                ("label", tr("Label with the class of that key, and go on"), tr("Digits or letters")),
                ("accept", tr("Accept what the model says as label"), "Return"),
                ("unlabel", tr("Take the label away"), "Backspace"),
                ("loupe", tr("Show the picture in full, and back"), "Space"),
            )
        ]

    def _act(
        self, name: str, title: str, key: str, act: Act, menu: str, icon: str = "", *, starts_group: bool = False,
        needs_image: bool = True,
    ) -> Action:
        return Action(
            name, title, key, partial(self._do, act), menu, icon, starts_group=starts_group,
            is_enabled=partial(self._can_act, needs_image),
        )

    def _table_action(self) -> Action:
        return Action(
            "view.table", tr("Show as a table"), "Ctrl+T", partial(self._do, lambda b: b.show_table(not b.is_table)),
            "View", "list", is_enabled=partial(self._can_act, False), is_checked=self._is_table,
        )

    def _do(self, act: Act) -> None:
        browser = visible_browser(self._window)
        if browser is not None:
            act(browser)

    def _can_act(self, needs_image: bool) -> bool:
        browser = visible_browser(self._window) if self._session.is_open else None
        return browser is not None and (not needs_image or browser.selection.current_id() is not None)

    def _is_table(self) -> bool:
        browser = visible_browser(self._window)
        return browser is not None and browser.is_table

    def _choose_class(self, browser: ImageBrowser) -> None:
        n = len(browser.acting_ids())
        title = tr("Label 1 picture as") if n == 1 else tr("Label {0} pictures as").format(f"{n:,}")
        chooser = ClassChooser(self._session, title, can_add=True, parent=self._window)
        chooser.chosen.connect(browser.label)
        chooser.open()

    def _copy_paths(self, browser: ImageBrowser) -> None:
        rows = image_rows(self._session.project, browser.acting_ids())
        QGuiApplication.clipboard().setText("\n".join(str(row.path) for row in rows))
        n = f"{len(rows):,}"
        messages.tell(tr("The path was copied.") if len(rows) == 1 else tr("{0} paths were copied.").format(n))

    def _show_file(self, browser: ImageBrowser) -> None:
        image_id = browser.selection.current_id()
        if image_id is None:
            return
        folder = image_row(self._session.project, image_id).path.parent
        if not folder.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            messages.doubt(tr("The folder “{0}” could not be opened.").format(folder),
                           tr("Check that its disk is connected."))

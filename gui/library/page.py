"""The Library page: all images of the project."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from core.project.importer import ImportSummary
from core.text import text
from gui.actions import Action
from gui.widgets.browser import ImageBrowser
from gui.widgets.browser_view import BrowserView
from gui.library.browser_actions import browser_actions
from gui.library.filter_acts import filter_actions
from gui.library.heat_acts import heat_actions
from gui.library.image_menu import ImageMenu
from gui.library.tag_actions import tag_actions
from gui.library.panel_acts import class_actions, source_actions
from gui.library.importing import FolderDrop, Importing, say_import
from gui.library.similar_acts import SimilarDrop, SimilarSearch, similar_actions
from gui.pages import Page, PageContext
from gui.widgets.layouts import column_of
from gui.window_actions import INPUTS, OUTPUTS


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page("library", text("window_library.title"), "library", lambda: LibraryPage(context), "Ctrl+1")


def page_actions(context: PageContext) -> list[Action]:
    """Bringing in images and labels, and every act on images; the latter work on all pages."""
    session, window = context.session, context.window
    importing = Importing(session, context.jobs, window)

    def has_project() -> bool:
        return session.is_open and window.has_project

    def act(name: str, title: str, slot: Callable[[], object], icon: str, group: int = INPUTS) -> Action:
        return Action(name, title, "", slot, "File", icon, has_project, group=group)

    ImageMenu(window)
    return [
        act("file.add_train", text("widgets.add_training_images"), lambda: importing.ask_for_images("train"), "add"),
        act("file.add_test", text("widgets.add_test_images"), lambda: importing.ask_for_images("test"), "add"),
        act("file.labels_in", text("window_library.import_labels"), importing.ask_for_table, "label"),
        act("file.labels_out", text("window_library.export_labels"), importing.ask_where_to_export, "export",
            OUTPUTS),
        *source_actions(context, importing),
        *filter_actions(context),
        *browser_actions(session, window, context.preferences),
        *tag_actions(context),
        *heat_actions(context),
        *class_actions(context),
        *similar_actions(context, SimilarSearch(context)),
    ]


class LibraryPage(QWidget):
    """A browser over everything; folders may be dropped on it."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._session = context.session
        self._importing = Importing(context.session, context.jobs, context.window)
        self.browser = ImageBrowser(
            context.session, context.thumbnails, preferences=context.preferences, heat=context.heat)
        self.browser.say_when_empty(
            text("window_library.empty"),
            text("widgets.add_folder"),
        )
        self.browser.empty_acted.connect(lambda: self._importing.ask_for_images("train"))
        context.jobs.imported.connect(self._on_jobs_imported)
        FolderDrop(context.window.workbench, self._importing)
        SimilarDrop(context, SimilarSearch(context))
        column_of(self.browser, spacing=None, parent=self)
        self.setFocusProxy(self.browser)

    def view(self) -> BrowserView:
        """What the browser shows."""
        return BrowserView.of(self.browser)

    def restore_view(self, view: BrowserView) -> None:
        """Show it again."""
        view.restore(self.browser)

    def _on_jobs_imported(self, summary: ImportSummary) -> None:
        say_import(summary)

    def focusInEvent(self, event: object) -> None:
        self.browser.take_keyboard()

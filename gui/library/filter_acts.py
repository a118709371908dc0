"""The acts on filters: by date and size, saved under a name, used again, forgotten."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QInputDialog

from core.project.saved_filters import SavedFilter, forget_filter, list_filters, save_filter
from core.text import Message, text
from gui import messages
from gui.actions import Action, Choice
from gui.library.file_filter_dialog import FileFilterDialog
from gui.pages import PageContext
from gui.widgets.browser import ImageBrowser
from gui.widgets.image_query import is_narrowed, saved_query
from gui.widgets.visible_browser import show_query, visible_browser


def filter_actions(context: PageContext) -> list[Action]:
    """What can be done with the filter of the grid in sight."""
    session, window = context.session, context.window

    def browser() -> ImageBrowser | None:
        return visible_browser(window) if session.is_open else None

    def can_save() -> bool:
        found = browser()
        return (found is not None and not session.project.is_read_only
                and is_narrowed(found.listing.which, found.listing.start))

    def saved() -> tuple[SavedFilter, ...]:
        return list_filters(session.project) if session.is_open else ()

    def uses() -> list[Choice]:
        return [Choice(one.name, partial(show_query, window, saved_query(one))) for one in saved()]

    def forgettings() -> list[Choice]:
        is_writable = session.is_open and not session.project.is_read_only
        return [Choice(one.name, partial(_forget, context, one.name)) for one in saved()] if is_writable else []

    return [
        Action("view.filter_files", text("window_library.filter_files"), "", partial(_ask_for_files, context), "View",
               "filter", lambda: browser() is not None, starts_group=True),
        Action("view.filters", text("window_library.saved_filters"), "", None, "View", choices=uses),
        Action("view.save_filter", text("window_library.save_filter"), "", partial(_ask_for_name, context), "View",
               is_enabled=can_save),
        Action("view.forget_filter", text("window_library.forget_filter"), "", None, "View", choices=forgettings),
    ]


def _ask_for_files(context: PageContext) -> None:
    browser = visible_browser(context.window)
    if browser is None:
        return
    dialog = FileFilterDialog(browser.listing.which, context.window)
    dialog.accepted.connect(lambda: browser.narrow(**dialog.parts))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _ask_for_name(context: PageContext) -> None:
    browser = visible_browser(context.window)
    if browser is None:
        return
    listing = browser.listing
    which, order, is_descending = listing.which, listing.order, listing.is_descending

    def save(name: str) -> None:
        with messages.warned():
            save_filter(context.session.project, SavedFilter(name, which, order, is_descending))
            messages.tell(
                Message("window_library.filter_saved", name=name), Message("window_library.filter_saved.hint"))

    dialog = QInputDialog(context.window)
    dialog.setWindowTitle(text("window_library.save_filter").rstrip("…"))
    dialog.setLabelText(text("window_library.name_of_filter"))
    dialog.textValueSelected.connect(save)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _forget(context: PageContext, name: str) -> None:
    with messages.warned():
        forget_filter(context.session.project, name)
        messages.tell(Message("window_library.filter_forgotten", name=name), Message("widgets.undo_hint"))

"""The acts on flags and tags: keys for each flag, the editor, the last tags again; and saving the list in sight."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QInputDialog

from core.project.tag_names import FLAGS, TAG
from core.project.tags import change_tags, count_tags, latest_tags, rename_tag
from core.project.queries import ImageFilter, image_ids
from core.text import Message, text
from core.workflow.list_export import write_list
from gui import messages
from gui.actions import Action
from gui.pages import PageContext
from gui.widgets import tag_acts
from gui.widgets.file_dialogs import ask_where_to_save
from gui.widgets.image_query import ImageQuery
from gui.widgets.tag_editor import FLAG_KEYS, TagDialog
from gui.widgets.tag_signs import ICONS, flag_name
from gui.widgets.visible_browser import show_query, visible_browser
from gui.window_actions import OUTPUTS

FLAG_ACTS = (*(f"image.flag_{flag}" for flag in FLAGS), "", "image.clear_flags")
TAG_MENU = ("tag.show", "", "tag.rename", "tag.delete")
"""Acts in the context menus of images, and of a tag in the left panel."""


def tag_actions(context: PageContext) -> list[Action]:
    """What can be done with flags and tags of the images that are selected, and with a tag."""
    session, window = context.session, context.window

    def ids() -> np.ndarray:
        browser = visible_browser(window) if session.is_open else None
        return browser.acting_ids() if browser is not None else np.empty(0, np.int64)

    def can_act() -> bool:
        return len(ids()) > 0 and not session.project.is_read_only

    def act(name: str, title: str, key: str, do: Callable[[np.ndarray], object], icon: str = "") -> Action:
        return Action(f"image.{name}", title, key, lambda: do(ids()), "Image", icon, can_act)

    def flag(name: str) -> Action:
        return Action(
            f"image.flag_{name}", text("window_library.flag", flag=flag_name(name)), FLAG_KEYS[name],
            lambda: tag_acts.toggle_flag(session, ids(), name), "Image", ICONS[name], can_act,
            lambda: can_act() and tag_acts.has_flag(session, ids(), name), starts_group=name == FLAGS[0])

    def latest() -> str:
        names = latest_tags(session.project) if session.is_open else ()
        return text("window_library.tag_again_named", tags=names) if names else text("window_library.tag_again")

    return [
        *map(flag, FLAGS),
        act("clear_flags", text("window_library.clear_flags"), "Alt+0", partial(tag_acts.clear_flags, session)),
        act("tags", text("window_library.edit_tags"), "G", lambda some: TagDialog(session, some, window).open(),
            "hash"),
        Action("image.tag_again", text("window_library.tag_again"), "Shift+G", lambda: _tag_again(context, ids()),
               "Image", "", can_act, title_now=latest),
        Action("view.save_list", text("window_library.save_list"), "", partial(_ask_where_to_save, context), "File",
               "export", lambda: session.is_open and visible_browser(window) is not None, group=OUTPUTS),
        *_acts_on_one(context),
    ]


def _tag_again(context: PageContext, ids: np.ndarray) -> None:
    names = latest_tags(context.session.project)
    if not names:
        messages.tell(text("window_library.no_last_tags"))
    else:
        tag_acts.add_tags(context.session, ids, names)


def _acts_on_one(context: PageContext) -> list[Action]:
    """What can be done with one tag, from the left panel; the palette asks which one is meant."""
    session = context.session

    def act(name: str, code: str, do: Callable[[PageContext, str], object], icon: str = "") -> Action:
        return Action(
            f"tag.{name}", text(f"window_library.{code}"), "", lambda: _ask_which(context, do), "Image", icon,
            is_enabled=lambda: bool(_names(context)) and (name == "show" or not session.project.is_read_only),
            for_one=partial(do, context), starts_group=name == "show")

    return [act("show", "show_tagged", _show, "library"), act("rename", "rename_tag", _ask_for_name),
            act("delete", "delete_tag", _delete, "remove")]


def _names(context: PageContext) -> list[str]:
    if not context.session.is_open:
        return []
    return [one.name for one in count_tags(context.session.project) if one.kind == TAG]


def _ask_which(context: PageContext, do: Callable[[PageContext, str], object]) -> None:
    dialog = QInputDialog(context.window)
    dialog.setLabelText(text("window_library.which_tag"))
    dialog.setComboBoxItems(_names(context))
    dialog.textValueSelected.connect(lambda name: do(context, name))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _show(context: PageContext, name: str) -> None:
    show_query(context.window, ImageQuery({"tags": (name,)}))


def _ask_for_name(context: PageContext, name: str) -> None:
    dialog = QInputDialog(context.window)
    dialog.setWindowTitle(text("window_library.rename_tag").rstrip("…"))
    dialog.setLabelText(text("window_library.new_tag_name", name=name))
    dialog.setTextValue(name)
    dialog.textValueSelected.connect(lambda into: _rename(context, name, into))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _rename(context: PageContext, name: str, into: str) -> None:
    with messages.warned():
        n = rename_tag(context.session.project, name, into)
        context.session.tags_changed.emit(None)
        if n:
            messages.tell(Message("project.journal.rename_tag", name=name, into=into), Message("widgets.undo_hint"))


def _delete(context: PageContext, name: str) -> None:
    with messages.warned():
        project = context.session.project
        n = change_tags(project, image_ids(project, ImageFilter(status=None, tags=(name,))), remove=[(TAG, name)])
        context.session.tags_changed.emit(None)
        messages.tell(Message("project.journal.remove_tag", n=n, name=name), Message("widgets.undo_hint"))


def _ask_where_to_save(context: PageContext) -> None:
    """The images that the grid in sight shows, in their order, as a table or as paths."""
    browser, session = visible_browser(context.window), context.session
    if browser is None:
        return
    ids = browser.model.ids
    proposed = session.project.folder.parent / f"{session.project_name}-images.csv"
    path = ask_where_to_save(context.window, text("window_library.save_list_title"), "output", proposed,
                             text("window_library.list_files"))
    if path is not None:
        save_list(context, ids, path if path.suffix else path.with_suffix(".csv"))


def save_list(context: PageContext, image_ids: np.ndarray, path: Path) -> None:
    """Write images with what the chosen run says of them."""
    session = context.session
    with messages.warned():
        n = write_list(session.project, session.run.id if session.run else None, image_ids, path)
        messages.tell(text("window_library.list_saved", n=n, path=path))

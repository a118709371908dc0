"""The acts on classes and sources for menu bar, palette and the context menus of the left panel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PySide6.QtWidgets import QInputDialog, QWidget

from core.project.removal import count_removed, list_removed, return_images
from core.text import Message, text
from gui import messages
from gui.actions import Action
from gui.library.importing import Importing
from gui.library.panel_sections import ClassSection, SourceSection
from gui.pages import PageContext
from gui.widgets.class_picker import ClassChooser
from gui.widgets.image_query import ImageQuery
from gui.widgets.visible_browser import show_query
from gui.window_actions import INPUTS


def class_actions(context: PageContext) -> list[Action]:
    """All that can be done to a class; from menu bar and palette it is asked which."""
    session = context.session

    def can_change() -> bool:
        return session.is_open and not session.project.is_read_only

    def act(
        name: str, code: str, do: Callable[[ClassSection, int], object], icon: str = "", *, group: int = 1,
        n_least: int = 1, list_key: str = "",
    ) -> Action:
        title = text(code)

        def for_one(class_id: int) -> None:
            do(_section(context, ClassSection), class_id)

        return Action(
            f"class.{name}", title, "", partial(_ask_for_class, context, title, for_one), "Class", icon,
            lambda: can_change() and len(session.classes) >= n_least, group=group, for_one=for_one, list_key=list_key)

    return [
        Action("class.new", text("window_library.new_class"), "", lambda: _shown(context).ask_for_name(), "Class",
               "add", can_change),
        act("show", "window_library.show_class", lambda _, class_id: _show(context, class_ids=(class_id,)),
            "library"),
        act("rename", "window_library.rename", lambda _, class_id: _shown(context).rows.begin_renaming(class_id),
            group=2, list_key="F2"),
        act("key", "window_library.change_key", ClassSection.ask_for_key, "key", group=2),
        act("color", "window_library.change_color", ClassSection.ask_for_color, "palette", group=2),
        act("merge", "window_library.merge", ClassSection.ask_what_to_merge_into, group=3, n_least=2),
        act("delete", "window_library.delete", ClassSection.delete, "remove", group=3, list_key="Del"),
    ]


def source_actions(context: PageContext, importing: Importing) -> list[Action]:
    """All that can be done with a source; with several, menu bar and palette ask which."""
    session = context.session

    def act(name: str, code: str, do: Callable[[int], object], icon: str, *, reads_only: bool = False) -> Action:
        title = text(code)

        def can_be_done() -> bool:
            return session.is_open and bool(session.sources) and (reads_only or not session.project.is_read_only)

        ask = partial(_ask_for_source, context, title, do, is_sure=name != "remove")
        return Action(f"source.{name}", title, "", ask, "File", icon, can_be_done, group=INPUTS,
                      starts_group=name == "show", for_one=do)

    def of(method: Callable[[SourceSection, int], object]) -> Callable[[int], object]:
        return lambda source_id: method(_section(context, SourceSection), source_id)

    def bring_back() -> None:
        with messages.warned():
            n = return_images(session.project, [one.id for one in list_removed(session.project)])
            session.images_were_changed()
            messages.tell(Message("window_library.brought_back", n=n), Message("widgets.undo_hint"))

    return [
        act("show", "window_library.show_source", lambda i: _show(context, source_id=i), "library", reads_only=True),
        act("find_new", "window_library.find_new_images", of(SourceSection.find_new), "search"),
        act("locate", "window_library.locate_folder", of(SourceSection.locate), "folder-open"),
        act("remove", "window_library.remove_source", of(SourceSection.remove), "remove"),
        Action("source.bring_back", text("window_library.bring_back"), "", bring_back, "File", "undo", lambda: (
            session.is_open and not session.project.is_read_only and count_removed(session.project) > 0),
            group=INPUTS),
        act("open_folder", "window_library.show_source_in_file_manager", of(SourceSection.open_folder), "folder",
            reads_only=True),
    ]


S = TypeVar("S", bound=QWidget)


def _section(context: PageContext, kind: type[S]) -> S:
    found = context.window.workbench.findChild(kind)
    assert found is not None, "the left panel is not there"
    return found


def _shown(context: PageContext) -> ClassSection:
    """The list of classes, with the left panel open."""
    if not context.window.workbench.is_panel_shown("left"):
        context.window.workbench.toggle_panel("left")
    return _section(context, ClassSection)


def _show(context: PageContext, **parts: object) -> None:
    show_query(context.window, ImageQuery(parts))


def _ask_for_class(context: PageContext, title: str, act: Callable[[int], object]) -> None:
    chooser = ClassChooser(context.session, title, parent=context.window)
    chooser.chosen.connect(act)
    chooser.open()


def _ask_for_source(
    context: PageContext, title: str, act: Callable[[int], object], *, is_sure: bool = True
) -> None:
    """Ask which source is meant; the only one is meant without a question unless nobody `is_sure`."""
    sources = context.session.sources
    if len(sources) == 1 and is_sure:
        act(sources[0].id)
        return
    named = {f"{source.name}  ({source.path})": source.id for source in sources}
    dialog = QInputDialog(context.window)
    dialog.setWindowTitle(title.rstrip("…"))
    dialog.setLabelText(text("window_library.which_source"))
    dialog.setComboBoxItems(list(named))
    dialog.textValueSelected.connect(lambda chosen: act(named[chosen]))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()

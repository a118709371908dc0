"""The classes as a menu with their signs and keys; where they are many, a list to search."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from gui.icons import icon
from gui.widgets.class_style import ClassStyle, class_styles, sign_icon
from gui.widgets.class_chooser import ClassChooser
from gui.session import Session

MAX_IN_MENU = 12


def ask_for_class(
    session: Session, title: str, on_chosen: Callable[[int | None], None], *,
    parent: QWidget, current: Collection[int | None] = (),
) -> QMenu | ClassChooser:
    """Let a person choose a class; `on_chosen` gets its id, or None for no label.

    Args:
        session: For the classes.
        title: What the choice is for ("Label 3 pictures as").
        on_chosen: Called once, if a choice is made.
        parent: The button that was pressed; the menu opens below it.
        current: Labels that there are now; ticked if there is only one.
    """
    if len(session.classes) > MAX_IN_MENU or not session.classes:
        return _open_chooser(session, title, on_chosen, parent)
    menu = QMenu(title, parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for style in class_styles(session.classes).values():
        _add_class(menu, style, is_current=set(current) == {style.id}, on_chosen=on_chosen)
    menu.addSeparator()
    without = menu.addAction(f"{menu.tr('No label')}\tBackspace", lambda: on_chosen(None))
    without.setEnabled(set(current) != {None})
    menu.addAction(icon("add"), menu.tr("New class…"), lambda: _open_chooser(session, title, on_chosen, parent))
    menu.popup(parent.mapToGlobal(parent.rect().bottomLeft()))
    return menu


def _add_class(menu: QMenu, style: ClassStyle, *, is_current: bool, on_chosen: Callable[[int | None], None]) -> None:
    name = style.name.replace("&", "&&")
    class_id = style.id
    action = menu.addAction(f"{name}\t{style.key}" if style.key else name, lambda: on_chosen(class_id))
    action.setIcon(sign_icon(style.sign, style.shown_color(menu.palette()), menu.font(), menu.devicePixelRatioF()))
    action.setIconVisibleInMenu(True)
    if is_current:
        font = action.font()
        font.setBold(True)
        action.setFont(font)
        menu.setActiveAction(action)


def _open_chooser(
    session: Session, title: str, on_chosen: Callable[[int | None], None], parent: QWidget,
) -> ClassChooser:
    chooser = ClassChooser(session, title, can_add=True, parent=parent.window())
    chooser.chosen.connect(on_chosen)
    chooser.open()
    return chooser

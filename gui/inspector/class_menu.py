"""The classes as a menu with their signs and keys; where they are many, a list to search."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from gui import theme
from gui.icons import icon
from gui.inspector.class_badge import shown_color
from gui.inspector.subject import Face, faces_of
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
    for face in faces_of(session.classes).values():
        _add_class(menu, face, is_current=set(current) == {face.class_id}, on_chosen=on_chosen)
    menu.addSeparator()
    without = menu.addAction(f"{menu.tr('No label')}\tBackspace", lambda: on_chosen(None))
    without.setEnabled(set(current) != {None})
    menu.addAction(icon("add"), menu.tr("New class…"), lambda: _open_chooser(session, title, on_chosen, parent))
    menu.popup(parent.mapToGlobal(parent.rect().bottomLeft()))
    return menu


def _add_class(menu: QMenu, face: Face, *, is_current: bool, on_chosen: Callable[[int | None], None]) -> None:
    name = face.name.replace("&", "&&")
    class_id = face.class_id
    action = menu.addAction(f"{name}\t{face.key}" if face.key else name, lambda: on_chosen(class_id))
    action.setIcon(_sign_icon(face, menu))
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


def _sign_icon(face: Face, widget: QWidget) -> QIcon:
    side, ratio = theme.SMALL_ICON_PX, widget.devicePixelRatioF()
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    try:
        painter.setPen(shown_color(face, widget.palette()))
        painter.drawText(QRect(0, 0, side, side), int(Qt.AlignmentFlag.AlignCenter), face.sign)
    finally:
        painter.end()
    return QIcon(pixmap)

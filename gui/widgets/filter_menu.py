"""The menu behind the filter button: every part that a person can add by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QMenu

from core.project.queries import ImageFilter
from gui.widgets.class_style import class_styles
from gui.widgets.filter_words import tr
from gui.session import Session

MAX_CLASSES = 40
"""More classes than this do not fit a menu; the list at the left has them all."""

Narrow = Callable[..., Any]


def fill_filter_menu(menu: QMenu, session: Session, which: ImageFilter, narrow: Narrow) -> None:
    """Build the menu anew.

    Args:
        menu: Cleared and filled.
        session: For the classes, and whether there is a run.
        which: What is shown now; chosen again it is taken away.
        narrow: Called with the parts to set, as `ImageFilter` names them.
    """
    menu.clear()
    has_run = session.run is not None
    _add_classes(menu.addMenu(tr("Labelled as")), session, which.class_ids, "class_ids", narrow)
    says = menu.addMenu(tr("Model says"))
    _add_classes(says, session, which.predicted_class_ids, "predicted_class_ids", narrow)
    says.setEnabled(has_run)
    menu.addSeparator()
    for title, part, value, is_possible in (
        (tr("Without label"), "is_labelled", False, True), (tr("With label"), "is_labelled", True, True),
        (tr("Mistakes of the model"), "is_mistake", True, has_run),
        (tr("Model agrees"), "is_mistake", False, has_run),
        (tr("Training pictures"), "split", "train", True), (tr("Test pictures"), "split", "test", True),
        (tr("Cannot be read"), "status", "unreadable", True), (tr("File is gone"), "status", "missing", True),
    ):
        if part != "is_labelled" and value in (True, "train", "unreadable"):
            menu.addSeparator()
        _add(menu, title, which, (part, value), narrow).setEnabled(is_possible)


def _add_classes(menu: QMenu, session: Session, chosen: tuple[int, ...], part: str, narrow: Narrow) -> None:
    for row in list(class_styles(session.classes).values())[:MAX_CLASSES]:
        action = menu.addAction(f"{row.sign}  {row.name}".replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(row.id in chosen)
        others = tuple(i for i in chosen if i != row.id)
        ids = others if row.id in chosen else (*chosen, row.id)
        action.triggered.connect(lambda _=False, ids=ids: narrow(**{part: ids}))
    menu.setEnabled(bool(session.classes))


def _add(menu: QMenu, title: str, which: ImageFilter, part: tuple[str, Any], narrow: Narrow) -> Any:
    name, value = part
    action = menu.addAction(title)
    action.setCheckable(True)
    is_on = getattr(which, name) == value
    action.setChecked(is_on)
    off = "ok" if name == "status" else None
    action.triggered.connect(lambda: narrow(**{name: off if is_on else value}))
    return action

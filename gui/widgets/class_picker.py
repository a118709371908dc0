"""Picks a class: a field that finds classes by a few letters, the same in a dialog, and a menu for few classes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QMenu, QWidget

from core.errors import AppError
from core.text import text
from gui import messages, theme
from gui.icons import icon
from gui.session import Session
from gui.widgets.class_style import ClassStyle, class_styles, sign_icon
from gui.widgets.fuzzy import rank
from gui.widgets.layouts import STRETCH, column_of
from gui.widgets.row_list import Row, RowList, class_row, row_px

WIDTH_PX, MAX_ROWS = 320, 12
MAX_IN_MENU = 12
NEW = "new"
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -MAX_ROWS, Qt.Key.Key_PageDown: MAX_ROWS}
_LEADING_OUT = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class NameField(QLineEdit):
    """A line for the name of a class that keeps its keys to itself.

    Qt's own line passes Enter and unused keys on to the page, where Enter accepts a prediction.

    Args:
        words: What it is for: placeholder and name for screen readers.

    Signals:
        entered(str name): Enter, with the name without stray spaces; it may be empty.
        left(): Esc.
        stepped(int rows): up (negative) or down, for a list below.
    """

    entered = Signal(str)
    left = Signal()
    stepped = Signal(int)

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(words)
        self.setAccessibleName(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.entered.emit(self.text().strip())
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in STEPS:
            self.stepped.emit(STEPS[key])
        else:
            super().keyPressEvent(event)
        if key not in _LEADING_OUT and event.modifiers() in (Qt.KeyboardModifier.NoModifier,
                                                             Qt.KeyboardModifier.KeypadModifier):
            event.accept()


class ClassFinder(QWidget):
    """A field and the classes that match it, best first; a name that no class has can make a new one.

    Args:
        words: What the field is for.
        can_add: Offer a new class for a name that no class has.
        needs_name: Enter in the empty field chooses nothing, and the first class is not pointed at.
        n_least: So many rows are visible even where there is little room.

    Signals:
        chosen(int class_id): a row was clicked, or found and entered.
        new_named(str name): a name that no class has was entered.
        left(): Esc.
    """

    chosen = Signal(int)
    new_named = Signal(str)
    left = Signal()

    def __init__(
        self, words: str, *, can_add: bool = True, needs_name: bool = True, n_least: int = 4,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._can_add, self._needs_name = can_add, needs_name
        self._styles: tuple[ClassStyle, ...] = ()
        self._counts: Mapping[int, int] = {}
        self._label_id: int | None = None
        self._suggested_id: int | None = None
        self.field = NameField(words)
        self.rows = RowList(text("widgets.classes"), n_least=n_least)
        self.nothing = QLabel(text("widgets.no_class_matches"))
        self._build()

    def show_classes(self, styles: Sequence[ClassStyle], counts: Mapping[int, int]) -> None:
        """Offer these classes, with how many images each has."""
        self._styles, self._counts = tuple(styles), counts
        self._search()

    def mark(self, label_id: int | None, suggested_id: int | None) -> None:
        """Mark the label of an image, and scroll to it or, without a label, to the prediction."""
        self._label_id, self._suggested_id = label_id, suggested_id
        if not self.field.text():
            self._mark_label()

    def _build(self) -> None:
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.chosen.connect(lambda row_id, _: self._choose(row_id))
        self.field.textChanged.connect(self._search)
        self.field.entered.connect(self._on_field_entered)
        self.field.stepped.connect(lambda n_rows: self._point_at(self.rows.currentIndex().row() + n_rows))
        self.field.left.connect(self._leave)
        column_of(self.field, (self.rows, 1), self.nothing, parent=self)

    def _search(self) -> None:
        name = self.field.text().strip()
        found = [self._styles[i] for i in rank(name, [style.name for style in self._styles])]
        rows = [class_row(style, self._counts.get(style.id or 0, 0)) for style in found]
        if self._can_add and name and all(style.name.casefold() != name.casefold() for style in self._styles):
            rows.append(Row(NEW, text("widgets.new_class_named", name=name), icon="add"))
        self.rows.set_rows(rows)
        self.nothing.setVisible(bool(name) and not rows)
        self._point_at(0) if name or not self._needs_name else self._mark_label()

    def _mark_label(self) -> None:
        self.rows.mark(frozenset({self._label_id}))
        wanted = self._label_id or self._suggested_id
        place = next((i for i, row in enumerate(self.rows.rows) if row.id == wanted), None)
        if place is not None:
            self.rows.scrollTo(self.rows.model().index(place, 0))

    def _point_at(self, place: int) -> None:
        if self.rows.rows:
            place = min(max(place, 0), len(self.rows.rows) - 1)
            index = self.rows.model().index(place, 0)
            self.rows.setCurrentIndex(index)
            self.rows.scrollTo(index)
            self.rows.mark(frozenset({self.rows.rows[place].id}))

    def _on_field_entered(self, name: str) -> None:
        place = self.rows.currentIndex().row()
        if (name or not self._needs_name) and 0 <= place < len(self.rows.rows):
            self._choose(self.rows.rows[place].id)

    def _choose(self, row_id: object) -> None:
        name = self.field.text().strip()
        self._leave()
        self.new_named.emit(name) if row_id == NEW else self.chosen.emit(row_id)

    def _leave(self) -> None:
        self.field.clear()
        self.left.emit()


class ClassChooser(QDialog):
    """Opens over its window and closes with a choice.

    Args:
        session: For the classes.
        title: What the choice is for ("Label 3 images as").
        can_add: Offer a new class for a name that no class has.
        without_id: A class that is not offered.

    Signals:
        chosen(int class_id): this class was chosen, or made.
    """

    chosen = Signal(int)

    def __init__(
        self, session: Session, title: str, *, can_add: bool = False, without_id: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._session = session
        self.finder = ClassFinder(text("widgets.class_name"), can_add=can_add, needs_name=False, n_least=MAX_ROWS)
        self.finder.field.setAccessibleName(title)
        self.finder.chosen.connect(self._take)
        self.finder.new_named.connect(self._add)
        self.finder.field.left.connect(self.reject)
        column_of(QLabel(title), self.finder, (STRETCH, 1), margins=theme.AROUND, parent=self)
        self.setFixedWidth(WIDTH_PX)
        self.setFixedHeight(min(len(session.classes) + 1, MAX_ROWS) * row_px(self.font()) + 2 * theme.AROUND + 84)
        styles = [style for class_id, style in class_styles(session.classes).items() if class_id != without_id]
        self.finder.show_classes(styles, session.counts.by_class)

    def _add(self, name: str) -> None:
        try:
            self._take(self._session.add_class(name).id)
        except AppError as error:
            self.finder.field.setText(name)
            messages.warn(error)

    def _take(self, class_id: int) -> None:
        self.accept()
        self.chosen.emit(class_id)


def ask_for_class(
    session: Session, title: str, on_chosen: Callable[[int | None], None], *,
    parent: QWidget, current: Collection[int | None] = (),
) -> QMenu | ClassChooser:
    """Let a person choose a class from a menu or, where classes are many, from a list to search.

    Args:
        session: For the classes.
        title: What the choice is for ("Label 3 images as").
        on_chosen: Called once, if a choice is made, with the id, or None for no label.
        parent: The button that was pressed; the menu opens below it.
        current: Labels that there are now; shown bold if there is only one.
    """
    if len(session.classes) > MAX_IN_MENU or not session.classes:
        return _open_chooser(session, title, on_chosen, parent)
    menu = QMenu(title, parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for style in class_styles(session.classes).values():
        _add_class(menu, style, is_current=set(current) == {style.id}, on_chosen=on_chosen)
    menu.addSeparator()
    without = menu.addAction(text("widgets.no_label") + "\tBackspace", lambda: on_chosen(None))
    without.setEnabled(set(current) != {None})
    menu.addAction(icon("add"), text("widgets.add_new_class"),
                   lambda: _open_chooser(session, title, on_chosen, parent))
    menu.popup(parent.mapToGlobal(parent.rect().bottomLeft()))
    return menu


def _add_class(
    menu: QMenu, style: ClassStyle, *, is_current: bool, on_chosen: Callable[[int | None], None],
) -> None:
    name, class_id = style.name.replace("&", "&&"), style.id
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

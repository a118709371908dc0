"""Choosing a class by a few letters of its name, however many there are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from core.errors import AppError
from gui import messages, theme
from gui.widgets.class_style import class_styles
from gui.widgets.row_list import ROW_PX, Row, RowList, class_row
from gui.palette.fuzzy import rank
from gui.session import Session

WIDTH_PX, MAX_ROWS = 320, 12
NEW = "new"
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ClassChooser(QDialog):
    """Opens over its window and closes with a choice.

    Args:
        session: For the classes.
        title: What the choice is for ("Label 3 pictures as").
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
        self._session, self._can_add, self._without_id = session, can_add, without_id
        self.query = QLineEdit()
        self.matches = RowList(self.tr("Classes"), n_least=MAX_ROWS)
        self._nothing = QLabel(self.tr("No class is called so."))
        self._build(title)
        self._search("")

    def _build(self, title: str) -> None:
        heading = QLabel(title)
        self.query.setPlaceholderText(self.tr("Name of a class"))
        self.query.setAccessibleName(title)
        self.query.textChanged.connect(self._search)
        self.query.returnPressed.connect(self._on_query_return_pressed)
        self.query.installEventFilter(self)
        self.matches.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.matches.chosen.connect(lambda row_id, _: self._choose(row_id))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.AROUND)
        column.setSpacing(theme.BETWEEN)
        for widget in (heading, self.query, self.matches, self._nothing):
            column.addWidget(widget)
        column.addStretch(1)
        self.setFixedWidth(WIDTH_PX)
        n_rows = min(len(self._session.classes) + 1, MAX_ROWS)
        self.setFixedHeight(n_rows * ROW_PX + 2 * theme.AROUND + 84)

    def _search(self, query: str) -> None:
        classes = [c for c in class_styles(self._session.classes).values() if c.id != self._without_id]
        counts = self._session.counts.by_class
        found = [classes[i] for i in rank(query, [c.name for c in classes])]
        rows = [class_row(c, counts.get(c.id or 0, 0)) for c in found]
        name = query.strip()
        if self._can_add and name and all(c.name.casefold() != name.casefold() for c in classes):
            rows.append(Row(NEW, self.tr("New class “{0}”").format(name), icon="add"))
        self.matches.set_rows(rows)
        self._nothing.setVisible(not rows)
        self._point_at(0)

    def _point_at(self, place: int) -> None:
        if self.matches.rows:
            place = min(max(place, 0), len(self.matches.rows) - 1)
            index = self.matches.model().index(place, 0)
            self.matches.setCurrentIndex(index)
            self.matches.scrollTo(index)
            self.matches.mark(frozenset({self.matches.rows[place].id}))

    def _on_query_return_pressed(self) -> None:
        place = self.matches.currentIndex().row()
        if 0 <= place < len(self.matches.rows):
            self._choose(self.matches.rows[place].id)

    def _choose(self, row_id: object) -> None:
        try:
            class_id = self._session.add_class(self.query.text()).id if row_id == NEW else row_id
        except AppError as error:
            messages.warn(error)
            return
        self.accept()
        self.chosen.emit(class_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows typed in the field move in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _LIST_KEYS:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -MAX_ROWS}.get(
                Qt.Key(event.key()), MAX_ROWS)
            self._point_at(self.matches.currentIndex().row() + step)
            return True
        return super().eventFilter(watched, event)

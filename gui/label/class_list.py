"""Many classes as a list that is searched by a few letters; a name that no class has makes a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gui import theme
from gui.icons import icon
from gui.label.faces import Chosen
from gui.widgets.class_style import ClassStyle
from gui.label.name_field import NameField
from gui.widgets.row_list import Row, RowList, class_row
from gui.palette.fuzzy import rank

NEW, WIDTH_PX = "new", 200


class ClassList(QWidget):
    """A field and the rows below it.

    Signals:
        chosen(int class_id): a row was clicked, or found and entered.
        new_named(str name): a name that no class has was entered.
        left(): the keyboard goes back to the picture.
    """

    chosen = Signal(int)
    new_named = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styles: tuple[ClassStyle, ...] = ()
        self._counts: Mapping[int, int] = {}
        self._chosen = Chosen()
        self.field = NameField(self.tr("Find or name a class (L)"))
        self.rows = RowList(self.tr("Classes"), n_least=4)
        self._new = QPushButton(self.tr("New class (N)"))
        self._build()

    def show_styles(self, styles: Sequence[ClassStyle], counts: Mapping[int, int]) -> None:
        """Offer these classes, with how many pictures each has."""
        self._styles, self._counts = tuple(styles), counts
        self._search(self.field.text())

    def show_chosen(self, chosen: Chosen) -> None:
        """Mark the label of another picture, or while there is none what the model says, and bring it into sight."""
        self._chosen = chosen
        if not self.field.text():
            self._mark_chosen()

    def ask_for_name(self) -> None:
        """Take the keyboard."""
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def _build(self) -> None:
        self.setFixedWidth(WIDTH_PX)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.chosen.connect(lambda row_id, _: self._choose(row_id))
        self._new.setIcon(icon("add", role="caption"))
        self._new.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        self._new.setProperty("role", "quiet")
        self._new.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._new.clicked.connect(self.ask_for_name)
        self.field.textChanged.connect(self._search)
        self.field.entered.connect(self._on_field_entered)
        self.field.stepped.connect(lambda rows: self._point_at(self.rows.currentIndex().row() + rows))
        self.field.left.connect(self._leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.BETWEEN)
        column.addWidget(self.field)
        column.addWidget(self.rows, 1)
        column.addWidget(self._new)
        column.addStretch(0)

    def _search(self, query: str) -> None:
        found = [self._styles[i] for i in rank(query, [f.name for f in self._styles])]
        rows = [class_row(style, self._counts.get(style.id or 0, 0)) for style in found]
        name = query.strip()
        if name and all(f.name.casefold() != name.casefold() for f in self._styles):
            rows.append(Row(NEW, self.tr("New class “{0}”").format(name), icon="add"))
        self.rows.set_rows(rows)
        self._new.setVisible(not name)
        self._point_at(0) if name else self._mark_chosen()

    def _mark_chosen(self) -> None:
        wanted = self._chosen.label_id or self._chosen.suggested_id
        self.rows.mark(frozenset({self._chosen.label_id}))
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

    def _on_field_entered(self, _: str) -> None:
        place = self.rows.currentIndex().row()
        if 0 <= place < len(self.rows.rows):
            self._choose(self.rows.rows[place].id)

    def _choose(self, row_id: object) -> None:
        name = self.field.text().strip()
        self._leave()
        self.new_named.emit(name) if row_id == NEW else self.chosen.emit(row_id)

    def _leave(self) -> None:
        self.field.clear()
        self.left.emit()

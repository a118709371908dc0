"""A short list with sign, key, name and count in each row, and a panel section with a title above it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView, QLineEdit, QListView, QStyle, QStyleOptionViewItem, QStyledItemDelegate,
    QWidget,
)

from core.text import text
from core.text.numbers import format_whole
from gui import theme
from gui.icons import icon, icon_button
from gui.widgets.class_style import ClassStyle, shown_color
from gui.widgets.cut_names import cut_name, shared_starts
from gui.widgets.layouts import column_of, row_of

ROW_PX, SIGN_PX, KEY_PX = 26, 20, 14


def row_px(font: QFont) -> int:
    """Height of a row, which grows with the text."""
    return max(ROW_PX, QFontMetrics(font).height() + theme.INSIDE)


ROW_ROLE = Qt.ItemDataRole.UserRole + 1
SHARED_ROLE = Qt.ItemDataRole.UserRole + 2
"""How many characters at the start of its title a row shares with its neighbours."""

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        id: What it stands for.
        title: Its name.
        count: Shown at the right; None for nothing.
        sign, color: Sign of a class and its colour.
        icon: A key of `gui.icons.NAMES` in place of a sign.
        key: The key of a class.
        note: Words in place of the count ("missing").
        tool_tip: More about it.
        can_rename: F2 edits the title.
    """

    id: Hashable
    title: str
    count: int | None = None
    sign: str = ""
    color: str = ""
    icon: str = ""
    key: str = ""
    note: str = ""
    tool_tip: str = ""
    can_rename: bool = False

    @property
    def count_text(self) -> str:
        return self.note or ("" if self.count is None else format_whole(self.count))


def class_row(style: ClassStyle, count: int, *, tool_tip: str = "", can_rename: bool = False) -> Row:
    """The line of a class with a number of images."""
    return Row(style.id, style.name, count, style.sign, style.color, key=style.key, tool_tip=tool_tip,
               can_rename=can_rename)


class RowModel(QAbstractListModel):
    """The rows; a title that was edited is announced, not changed.

    Signals:
        renamed(object id, str title): somebody typed another title.
    """

    renamed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self._shared: list[int] = []
        self.marked: frozenset[Hashable] = frozenset()

    def set_rows(self, rows: Sequence[Row]) -> None:
        self._shared = shared_starts([row.title for row in rows])
        is_same_list = [row.id for row in rows] == [row.id for row in self.rows]
        if is_same_list:
            self.rows = tuple(rows)
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsEditable if self.rows[index.row()].can_rename else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tool_tip if row.title in row.tool_tip else f"{row.title}\n{row.tool_tip}".strip()
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (row.title, row.count_text, row.key) if part)
        if role == SHARED_ROLE:
            return self._shared[index.row()]
        return row if role == ROW_ROLE else None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.rows[index.row()]
        if str(value).strip() and value != row.title:
            self.renamed.emit(row.id, str(value))
        return False


class RowList(QListView):
    """As high as its rows, or lower where there is no room.

    Signals:
        chosen(object id, bool adds): clicked or Enter; with Ctrl it adds to what is shown.
        menu_asked(object id, QPoint at): the context menu is wanted, at this place of the screen.
        delete_asked(object id): Delete was pressed.
        renamed(object id, str title): see `RowModel`.
    """

    chosen = Signal(object, bool)
    menu_asked = Signal(object, QPoint)
    delete_asked = Signal(object)
    renamed = Signal(object, str)

    def __init__(self, name: str, *, n_least: int = 100, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows, self._n_least = RowModel(self), n_least
        self.setModel(self._rows)
        self.setItemDelegate(_ClassRowPainter(self))
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.customContextMenuRequested.connect(self._on_self_menu_requested)
        self._rows.renamed.connect(self.renamed)
        self._fit()

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows.rows

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these; the same ones again keep place and editor."""
        if tuple(rows) != self._rows.rows:
            self._rows.set_rows(rows)
            self._fit()

    def mark(self, ids: frozenset[Hashable]) -> None:
        """Mark the rows whose images are in sight."""
        self._rows.marked = ids
        self.viewport().update()

    def begin_renaming(self, row_id: Hashable) -> None:
        """Edit a title in its place."""
        place = next(i for i, row in enumerate(self.rows) if row.id == row_id)
        self.setCurrentIndex(self._rows.index(place))
        self.edit(self._rows.index(place))

    def sizeHint(self) -> QSize:
        return QSize(160, len(self.rows) * row_px(self.font()))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, min(len(self.rows), self._n_least) * row_px(self.font()))

    def _fit(self) -> None:
        self.setMaximumHeight(max(self.sizeHint().height(), 1))
        self.setMinimumHeight(self.minimumSizeHint().height())
        self.updateGeometry()

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: letters are keys of the window."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().data(ROW_ROLE) if self.currentIndex().isValid() else None
        if row is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(row.id, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif row is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_asked.emit(row.id)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            adds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.chosen.emit(index.data(ROW_ROLE).id, adds)

    def _on_self_menu_requested(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            self.setCurrentIndex(index)
            self.menu_asked.emit(index.data(ROW_ROLE).id, self.viewport().mapToGlobal(at))


class RowPainter(QStyledItemDelegate):
    """The ground of a row: lighter under the mouse, an accent bar where marked, a frame with the keyboard."""

    def is_marked(self, option: QStyleOptionViewItem, index: _Index) -> bool:
        """Whether the row has the accent bar."""
        return bool(option.state & QStyle.StateFlag.State_Selected)

    def paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint what stands on the ground."""
        raise NotImplementedError

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        try:
            self._paint_ground(painter, option, self.is_marked(option, index))
            self.paint_row(painter, option, index)
        finally:
            painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, is_marked: bool) -> None:
        rect, palette, role, state = QRect(option.rect), option.palette, QPalette.ColorRole, QStyle.StateFlag
        if is_marked or option.state & state.State_MouseOver:
            painter.fillRect(rect, palette.color(role.Base))
        if is_marked:
            painter.fillRect(rect.left(), rect.top(), 3, rect.height(), palette.color(role.Highlight))
        if option.state & state.State_HasFocus and option.state & state.State_Active:
            painter.setPen(palette.color(role.Highlight))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))


class _ClassRowPainter(RowPainter):
    """Sign, key, name and count; the marked row has bold text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, row_px(option.font))

    def is_marked(self, option: QStyleOptionViewItem, index: _Index) -> bool:
        model = index.model()
        return isinstance(model, RowModel) and index.data(ROW_ROLE).id in model.marked

    def paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        font = option.font
        font.setWeight(font.Weight.DemiBold if self.is_marked(option, index) else font.Weight.Normal)
        painter.setFont(theme.tabular(font))
        rect = QRect(option.rect).adjusted(theme.AROUND, 0, -theme.BETWEEN, 0)
        self._paint_parts(painter, rect, index.data(ROW_ROLE), index.data(SHARED_ROLE), option.palette)

    def _paint_parts(self, painter: QPainter, rect: QRect, row: Row, n_shared: int, palette: QPalette) -> None:
        role, middle, metrics = QPalette.ColorRole, Qt.AlignmentFlag.AlignVCenter, painter.fontMetrics()
        sign_px = max(SIGN_PX, metrics.horizontalAdvance(row.sign) + theme.INSIDE)
        key_px = max(KEY_PX, metrics.horizontalAdvance("0") + theme.INSIDE)
        self._paint_sign(painter, QRect(rect.left(), rect.top(), sign_px, rect.height()), row, palette)
        left = rect.left() + (sign_px if row.sign or row.icon else 0)
        if row.key:
            painter.setPen(palette.color(role.PlaceholderText))
            painter.drawText(QRect(left, rect.top(), key_px, rect.height()), middle, row.key)
        left += key_px if row.sign else 0
        count_width = metrics.horizontalAdvance(row.count_text)
        painter.setPen(theme.current().amber if row.note else palette.color(role.PlaceholderText))
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, row.count_text)
        painter.setPen(palette.color(role.WindowText))
        room = rect.right() - left - count_width - theme.BETWEEN
        title = cut_name(metrics, row.title, n_shared, room)
        painter.drawText(QRect(left, rect.top(), room, rect.height()), middle, title)

    def _paint_sign(self, painter: QPainter, rect: QRect, row: Row, palette: QPalette) -> None:
        if row.icon:
            side = theme.SMALL_ICON_PX
            icon(row.icon, role="caption").paint(
                painter, QRect(rect.left(), rect.center().y() - side // 2 + 1, side, side))
        elif row.sign:
            painter.setPen(shown_color(row.color, palette, QPalette.ColorRole.Window))
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, row.sign)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(text("widgets.new_name"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:
        editor.setGeometry(QRect(option.rect).adjusted(theme.AROUND + SIGN_PX, 0, -theme.INSIDE, 0))


BUTTON_PX = 24


class PanelSection(QWidget):
    """A title above a list, with a button `add` where there are words for it."""

    def __init__(self, title: str, rows: RowList, *, add: str = "") -> None:
        super().__init__()
        self.rows, self.add = rows, icon_button("add", add, side_px=BUTTON_PX)
        heading = theme.bold(theme.caption_label(title.upper()))
        heading.setMinimumHeight(BUTTON_PX)
        if not add:
            self.add.hide()  # but never shown here: without a parent it would be a window, and take the keyboard
        head = row_of((heading, 1), self.add, spacing=None, margins=(theme.AROUND, 0, theme.INSIDE, 0))
        self.column = column_of(head, rows, spacing=0, parent=self)

"""Finding an act by its name or its key: the command palette, and the overview of all keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog, QGridLayout, QLabel, QLineEdit, QListView, QStyle,
    QStyleOptionViewItem, QStyledItemDelegate, QVBoxLayout, QWidget,
)

from core.text import text
from core.text.catalogues import has_template
from gui import theme
from gui.actions import MENUS, Action, ActionTable, menu_title
from gui.widgets.fuzzy import rank
from gui.widgets.layouts import ScrollArea, answers, column_of, fill, row_of

N_COLUMNS, WIDEST_PX = 2, 960


class KeysOverview(QDialog):
    """Lists the acts that have a key, menu by menu.

    Args:
        actions: In the order in which they are shown.
    """

    def __init__(self, actions: Sequence[Action], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.keys_title"))
        groups = group_by_menu(actions)
        shown = [action for group in groups.values() for action in group]
        self._keys_px = max((_keys_label(action).sizeHint().width() for action in shown), default=0)
        room = WIDEST_PX if parent is None else min(WIDEST_PX, parent.width())
        self._is_narrow = False
        content = self._build_columns(groups, N_COLUMNS)
        if content.sizeHint().width() + theme.MARGIN > room:
            self._is_narrow = True
            content = self._build_columns(groups, 1)
        self._build(content, room)

    def _build_columns(self, groups: dict[str, list[Action]], n_columns: int) -> QWidget:
        content = QWidget()
        columns = [{title: groups[title] for title in column} for column in balance(groups, n_columns)]
        row_of(*map(self._build_column, columns), spacing=2 * theme.MARGIN,
               margins=(theme.MARGIN, theme.AROUND, theme.MARGIN, theme.AROUND), parent=content)
        return content

    def _build(self, content: QWidget, room: int) -> None:
        area = ScrollArea(content)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # arrow and page keys scroll it
        buttons = answers(self)
        buttons.setContentsMargins(theme.AROUND, 0, theme.AROUND, theme.AROUND)
        column_of((area, 1), buttons, spacing=None, parent=self)
        hint = content.sizeHint()
        self.resize(min(hint.width() + theme.MARGIN, room), min(hint.height() + 64, 600))

    def _build_column(self, groups: dict[str, list[Action]]) -> QVBoxLayout:
        column = column_of()
        for title, actions in groups.items():
            fill(column, theme.bold(QLabel(title)), self._build_group(actions), theme.BETWEEN)
        column.addStretch(1)
        return column

    def _build_group(self, actions: Sequence[Action]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.AROUND)
        grid.setVerticalSpacing(theme.INSIDE)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, self._keys_px)
        for row, action in enumerate(actions):
            grid.addWidget(_keys_label(action), row, 0)
            title = QLabel(action.title, wordWrap=self._is_narrow)
            grid.addWidget(title, row, 1)
        return grid


def _keys_label(action: Action) -> QLabel:
    return theme.caption_label(" / ".join(native_key(key) for key in action.keys))


def keys_page(actions: Sequence[Action]) -> str:
    """The page of all keys for people who read documents, as Markdown."""
    parts = [text("window.keys_page_head"), ""]
    for title, group in group_by_menu(actions).items():
        rows = [f"| {' / '.join(f'`{key}`' for key in action.keys)} | {action.title} |" for action in group]
        head = f"| {text('window.keys_column')} | {text('window.acts_column')} |"
        parts += [f"## {title}", "", head, "|---|---|", *rows, ""]
    return "\n".join(parts)


def group_by_menu(actions: Iterable[Action], *, with_keys_only: bool = True) -> dict[str, list[Action]]:
    """The acts (that have a key) by the title of their menu, in the order of the menus; others come last."""
    groups: dict[str, list[Action]] = {}
    for action in sorted(actions, key=lambda a: MENUS.index(a.menu) if a.menu in MENUS else len(MENUS)):
        if action.keys or not with_keys_only:
            groups.setdefault(menu_title(action.menu) or text("window.keys_anywhere"), []).append(action)
    return groups


def balance(groups: dict[str, list[Action]], n_columns: int) -> list[list[str]]:
    """Titles for each column, in their order, the columns about equally long."""
    heights = {title: len(actions) + 2 for title, actions in groups.items()}
    room = sum(heights.values()) / n_columns
    columns: list[list[str]] = [[] for _ in range(n_columns)]
    used = 0.0
    for title, height in heights.items():
        columns[min(int((used + height / 2) / room), n_columns - 1)].append(title)
        used += height
    return [column for column in columns if column]


def native_key(key: str) -> str:
    """As this system writes it; words such as “Arrows” stay as they are."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key


WIDEST, N_ROWS = 80, 10
"""Characters and lines."""

OWN_NAME = "help.palette"
"""The act that opens the palette, which need not offer itself."""

_Index = QModelIndex | QPersistentModelIndex
_ACTION = Qt.ItemDataRole.UserRole
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def _row_px(widget: QWidget) -> int:
    return theme.row_px(widget) + theme.BETWEEN


def keywords_of(action: Action) -> str:
    """Other words for an act, under which people look for it; empty where the catalogue has none."""
    for name in (action.name, action.name.rpartition(".")[0]):  # one of several choices has the words of its act
        if name and has_template(f"keywords.{name}"):
            return text(f"keywords.{name}")
    return ""


class MatchModel(QAbstractListModel):
    """The acts that fit what was typed, best first."""

    def __init__(self, actions: tuple[Action, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._keywords = [keywords_of(action) for action in actions]
        self._shown = list(actions)

    def search(self, query: str) -> None:
        self.beginResetModel()
        order = rank(query, [f"{a.shown_title} {menu_title(a.menu)}" for a in self._actions], self._keywords)
        self._shown = [self._actions[i] for i in order]
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        action = self._shown[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (action.shown_title, *action.keys) if part)
        return {Qt.ItemDataRole.DisplayRole: action.shown_title, _ACTION: action}.get(Qt.ItemDataRole(role))


class _RowPainter(QStyledItemDelegate):
    """Title on the left; menu and key, quieter, on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _row_px(option.widget))  # as wide as the list

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        action: Action = index.data(_ACTION)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        palette: QPalette = option.palette
        rect: QRect = option.rect
        painter.save()
        try:
            if is_chosen:
                painter.fillRect(rect, palette.color(QPalette.ColorRole.Highlight))
            text = palette.color(QPalette.ColorRole.HighlightedText if is_chosen else QPalette.ColorRole.Text)
            quiet = text if is_chosen else palette.color(QPalette.ColorRole.PlaceholderText)
            self._paint_texts(painter, rect.adjusted(theme.AROUND, 0, -theme.AROUND, 0), action, (text, quiet))
        finally:
            painter.restore()

    def _paint_texts(self, painter: QPainter, rect: QRect, action: Action, pens: tuple[QColor, QColor]) -> None:
        shown_keys = (QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText) for k in action.keys[:1])
        key = "   ".join(part for part in (menu_title(action.menu), *shown_keys) if part)
        painter.setPen(pens[1])
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, key)
        room = rect.width() - painter.fontMetrics().horizontalAdvance(key) - theme.AROUND
        title = painter.fontMetrics().elidedText(action.shown_title, Qt.TextElideMode.ElideRight, room)
        painter.setPen(pens[0])
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)


class CommandPalette(QDialog):
    """Opens over the upper part of its window, does one act, and closes."""

    def __init__(self, table: ActionTable, window: QWidget) -> None:
        super().__init__(window, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("commandPalette")
        self.setWindowTitle(text("window.palette_title"))
        self._table, self._width_px = table, min(WIDEST * self.fontMetrics().averageCharWidth(), window.width())
        others = tuple(a for a in table.doable() if a.name != OWN_NAME)
        self._model = MatchModel(others, self)
        self._build()
        self._place_over(window)

    def _build(self) -> None:
        self.query = QLineEdit()
        self.query.setPlaceholderText(text("window.palette_question"))
        self.query.setAccessibleName(text("window.palette_field"))
        self.query.setMinimumHeight(_row_px(self) + theme.INSIDE)
        self.query.textChanged.connect(self._on_query_changed)
        self.query.returnPressed.connect(self.accept)
        self.query.installEventFilter(self)
        self.matches = QListView()
        self.matches.setModel(self._model)
        self.matches.setItemDelegate(_RowPainter(self.matches))
        self.matches.setUniformItemSizes(True)
        self.matches.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.matches.setFrameShape(QListView.Shape.NoFrame)
        self.matches.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.matches.clicked.connect(lambda _: self.accept())
        self._nothing = QLabel(text("window.palette_nothing"))
        self._nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._nothing.setContentsMargins(theme.AROUND, theme.BETWEEN, theme.AROUND, theme.AROUND)
        self._nothing.hide()
        column_of(self.query, self.matches, self._nothing, spacing=0, margins=1, parent=self)
        self._choose_first()

    def _place_over(self, window: QWidget) -> None:
        self._fit_height()
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self._width_px) // 2, corner.y() + window.height() // 8)

    def _fit_height(self) -> None:
        n_rows = min(N_ROWS, max(1, self._model.rowCount()))
        self.setFixedSize(self._width_px, self.query.minimumHeight() + n_rows * _row_px(self) + theme.BETWEEN)

    def accept(self) -> None:
        """Close, then do what is chosen."""
        index = self.matches.currentIndex()
        action: Action | None = index.data(_ACTION) if index.isValid() else None
        super().accept()
        if action is not None and action.can_be_done and action.slot is not None:
            action.slot()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows typed in the field move in the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _LIST_KEYS:
            self.matches.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _on_query_changed(self, query: str) -> None:
        self._model.search(query)
        has_match = self._model.rowCount() > 0
        self.matches.setVisible(has_match)
        self._nothing.setVisible(not has_match)
        self._fit_height()
        self._choose_first()

    def _choose_first(self) -> None:
        self.matches.setCurrentIndex(self._model.index(0))

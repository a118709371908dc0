"""Ctrl+K: every act that can be done now, found by a few letters of its name."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog, QLabel, QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget,
)

from core.text import text
from gui import theme
from gui.actions import Action, ActionTable, menu_title
from gui.widgets.fuzzy import rank
from gui.widgets.layouts import column_of

WIDTH_PX, N_ROWS, ROW_PX = 560, 10, 32

OWN_NAME = "help.palette"
"""The act that opens the palette, which need not offer itself."""

_Index = QModelIndex | QPersistentModelIndex
_ACTION = Qt.ItemDataRole.UserRole
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class MatchModel(QAbstractListModel):
    """The acts that fit what was typed, best first."""

    def __init__(self, actions: tuple[Action, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._shown = list(actions)

    def search(self, query: str) -> None:
        self.beginResetModel()
        order = rank(query, [f"{a.shown_title} {menu_title(a.menu)}" for a in self._actions])
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
        return QSize(0, ROW_PX)  # as wide as the list

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
        self._table = table
        others = tuple(a for a in table.doable() if a.name != OWN_NAME)
        self._model = MatchModel(others, self)
        self._build()
        self._place_over(window)

    def _build(self) -> None:
        self.query = QLineEdit()
        self.query.setPlaceholderText(text("window.palette_question"))
        self.query.setAccessibleName(text("window.palette_field"))
        self.query.setMinimumHeight(ROW_PX + theme.INSIDE)
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
        self.move(corner.x() + (window.width() - WIDTH_PX) // 2, corner.y() + window.height() // 8)

    def _fit_height(self) -> None:
        n_rows = min(N_ROWS, max(1, self._model.rowCount()))
        self.setFixedSize(WIDTH_PX, self.query.minimumHeight() + n_rows * ROW_PX + theme.BETWEEN)

    def accept(self) -> None:
        """Close, then do what is chosen."""
        index = self.matches.currentIndex()
        action: Action | None = index.data(_ACTION) if index.isValid() else None
        super().accept()
        if action is not None:
            self._table.do(action.name)

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

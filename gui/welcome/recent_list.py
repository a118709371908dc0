"""The list of recent projects: name, folder, when, and how much is in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QListWidget, QListWidgetItem, QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget,
)

from core.text import Message, text
from gui import theme
from gui.icons import icon
from gui.moments import say_moment
from gui.preferences import RecentProject

_Index = QModelIndex | QPersistentModelIndex
_PROJECT, _IS_MISSING = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class RecentList(QListWidget):
    """Enter or a click opens, Delete takes a row from the list and leaves the project alone.

    Signals:
        open_asked: Folder of a project that is there.
        forget_asked: Folder of a project that shall not be listed any more.
    """

    open_asked = Signal(object)
    forget_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_RowPainter(self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(text("window_welcome.recent"))
        self.setMouseTracking(True)
        self.itemClicked.connect(self._on_item_chosen)
        self.customContextMenuRequested.connect(self._on_menu_requested)

    def show_projects(self, projects: tuple[RecentProject, ...]) -> None:
        """Fill the list; a project whose folder is gone is greyed."""
        self.clear()
        for project in projects:
            item = QListWidgetItem(project.name)
            is_missing = not project.is_there
            item.setData(_PROJECT, project)
            item.setData(_IS_MISSING, is_missing)
            item.setToolTip(str(project.folder))
            state = text("window_welcome.not_found") if is_missing else describe_counts(project)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{project.name}, {project.folder}, {state}")
            self.addItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._on_item_chosen(item)
        elif item is not None and event.key() == Qt.Key.Key_Delete:
            self.forget_asked.emit(_project(item).folder)
        else:
            super().keyPressEvent(event)

    def _on_item_chosen(self, item: QListWidgetItem) -> None:
        if not item.data(_IS_MISSING):
            self.open_asked.emit(_project(item).folder)

    def _on_menu_requested(self, at: QPoint) -> None:
        item = self.itemAt(at)
        if item is None:
            return
        folder = _project(item).folder
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("remove"), text("window_welcome.forget"), lambda: self.forget_asked.emit(folder))
        menu.popup(self.viewport().mapToGlobal(at))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverMove, QEvent.Type.Leave, QEvent.Type.Enter):
            self.viewport().update()
        return super().viewportEvent(event)


class _RowPainter(QStyledItemDelegate):
    """Two lines: name and when; folder and counts."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(320, 2 * theme.row_px(option.widget) + 2 * theme.INSIDE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        try:
            self._paint_ground(painter, option)
            self._paint_texts(painter, option, index)
        finally:
            painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        palette = option.palette
        if option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.AlternateBase))
        painter.setPen(theme.current().line)
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.current().accent)
            painter.drawRect(option.rect.adjusted(1, 1, -2, -3))

    def _paint_texts(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        project: RecentProject = index.data(_PROJECT)
        is_missing = bool(index.data(_IS_MISSING))
        colors = theme.current().colors
        rect = option.rect.adjusted(theme.AROUND, theme.BETWEEN, -theme.AROUND, -theme.BETWEEN - 1)
        upper = QRect(rect.left(), rect.top(), rect.width(), rect.height() // 2)
        lower = QRect(rect.left(), upper.bottom() + 1, rect.width(), rect.height() // 2)
        bold = theme.emphasized(option.font)
        small = theme.tabular(theme.scaled_font(option.font, theme.CAPTION_SCALE))
        state = text("window_welcome.not_found") if is_missing else describe_counts(project)
        title = QColor(colors.caption if is_missing else colors.text)
        _paint_line(painter, upper, (project.name, bold, title), (say_moment(project.opened_at), small))
        _paint_line(painter, lower, (str(project.folder), small, QColor(colors.caption)), (state, small))


def _paint_line(
    painter: QPainter, rect: QRect, left: tuple[str, QFont, QColor], right: tuple[str, QFont]
) -> None:
    painter.setFont(right[1])
    painter.setPen(theme.current().caption)
    painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, right[0])
    room = rect.width() - painter.fontMetrics().horizontalAdvance(right[0]) - theme.AROUND
    painter.setFont(left[1])
    painter.setPen(left[2])
    text = painter.fontMetrics().elidedText(left[0], Qt.TextElideMode.ElideMiddle, room)
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _project(item: QListWidgetItem) -> RecentProject:
    project = item.data(_PROJECT)
    assert isinstance(project, RecentProject)
    return project


def describe_counts(project: RecentProject) -> str:
    """“741 images · 2 classes · 300 labelled”."""
    is_all = 0 < project.n_images == project.n_labelled
    labelled = text("window_welcome.all_labelled") if is_all else text(
        "window_welcome.n_labelled", n=project.n_labelled)
    counts = (Message("text.images", n=project.n_images), Message("text.classes", n=project.n_classes), labelled)
    return " · ".join(map(str, counts))

"""The changes of a project as rows of a view: what, when, whether it was undone, and which is the present point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication

from core.project.journal import DatedEntry
from core.text import text
from core.workflow.history import BEGINNING
from gui import theme
from gui.icons import icon
from gui.moments import say_recorded

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the history, after the change that it is named by.

    Attributes:
        id: Of the change, or `BEGINNING`.
        title: What was done.
        when: In words; empty for the beginning.
    """

    id: int
    title: str
    when: str = ""
    is_undone: bool = False
    is_present: bool = False

    @property
    def tip(self) -> str:
        """The title, and what the sign before it means."""
        if self.is_present:
            return text("window.history_present", title=self.title)
        return text("window.history_undone", title=self.title) if self.is_undone else self.title


def list_points(listed: Sequence[DatedEntry], *, is_whole: bool) -> tuple[Point, ...]:
    """The points to go to, newest first.

    Args:
        listed: Changes, newest first.
        is_whole: Whether nothing is older, so that the beginning is one of the points.
    """
    present = next((one.entry.id for one in listed if not one.is_undone), BEGINNING)
    points = tuple(
        Point(one.entry.id, str(one.entry.title), say_recorded(one.at), one.is_undone, one.entry.id == present)
        for one in listed)
    beginning = Point(BEGINNING, text("window.history_beginning"), is_present=present == BEGINNING)
    return (*points, beginning) if is_whole else points


class HistoryModel(QAbstractTableModel):
    """Two columns: the change, and when it was made."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.points: tuple[Point, ...] = ()

    def show(self, points: tuple[Point, ...]) -> None:
        self.beginResetModel()
        self.points = points
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.points)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return text("window.history_time") if section else text("window.history_change")

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        point = self.points[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return point.when if index.column() else point.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return point.when if index.column() else point.tip
        if role == Qt.ItemDataRole.ForegroundRole and point.is_undone:
            return QApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        if index.column():
            return None
        if role == Qt.ItemDataRole.DecorationRole:
            name = "present" if point.is_present else "undo" if point.is_undone else "done"
            return icon(name, role="accent" if point.is_present else "caption")
        if role == Qt.ItemDataRole.FontRole and point.is_present:
            return theme.emphasized(QFont(QApplication.font()))
        return None

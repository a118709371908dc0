"""Selecting tiles by drawing a rectangle around them, with scrolling at the edges."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelection, QItemSelectionModel, QItemSelectionRange, QObject, QPoint, QRect, Qt, QTimer,
)
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QApplication

from gui.widgets.grid_geometry import GridGeometry

SCROLL_EVERY_MS = 30
FILL_ALPHA = 48
Flag = QItemSelectionModel.SelectionFlag


class RubberBand(QObject):
    """The rectangle of one view; positions are viewport positions, kept as content positions.

    Args:
        view: The view, whose vertical scroll bar counts pixels.
    """

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._geometry = GridGeometry(0, 1, 1, 0)
        self._start: QPoint | None = None
        self._end = QPoint()
        self._pointer = QPoint()
        self._before = QItemSelection()
        self._command = Flag.ClearAndSelect
        self.is_active = False
        self._scroll_timer = QTimer(self, interval=SCROLL_EVERY_MS)
        self._scroll_timer.timeout.connect(self._on_scroll_timer_timeout)

    def press(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Remember where a drag might begin, before the view changes its selection."""
        self._start = self._to_content(position)
        is_adding = bool(modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))
        self._before = self._view.selectionModel().selection() if is_adding else QItemSelection()
        is_toggling = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        self._command = Flag.Toggle if is_toggling else Flag.Select

    def move(self, position: QPoint, geometry: GridGeometry) -> bool:
        """Draw the band up to the pointer; False while the pointer has not moved far enough to mean it."""
        if self._start is None:
            return False
        distance = (self._to_content(position) - self._start).manhattanLength()
        if not self.is_active and distance < QApplication.startDragDistance():
            return False
        self.is_active = True
        self._geometry = geometry
        self._pointer = position
        self._extend()
        is_outside = not 0 <= position.y() < self._view.viewport().height()
        self._scroll_timer.start() if is_outside else self._scroll_timer.stop()
        return True

    def release(self) -> bool:
        """End the drag; True if a band was drawn."""
        was_active, self.is_active, self._start = self.is_active, False, None
        self._scroll_timer.stop()
        self._before = QItemSelection()
        if was_active:
            self._view.viewport().update()
        return was_active

    def paint(self, painter: QPainter) -> None:
        """Draw the band; the painter is open on the viewport."""
        if not self.is_active:
            return
        rect = self._rect().translated(0, -self._view.verticalScrollBar().value())
        accent = self._view.palette().color(QPalette.ColorRole.Highlight)
        painter.fillRect(rect, QColor(accent.red(), accent.green(), accent.blue(), FILL_ALPHA))
        painter.setPen(accent)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _extend(self) -> None:
        self._end = self._to_content(self._pointer)
        selection = QItemSelection(self._before)
        selection.merge(self._banded(), self._command)
        self._view.selectionModel().select(selection, Flag.ClearAndSelect)
        self._view.viewport().update()

    def _banded(self) -> QItemSelection:
        model = self._view.model()
        last_column = model.columnCount() - 1
        banded = QItemSelection()
        for first, last in self._geometry.runs_in(self._rect()):
            banded.append(QItemSelectionRange(model.index(first, 0), model.index(last, last_column)))
        return banded

    def _rect(self) -> QRect:
        start = self._start or self._end
        left, right = sorted((start.x(), self._end.x()))
        top, bottom = sorted((start.y(), self._end.y()))
        return QRect(QPoint(left, top), QPoint(right, bottom))

    def _to_content(self, position: QPoint) -> QPoint:
        return QPoint(position.x(), position.y() + self._view.verticalScrollBar().value())

    def _on_scroll_timer_timeout(self) -> None:
        height = self._view.viewport().height()
        beyond = min(self._pointer.y(), 0) + max(self._pointer.y() - height, 0)
        bar = self._view.verticalScrollBar()
        bar.setValue(bar.value() + beyond)
        self._extend()

"""How each class fared in a run, the classes in their order; a click on a title sorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from core.project.classes import ClassRow
from core.text import text
from core.text.numbers import format_percent, format_whole
from gui import theme
from gui.widgets.class_style import BAR_CONTRAST, ClassStyle, class_sign, class_styles, shown_color

MAX_ROWS_IN_SIGHT = 10
COLOR = Qt.ItemDataRole.UserRole + 1
SIGN, NAME, N_IMAGES, RECALL, PRECISION = range(5)


class ClassTable(QTableWidget):
    """Class, pictures, share found, share right when named."""

    def __init__(self) -> None:
        super().__init__(0, 5)
        self.setAccessibleName(text("window_train.figures_per_class"))
        self.setFont(theme.tabular(self.font()))
        columns = (
            ("", ""),
            (text("window_train.class"), ""),
            (text("window_train.images"), text("window_train.images.tip")),
            (text("window_train.recall"), text("window_train.recall.tip")),
            (text("window_train.precision"),
             text("window_train.precision.tip")),
        )
        for at, (title, tip) in enumerate(columns):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(_RIGHT if at > NAME else _LEFT)
            self.setHorizontalHeaderItem(at, item)
        self.verticalHeader().hide()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        theme.current().changed.connect(self._paint_signs)

    def show_figures(self, figures: Sequence[Mapping[str, Any]], classes: Sequence[ClassRow]) -> None:
        """Fill with `per_class` of a run; classes of the project give sign and colour."""
        styles = {style.name: (place, style) for place, style in enumerate(class_styles(classes).values())}
        self.setSortingEnabled(False)
        self.setRowCount(len(figures))
        for row, one in enumerate(figures):
            place, style = styles.get(one["name"], (row, ClassStyle(None, one["name"], sign=class_sign(row))))
            self.setItem(row, SIGN, _sign_item(place, style))
            self.setItem(row, NAME, _name_item(one["name"]))
            self.setItem(row, N_IMAGES, _number_item(one["n"], format_whole(one["n"])))
            for column, key in ((RECALL, "recall"), (PRECISION, "precision")):
                share = one[key]
                self.setItem(row, column, _number_item(share, "–" if share is None else format_percent(share)))
        self._paint_signs()
        self.setSortingEnabled(True)
        self._fit_height()

    def _paint_signs(self) -> None:
        """Make the colours of the classes visible on the ground of the theme in force."""
        for row in range(self.rowCount()):
            if (item := self.item(row, SIGN)) is not None:
                item.setForeground(QBrush(shown_color(item.data(COLOR), self.palette(), ratio=BAR_CONTRAST)))

    def _fit_height(self) -> None:
        n_rows = min(self.rowCount(), MAX_ROWS_IN_SIGHT)
        rows_px = sum(self.rowHeight(i) for i in range(n_rows))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows_px + 2 * self.frameWidth() + 2)


class _NumberItem(QTableWidgetItem):
    """Sorts by its number; what is not known comes first."""

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return float(self.data(Qt.ItemDataRole.UserRole)) < float(other.data(Qt.ItemDataRole.UserRole))


def _sign_item(place: int, style: ClassStyle) -> QTableWidgetItem:
    item = _NumberItem(style.sign)
    item.setData(Qt.ItemDataRole.UserRole, float(place))
    item.setData(COLOR, style.color)
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    return item


def _name_item(name: str) -> QTableWidgetItem:
    item = QTableWidgetItem(name)
    item.setToolTip(name)
    return item


def _number_item(value: float | None, text: str) -> QTableWidgetItem:
    item = _NumberItem(text)
    item.setData(Qt.ItemDataRole.UserRole, -1.0 if value is None else float(value))
    item.setTextAlignment(_RIGHT)
    return item


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

"""Recall, precision and F1 of every class in a table that can be sorted, with intervals where there is room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableWidget, QTableWidgetItem

from core.review.class_report import ClassScores, Share
from core.review.verdict import shown_share
from core.text import text
from core.text.numbers import format_percent, format_whole
from gui import theme
from gui.widgets.name_delegate import NameDelegate
from gui.widgets.class_style import BAR_CONTRAST, ClassStyle, class_sign, shown_color

MAX_ROWS_IN_SIGHT, LEAST_NAME_PX = 10, 96
WIDE_NAME_PX = 150
"""Intervals are written where names keep this room."""

COLOR = Qt.ItemDataRole.UserRole + 1
PLACE = Qt.ItemDataRole.UserRole + 2
SIGN, NAME, N_IMAGES, RECALL, PRECISION, F1 = range(6)
FIGURES = (RECALL, PRECISION, F1)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class ClassTable(QTableWidget):
    """A line for each class.

    Args:
        fits_rows: As high as its rows, up to `MAX_ROWS_IN_SIGHT`; else it takes the room that there is.

    Signals:
        chosen(int place): the line of the class at that place was clicked, or Enter pressed on it.
    """

    chosen = Signal(int)

    def __init__(self, *, fits_rows: bool = True) -> None:
        super().__init__(0, 6)
        self._fits_rows, self._rows, self._has_intervals = fits_rows, tuple[ClassScores, ...](), False
        self.setAccessibleName(text("window_train.figures_per_class"))
        self.setFont(theme.tabular(self.font()))
        self._add_titles()
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.row_px(self))
        if fits_rows:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSortingEnabled(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.cellActivated.connect(lambda row, _: self.chosen.emit(self._place(row)))
        self.cellClicked.connect(lambda row, _: self.chosen.emit(self._place(row)))
        theme.current().changed.connect(self._paint_signs)

    def show_rows(self, rows: Sequence[ClassScores], styles: Mapping[str, ClassStyle]) -> None:
        """Fill it.

        Args:
            rows: In the order of the classes.
            styles: Sign and colour by name; others get the sign of their place.
        """
        self._rows = tuple(rows)
        self.setSortingEnabled(False)
        self.setRowCount(len(rows))
        for row, one in enumerate(rows):
            style = styles.get(one.name, ClassStyle(None, one.name, sign=class_sign(row)))
            self.setItem(row, SIGN, _sign_item(row, style))
            name = QTableWidgetItem(one.name)
            name.setToolTip(one.name)
            self.setItem(row, NAME, name)
            self.setItem(row, N_IMAGES, _number_item(one.n_images, format_whole(one.n_images)))
            for column, share in zip(FIGURES, (one.recall, one.precision, one.f1), strict=True):
                item = _number_item(None if share is None else share.value, _say(share, self._has_intervals))
                item.setToolTip("" if share is None else text(
                    "widgets.share_with_interval", share=shown_share(share.value), low=shown_share(share.low),
                    high=shown_share(share.high)))
                self.setItem(row, column, item)
        self._paint_signs()
        self.setSortingEnabled(True)
        self._fit_columns()
        self._fit_height()

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: letters are keys of the window."""

    def _add_titles(self) -> None:
        for at, name in enumerate(("", "class", "images", "recall", "precision", "f1")):
            item = QTableWidgetItem(text(f"window_train.{name}") if name else "")
            item.setToolTip(text(f"window_train.{name}.tip") if at > NAME else "")
            item.setTextAlignment(_RIGHT if at > NAME else _LEFT)
            self.setHorizontalHeaderItem(at, item)

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        found = self.item(row, column)
        assert found is not None
        return found

    def _place(self, row: int) -> int:
        return int(self._cell(row, SIGN).data(PLACE))

    def _paint_signs(self) -> None:
        """Make the colours of the classes visible on the ground of the theme in force."""
        for row in range(self.rowCount()):
            if (item := self.item(row, SIGN)) is not None:
                item.setForeground(QBrush(shown_color(item.data(COLOR), self.palette(), ratio=BAR_CONTRAST)))

    def _fit_columns(self) -> None:
        """Intervals where there is room; titles end in … where the names of the classes would have none."""
        self._show_intervals(self._figures_px(with_intervals=True) + WIDE_NAME_PX <= self.viewport().width())
        header, columns, mode = self.horizontalHeader(), (N_IMAGES, *FIGURES), QHeaderView.ResizeMode
        wanted = sum(max(self.sizeHintForColumn(at), header.sectionSizeHint(at)) for at in (SIGN, *columns))
        is_narrow = self.viewport().width() - wanted < LEAST_NAME_PX
        for column in columns:
            header.setSectionResizeMode(column, mode.Fixed if is_narrow else mode.ResizeToContents)
            if is_narrow:
                header.resizeSection(column, self.sizeHintForColumn(column))

    def _figures_px(self, *, with_intervals: bool) -> int:
        """Width of all but the names."""
        widest = self.fontMetrics().horizontalAdvance("100.0 % (100.0–100.0)" if with_intervals else "100.0 %")
        return len(FIGURES) * (widest + 2 * theme.BETWEEN) + 100

    def _show_intervals(self, has_intervals: bool) -> None:
        if has_intervals == self._has_intervals:
            return
        self._has_intervals = has_intervals
        for row in range(self.rowCount()):
            one = self._rows[self._place(row)]
            for column, share in zip(FIGURES, (one.recall, one.precision, one.f1), strict=True):
                self._cell(row, column).setText(_say(share, has_intervals))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_height(self) -> None:
        if not self._fits_rows:
            return
        n_rows = min(self.rowCount(), MAX_ROWS_IN_SIGHT)
        rows_px = sum(self.rowHeight(i) for i in range(n_rows))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows_px + 2 * self.frameWidth() + 2)


class _NumberItem(QTableWidgetItem):
    """Sorts by its number; what is not known comes first."""

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return float(self.data(Qt.ItemDataRole.UserRole)) < float(other.data(Qt.ItemDataRole.UserRole))


def _say(share: Share | None, has_interval: bool) -> str:
    """“83.3 % (64.1–93.3)”, or the figure alone."""
    if share is None:
        return "–"
    if not has_interval:
        return format_percent(shown_share(share.value))
    return text("widgets.share_and_interval", share=shown_share(share.value), low=shown_share(share.low),
                high=shown_share(share.high))


def _sign_item(place: int, style: ClassStyle) -> QTableWidgetItem:
    item = _NumberItem(style.sign)
    item.setData(Qt.ItemDataRole.UserRole, float(place))
    item.setData(PLACE, place)
    item.setData(COLOR, style.color)
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    return item


def _number_item(value: float | None, words: str) -> QTableWidgetItem:
    item = _NumberItem(words)
    item.setData(Qt.ItemDataRole.UserRole, -1.0 if value is None else float(value))
    item.setTextAlignment(_RIGHT)
    return item

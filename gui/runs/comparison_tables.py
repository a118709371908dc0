"""Tables of a comparison of two runs: classes with what each run finds of them, and what is confused more or less."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView, QHeaderView, QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QTableWidget,
    QTableWidgetItem,
)

from core.review.verdict import percent
from core.text import text
from core.text.names import short_name
from core.workflow.two_runs import PairedRuns
from core.workflow.two_runs_words import signed_count, signed_points
from gui import theme
from gui.colors import mix
from gui.widgets.class_style import BAR_CONTRAST, ClassStyle, shown_color
from gui.widgets.table_view import SHEET

MAX_MATRIX_CLASSES, MAX_MOVES = 12, 30
"""With more classes the largest differences are listed instead of a matrix, so many of them."""

MAX_ROWS_IN_SIGHT = 12
SHADE = 0.45
"""Share of colour in the ground of the cell that changed most."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FigureTable(QTableWidget):
    """Rows that lead somewhere: clicked, or chosen with Enter; as high as its rows, up to some.

    Signals:
        chosen(int row, int column): this one.
    """

    chosen = Signal(int, int)

    def __init__(self, name: str) -> None:
        super().__init__(0, 0)
        self.setAccessibleName(name)
        self.setFont(theme.tabular(self.font()))
        self.setStyleSheet(SHEET)
        self.setItemDelegate(_TintedCell(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.row_px(self))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.cellActivated.connect(self.chosen)
        self.cellClicked.connect(self.chosen)

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: letters are keys of the window."""

    def fill(self, titles: Sequence[str], rows: Sequence[Sequence[str]], *, n_names: int = 1) -> None:
        """Show texts; the first `n_names` columns are names, the others figures."""
        self.clear()
        self.setColumnCount(len(titles))
        self.setRowCount(len(rows))
        for column, title in enumerate(titles):
            head = QTableWidgetItem(title)
            head.setTextAlignment(_RIGHT if column >= n_names else _LEFT)
            self.setHorizontalHeaderItem(column, head)
        for row, words in enumerate(rows):
            for column, said in enumerate(words):
                item = QTableWidgetItem(said if column >= n_names else short_name(said))
                item.setToolTip(said)
                if column >= n_names:
                    item.setTextAlignment(_RIGHT)
                self.setItem(row, column, item)
        n_rows = min(len(rows), MAX_ROWS_IN_SIGHT)
        bar_px = self.horizontalScrollBar().sizeHint().height()
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + n_rows * theme.row_px(self)
                            + 2 * self.frameWidth() + bar_px)

    def tint(self, row: int, column: int, share: float, color: QColor) -> None:
        """Shade a cell by a share of a colour, 0 … 1."""
        item = self.item(row, column)
        if item is not None and share > 0:
            item.setBackground(QBrush(mix(self.palette().base().color(), color, SHADE * share)))


class _TintedCell(QStyledItemDelegate):
    """Fills the ground of a cell, which a view with a style sheet does not."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)


class PairedClassTable(FigureTable):
    """Recall of each class in both runs with the interval of its difference; precision and F1 beside it."""

    def __init__(self) -> None:
        super().__init__(text("window_runs.compare.classes"))

    def show_pair(self, pair: PairedRuns, styles: dict[int, ClassStyle]) -> None:
        """Fill it; colours of the names are those of the classes."""
        rows = []
        for one in pair.per_class:
            low, high = one.recall.interval
            difference = text("window_runs.compare.difference", value=signed_points(one.recall.difference),
                              low=signed_points(low), high=signed_points(high)) if one.recall.n_images else "–"
            rows.append((one.name, str(one.recall.n_images), _two(one.recall.before, one.recall.after), difference,
                         _two(*one.precision), _two(*one.f1)))
        names = ("class", "images", "recall", "difference_title", "precision", "f1")
        self.fill([text(f"window_runs.compare.{name}") for name in names], rows)
        _paint_names(self, [c.class_id for c in pair.classes], styles)


class MovesTable(FigureTable):
    """The difference of the confusion matrices; of many classes the cells that changed most.

    Signals:
        cell_chosen(int label, int prediction): as lines of the matrix.
    """

    cell_chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__(text("window_runs.compare.matrix"))
        self._cells: list[tuple[int, int]] = []
        self._n_classes = 0
        self.chosen.connect(self._on_chosen)

    def show_pair(self, pair: PairedRuns, styles: dict[int, ClassStyle]) -> None:
        """Fill it."""
        self._n_classes = len(pair.classes)
        if self._n_classes <= MAX_MATRIX_CLASSES:
            self._show_matrix(pair, styles)
        else:
            self._show_moves(pair)

    def _show_matrix(self, pair: PairedRuns, styles: dict[int, ClassStyle]) -> None:
        names = [c.name for c in pair.classes]
        counts = pair.matrix
        most = max(int(abs(counts).max()), 1)
        self.fill([text("window_runs.compare.label_by_prediction"), *map(short_name, names)],
                  [(name, *map(signed_count, line)) for name, line in zip(names, counts.tolist(), strict=True)])
        for i, line in enumerate(counts.tolist()):
            for j, n in enumerate(line):
                is_better = (n > 0) == (i == j)
                colors = theme.current()
                self.tint(i, j + 1, abs(n) / most, colors.accent if is_better else colors.red)
        _paint_names(self, [c.class_id for c in pair.classes], styles)

    def _show_moves(self, pair: PairedRuns) -> None:
        moves = pair.moves[:MAX_MOVES]
        self._cells = [(label, prediction) for label, prediction, _ in moves]
        self.fill([text("window_runs.compare.label"), text("window_runs.compare.prediction"),
                   text("window_runs.compare.more_or_less")],
                  [(pair.classes[i].name, pair.classes[j].name, signed_count(n)) for i, j, n in moves], n_names=2)

    def _on_chosen(self, row: int, column: int) -> None:
        if self._n_classes > MAX_MATRIX_CLASSES:
            self.cell_chosen.emit(*self._cells[row])
        elif column > 0:
            self.cell_chosen.emit(row, column - 1)


def _two(before: float | None, after: float | None) -> str:
    """“72.0 → 74.7 %”."""
    said = ["–" if share is None else percent(share) for share in (before, after)]
    return text("window_runs.compare.two", before=said[0], after=said[1])


def _paint_names(table: QTableWidget, class_ids: Sequence[int], styles: dict[int, ClassStyle]) -> None:
    """The sign of each class before its name, in a colour that is visible on the ground."""
    for row, class_id in enumerate(class_ids):
        item, style = table.item(row, 0), styles.get(class_id)
        if item is not None and style is not None:
            item.setText(f"{style.sign} {item.text()}")
            item.setForeground(QBrush(shown_color(style.color, table.palette(), ratio=BAR_CONTRAST)))

"""Draws the confusion matrix: shaded cells, classes with sign and colour at the edges, keys and clicks."""

from __future__ import annotations

from math import sqrt

from PySide6.QtCore import QItemSelectionModel, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton, QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView,
    QWidget,
)

from core.text import text
from gui import theme
from gui.colors import mix, text_on
from gui.review.matrix_model import CELL_ROLE, STYLE_ROLE, Cell, Index, MatrixModel
from gui.widgets.cut_names import cut_name, shared_starts

LEAST_COLUMN_PX, MOST_COLUMN_PX, UPRIGHT_COLUMN_PX = 58, 112, 46
LEAST_NAME_PX, MOST_NAME_PX, TALLEST_NAME_PX = 60, 150, 120
MOST_FLAT_CLASSES = 6
"""With more classes the names above the columns stand upright, so that more columns fit."""

LEAST_SHADE, SHADE = 0.10, 0.62
"""Share of colour in the ground of a cell with one image, and what a full row adds."""


class MatrixView(QTableView):
    """A table whose cells can be asked for by click and Enter.

    Args:
        model: What it shows.

    Signals:
        asked(object label_id, object predicted_id): the images of this cell are wanted; None stands for all.
    """

    asked = Signal(object, object)

    def __init__(self, model: MatrixModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix = model
        self.setModel(model)
        self.setItemDelegate(_CellPainter(self))
        self.setHorizontalHeader(_ClassHeader(Qt.Orientation.Horizontal, self))
        self.setVerticalHeader(_ClassHeader(Qt.Orientation.Vertical, self))
        self.setAccessibleName(text("window_review.matrix_name"))
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        for corner in self.findChildren(QAbstractButton):
            corner.setFixedSize(0, 0)  # QTableView shows it again after each hide()
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.clicked.connect(self._ask)
        model.modelReset.connect(self._fit)
        theme.current().changed.connect(self._fit)
        self._fit()

    def sizeHint(self) -> QSize:
        """As large as the whole matrix."""
        n, (columns, rows) = self._matrix.rowCount(), self._headers()
        return QSize(
            rows.fitting_depth() + columns.fitting_section() * n + 2,
            columns.fitting_depth() + theme.row_px(self) * n + 2,
        )

    def minimumSizeHint(self) -> QSize:
        n_seen = min(self._matrix.rowCount(), 4)
        return QSize(160, self._headers()[0].fitting_depth() + theme.row_px(self) * n_seen + 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._ask(self.currentIndex())
            event.accept()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: letters are keys of the window."""

    def stand_on(self, index: Index) -> None:
        """Put the keyboard's place on a cell."""
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _ask(self, index: Index) -> None:
        if index.isValid():
            cell: Cell = index.data(CELL_ROLE)
            self.asked.emit(cell.label_id, cell.predicted_id)

    def _fit(self) -> None:
        columns, rows = self._headers()
        columns.setDefaultSectionSize(self._column_px())
        columns.setFixedHeight(columns.fitting_depth())
        rows.setDefaultSectionSize(theme.row_px(self))
        rows.setFixedWidth(rows.fitting_depth())
        self.updateGeometry()

    def _column_px(self) -> int:
        """As wide as its name, or narrower where that lets all columns in."""
        columns, _ = self._headers()
        wanted = columns.fitting_section()
        room = self.viewport().width() // max(self._matrix.columnCount(), 1)
        return wanted if room < columns.least_section() else min(wanted, room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._headers()[0].setDefaultSectionSize(self._column_px())

    def _headers(self) -> tuple[_ClassHeader, _ClassHeader]:
        columns, rows = self.horizontalHeader(), self.verticalHeader()
        assert isinstance(columns, _ClassHeader) and isinstance(rows, _ClassHeader)
        return columns, rows


class _ClassHeader(QHeaderView):
    """Names of the classes, each with its sign in its colour; upright above narrow columns."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(20)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)

    @property
    def _is_column(self) -> bool:
        return self.orientation() is Qt.Orientation.Horizontal

    @property
    def _is_upright(self) -> bool:
        return self._is_column and self.count() > MOST_FLAT_CLASSES + 1

    def fitting_section(self) -> int:
        """Width of a column in pixels."""
        if self._is_upright:
            return UPRIGHT_COLUMN_PX
        return max(LEAST_COLUMN_PX, min(self._widest_name() + theme.BETWEEN, MOST_COLUMN_PX))

    def least_section(self) -> int:
        """Width of a column in which its largest count still fits, in pixels."""
        n = self._total()
        return self.fontMetrics().horizontalAdvance(f" {n:,} ") + 2 if self._is_upright else LEAST_COLUMN_PX

    def _total(self) -> int:
        model = self.model()
        assert isinstance(model, MatrixModel)
        return model.confusion.n_total

    def fitting_depth(self) -> int:
        """Height of the names above the columns, or width of those beside the rows."""
        if self._is_upright:
            return min(self._widest_name() + theme.BETWEEN, TALLEST_NAME_PX)
        if self._is_column:
            return theme.row_px(self) + theme.INSIDE
        return max(LEAST_NAME_PX, min(self._widest_name() + theme.AROUND, MOST_NAME_PX))

    def _widest_name(self) -> int:
        metrics = self.fontMetrics()
        names = (self._text(i) for i in range(self.count()))
        return max((metrics.horizontalAdvance(f"■ {name}") for name in names), default=0) + theme.BETWEEN

    def _text(self, section: int) -> str:
        return str(self.model().headerData(section, self.orientation()))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.save()
        painter.fillRect(rect, self.palette().color(QPalette.ColorRole.Window))
        sign_rect, name_rect = self._places(rect, section)
        self._paint_sign(painter, sign_rect, section)
        if self._is_upright:
            painter.translate(name_rect.left(), name_rect.bottom())
            painter.rotate(-90)
            name_rect = QRect(0, 0, name_rect.height(), name_rect.width())
        self._paint_name(painter, name_rect, section)
        painter.restore()

    def _places(self, rect: QRect, section: int) -> tuple[QRect, QRect]:
        """Where sign and name go; the sign stays upright beside or below its name."""
        sign_px = self._sign_px(section)
        if self._is_upright:
            line_px = self.fontMetrics().height()
            name = rect.adjusted(0, theme.INSIDE, 0, -(line_px if sign_px else 0) - theme.INSIDE)
            return QRect(rect.left(), name.bottom(), rect.width(), line_px), name
        room = rect.adjusted(theme.INSIDE, 0, -theme.INSIDE, 0)
        if self._is_column:
            content_px = sign_px + self.fontMetrics().horizontalAdvance(self._text(section))
            room.adjust(max((room.width() - content_px) // 2, 0), 0, 0, 0)
        return QRect(room.left(), room.top(), sign_px, room.height()), room.adjusted(sign_px, 0, 0, 0)

    def _sign_px(self, section: int) -> int:
        sign = self.model().headerData(section, self.orientation(), STYLE_ROLE).sign
        return self.fontMetrics().horizontalAdvance(sign) + theme.INSIDE if sign else 0

    def _paint_sign(self, painter: QPainter, rect: QRect, section: int) -> None:
        style = self.model().headerData(section, self.orientation(), STYLE_ROLE)
        if not style.sign:
            return
        painter.setPen(style.shown_color(self.palette(), QPalette.ColorRole.Window))
        side = Qt.AlignmentFlag.AlignHCenter if self._is_upright else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | side, style.sign)

    def _paint_name(self, painter: QPainter, rect: QRect, section: int) -> None:
        neighbours = [self._text(i) for i in (section - 1, section, section + 1) if 0 <= i < self.count()]
        n_shared = shared_starts(neighbours)[min(section, 1)]
        name = cut_name(self.fontMetrics(), self._text(section), n_shared, rect.width())
        role = QPalette.ColorRole.WindowText if self._sign_px(section) else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(role))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


class _CellPainter(QStyledItemDelegate):
    """A ground that grows with the share: accent where label and prediction agree, red where not."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell: Cell = index.data(CELL_ROLE)
        palette: QPalette = option.palette
        rect = option.rect.adjusted(1, 1, -1, -1)
        painter.save()
        ground = self._ground(cell, palette)
        painter.fillRect(rect, ground)
        painter.setFont(theme.tabular(option.font))
        is_quiet = cell.is_total or not cell.n_images
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText) if is_quiet else text_on(ground, palette))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(index.data()))
        self._paint_frames(painter, option, rect, index)
        painter.restore()

    def _ground(self, cell: Cell, palette: QPalette) -> QColor:
        if cell.is_total:
            return palette.color(QPalette.ColorRole.Window)
        base = palette.color(QPalette.ColorRole.Base)
        if not cell.n_images:
            return base
        color = theme.current().accent if cell.is_right else theme.current().red
        return mix(base, color, LEAST_SHADE + SHADE * sqrt(cell.share))

    def _paint_frames(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: Index) -> None:
        model = index.model()
        assert isinstance(model, MatrixModel)
        cell: Cell = index.data(CELL_ROLE)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if model.shown == (cell.label_id, cell.predicted_id):
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Text), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        elif option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        elif option.state & QStyle.StateFlag.State_MouseOver and cell.n_images:
            painter.setPen(option.palette.color(QPalette.ColorRole.Dark))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

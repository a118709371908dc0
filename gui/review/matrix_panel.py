"""The figures of a run: confusion matrix, confused pairs, classes, precision-recall curve, ImageNet readings.

The panel folds away to its title. With many classes the pairs come first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QToolButton, QWidget

from core.project.journal import ClassRow
from core.review.verdict import shown_share
from core.text import Message, text
from core.review.metrics import Confused
from core.workflow.confusion import Confusion
from core.workflow.judged_scores import JudgedScores
from gui import theme
from gui.widgets.labels import ElidedLabel
from gui.widgets.class_style import ClassStyle, class_styles
from gui.widgets.class_table import ClassTable
from gui.widgets.layouts import column_of, row_of
from gui.widgets.row_list import Row, RowList
from gui.review.matrix_model import MatrixModel
from gui.review.matrix_view import MatrixView
from gui.review.precision_recall_plot import PrecisionRecallPanel
from gui.review.readings_panel import ReadingsPanel
from gui.widgets.segments import Segments

MANY_CLASSES = 12
"""With more classes the pairs come first."""

MAX_PAIRS = 60
LEAST_BESIDE_PX, MOST_BESIDE_PX = 220, 320
"""Width of the pairs beside the matrix."""

LOW_BAR = (theme.AROUND, theme.INSIDE, theme.AROUND, theme.INSIDE)
COUNTS, PERCENT = "counts", "percent"
PAIRS, MATRIX, CLASSES, CURVE, READINGS = "pairs", "matrix", "classes", "curve", "readings"
LEAST_READINGS_PX = 300
LEAST_CURVE_PX, WANTED_CURVE_PX, CLASSES_PX, MOST_PX = 130, 240, 560, 16_777_215


class MatrixPanel(QWidget):
    """Figures of one run.

    Signals:
        asked(object label_id, object predicted_id): see `MatrixView`.
        fold_asked(bool is_folded): a person folds it away, or wants to see it.
        kind_changed(): other figures are shown.
    """

    asked = Signal(object, object)
    fold_asked = Signal(bool)
    kind_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = MatrixModel(self)
        self.view = MatrixView(self.model)
        self.pairs = RowList(text("window_review.pairs_name"), n_least=3)
        self.beside = RowList(text("window_review.pairs_name"), n_least=1)
        self.classes, self.curve = ClassTable(fits_rows=False), PrecisionRecallPanel()
        self.readings = ReadingsPanel()
        self.units = Segments(text("window_review.units_name"))
        self.kinds = Segments(text("window_review.kinds_name"))
        self.fold = QToolButton()
        self._no_pairs = QLabel(text("window_review.no_pairs"))
        self._stack, self._body = QStackedWidget(), QWidget()
        self._kind, self._styles, self._are_classes_new = "", dict[int, ClassStyle](), True
        self._build()

    @property
    def kind(self) -> str:
        """What is shown."""
        return self._kind or (PAIRS if self._has_many else MATRIX)

    @property
    def _shown(self) -> QWidget:
        widget = self._stack.currentWidget()
        assert widget is not None
        return widget

    @property
    def is_matrix_shown(self) -> bool:
        return self._stack.currentWidget() is self.view

    @property
    def is_folded(self) -> bool:
        return self._body.isHidden()

    def set_folded(self, is_folded: bool) -> None:
        """Show the title alone, or everything."""
        self._body.setVisible(not is_folded)
        self.fold.setArrowType(Qt.ArrowType.RightArrow if is_folded else Qt.ArrowType.DownArrow)
        self.fold.setToolTip(text("window_review.unfold" if is_folded else "window_review.fold"))
        self.fold.setAccessibleName(self.fold.toolTip())
        self.setMaximumHeight(self.minimumSizeHint().height() if is_folded else MOST_PX)
        self.updateGeometry()

    def show_kind(self, kind: str) -> None:
        """Show the pairs, the matrix, the figures of classes, the curve or the readings."""
        self._kind = kind
        self._show_kind()
        self.kind_changed.emit()

    def show_confusion(
        self, confusion: Confusion, classes: Sequence[ClassRow], read_scores: Callable[[], JudgedScores] | None = None
    ) -> None:
        """Show a run.

        Args:
            confusion: Its matrix.
            classes: Of the project.
            read_scores: Reads the probabilities that curves are drawn of, when somebody looks.
        """
        was_many = self._has_many
        self.model.show(confusion, classes)
        styles = class_styles(classes)
        rows = [self._pair_row(pair, styles) for pair in confusion.pairs(MAX_PAIRS)]
        self.pairs.set_rows(rows)
        self.beside.set_rows(rows[:len(confusion.classes) + 1])
        self._styles, self._are_classes_new = styles, True
        self.curve.show_classes(confusion.classes, styles)
        self.curve.forget(read_scores)
        if was_many != self._has_many:
            self._kind = ""
        self._show_kind()

    def mark(self, shown: tuple[int | None, int | None] | None) -> None:
        """Say which cell's images are in sight."""
        self.model.mark(shown)
        for pairs in (self.pairs, self.beside):
            pairs.mark(frozenset([shown] if shown else []))
        if shown and (index := self.model.index_of(*shown)).isValid():
            self.view.stand_on(index)

    def take_keyboard(self) -> None:
        """The arrow keys walk about in the matrix, or in what is shown in its place."""
        if self.is_folded:
            self.fold_asked.emit(False)
        if self.is_matrix_shown and not self.view.currentIndex().isValid():
            self.view.stand_on(self.model.index(0, 0))
        self._shown.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def content_size(self) -> QSize:
        """What it would take to show everything."""
        inside = self._shown.sizeHint()
        if self.kind == CLASSES:
            header, n = self.classes.horizontalHeader().sizeHint().height(), self.classes.rowCount()
            inside = QSize(CLASSES_PX, header + n * self.classes.verticalHeader().defaultSectionSize() + 4)
        elif self.kind == CURVE:
            inside = QSize(2 * WANTED_CURVE_PX, WANTED_CURVE_PX)
        return QSize(inside.width() + 2 * theme.AROUND, inside.height() + self._above_px() + theme.BETWEEN)

    def minimumSizeHint(self) -> QSize:
        if self.is_folded:
            return QSize(240, self._head.sizeHint().height() + 2 * theme.INSIDE)
        least = self._shown.minimumSizeHint().height()
        least = LEAST_CURVE_PX if self.kind in (CURVE, CLASSES, READINGS) else max(least, theme.row_px(self))
        return QSize(LEAST_READINGS_PX if self.kind == READINGS else 240, self._above_px() + least)

    def unfolded_height(self) -> int:
        """The least height at which it is of use."""
        is_folded = self.is_folded
        self._body.setVisible(True)
        least = self.minimumSizeHint().height()
        self._body.setVisible(not is_folded)
        return least

    def _above_px(self) -> int:
        below = max(self._caption.sizeHint().height(), self.units.sizeHint().height() if self.kind == MATRIX else 0)
        return self._head.sizeHint().height() + below + 3 * theme.BETWEEN

    @property
    def _has_many(self) -> bool:
        return len(self.model.confusion.classes) > MANY_CLASSES

    def _build(self) -> None:
        self._title = theme.bold(ElidedLabel())
        self.fold.setAutoRaise(True)
        self.fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._head = QWidget()
        row_of(self.fold, (self._title, 1), self.kinds, spacing=theme.INSIDE, parent=self._head)
        self._caption = ElidedLabel(role=self.palette().ColorRole.PlaceholderText)
        self._caption.setFont(theme.scaled_font(self._caption.font(), theme.CAPTION_SCALE))
        for widget in (self.view, self.pairs, self._no_pairs, self.classes, self.curve, self.readings):
            self._stack.addWidget(widget)
        self._no_pairs.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        inside = row_of((self._stack, 1), (self.beside, 0, Qt.AlignmentFlag.AlignTop), spacing=theme.MARGIN)
        column_of(row_of((self._caption, 1), self.units), (inside, 1), spacing=theme.INSIDE, parent=self._body)
        column_of(self._head, (self._body, 1), spacing=theme.INSIDE, margins=LOW_BAR, parent=self)
        self.view.asked.connect(self.asked)
        for pairs in (self.pairs, self.beside):
            pairs.chosen.connect(lambda pair, _: self.asked.emit(*pair))
        self.classes.chosen.connect(self._on_classes_chosen)
        self.units.chosen.connect(self._on_units_chosen)
        self.kinds.chosen.connect(self._on_kinds_chosen)
        self.fold.clicked.connect(lambda: self.fold_asked.emit(not self.is_folded))
        self.set_folded(False)
        self._show_kind()

    def _show_kind(self) -> None:
        kind, is_matrix = self.kind, self.kind == MATRIX
        widgets = {MATRIX: self.view, CLASSES: self.classes, CURVE: self.curve, READINGS: self.readings,
                   PAIRS: self.pairs if self.pairs.rows else self._no_pairs}
        self._stack.setCurrentWidget(widgets[kind])
        self._title.set_text(
            text("window_review.matrix" if kind in (MATRIX, PAIRS) else f"window_review.{kind}_title"))
        self.units.show_choices([
            (COUNTS, text("window_review.counts"), text("window_review.counts_tip")),
            (PERCENT, text("window_review.percent"), text("window_review.percent_tip")),
        ], PERCENT if self.model.is_percent else COUNTS)
        self.units.setVisible(is_matrix)
        many = [(PAIRS, text("window_review.pairs"), text("window_review.pairs_tip"))] if self._has_many else []
        self.kinds.show_choices([
            *many,
            (MATRIX, text("window_review.matrix_short"),
             text("window_review.matrix_tip", n=len(self.model.confusion.classes))),
            (CLASSES, text("window_review.classes"), text("window_review.classes_tip")),
            (CURVE, text("window_review.curve"), text("window_review.curve_tip")),
            (READINGS, text("window_review.readings"), text("window_review.readings_tip")),
        ], kind)
        self._caption.set_text(text(f"window_review.{kind}_caption"))
        if kind == CLASSES and self._are_classes_new:  # a thousand lines take their time: only where somebody looks
            self._are_classes_new = False
            named = {style.name: style for style in self._styles.values()}
            self.classes.show_rows(self.model.confusion.per_class, named)
        if kind == CURVE:
            self.curve.refresh()
        self._stack.updateGeometry()
        self.updateGeometry()
        self._show_beside()

    def _show_beside(self) -> None:
        """Where a small matrix leaves room, the pairs stand beside it."""
        spare = self.width() - self.view.sizeHint().width() - 2 * theme.AROUND - theme.MARGIN
        has_room = self.is_matrix_shown and not self._has_many and spare >= LEAST_BESIDE_PX
        self.beside.setVisible(has_room and bool(self.beside.rows))
        self.beside.setFixedWidth(max(LEAST_BESIDE_PX, min(spare, MOST_BESIDE_PX)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_beside()

    def _pair_row(self, pair: Confused, styles: dict[int, ClassStyle]) -> Row:
        label, predicted = self.model.name_of(pair.label), self.model.name_of(pair.prediction)
        style = styles.get(pair.label, ClassStyle(None, label))
        return Row(
            (pair.label, pair.prediction), f"{label} → {predicted}", pair.n_images, style.sign, style.color,
            tool_tip=text("window_review.pair_tip", images=Message("text.images", n=pair.n_images), label=label,
                          prediction=predicted, share=shown_share(pair.share)),
        )

    def _on_units_chosen(self, key: str) -> None:
        self.model.show_percent(key == PERCENT)

    def _on_kinds_chosen(self, key: str) -> None:
        self.show_kind(key)
        if self.is_folded:
            self.fold_asked.emit(False)

    def _on_classes_chosen(self, place: int) -> None:
        """The images of the class, as its line of the matrix shows them."""
        self.asked.emit(self.model.confusion.classes[place].class_id, None)

"""Shows the confusion matrix, and for many classes first the pairs that are confused most."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QWidget

from core.project.journal import ClassRow
from core.review.verdict import shown_share
from core.text import Message, text
from core.review.metrics import Confused
from core.workflow.confusion import Confusion
from gui import theme
from gui.widgets.labels import ElidedLabel
from gui.widgets.class_style import ClassStyle, class_styles
from gui.widgets.layouts import BAR, column_of, row_of
from gui.widgets.row_list import Row, RowList
from gui.review.matrix_model import MatrixModel
from gui.review.matrix_view import MatrixView
from gui.review.mode_bar import Segments

MANY_CLASSES = 12
"""With more classes the pairs come first."""

MAX_PAIRS = 60
LEAST_BESIDE_PX, MOST_BESIDE_PX = 220, 320
"""Width of the pairs beside the matrix."""

COUNTS, PERCENT, PAIRS, MATRIX = "counts", "percent", "pairs", "matrix"


class MatrixPanel(QWidget):
    """Matrix and pairs of one run.

    Signals:
        asked(object label_id, object predicted_id): see `MatrixView`.
    """

    asked = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = MatrixModel(self)
        self.view = MatrixView(self.model)
        self.pairs = RowList(text("window_review.pairs_name"), n_least=3)
        self.beside = RowList(text("window_review.pairs_name"), n_least=1)
        self.units = Segments(text("window_review.units_name"))
        self.kinds = Segments(text("window_review.kinds_name"))
        self._no_pairs = QLabel(text("window_review.no_pairs"))
        self._stack = QStackedWidget()
        self._wants_matrix = False
        self._build()

    @property
    def is_matrix_shown(self) -> bool:
        return self._stack.currentWidget() is self.view

    def show_confusion(self, confusion: Confusion, classes: Sequence[ClassRow]) -> None:
        """Show a run."""
        was_many = self._has_many
        self.model.show(confusion, classes)
        styles = class_styles(classes)
        rows = [self._pair_row(pair, styles) for pair in confusion.pairs(MAX_PAIRS)]
        self.pairs.set_rows(rows)
        self.beside.set_rows(rows[:len(confusion.classes) + 1])
        if was_many != self._has_many:
            self._wants_matrix = not self._has_many
        self._show_kind()

    def mark(self, shown: tuple[int | None, int | None] | None) -> None:
        """Say which cell's images are in sight."""
        self.model.mark(shown)
        for pairs in (self.pairs, self.beside):
            pairs.mark(frozenset([shown] if shown else []))
        if shown and (index := self.model.index_of(*shown)).isValid():
            self.view.stand_on(index)

    def take_keyboard(self) -> None:
        """The arrow keys walk about in the matrix, or in the list of pairs."""
        widget = self.view if self.is_matrix_shown else self.pairs
        if self.is_matrix_shown and not self.view.currentIndex().isValid():
            self.view.stand_on(self.model.index(0, 0))
        widget.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def content_size(self) -> QSize:
        """What it would take to show everything."""
        inside = self.view.sizeHint() if self.is_matrix_shown else self.pairs.sizeHint()
        return QSize(inside.width() + 2 * theme.AROUND, inside.height() + self._above_px() + theme.BETWEEN)

    def minimumSizeHint(self) -> QSize:
        inside = self.view if self.is_matrix_shown else self.pairs
        return QSize(240, self._above_px() + max(inside.minimumSizeHint().height(), theme.row_px(self)))

    def _above_px(self) -> int:
        return self._head.sizeHint().height() + self._caption.sizeHint().height() + 3 * theme.BETWEEN

    @property
    def _has_many(self) -> bool:
        return len(self.model.confusion.classes) > MANY_CLASSES

    def _build(self) -> None:
        title = theme.bold(ElidedLabel(text("window_review.matrix")))
        self._head = QWidget()
        row_of((title, 1), self.kinds, self.units, parent=self._head)
        self._caption = ElidedLabel(role=self.palette().ColorRole.PlaceholderText)
        self._caption.setFont(theme.scaled_font(self._caption.font(), theme.CAPTION_SCALE))
        for widget in (self.view, self.pairs, self._no_pairs):
            self._stack.addWidget(widget)
        self._no_pairs.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        inside = row_of((self._stack, 1), (self.beside, 0, Qt.AlignmentFlag.AlignTop), spacing=theme.MARGIN)
        column_of(self._head, self._caption, (inside, 1), spacing=theme.INSIDE, margins=BAR, parent=self)
        self.view.asked.connect(self.asked)
        for pairs in (self.pairs, self.beside):
            pairs.chosen.connect(lambda pair, _: self.asked.emit(*pair))
        self.units.chosen.connect(self._on_units_chosen)
        self.kinds.chosen.connect(self._on_kinds_chosen)
        self._show_kind()

    def _show_kind(self) -> None:
        is_matrix = self._wants_matrix or not self._has_many
        self._stack.setCurrentWidget(self.view if is_matrix else self.pairs if self.pairs.rows else self._no_pairs)
        self.units.show_choices([
            (COUNTS, text("window_review.counts"), text("window_review.counts_tip")),
            (PERCENT, text("window_review.percent"), text("window_review.percent_tip")),
        ], PERCENT if self.model.is_percent else COUNTS)
        self.units.setVisible(is_matrix)
        self.kinds.show_choices([
            (PAIRS, text("window_review.pairs"), text("window_review.pairs_tip")),
            (MATRIX, text("window_review.matrix_short"),
             text("window_review.matrix_tip", n=len(self.model.confusion.classes))),
        ], MATRIX if is_matrix else PAIRS)
        self.kinds.setVisible(self._has_many)
        self._caption.set_text(
            text("window_review.matrix_caption" if is_matrix else "window_review.pairs_caption")
        )
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
        self._wants_matrix = key == MATRIX
        self._show_kind()

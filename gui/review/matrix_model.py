"""The confusion matrix as a Qt table: rows are labels, columns predictions, the last of each counts all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.project.journal import ClassRow
from core.review.verdict import shown_share
from core.text import Message, text
from core.text.numbers import format_whole
from core.workflow.confusion import Confusion, JudgedClass
from gui.widgets.class_style import ClassStyle, class_styles

Index = QModelIndex | QPersistentModelIndex

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `Cell` of an index."""

STYLE_ROLE = Qt.ItemDataRole.UserRole + 2
"""Of a header: the `ClassStyle` of its class; `NO_STYLE` for totals."""

NO_STYLE = ClassStyle(None, "")

NO_CLASSES = Confusion((), np.zeros((0, 0), np.int64))


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the matrix.

    Attributes:
        label_id, predicted_id: Classes of the catalog; None where it counts all.
        n_images: Images in it.
        share: Of the images of its label, 0 … 1; of a total in the last row, of all images.
    """

    label_id: int | None
    predicted_id: int | None
    n_images: int
    share: float

    @property
    def is_total(self) -> bool:
        return self.label_id is None or self.predicted_id is None

    @property
    def is_right(self) -> bool:
        return self.label_id == self.predicted_id


class MatrixModel(QAbstractTableModel):
    """Counts or shares of a `Confusion`; colours and signs of the classes as the project has them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.confusion = NO_CLASSES
        self.is_percent = False
        self.shown: tuple[int | None, int | None] | None = None
        """Label and prediction of the cell whose images are in sight."""
        self._styles: dict[int, ClassStyle] = {}
        self._shares = np.zeros((0, 0))

    def show(self, confusion: Confusion, classes: Sequence[ClassRow]) -> None:
        """Show a matrix; the same classes again keep the place of the keyboard."""
        styles = class_styles(classes)
        is_same = confusion.classes == self.confusion.classes and styles == self._styles
        if not is_same:
            self.beginResetModel()
        self.confusion, self._styles, self._shares = confusion, styles, confusion.shares
        if not is_same:
            self.endResetModel()
        else:
            self._tell_of_all()

    def show_percent(self, is_percent: bool) -> None:
        """Show shares of each label instead of counts, or counts again."""
        self.is_percent = is_percent
        self._tell_of_all()

    def mark(self, shown: tuple[int | None, int | None] | None) -> None:
        """Say which cell's images are in sight; only what looks different now is painted anew."""
        before, self.shown = self.shown, shown
        for cell in (before, shown) if before != shown else ():
            if cell is not None and (index := self.index_of(*cell)).isValid():
                self.dataChanged.emit(index, index)

    def index_of(self, label_id: int | None, predicted_id: int | None) -> QModelIndex:
        """Where that cell is; invalid if a class has no line."""
        place: dict[int | None, int] = {c.class_id: at for at, c in enumerate(self.confusion.classes)}
        place[None] = len(place)
        if label_id not in place or predicted_id not in place:
            return QModelIndex()
        return self.index(place[label_id], place[predicted_id])

    def cell(self, index: Index) -> Cell:
        """What lies at an index."""
        n, counts = len(self.confusion.classes), self.confusion.counts
        row, column = index.row(), index.column()
        label_id = self.confusion.classes[row].class_id if row < n else None
        predicted_id = self.confusion.classes[column].class_id if column < n else None
        if row < n and column < n:
            return Cell(label_id, predicted_id, int(counts[row, column]), float(self._shares[row, column]))
        part = counts[row] if row < n else counts[:, column] if column < n else counts
        whole = int(part.sum()) if row < n else self.confusion.n_total
        return Cell(label_id, predicted_id, int(part.sum()), int(part.sum()) / whole if whole else 0.0)

    # ── Qt asks ──────────────────────────────────────────────────────────

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        n = len(self.confusion.classes)
        return 0 if parent.isValid() or not n else n + 1

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return self.rowCount(parent)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self.cell(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._sentence(cell)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(cell)
        return cell if role == CELL_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        classes = self.confusion.classes
        is_total = section >= len(classes)
        if role == Qt.ItemDataRole.DisplayRole:
            return text("window_review.all") if is_total else classes[section].name
        if role == STYLE_ROLE:
            return NO_STYLE if is_total else self._styles.get(classes[section].class_id, NO_STYLE)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return text("window_review.all_classes") if is_total else self._say_class(classes[section], orientation)
        return None

    # ── words ────────────────────────────────────────────────────────────

    def _text(self, cell: Cell) -> str:
        if not self.is_percent:
            return format_whole(cell.n_images)
        return text("window_review.share", share=shown_share(cell.share)) if cell.n_images else "–"

    def _sentence(self, cell: Cell) -> str:
        """“7 images labelled pistol, predicted smartphone”."""
        images = Message("text.images", n=cell.n_images)
        if cell.label_id is None and cell.predicted_id is None:
            return text("window_review.images_in_all", images=images)
        if cell.predicted_id is None:
            return text("window_review.images_labelled", images=images, label=self.name_of(cell.label_id))
        prediction = self.name_of(cell.predicted_id)
        if cell.label_id is None:
            return text("window_review.images_predicted", images=images, prediction=prediction)
        return text("window_review.images_of_cell", images=images, label=self.name_of(cell.label_id),
                    prediction=prediction)

    def _tool_tip(self, cell: Cell) -> str:
        lines = [self._sentence(cell) + "."]
        if cell.label_id is not None and cell.predicted_id is not None and cell.n_images:
            lines.append(text("window_review.share_of_label", share=shown_share(cell.share),
                              label=self.name_of(cell.label_id)))
        return "\n".join([*lines, text("window_review.click_to_see")] if cell.n_images else lines)

    def _say_class(self, judged: JudgedClass, orientation: Qt.Orientation) -> str:
        if judged.is_gone:
            return text("window_review.class_gone", name=judged.name)
        if judged.is_new:
            return text("window_review.class_new", name=judged.name)
        is_column = orientation is Qt.Orientation.Horizontal
        return text("window_review.prediction_of" if is_column else "window_review.label_of", name=judged.name)

    def name_of(self, class_id: int | None) -> str:
        """What a class of the matrix is called."""
        return next((c.name for c in self.confusion.classes if c.class_id == class_id), "?")

    def _tell_of_all(self) -> None:
        if self.rowCount():
            last = self.rowCount() - 1
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))

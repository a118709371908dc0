"""The thresholds of single classes: a table to set them in, with coverage and errors of each class beside."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView, QDoubleSpinBox, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem,
    QTableWidget, QTableWidgetItem, QWidget,
)

from core.project.thresholds import Thresholds
from core.review.verdict import shown_share
from core.text import text
from core.text.numbers import format_percent
from core.workflow.confusion import Judged
from core.workflow.deciding import answered_at
from gui import theme
from gui.widgets.class_style import ClassStyle
from gui.widgets.name_delegate import GAP, NameDelegate

NAME, OWN, COVERAGE, ERRORS = range(4)
NONE = -0.1
"""Stands in the editor for “as all classes”."""

SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class ClassThresholds(QTableWidget):
    """A line for each class that the run predicts.

    Args:
        judged: What coverage and errors are measured on.
        styles: Signs of the classes by their ids.
        design_effect: See `core.review.metrics.wilson_interval`.

    Signals:
        edited(): a class got another threshold, or none of its own.
    """

    edited = Signal()

    def __init__(
        self, judged: Judged, styles: Mapping[int, ClassStyle], *, design_effect: float = 1.0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(0, 4, parent)
        self._judged, self._design_effect = judged, design_effect
        self._classes = [c for c in judged.classes if not c.is_gone]
        self._general = 0.0
        self.setAccessibleName(text("window_review.thresholds_name"))
        self.setFont(theme.tabular(self.font()))
        columns = ("class_column", "own_threshold", "coverage", "error_rate")
        self.setHorizontalHeaderLabels([text(f"window_review.{column}") for column in columns])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.row_px(self))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setWordWrap(False)
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        self.setItemDelegateForColumn(OWN, _ShareEditor(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self._fill(styles)
        self.itemChanged.connect(self._on_item_changed)

    @property
    def of_classes(self) -> dict[str, float]:
        """Thresholds of single classes by name, 0 … 1."""
        found = ((c.name, self._cell(row, OWN).data(SHARE_ROLE)) for row, c in enumerate(self._classes))
        return {name: float(share) for name, share in found if share is not None}

    def set_threshold(self, row: int, share: float | None) -> None:
        """Give a class a threshold of its own, 0 … 1, or None for that of all classes."""
        self._cell(row, OWN).setData(SHARE_ROLE, share)

    def show_thresholds(self, chosen: Thresholds) -> None:
        """Show these and what they do, without saying that anything was edited."""
        self._general = chosen.sure
        with QSignalBlocker(self):
            for row, judged in enumerate(self._classes):
                self._cell(row, OWN).setData(SHARE_ROLE, chosen.of_classes.get(judged.name))
        self._refresh()

    def show_general(self, sure: float) -> None:
        """The threshold of all classes is another now, 0 … 1."""
        self._general = sure
        self._refresh()

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        found = self.item(row, column)
        assert found is not None
        return found

    def _fill(self, styles: Mapping[int, ClassStyle]) -> None:
        self.setRowCount(len(self._classes))
        for row, judged in enumerate(self._classes):
            sign = styles[judged.class_id].sign if judged.class_id in styles else ""
            name = QTableWidgetItem(f"{sign}{GAP}{judged.name}".strip())
            name.setToolTip(judged.name)
            name.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.setItem(row, NAME, name)
            for column in (OWN, COVERAGE, ERRORS):
                item = QTableWidgetItem()
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column != OWN:
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.setItem(row, column, item)

    def _refresh(self) -> None:
        chosen = Thresholds(self._general, self.of_classes)
        with QSignalBlocker(self):
            for row, judged in enumerate(self._classes):
                found = answered_at(
                    self._judged, chosen, class_id=judged.class_id, design_effect=self._design_effect)
                own = chosen.of_classes.get(judged.name)
                self._cell(row, OWN).setText(text("window_review.as_all") if own is None else format_percent(own))
                self._cell(row, COVERAGE).setText(format_percent(shown_share(found.coverage)) if found.n_all else "–")
                self._cell(row, COVERAGE).setToolTip(
                    text("window_review.answered_of", n=found.n, total=found.n_all))
                error = found.error
                self._cell(row, ERRORS).setText("–" if error is None else format_percent(shown_share(error)))
                self._cell(row, ERRORS).setToolTip("" if error is None else text(
                    "window_review.wrong_of", n=found.n_wrong, total=found.n, low=shown_share(found.interval[0]),
                    high=shown_share(found.interval[1])))
        self.viewport().update()

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        if item.column() == OWN:
            self._refresh()
            self.edited.emit()


class _ShareEditor(QStyledItemDelegate):
    """A percentage, or “as all classes” below 0."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        box = QDoubleSpinBox(parent, decimals=1, minimum=NONE, maximum=100.0, singleStep=1.0)
        box.setSuffix(" %")
        box.setSpecialValueText(text("window_review.as_all"))
        box.setFrame(False)
        return box

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        assert isinstance(editor, QDoubleSpinBox)
        share = index.data(SHARE_ROLE)
        editor.setValue(NONE if share is None else 100 * float(share))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        assert isinstance(editor, QDoubleSpinBox)
        editor.interpretText()
        value = editor.value()
        model.setData(index, None if value < 0 else round(value / 100, 4), SHARE_ROLE)

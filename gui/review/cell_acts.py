"""The acts on a cell of the confusion matrix, and its context menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from core.text import text
from gui import messages
from gui.actions import Action, ActionTable
from gui.pages import PageContext
from gui.review.matrix_model import CELL_ROLE, Cell
from gui.review.matrix_panel import MatrixPanel
from gui.review.review_page import ReviewPage

CELL_MENU = ("review.cell", "review.cell_row", "review.cell_column", "", "review.copy_matrix", "review.save_page")


def cell_actions(context: PageContext, page: Callable[[PageContext], ReviewPage]) -> list[Action]:
    """What can be done with the cell that the keyboard or a click stands on, while the matrix is in sight.

    Args:
        context: Session and window.
        page: Goes to the Review page.
    """
    def in_sight() -> MatrixPanel | None:
        found = context.window.workbench.findChild(MatrixPanel)
        return found if found is not None and found.isVisible() and found.is_matrix_shown and (
            not found.is_folded) else None

    def cell() -> Cell | None:
        matrix = in_sight()
        index = matrix.view.currentIndex() if matrix is not None else None
        return index.data(CELL_ROLE) if index is not None and index.isValid() else None

    def show(*, label: bool, predicted: bool) -> None:
        one = cell()
        if one is not None:
            page(context).show_cell(one.label_id if label else None, one.predicted_id if predicted else None)

    def copy() -> None:
        QGuiApplication.clipboard().setText(table_of(page(context).matrix))
        messages.tell(text("window_review.matrix_copied"))

    def has_cell(*, label: bool, predicted: bool) -> bool:
        one = cell()
        return one is not None and (not label or one.label_id is not None) and (
            not predicted or one.predicted_id is not None)

    return [
        Action("review.cell", text("window_review.act_cell"), "", lambda: show(label=True, predicted=True), "View",
               "grid", lambda: cell() is not None, starts_group=True),
        Action("review.cell_row", text("window_review.act_cell_row"), "", lambda: show(label=True, predicted=False),
               "View", "", lambda: has_cell(label=True, predicted=False)),
        Action("review.cell_column", text("window_review.act_cell_column"), "",
               lambda: show(label=False, predicted=True), "View", "", lambda: has_cell(label=False, predicted=True)),
        Action("review.copy_matrix", text("window_review.act_copy_matrix"), "", copy, "View", "copy",
               lambda: context.session.is_open and context.session.run is not None),
    ]


def table_of(matrix: MatrixPanel) -> str:
    """The confusion matrix as it is shown, with tabs between the cells, for a spreadsheet."""
    model, across = matrix.model, Qt.Orientation.Horizontal
    n_rows, n_columns = model.rowCount(), model.columnCount()
    head = ["", *(str(model.headerData(i, across)) for i in range(n_columns))]
    rows = [[str(model.headerData(i, Qt.Orientation.Vertical)),
             *(str(model.index(i, k).data()) for k in range(n_columns))] for i in range(n_rows)]
    return "\n".join("\t".join(row) for row in (head, *rows))


def watch_cells(matrix: MatrixPanel, table: ActionTable) -> None:
    """Open the context menu of a cell."""
    view = matrix.view

    def open_menu(at: QPoint) -> None:
        index = view.indexAt(at)
        if index.isValid():
            view.stand_on(index)
            table.build_menu(CELL_MENU, view).popup(view.viewport().mapToGlobal(at))

    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    view.customContextMenuRequested.connect(open_menu)

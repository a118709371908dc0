"""Where the arrow and page keys lead in a grid."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView

from gui.widgets.grid_geometry import GridGeometry

Action = QAbstractItemView.CursorAction


def row_after(action: Action, row: int, geometry: GridGeometry, *, height: int) -> int:
    """The row to which a key leads; up and down stay in their column.

    Args:
        action: What the key means.
        row: Where it begins, a row of `geometry`.
        geometry: Of a grid with at least one image.
        height: Of the viewport in pixels, for whole pages.
    """
    last = geometry.n_images - 1
    if action in (Action.MoveHome, Action.MoveEnd):
        return 0 if action == Action.MoveHome else last
    step = _step(action, geometry.n_columns, geometry.lines_per_page(height))
    if step < 0:
        return _backward(row, step, geometry.n_columns)
    is_last_line = row // geometry.n_columns == last // geometry.n_columns
    return row if is_last_line and step > 1 else min(row + step, last)


def _step(action: Action, n_columns: int, n_lines: int) -> int:
    return {
        Action.MoveLeft: -1, Action.MovePrevious: -1, Action.MoveRight: 1, Action.MoveNext: 1,
        Action.MoveUp: -n_columns, Action.MoveDown: n_columns,
        Action.MovePageUp: -n_columns * n_lines, Action.MovePageDown: n_columns * n_lines,
    }[action]


def _backward(row: int, step: int, n_columns: int) -> int:
    if row + step >= 0:
        return row + step
    return row if step == -1 else row % n_columns

"""Where each tile of a grid lies, computed from the number of images alone, and where arrow and page keys lead."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractItemView

GAP_PX = 8
FOOT_PX = 2


@dataclass(frozen=True, slots=True)
class GridGeometry:
    """Tiles in lines from left to right; all lengths in logical pixels, y from the top of the content.

    Attributes:
        n_images: Number of tiles, ≥ 0.
        n_columns: Tiles a line, at least 1.
        tile_side: Of the square that holds an image.
        caption_height: Of the line below the foot.
        margin: Left of the first column.
    """

    n_images: int
    n_columns: int
    tile_side: int
    caption_height: int
    margin: int = GAP_PX

    @classmethod
    def filling(cls, n_images: int, width: int, *, min_side: int, caption_height: int) -> GridGeometry:
        """As many columns of at least `min_side` as fit into `width`, widened to fill it with even gaps."""
        n_columns = max(1, (width - GAP_PX) // (min_side + GAP_PX))
        side = max(side_of_columns(width, n_columns), min_side)
        spare = max(width - GAP_PX - n_columns * (side + GAP_PX), 0)
        return cls(n_images, n_columns, side, caption_height, GAP_PX + spare // 2)

    @property
    def n_lines(self) -> int:
        return -(-self.n_images // self.n_columns)

    @property
    def line_height(self) -> int:
        """From the top of one line of tiles to the top of the next."""
        return self.tile_side + FOOT_PX + self.caption_height + GAP_PX

    @property
    def height(self) -> int:
        return self.n_lines * self.line_height + GAP_PX if self.n_images else 0

    def rect(self, row: int) -> QRect:
        """The tile of an image, without the gap around it."""
        line, column = divmod(row, self.n_columns)
        return QRect(self._x(column), GAP_PX + line * self.line_height, self.tile_side, self.line_height - GAP_PX)

    def row_at(self, point: QPoint) -> int:
        """The image under a point, −1 between and beside tiles."""
        row = self.nearest_row(point)
        return row if row >= 0 and self.rect(row).contains(point) else -1

    def nearest_row(self, point: QPoint) -> int:
        """The image in whose cell a point lies or nearly lies, −1 below the last one."""
        line = max(point.y() - GAP_PX, 0) // self.line_height
        row = line * self.n_columns + self._column(point.x())
        return row if row < self.n_images else -1

    def rows_between(self, top: int, bottom: int) -> range:
        """The images of all lines that touch top … bottom."""
        first = max(top - GAP_PX, 0) // self.line_height
        last = max(bottom - GAP_PX, -1) // self.line_height
        return range(min(first * self.n_columns, self.n_images), min((last + 1) * self.n_columns, self.n_images))

    def runs_in(self, band: QRect) -> list[tuple[int, int]]:
        """Runs of images (first, last) whose tiles touch a rectangle, ascending."""
        columns = [c for c in range(self.n_columns)
                   if band.left() < self._x(c) + self.tile_side and band.right() >= self._x(c)]
        if not columns:
            return []
        if len(columns) == self.n_columns:
            rows = self._lines_touched(band)
            return [(rows.start, rows.stop - 1)] if rows else []
        lines = range(max(band.top() - GAP_PX, 0) // self.line_height, self.n_lines)
        runs: list[tuple[int, int]] = []
        for line in lines:
            first = line * self.n_columns
            if self.rect(first).top() > band.bottom():
                break
            if self.rect(first).bottom() < band.top() or first + columns[0] >= self.n_images:
                continue
            _append(runs, first + columns[0], min(first + columns[-1], self.n_images - 1))
        return runs

    def lines_per_page(self, height: int) -> int:
        """Whole lines in a viewport of that height, at least 1."""
        return max(1, (height - GAP_PX) // self.line_height)

    def _lines_touched(self, band: QRect) -> range:
        rows = self.rows_between(band.top(), band.bottom())
        # a band in the gap below a line touches the line's cell but not its tiles
        if rows and self.rect(rows.start).bottom() < band.top():
            return range(min(rows.start + self.n_columns, rows.stop), rows.stop)
        return rows

    def _x(self, column: int) -> int:
        return self.margin + column * (self.tile_side + GAP_PX)

    def _column(self, x: int) -> int:
        return min(max((x - self.margin + GAP_PX // 2) // (self.tile_side + GAP_PX), 0), self.n_columns - 1)


def side_of_columns(width: int, n_columns: int) -> int:
    """The side of tiles of which exactly `n_columns` fill a width; may be ≤ 0 for too many."""
    return (width - GAP_PX) // n_columns - GAP_PX


def _append(runs: list[tuple[int, int]], first: int, last: int) -> None:
    """Add a run, joined to the one before where they meet."""
    if runs and runs[-1][1] + 1 == first:
        runs[-1] = (runs[-1][0], last)
    else:
        runs.append((first, last))


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
        if row + step >= 0:
            return row + step
        return row if step == -1 else row % geometry.n_columns
    is_last_line = row // geometry.n_columns == last // geometry.n_columns
    return row if is_last_line and step > 1 else min(row + step, last)


def _step(action: Action, n_columns: int, n_lines: int) -> int:
    return {
        Action.MoveLeft: -1, Action.MovePrevious: -1, Action.MoveRight: 1, Action.MoveNext: 1,
        Action.MoveUp: -n_columns, Action.MoveDown: n_columns,
        Action.MovePageUp: -n_columns * n_lines, Action.MovePageDown: n_columns * n_lines,
    }[action]

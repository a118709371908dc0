"""The images of a view as a Qt table model over an array of ids; asks for tiles of visible rows only."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from core.text import text
from core.text.numbers import format_float
from gui.widgets.tile import Tile, TileSource

TILE_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `Tile` of a row."""

ID_ROLE = Qt.ItemDataRole.UserRole + 2
"""The image id of a row."""

BLOCK = 64
"""Rows fetched together when a single row is asked for."""

MAX_TILES = 20_000
"""Tiles kept (about 1 kB each) before they are all forgotten."""

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """Columns of the table; the grid uses the first only."""

    NAME = 0
    LABEL = 1
    PREDICTION = 2
    CONFIDENCE = 3
    LOSS = 4
    SPLIT = 5
    SIZE = 6


class ImageModel(QAbstractTableModel):
    """One million ids as a table.

    Signals:
        sort_requested(int column, bool is_descending): a header of the table was clicked; whoever owns
            the query answers with `set_ids`.
    """

    sort_requested = Signal(int, bool)

    def __init__(self, source: TileSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._ids = np.empty(0, dtype=np.int64)
        self._tiles: dict[int, Tile] = {}
        self.keeps_place = False

    # what is shown

    @property
    def ids(self) -> np.ndarray:
        """(n_images,) int64, in the order shown; read-only."""
        return self._ids

    def set_ids(self, ids: np.ndarray, *, keeps_place: bool = False) -> None:
        """Show other images, or the same in another order; the selection is kept by id.

        Args:
            ids: (n_images,) int64, each at most once; copied.
            keeps_place: The same list asked for again, as after labelling in “unlabelled”: if the
                current image has left it, the one now in its place becomes current and selected.
        """
        self.beginResetModel()
        self.keeps_place = keeps_place
        self._ids = np.array(ids, dtype=np.int64)
        self._ids.setflags(write=False)
        self._tiles.clear()
        self.endResetModel()

    def set_source(self, source: TileSource) -> None:
        """Ask another source from now on, and show nothing until `set_ids`."""
        self._source = source
        self.set_ids(np.empty(0, dtype=np.int64))

    def refresh(self, ids: np.ndarray | None = None) -> None:
        """Ask again for images whose label, prediction or file changed.

        Only rows that a view has asked for are notified: a million relabelled images cost what the
        visible ones cost.

        Args:
            ids: (n_images,) int64, or None for all.
        """
        rows = np.fromiter(self._tiles, dtype=np.int64, count=len(self._tiles))
        if ids is not None:
            rows = rows[np.isin(self._ids[rows], ids)]
        if not len(rows):
            return
        for row in rows.tolist():
            del self._tiles[row]
        last_column = len(Column) - 1
        self.dataChanged.emit(self.index(int(rows.min()), 0), self.index(int(rows.max()), last_column))

    def id_at(self, row: int) -> int | None:
        return int(self._ids[row]) if 0 <= row < len(self._ids) else None

    def row_of(self, image_id: int) -> int | None:
        rows = np.flatnonzero(self._ids == image_id)
        return int(rows[0]) if len(rows) else None

    def rows_of(self, ids: np.ndarray) -> np.ndarray:
        """Rows of the ids that are shown, ascending; (n_found,) int64."""
        return np.flatnonzero(np.isin(self._ids, ids))

    def tiles(self, first: int, last: int) -> list[Tile]:
        """The tiles of rows `first` … `last` (inclusive), fetched in one question."""
        rows = range(max(first, 0), min(last + 1, len(self._ids)))
        missing = [row for row in rows if row not in self._tiles]
        if missing:
            self._fetch(missing, rows)
        return [self._tiles[row] for row in rows]

    def tile(self, row: int) -> Tile:
        """The tile of one row, fetched together with its neighbours."""
        if row not in self._tiles:
            start = row - row % BLOCK
            self.tiles(start, start + BLOCK - 1)
        return self._tiles[row]

    def _fetch(self, missing: list[int], rows: range) -> None:
        if len(self._tiles) + len(missing) > MAX_TILES:
            self._tiles = {row: tile for row, tile in self._tiles.items() if row in rows}
        for row, tile in zip(missing, self._source.tiles(self._ids[missing]), strict=True):
            self._tiles[row] = tile

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not 0 <= row < len(self._ids):
            return None
        if role == ID_ROLE:
            return int(self._ids[row])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == TILE_ROLE:
            return self.tile(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell_text(self.tile(row), column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(self.tile(row))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            tile = self.tile(row)
            return self._spoken_text(tile) if column == Column.NAME else self._cell_text(tile, column)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles()[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanations()[section]
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order; a column of −1 (no sorting) asks for nothing."""
        if column >= 0:
            self.sort_requested.emit(column, order == Qt.SortOrder.DescendingOrder)

    def _titles(self) -> tuple[str, ...]:
        return (
            text("widgets.name"), text("widgets.label"), text("widgets.prediction"), text("widgets.confidence"),
            text("widgets.loss"), text("widgets.split"), text("widgets.size"),
        )

    def _explanations(self) -> tuple[str, ...]:
        return (
            text("widgets.name_tip"),
            text("widgets.label_tip"),
            text("widgets.prediction_tip"),
            text("widgets.confidence_tip"),
            text("widgets.loss_tip"),
            text("widgets.split_tip"),
            text("widgets.size_tip"),
        )

    def _cell_text(self, tile: Tile, column: int) -> str:
        match column:
            case Column.NAME:
                return tile.name
            case Column.LABEL:
                return tile.label
            case Column.PREDICTION:
                return tile.prediction or ""
            case Column.CONFIDENCE:
                return tile.confidence_text
            case Column.LOSS:
                return "" if tile.loss is None else format_float(tile.loss, ".3f")
            case Column.SPLIT:
                return text("widgets.split_train") if tile.split == "train" else text("widgets.split_test")
            case _:
                return f"{tile.width} × {tile.height}" if tile.width else ""

    def _tool_tip(self, tile: Tile) -> str:
        lines = [tile.name]
        if tile.width:
            lines.append(f"{tile.width} × {tile.height}")
        lines.append(self._spoken_state(tile))
        lines += [line for line in (tile.doubt, str(tile.reason or "")) if line]
        return "\n".join(lines)

    def _spoken_text(self, tile: Tile) -> str:
        parts = [tile.name, self._spoken_state(tile)]
        parts += [part for part in (tile.doubt, str(tile.reason or "")) if part]
        return ", ".join(parts)

    def _spoken_state(self, tile: Tile) -> str:
        if tile.is_unreadable:
            return text("widgets.cannot_be_read")
        label = text("widgets.spoken_label", name=tile.label) if tile.label else text("widgets.without_label")
        if not tile.differing_prediction:
            return label
        says = f"{tile.differing_prediction} {tile.confidence_text}".rstrip()
        return text("widgets.spoken_prediction", label=label, prediction=says)


def _alignment(column: int) -> Qt.AlignmentFlag:
    is_figure = column in (Column.CONFIDENCE, Column.LOSS, Column.SIZE)
    side = Qt.AlignmentFlag.AlignRight if is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter

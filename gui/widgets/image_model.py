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

BLOCK = 64
"""Rows fetched together when a single row is asked for."""

EXCLUDED_SIGN = "⊘"
"""Before the name of an excluded image in the table."""

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
    TAGS = 7


HEADERS = (
    ("widgets.name", "widgets.name_tip"), ("widgets.label", "widgets.label_tip"),
    ("widgets.prediction", "widgets.prediction_tip"), ("widgets.confidence", "widgets.confidence_tip"),
    ("widgets.loss", "widgets.loss_tip"), ("widgets.split", "widgets.split_tip"),
    ("widgets.size", "widgets.size_tip"), ("widgets.flags_and_tags", "widgets.flags_and_tags_tip"),
)
"""Title of each column and what it means."""


class ImageModel(QAbstractTableModel):
    """One million ids as a table.

    Attributes:
        source: Gives the tiles.
        ids: (n_images,) int64, in the order shown; read-only.

    Signals:
        sort_requested(int column, bool is_descending): a header of the table was clicked; whoever owns
            the query answers with `set_ids`.
    """

    sort_requested = Signal(int, bool)

    def __init__(self, source: TileSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self.ids = np.empty(0, dtype=np.int64)
        self._tiles: dict[int, Tile] = {}
        self.keeps_place = False

    # what is shown

    def set_ids(self, ids: np.ndarray, *, keeps_place: bool = False) -> None:
        """Show other images, or the same in another order; the selection is kept by id.

        Args:
            ids: (n_images,) int64, each at most once; copied.
            keeps_place: The same list asked for again, as after labelling in “unlabelled”: if the
                current image has left it, the one now in its place becomes current and selected.
        """
        self.beginResetModel()
        self.keeps_place = keeps_place
        self.ids = np.array(ids, dtype=np.int64)
        self.ids.setflags(write=False)
        self._tiles.clear()
        self.endResetModel()

    def refresh(self, ids: np.ndarray | None = None) -> None:
        """Ask again for images whose label, prediction or file changed.

        Only rows that a view has asked for are notified: a million relabelled images cost what the
        visible ones cost.

        Args:
            ids: (n_images,) int64, or None for all.
        """
        rows = np.fromiter(self._tiles, dtype=np.int64, count=len(self._tiles))
        if ids is not None:
            rows = rows[np.isin(self.ids[rows], ids)]
        if not len(rows):
            return
        for row in rows.tolist():
            del self._tiles[row]
        last_column = len(Column) - 1
        self.dataChanged.emit(self.index(int(rows.min()), 0), self.index(int(rows.max()), last_column))

    def id_at(self, row: int) -> int | None:
        return int(self.ids[row]) if 0 <= row < len(self.ids) else None

    def row_of(self, image_id: int) -> int | None:
        rows = np.flatnonzero(self.ids == image_id)
        return int(rows[0]) if len(rows) else None

    def rows_of(self, ids: np.ndarray) -> np.ndarray:
        """Rows of the ids that are shown, ascending; (n_found,) int64."""
        return np.flatnonzero(np.isin(self.ids, ids))

    def tiles(self, first: int, last: int) -> list[Tile]:
        """The tiles of rows `first` … `last` (inclusive), fetched in one question."""
        rows = range(max(first, 0), min(last + 1, len(self.ids)))
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
        self._tiles.update(zip(missing, self.source(self.ids[missing]), strict=True))

    # Qt's side

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not 0 <= row < len(self.ids):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == TILE_ROLE:
            return self.tile(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell_text(self.tile(row), column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(self._facts(self.tile(row), _size_text(self.tile(row))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            tile = self.tile(row)
            return ", ".join(self._facts(tile)) if column == Column.NAME else self._cell_text(tile, column)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        place = {Qt.ItemDataRole.DisplayRole: 0, Qt.ItemDataRole.ToolTipRole: 1}.get(Qt.ItemDataRole(role))
        return None if place is None else text(HEADERS[section][place])

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order; a column of −1 (no sorting) asks for nothing."""
        if column >= 0:
            self.sort_requested.emit(column, order == Qt.SortOrder.DescendingOrder)

    def _cell_text(self, tile: Tile, column: int) -> str:
        match column:
            case Column.NAME:
                return tile.name if tile.excluded is None else f"{EXCLUDED_SIGN} {tile.name}"
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
            case Column.TAGS:
                return tile.tag_words
            case _:
                return _size_text(tile)

    def _facts(self, tile: Tile, *extra: str) -> list[str]:
        said = (tile.name, *extra, self._spoken_state(tile), tile.excluded_words, tile.tag_words, tile.doubt,
                tile.note, str(tile.reason or ""))
        return [*filter(None, said)]

    def _spoken_state(self, tile: Tile) -> str:
        if tile.is_unreadable:
            return text("widgets.cannot_be_read")
        label = text("widgets.spoken_label", name=tile.label) if tile.label else text("widgets.without_label")
        if not tile.differing_prediction:
            return label
        says = f"{tile.differing_prediction} {tile.confidence_text}".rstrip()
        return text("widgets.spoken_prediction", label=label, prediction=says)


def _size_text(tile: Tile) -> str:
    return f"{tile.width} × {tile.height}" if tile.width else ""


def _alignment(column: int) -> Qt.AlignmentFlag:
    is_figure = column in (Column.CONFIDENCE, Column.LOSS, Column.SIZE)
    side = Qt.AlignmentFlag.AlignRight if is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter

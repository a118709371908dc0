"""The slider that makes the tiles of a grid larger and smaller."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from gui.widgets.grid_view import MAX_SIDE_PX, MIN_SIDE_PX, GridView

WIDTH_PX = 120
STEP_PX = 16


class ZoomSlider(QSlider):
    """Follows and moves the tile size of one grid, in logical pixels."""

    def __init__(self, grid: GridView, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(MIN_SIDE_PX, MAX_SIDE_PX)
        self.setSingleStep(STEP_PX)
        self.setPageStep(2 * STEP_PX)
        self.setFixedWidth(WIDTH_PX)
        self.setAccessibleName(self.tr("Size of the pictures"))
        self.setToolTip(self.tr("Size of the pictures (Ctrl+wheel, Ctrl++ and Ctrl+−)"))
        self.setValue(grid.tile_side)
        self.valueChanged.connect(grid.set_tile_side)
        grid.tile_side_changed.connect(self.setValue)

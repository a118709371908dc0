"""The grid of images, the same on every page.

Its geometry is arithmetic and painting never decodes: a missing thumbnail is asked for after the frame and drawn when
it arrives.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QPainter, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from core.text import text
from gui.widgets.file_drag import FileDrag
from gui.widgets.grid_geometry import GAP_PX, Action, GridGeometry, row_after, side_of_columns
from gui.widgets.heat_maps import HeatMaps
from gui.widgets.image_model import ImageModel, Index
from gui.widgets.label_keys import LabelKeys
from gui.widgets.rubber_band import RubberBand
from gui.widgets.selection import ImageSelectionModel, ranges_of, show_model
from gui.widgets.thumbnails import ThumbnailCache, ThumbnailRequester
from gui.widgets.cut_names import shared_starts
from gui.widgets.tile_caption import Captions
from gui.widgets.tile_heat import TileHeat
from gui.widgets.tile_painter import FRAME_PX, TilePainter

MIN_SIDE_PX = 64
MAX_SIDE_PX = 384
DEFAULT_SIDE_PX = 144
MAX_DIRTY_TILES = 32
"""With more changed tiles than this the whole viewport is drawn again."""

LOOK_CHANGES = (QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
Hint = QAbstractItemView.ScrollHint


class QTableView(QAbstractItemView):
    """Bears the name by which Qt finds an accessible interface, so that screen readers can walk through the grid.

    Qt goes by the *name* of a class and those of its parents, and knows "QTableView" but not "QAbstractItemView":
    a view of our own would be one dumb area. `QAccessible.installFactory` could mend that, but an interface written
    in Python is asked for, copied and deleted by C++ at moments that Python does not see. Qt 6.8 … 6.11 then serves
    names, places and selected states from the model. (The name "QListView" must not be used: its interface casts to
    the real class.)
    """


class GridView(QTableView):
    """Tiles of an `ImageModel`, selected through a shared `ImageSelectionModel`.

    Attributes:
        keys: Hears the keys that label.

    Signals:
        tile_side_changed(int px): the tiles have another size.
    """

    tile_side_changed = Signal(int)

    # Qt's constructor calls `updateGeometries` and `changeEvent` in some styles, before ours has run
    _is_built = False

    def __init__(
        self, model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache,
        heat: HeatMaps | None = None, parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images = model
        self._selection = selection
        self._thumbnails = thumbnails
        self._min_side = DEFAULT_SIDE_PX
        self._captions = Captions()
        self._heat, self._tile_heat = heat, TileHeat(heat)
        self._tile_painter = self._build_painter()
        self._geometry = GridGeometry(0, 1, DEFAULT_SIDE_PX, 0)
        self._band = RubberBand(self)
        self._drag = FileDrag(self, model, selection, thumbnails)
        self._asker = ThumbnailRequester(
            model, thumbnails, visible_rows=self.visible_rows, side_px=lambda: self._geometry.tile_side, parent=self
        )
        self._is_built = True
        self._set_up_view()
        show_model(self, model, selection)
        self.keys = LabelKeys(self)
        thumbnails.arrived.connect(self._on_thumbnails_arrived)
        if heat is not None:
            self._asker.rested.connect(self._ask_for_heat)
            heat.arrived.connect(self._on_heat_arrived)
            heat.switched.connect(self._on_heat_switched)
            heat.outdated.connect(self._on_heat_switched)

    def _build_painter(self) -> TilePainter:
        return TilePainter(self, self._thumbnails, self._captions, self._tile_heat)

    def _set_up_view(self) -> None:
        self.setAccessibleName(text("widgets.images"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # a bar that comes and goes changes the width, and with it every line
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QAbstractItemView.Shape.NoFrame)
        self.setMinimumSize(MIN_SIDE_PX * 2, MIN_SIDE_PX * 2)

    def visible_rows(self) -> range:
        """Rows of the model that are at least partly in sight."""
        top = self.verticalOffset()
        return self._geometry.rows_between(top, top + self.viewport().height() - 1)

    def set_captions(self, captions: Captions) -> None:
        """Show other words below the tiles; the current image stays in its place."""
        if captions == self._captions:
            return
        anchor = self._anchor()
        top = self._geometry.rect(anchor).top() - self.verticalOffset()
        self._captions = captions
        self._tile_painter = self._build_painter()
        self._lay_out()
        self.verticalScrollBar().setValue(self._geometry.rect(anchor).top() - top)

    # size of the tiles

    @property
    def tile_side(self) -> int:
        """Least side of the square that holds an image, in logical pixels; tiles widen to fill the line."""
        return self._min_side

    def shown_side(self) -> int:
        """Side of the square of a tile as it is shown, in logical pixels; thumbnails are asked for in this size."""
        return self._geometry.tile_side

    def height_of_lines(self, n_lines: int) -> int:
        """Height in pixels that so many lines of tiles take."""
        return n_lines * self._geometry.line_height + GAP_PX

    def set_tile_side(self, side_px: int) -> None:
        """Show larger or smaller tiles, at least 64 … 384 pixels; the current image stays in its place."""
        self._zoom(side_px, self._anchor())

    def zoom(self, more_columns: int, *, anchor: int | None = None) -> None:
        """Show so many columns more, or less; `anchor` is the row that stays in its place."""
        side_px = side_of_columns(self.viewport().width(), max(self._geometry.n_columns + more_columns, 1))
        self._zoom(side_px, self._anchor() if anchor is None else anchor)

    def _anchor(self) -> int:
        """The row that stays where it is: the current one if it is in sight."""
        current = self.currentIndex().row()
        visible = self.visible_rows()
        return current if current in visible else visible.start

    def _zoom(self, side_px: int, anchor: int) -> None:
        """Change the size and keep the row `anchor` where it is on the screen."""
        side = min(max(side_px, MIN_SIDE_PX), MAX_SIDE_PX)
        if side == self._min_side:
            return
        top = self._geometry.rect(anchor).top() - self.verticalOffset()
        self._min_side = side
        self._lay_out()
        self.verticalScrollBar().setValue(self._geometry.rect(anchor).top() - top)
        self.tile_side_changed.emit(side)

    # geometry, as QAbstractItemView asks for it

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid():
            return QRect()
        return self._geometry.rect(index.row()).translated(0, -self.verticalOffset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        return self._images.index(self._geometry.row_at(self._to_content(point)), 0)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        return False

    def scrollTo(self, index: Index, hint: Hint = Hint.EnsureVisible) -> None:
        if not index.isValid():
            return
        rect, top, height = self._geometry.rect(index.row()), self.verticalOffset(), self.viewport().height()
        bar = self.verticalScrollBar()
        if hint == Hint.PositionAtCenter:
            bar.setValue(rect.center().y() - height // 2)
        elif hint == Hint.PositionAtTop or rect.top() - GAP_PX < top:
            bar.setValue(rect.top() - GAP_PX)
        elif rect.height() + 2 * GAP_PX > height:
            bar.setValue(rect.top() - GAP_PX)  # of a tile that does not fit its upper part is shown
        elif hint == Hint.PositionAtBottom or rect.bottom() + GAP_PX >= top + height:
            bar.setValue(rect.bottom() + 1 + GAP_PX - height)

    def moveCursor(self, action: Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        if not self._geometry.n_images:
            return QModelIndex()
        row = self.currentIndex().row()
        if row < 0:
            return self._images.index(self.visible_rows().start, 0)
        target = row_after(action, row, self._geometry, height=self.viewport().height())
        return self._images.index(target, 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select in reading order from the first corner (where it began) to the second."""
        rows = [self._geometry.nearest_row(self._to_content(p)) for p in (rect.topLeft(), rect.bottomRight())]
        first, last = sorted(row if row >= 0 else self._geometry.n_images - 1 for row in rows)
        if first < 0:
            return
        selection = QItemSelection(self._images.index(first, 0), self._images.index(last, 0))
        self._selection.select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        visible = self.visible_rows()
        region = QRegion()
        if selection.count() > MAX_DIRTY_TILES:
            return QRegion(self.viewport().rect())
        for each in ranges_of(selection):
            rows = range(max(each.top(), visible.start), min(each.bottom() + 1, visible.stop))
            if len(rows) > MAX_DIRTY_TILES:
                return QRegion(self.viewport().rect())
            for row in rows:
                region += self._dirty_rect(row)
        return region

    # layout

    def _lay_out(self) -> None:
        viewport = self.viewport()
        self._geometry = GridGeometry.filling(
            self._images.rowCount(), viewport.width(),
            min_side=self._min_side, caption_height=self._tile_painter.caption_height,
        )
        line = self._geometry.line_height
        bar = self.verticalScrollBar()
        bar.setSingleStep(max(line // 3, 1))
        bar.setPageStep(self._geometry.lines_per_page(viewport.height()) * line)
        bar.setRange(0, max(0, self._geometry.height - viewport.height()))
        viewport.update()
        self._asker.ask_soon()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        if self._is_built:
            self._lay_out()

    def reset(self) -> None:
        super().reset()
        self._lay_out()
        self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        anchor = self.visible_rows().start
        top = self._geometry.rect(anchor).top() - self.verticalOffset()
        super().resizeEvent(event)
        self._lay_out()
        if self.verticalOffset():
            self.verticalScrollBar().setValue(self._geometry.rect(anchor).top() - top)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._is_built and event.type() in LOOK_CHANGES:
            self._tile_painter = self._build_painter()
            self._lay_out()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out()
        return super().event(event)

    def dataChanged(self, top_left: Index, bottom_right: Index, roles: Sequence[int] = ()) -> None:
        visible = self.visible_rows()
        if top_left.row() < visible.stop and bottom_right.row() >= visible.start:
            self.viewport().update()
            self._asker.ask_soon()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        # moving the pixels that are there leaves only the new edge to paint
        self.viewport().update() if self._band.is_active else self.viewport().scroll(dx, dy)
        self._asker.ask_soon()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            with self._thumbnails.paused():
                self._paint_tiles(painter, event.rect())
            self._band.paint(painter)

    def _paint_tiles(self, painter: QPainter, exposed: QRect) -> None:
        offset = self.verticalOffset()
        rows = self._geometry.rows_between(exposed.top() + offset - FRAME_PX, exposed.bottom() + offset + FRAME_PX)
        current = self.currentIndex().row() if self.hasFocus() else -1
        painter.setFont(self._tile_painter.font)
        tiles = self._images.tiles(rows.start, rows.stop - 1)
        shared = self._shared_starts(rows) if self._captions.name else [0] * len(tiles)
        for row, tile, n_shared in zip(rows, tiles, shared, strict=True):
            self._tile_painter.paint(
                painter, self._geometry.rect(row).translated(0, -offset), tile,
                is_selected=self._selection.is_row_selected(row), is_current=row == current, n_shared=n_shared,
            )

    def _shared_starts(self, rows: range) -> list[int]:
        """What names in these rows share with their neighbours, the same whichever part of the view is painted."""
        first = max(rows.start - 1, 0)
        names = [tile.name for tile in self._images.tiles(first, rows.stop)]
        return shared_starts(names)[rows.start - first:][:len(rows)]

    def _dirty_rect(self, row: int) -> QRect:
        rect = self._geometry.rect(row).translated(0, -self.verticalOffset())
        return rect.adjusted(-FRAME_PX, -FRAME_PX, FRAME_PX, FRAME_PX)

    # thumbnails

    def _on_thumbnails_arrived(self, content_hashes: frozenset[bytes]) -> None:
        visible = self.visible_rows()
        for row, tile in zip(visible, self._images.tiles(visible.start, visible.stop - 1), strict=True):
            if tile.content_hash in content_hashes:
                self.viewport().update(self._dirty_rect(row))

    # heat maps

    def _ask_for_heat(self) -> None:
        """For what is in sight, once it rests."""
        if self._heat is not None and self._tile_heat.is_on and self.isVisible():
            visible = self.visible_rows()
            tiles = self._images.tiles(visible.start, visible.stop - 1)
            self._heat.ask(self, [tile.id for tile in tiles if not tile.is_unreadable])

    def _on_heat_arrived(self, image_ids: frozenset[int]) -> None:
        if self._tile_heat.is_on:
            visible = self.visible_rows()
            for row, tile in zip(visible, self._images.tiles(visible.start, visible.stop - 1), strict=True):
                if tile.id in image_ids:
                    self.viewport().update(self._dirty_rect(row))

    def _on_heat_switched(self) -> None:
        if self._heat is not None:
            self._heat.ask(self, [])
        self.viewport().update()
        self._ask_for_heat()

    # keys and mouse

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: digits and letters give labels."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if is_control and event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(-1)
        elif is_control and event.key() == Qt.Key.Key_Minus:
            self.zoom(1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        notches = event.angleDelta().y()
        row = self._geometry.nearest_row(self._to_content(event.position().toPoint()))
        if notches:
            self.zoom(-1 if notches > 0 else 1, anchor=row if row >= 0 else self.visible_rows().start)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag.press(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._band.press(event.position().toPoint(), event.modifiers())
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag.move(event):
            return
        is_dragging = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if not (is_dragging and self._band.move(event.position().toPoint(), self._geometry)):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        is_dropped = self._drag.release()
        if not self._band.release():
            if not is_dropped:
                super().mouseReleaseEvent(event)
            return
        self.setState(QAbstractItemView.State.NoState)
        ranges = self._selection.row_ranges()
        if len(ranges):
            self._selection.setCurrentIndex(
                self._images.index(int(ranges[0, 0]), 0), QItemSelectionModel.SelectionFlag.NoUpdate
            )

    def _to_content(self, point: QPoint) -> QPoint:
        return QPoint(point.x(), point.y() + self.verticalOffset())

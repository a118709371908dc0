"""One image in full: zoom, previous and next, and the same label keys as in the grid."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.full_images import FullImages, ImageKey, key_of
from gui.widgets.image_model import ImageModel
from gui.widgets.label_keys import LabelKeys
from gui.widgets.loupe_bar import LoupeBar
from gui.widgets.loupe_canvas import ZOOM_STEP, LoupeCanvas
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile

Key = Qt.Key


class Loupe(QWidget):
    """Shows the current image of a selection model and moves it.

    A page puts it above or in place of its grid and calls `open()`; it hides itself when done.

    Signals:
        closed(): Esc, Space or the close button; the widget has hidden itself.
        relabel_requested(int digit), unlabel_requested(), accept_requested(): as in the grid, but meant
            for the current image alone, whatever else is selected.
    """

    closed = Signal()
    relabel_requested = Signal(int)
    unlabel_requested = Signal()
    accept_requested = Signal()

    def __init__(
        self, model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images, self._selection, self._thumbnails = model, selection, thumbnails
        self._files = FullImages(parent=self)
        self._key: ImageKey | None = None
        self._bar = LoupeBar()
        self._canvas = LoupeCanvas()
        self._build()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self.hide()

    def open(self) -> None:
        """Show the current image and take the keyboard; nothing happens if there is none."""
        if self._selection.current_id() is None:
            return
        self._files.forget_reasons()
        self.show()
        self.raise_()
        self.setFocus()
        self._show_current()

    def close_files(self) -> None:
        """End the decoding thread; must be called before the program ends."""
        self._files.close()

    def show_next(self) -> None:
        self._step(1)

    def show_previous(self) -> None:
        self._step(-1)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._canvas, 1)

    def _connect(self) -> None:
        keys = LabelKeys(self)
        keys.relabel_requested.connect(self.relabel_requested)
        keys.unlabel_requested.connect(self.unlabel_requested)
        keys.accept_requested.connect(self.accept_requested)
        keys.loupe_requested.connect(self._close)
        self._bar.fit_requested.connect(self._canvas.fit)
        self._bar.actual_size_requested.connect(self._canvas.show_actual_size)
        self._bar.previous_requested.connect(self.show_previous)
        self._bar.next_requested.connect(self.show_next)
        self._bar.close_requested.connect(self._close)
        self._canvas.scale_changed.connect(self._on_canvas_scale_changed)
        self._files.arrived.connect(self._on_files_arrived)
        self._selection.current_id_changed.connect(self._on_selection_current_id_changed)
        self._images.dataChanged.connect(self._on_images_data_changed)

    # showing

    def _show_current(self) -> None:
        row = self._selection.currentIndex().row()
        if row < 0:
            self._close()
            return
        tile = self._images.tile(row)
        self._bar.show_tile(tile, row=row, n_images=self._images.rowCount())
        self.setAccessibleName(f"{tile.name}, {self._bar.words}")
        if key_of(tile) != self._key:
            self._key = key_of(tile)
            self._show_picture(tile)
        neighbours = [i for i in (row, row + 1, row - 1) if 0 <= i < self._images.rowCount()]
        self._files.ask([key_of(t) for t in map(self._images.tile, neighbours) if t.content_hash])

    def _show_picture(self, tile: Tile) -> None:
        key = key_of(tile)
        picture = self._files.get(key)
        reason = self._files.reason(key) or (str(tile.reason or "") if tile.is_unreadable else "")
        thumbnail = self._thumbnails.get(tile.content_hash)
        if picture is not None:
            self._canvas.show_picture(picture)
        elif reason:
            self._canvas.show_message(reason)
        else:
            self._canvas.show_placeholder(thumbnail.pixmap if thumbnail is not None else None)

    # moving

    def _step(self, step: int) -> None:
        self._go_to(self._selection.currentIndex().row() + step)

    def _go_to(self, row: int) -> None:
        if 0 <= row < self._images.rowCount():
            self._selection.set_current_row(row)

    def _close(self) -> None:
        if self.isVisible():
            self._key = None
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self._images.rowCount() - 1
        acts: dict[Qt.Key, Callable[[], None]] = {
            Key.Key_Escape: self._close, Key.Key_Z: self._toggle_fit,
            Key.Key_Right: self.show_next, Key.Key_Down: self.show_next,
            Key.Key_Left: self.show_previous, Key.Key_Up: self.show_previous,
            Key.Key_Home: lambda: self._go_to(0), Key.Key_End: lambda: self._go_to(last),
            Key.Key_Plus: lambda: self._canvas.zoom_by(ZOOM_STEP),
            Key.Key_Equal: lambda: self._canvas.zoom_by(ZOOM_STEP),
            Key.Key_Minus: lambda: self._canvas.zoom_by(1 / ZOOM_STEP),
        }
        act = acts.get(Key(event.key()))
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def _toggle_fit(self) -> None:
        self._canvas.show_actual_size() if self._canvas.is_fitted else self._canvas.fit()

    # hearing

    def _on_canvas_scale_changed(self) -> None:
        is_there = self._key is not None and self._files.get(self._key) is not None
        self._bar.show_scale(self._canvas.scale if is_there else None)

    def _on_files_arrived(self, key: ImageKey) -> None:
        row = self._selection.currentIndex().row()
        if key == self._key and row >= 0:
            self._show_picture(self._images.tile(row))

    def _on_selection_current_id_changed(self, image_id: int | None) -> None:
        if self.isVisible():
            self._show_current()

    def _on_images_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self.isVisible() and first.row() <= self._selection.currentIndex().row() <= last.row():
            self._show_current()

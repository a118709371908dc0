"""The loupe: one image in full with zoom, previous and next, and the same label keys as in the grid."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from core.text import text
from core.text.numbers import format_percent
from gui import theme
from gui.icons import icon
from gui.widgets.class_style import color_label
from gui.widgets.labels import ElidedLabel
from gui.widgets.image_model import ImageModel
from gui.widgets.label_keys import LabelKeys
from gui.widgets.image_view import ZOOM_STEP, TileView
from gui.widgets.layouts import column_of, row_of
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile

BUTTON_PX = 28


class LoupeBar(QWidget):
    """Says what is shown.

    Signals:
        fit_requested(), actual_size_requested(), previous_requested(), next_requested(),
        close_requested(): a button was clicked.
    """

    fit_requested = Signal()
    actual_size_requested = Signal()
    previous_requested = Signal()
    next_requested = Signal()
    close_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        bold = self._name.font()
        bold.setBold(True)
        self._name.setFont(bold)
        self._sign = QLabel()
        self._words = ElidedLabel()
        self._place = theme.caption_label("")
        self._scale = theme.caption_label("")
        self._scale.setMinimumWidth(self._scale.fontMetrics().horizontalAdvance("1000 %"))
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._build()

    @property
    def words(self) -> str:
        """Label and prediction as shown."""
        return self._words.text

    def show_tile(self, tile: Tile, *, row: int, n_images: int) -> None:
        """Say what image this is, and that it is the `row`-th (from 0) of so many."""
        self._name.set_text(tile.name)
        self._sign.setText(tile.sign)
        color_label(self._sign, tile.color)
        self._words.set_text(self._sentence(tile))
        self._place.setText(text("widgets.place", row=row + 1, count=n_images))

    def show_scale(self, scale: float | None) -> None:
        """Say at which scale (1 is actual size), None while there is no image."""
        self._scale.setText("" if scale is None else format_percent(scale, 0))

    def _build(self) -> None:
        row = row_of(
            (self._name, 2), self._sign, (self._words, 3), self._place, self._scale,
            self._button(text("widgets.fit"), text("widgets.fit_tip"), self.fit_requested),
            margins=(theme.AROUND, theme.INSIDE, theme.BETWEEN, theme.INSIDE), parent=self
        )
        actual = self.actual_size_requested
        row.addWidget(self._button("1:1", text("widgets.actual_size_tip"), actual))
        row.addWidget(self._button("‹", text("widgets.previous_image"), self.previous_requested))
        row.addWidget(self._button("›", text("widgets.next_image"), self.next_requested))
        close = self._button("", text("widgets.close_loupe"), self.close_requested)
        close.setIcon(icon("close"))
        close.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        row.addWidget(close)

    def _button(self, text: str, tool_tip: str, asks: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tool_tip)
        button.setAccessibleName(tool_tip)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setMinimumSize(BUTTON_PX, BUTTON_PX)
        button.clicked.connect(asks)
        return button

    def _sentence(self, tile: Tile) -> str:
        label = tile.label or text("widgets.without_label")
        if tile.prediction is None:
            return label
        if not tile.differing_prediction:
            return text("widgets.prediction_agrees", label=label, confidence=tile.confidence_text)
        return f"{label} → {tile.prediction} {tile.confidence_text}".rstrip()


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
        self._images, self._selection = model, selection
        self._bar = LoupeBar()
        self._view = TileView(thumbnails)
        self._build()
        self._connect()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self.hide()

    def open(self) -> None:
        """Show the current image and take the keyboard; nothing happens if there is none."""
        if self._selection.current_id() is None:
            return
        self._view.forget_reasons()
        self.show()
        self.raise_()
        self.setFocus()
        self._show_current()

    def close_files(self) -> None:
        """End the decoding thread; must be called before the program ends."""
        self._view.close_files()

    def show_next(self) -> None:
        self._step(1)

    def show_previous(self) -> None:
        self._step(-1)

    def _build(self) -> None:
        column_of(self._bar, (self._view, 1), spacing=0, parent=self)

    def _connect(self) -> None:
        keys = LabelKeys(self)
        keys.relabel_requested.connect(self.relabel_requested)
        keys.unlabel_requested.connect(self.unlabel_requested)
        keys.accept_requested.connect(self.accept_requested)
        keys.loupe_requested.connect(self._close)
        self._bar.fit_requested.connect(self._view.fit)
        self._bar.actual_size_requested.connect(self._view.show_actual_size)
        self._bar.previous_requested.connect(self.show_previous)
        self._bar.next_requested.connect(self.show_next)
        self._bar.close_requested.connect(self._close)
        self._view.scale_changed.connect(self._on_view_scale_changed)
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
        self._view.show_tile(tile)
        neighbours = [i for i in (row, row + 1, row - 1) if 0 <= i < self._images.rowCount()]
        self._view.decode([self._images.tile(i) for i in neighbours])

    # moving

    def _step(self, step: int) -> None:
        self._go_to(self._selection.currentIndex().row() + step)

    def _go_to(self, row: int) -> None:
        if 0 <= row < self._images.rowCount():
            self._selection.set_current_row(row)

    def _close(self) -> None:
        if self.isVisible():
            self._view.show_tile(None)
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self._images.rowCount() - 1
        acts: dict[Qt.Key, Callable[[], None]] = {
            Key.Key_Escape: self._close, Key.Key_Z: self._view.toggle_fit,
            Key.Key_Right: self.show_next, Key.Key_Down: self.show_next,
            Key.Key_Left: self.show_previous, Key.Key_Up: self.show_previous,
            Key.Key_Home: lambda: self._go_to(0), Key.Key_End: lambda: self._go_to(last),
            Key.Key_Plus: lambda: self._view.zoom_by(ZOOM_STEP),
            Key.Key_Equal: lambda: self._view.zoom_by(ZOOM_STEP),
            Key.Key_Minus: lambda: self._view.zoom_by(1 / ZOOM_STEP),
        }
        act = acts.get(Key(event.key()))
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    # hearing

    def _on_view_scale_changed(self) -> None:
        self._bar.show_scale(self._view.scale if self._view.is_sharp else None)

    def _on_selection_current_id_changed(self, image_id: int | None) -> None:
        if self.isVisible():
            self._show_current()

    def _on_images_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self.isVisible() and first.row() <= self._selection.currentIndex().row() <= last.row():
            self._show_current()

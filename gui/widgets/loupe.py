"""The loupe: one image in full with zoom, previous and next, and the same label keys as in the grid."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from core.text import text
from core.text.numbers import format_percent
from gui import theme
from gui.icons import icon_button
from gui.widgets.class_style import color_label
from gui.widgets.heat_maps import HeatMaps
from gui.widgets.labels import ElidedLabel
from gui.widgets.image_model import ImageModel
from gui.widgets.label_keys import LabelKeys
from gui.widgets.image_view import ZOOM_STEP, TileView
from gui.widgets.layouts import FoldingRow, column_of, row_of
from gui.widgets.loupe_heat import LoupeHeat
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile


class ImageCaption(QWidget):
    """A line with the name of an image, the sign of its label, words about it, and its place in the list.

    Attributes:
        words: As shown.
    """

    def __init__(self, *, words_stretch: int = 1) -> None:
        super().__init__()
        self._color = ""
        self._name = theme.bold(ElidedLabel(mode=Qt.TextElideMode.ElideMiddle))
        self._sign, self._words, self._place = QLabel(), ElidedLabel(), theme.caption_label("")
        row_of((self._name, 2), self._sign, (self._words, words_stretch), self._place, parent=self)
        theme.current().changed.connect(self._color_sign)

    @property
    def words(self) -> str:
        return self._words.text

    def show_tile(self, tile: Tile, words: str, *, row: int, n_images: int) -> None:
        """Say what image this is, and that it is the `row`-th (from 0) of so many."""
        self._color = tile.color
        self._name.set_text(tile.name)
        self._sign.setText(tile.sign)
        self._sign.setVisible(bool(tile.sign))
        self._words.set_text(" · ".join(filter(None, (words, tile.excluded_words, tile.tag_words))))
        self._place.setText(text("widgets.place", row=row + 1, count=n_images))
        self._color_sign()

    def _color_sign(self) -> None:
        color_label(self._sign, self._color)


Key = Qt.Key

LEAST_CHARACTERS = 30
"""Of name, label and place beside the buttons."""


class Loupe(QWidget):
    """Shows the current image of a selection model and moves it.

    A page puts it above or in place of its grid and calls `open()`; it hides itself when done.

    Args:
        heat: Where heat maps come from; None for none.

    Attributes:
        keys: Hears the keys that label, meant for the current image alone, whatever else is selected.
        heat: The line below an image with a heat map, or None.

    Signals:
        closed(): Esc, Space or the close button; the widget has hidden itself.
    """

    closed = Signal()

    def __init__(
        self, model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache,
        heat: HeatMaps | None = None, parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images, self._selection = model, selection
        self.heat = LoupeHeat(heat) if heat is not None else None
        self.caption, self._scale = ImageCaption(words_stretch=3), theme.caption_label("")
        self._view = TileView(thumbnails)
        self.keys = LabelKeys(self)
        self._build()
        self.keys.loupe_requested.connect(self._close)
        self._view.scale_changed.connect(self._on_view_scale_changed)
        selection.current_id_changed.connect(self._on_selection_current_id_changed)
        model.dataChanged.connect(self._on_images_data_changed)

    def open(self) -> None:
        """Show the current image and take the keyboard; nothing happens if there is none."""
        if self._selection.current_id() is None:
            return
        self._view.forget_reasons()
        self.show()
        self.raise_()
        self.setFocus()
        self._show_current()

    def toggle_heat(self, *, stays_on: bool = False) -> None:
        """Show a heat map over the image, or none any more unless it shall stay."""
        row = self._selection.currentIndex().row()
        if self.heat is not None and row >= 0 and not (stays_on and not self.heat.isHidden()):
            self.heat.toggle(self._images.tile(row))

    def close_files(self) -> None:
        """End the decoding thread; must be called before the program ends."""
        self._view.close_files()

    def _build(self) -> None:
        self._scale.setMinimumWidth(self._scale.fontMetrics().horizontalAdvance("1000 %"))
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar = FoldingRow(
            row_of((self.caption, 1)), row_of((self._scale, 1), *self._build_buttons()),
            first_px=LEAST_CHARACTERS * self.fontMetrics().averageCharWidth())
        bar.setContentsMargins(theme.AROUND, theme.INSIDE, theme.BETWEEN, theme.INSIDE)
        column_of(bar, (self._view, 1), *((self.heat,) if self.heat is not None else ()), spacing=0, parent=self)
        if self.heat is not None:
            self.heat.changed.connect(self._on_heat_changed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAutoFillBackground(True)
        self.hide()

    def _build_buttons(self) -> list[QToolButton]:
        buttons = [
            icon_button("", text("widgets.fit_tip"), self._view.fit, shown=text("widgets.fit")),
            icon_button("", text("widgets.actual_size_tip"), lambda: self._view.zoom_to(1.0), shown="1:1"),
            icon_button("", text("widgets.previous_image"), lambda: self._step(-1), shown="‹"),
            icon_button("", text("widgets.next_image"), lambda: self._step(1), shown="›"),
            icon_button("close", text("widgets.close_loupe"), self._close),
        ]
        for button in buttons:
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return buttons

    # showing

    def _show_current(self) -> None:
        row = self._selection.currentIndex().row()
        if row < 0:
            self._close()
            return
        tile = self._images.tile(row)
        self.caption.show_tile(tile, _sentence(tile), row=row, n_images=self._images.rowCount())
        self.setAccessibleName(f"{tile.name}, {self.caption.words}")
        self._view.show_tile(tile)
        if self.heat is not None:
            is_last = row + 1 >= self._images.rowCount()
            self.heat.show_tile(tile, None if is_last else self._images.tile(row + 1))
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
            if self.heat is not None:
                self.heat.show_tile(None)
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self._images.rowCount() - 1
        acts: dict[Qt.Key, Callable[[], None]] = {
            Key.Key_Escape: self._close, Key.Key_Z: self._view.toggle_fit,
            Key.Key_Right: lambda: self._step(1), Key.Key_Down: lambda: self._step(1),
            Key.Key_Left: lambda: self._step(-1), Key.Key_Up: lambda: self._step(-1),
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
        """At which scale (1 is actual size), nothing while there is no image."""
        self._scale.setText(format_percent(self._view.scale, 0) if self._view.is_sharp else "")

    def _on_heat_changed(self) -> None:
        assert self.heat is not None
        self._view.set_overlay(self.heat.overlay)

    def _on_selection_current_id_changed(self) -> None:
        if self.isVisible():
            self._show_current()

    def _on_images_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self.isVisible() and first.row() <= self._selection.currentIndex().row() <= last.row():
            self._show_current()


def _sentence(tile: Tile) -> str:
    label = tile.label or text("widgets.without_label")
    if tile.prediction is None:
        return label
    if not tile.differing_prediction:
        return text("widgets.prediction_agrees", label=label, confidence=tile.confidence_text)
    return f"{label} → {tile.prediction} {tile.confidence_text}".rstrip()

"""The current image with its caption, its prediction, the classes to choose from, and the next images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from core.text import text
from gui import theme
from gui.label.class_buttons import ClassButtons, LabelState
from gui.label.film_strip import FilmStrip
from gui.label.label_bar import SuggestionBar
from gui.widgets.class_picker import ClassFinder
from gui.widgets.class_style import ClassStyle, color_label
from gui.widgets.image_model import ImageModel
from gui.widgets.image_view import TileView
from gui.widgets.labels import ElidedLabel
from gui.widgets.layouts import column_of, row_of
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile


class CurrentImage(QWidget):
    """Shows one image.

    Args:
        thumbnails: What is shown until the image is there.
    """

    def __init__(self, thumbnails: ThumbnailCache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tile: Tile | None = None
        self.view = TileView(thumbnails)
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._sign, self._label = QLabel(), ElidedLabel()
        self._place = theme.caption_label("")
        self._build()
        theme.current().changed.connect(self._color_sign)

    @property
    def label_text(self) -> str:
        return self._label.text

    def show_tile(self, tile: Tile, *, row: int, n_images: int) -> None:
        """Show the `row`-th (from 0) of so many images."""
        self._tile = tile
        self._name.set_text(tile.name)
        self._label.set_text(tile.label or text("widgets.without_label"))
        self._place.setText(text("widgets.place", row=row + 1, count=n_images))
        self._color_sign()
        self.view.setAccessibleName(f"{tile.name}, {self._label.text}")
        self.view.show_tile(tile)

    def _build(self) -> None:
        theme.bold(self._name)
        below = row_of((self._name, 2), self._sign, (self._label, 1), self._place)
        column_of((self.view, 1), below, parent=self)

    def _color_sign(self) -> None:
        tile = self._tile
        self._sign.setText(tile.sign if tile is not None else "")
        self._sign.setVisible(bool(self._sign.text()))
        color_label(self._sign, tile.color if tile is not None else "")


N_MANY, MOST_SHARE = 20, 0.32
"""More classes than so many, or buttons higher than this share of the page, become a list beside the image."""

LIST_PX, N_AHEAD = 200, 2
"""So many images are decoded before they are wanted."""


class LabelBody(QWidget):
    """Shows one row of a model; knows no session.

    Args:
        model: The images.
        selection: Whose current image is shown.
        thumbnails: The one pool.

    Signals:
        class_asked(int class_id): label with this class.
        new_named(str name): label with a class of this name.
        accept_asked: Take what the model says.
        left: The keyboard goes back to the image.
    """

    class_asked = Signal(int)
    new_named = Signal(str)
    accept_asked = Signal()
    left = Signal()

    def __init__(
        self, model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images, self._selection = model, selection
        self._styles: dict[str, ClassStyle] = {}
        self._counts: Mapping[int, int] = {}
        self._is_listed = False
        self.image, self.suggestion = CurrentImage(thumbnails), SuggestionBar()
        self.buttons, self.list = ClassButtons(), ClassFinder(text("window_label.find_or_name_class"))
        self.strip = FilmStrip(model, selection, thumbnails)
        self._build()
        self._connect()

    @property
    def is_listed(self) -> bool:
        """Whether the classes are too many for buttons."""
        return self._is_listed

    @property
    def has_classes(self) -> bool:
        return bool(self._styles)

    def show_classes(self, styles: Sequence[ClassStyle], counts: Mapping[int, int]) -> None:
        """Offer these classes, with how many images each has."""
        self._styles, self._counts = {style.name: style for style in styles}, counts
        self._is_listed = self._must_list()
        self._fill()

    def show_counts(self, counts: Mapping[int, int]) -> None:
        """The same classes have other numbers of images."""
        self._counts = counts
        self.list.show_classes(list(self._styles.values()) if self.is_listed else [], counts)

    def show_current(self, *, silence: str) -> None:
        """Show the current image; `silence` says why where the model says nothing of it."""
        row, n = self._selection.currentIndex().row(), self._images.rowCount()
        tile = self._images.tile(row)
        self.image.show_tile(tile, row=row, n_images=n)
        near = [row, *range(row + 1, row + 1 + N_AHEAD), row - 1]
        self.image.view.decode([self._images.tile(i) for i in near if 0 <= i < n])
        self._show_state(tile, silence)

    def style_named(self, name: str) -> ClassStyle | None:
        """The class of that name, however it is capitalised."""
        return next((f for f in self._styles.values() if f.name.casefold() == name.casefold()), None)

    def ask_for_name(self) -> None:
        """Let the keyboard name a new class, or find one among many."""
        self.list.field.setFocus() if self.is_listed else self.buttons.ask_for_name()

    def _must_list(self) -> bool:
        n = len(self._styles)
        return n > N_MANY or self.buttons.height_in(self.width(), n) > self.height() * MOST_SHARE > 0

    def _fill(self) -> None:
        self.buttons.setVisible(not self.is_listed)
        self.list.setVisible(self.is_listed)
        self.buttons.show_styles([] if self.is_listed else list(self._styles.values()))
        self.show_counts(self._counts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._must_list() != self._is_listed:
            self._is_listed = not self._is_listed
            self._fill()

    def _build(self) -> None:
        middle = row_of((self.image, 1), spacing=theme.AROUND)
        self.list.setFixedWidth(LIST_PX)
        middle.addWidget(self.list)
        column_of((middle, 1), self.suggestion, self.buttons, self.strip, parent=self)

    def _connect(self) -> None:
        self.suggestion.accepted.connect(self.accept_asked)
        for classes in (self.buttons, self.list):
            classes.chosen.connect(self.class_asked)
            classes.left.connect(self.left)
            classes.new_named.connect(self.new_named)

    def _show_state(self, tile: Tile, silence: str) -> None:
        label, said = self._styles.get(tile.label), self._styles.get(tile.prediction or "")
        state = LabelState(label.id if label else None, said.id if said else None, tile.confidence)
        self.buttons.show_state(state)
        self.list.mark(state.label_id, state.suggested_id)
        if said is not None:
            self.suggestion.show_suggestion(said, state)
        else:
            self.suggestion.show_silence(silence)

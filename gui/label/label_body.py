"""The current image with its caption, its prediction, the classes to choose from, and the next images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from core.text import text
from gui import theme
from gui.label.class_buttons import ClassButtons, LabelState
from gui.label.film_strip import FilmStrip
from gui.label.label_bar import SuggestionBar
from gui.widgets.class_picker import ClassFinder
from gui.widgets.class_style import ClassStyle
from gui.widgets.image_model import ImageModel
from gui.widgets.image_view import TileView
from gui.widgets.layouts import column_of, row_of
from gui.widgets.loupe import ImageCaption
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile import Tile


N_MANY, MOST_SHARE = 20, 0.32
"""More classes than so many, or buttons higher than this share of the page, become a list beside the image."""

LEAST_HEIGHT_PX = 80
LIST_PX, N_AHEAD = 200, 2
"""So many images are decoded before they are wanted."""


class LabelBody(QWidget):
    """Shows one row of a model; knows no session.

    Args:
        model: The images.
        selection: Whose current image is shown.
        thumbnails: The one pool.

    Attributes:
        view, caption: The image.
        suggestion: What the model says.
        buttons, list: The classes, of which one of the two is shown.
        is_listed: Whether the classes are too many for buttons.
    """

    def __init__(
        self, model: ImageModel, selection: ImageSelectionModel, thumbnails: ThumbnailCache,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._images, self._selection = model, selection
        self._styles: dict[str, ClassStyle] = {}
        self._counts: Mapping[int, int] = {}
        self.is_listed = False
        self.view, self.caption, self.suggestion = TileView(thumbnails), ImageCaption(), SuggestionBar()
        self.buttons, self.list = ClassButtons(), ClassFinder(text("window_label.find_or_name_class"))
        self.strip = FilmStrip(model, selection, thumbnails)
        self.view.setMinimumHeight(LEAST_HEIGHT_PX)
        image = column_of((self.view, 1), self.caption)
        self.list.setFixedWidth(LIST_PX)
        column_of(
            (row_of((image, 1), self.list, spacing=theme.AROUND), 1), self.suggestion, self.buttons, self.strip,
            parent=self)

    @property
    def has_classes(self) -> bool:
        return bool(self._styles)

    def show_classes(self, styles: Sequence[ClassStyle], counts: Mapping[int, int]) -> None:
        """Offer these classes, with how many images each has."""
        self._styles, self._counts = {style.name: style for style in styles}, counts
        self.is_listed = self._must_list()
        self._fill()

    def show_counts(self, counts: Mapping[int, int]) -> None:
        """The same classes have other numbers of images."""
        self._counts = counts
        self.list.show_classes(list(self._styles.values()) if self.is_listed else [], counts)

    def show_current(self, *, silence: str) -> None:
        """Show the current image; `silence` says why where the model says nothing of it."""
        row, n = self._selection.currentIndex().row(), self._images.rowCount()
        tile = self._images.tile(row)
        self.caption.show_tile(tile, tile.label or text("widgets.without_label"), row=row, n_images=n)
        self.view.setAccessibleName(f"{tile.name}, {self.caption.words}")
        self.view.show_tile(tile)
        near = [row, *range(row + 1, row + 1 + N_AHEAD), row - 1]
        self.view.decode([self._images.tile(i) for i in near if 0 <= i < n])
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
        if self._must_list() != self.is_listed:
            self.is_listed = not self.is_listed
            self._fill()

    def _show_state(self, tile: Tile, silence: str) -> None:
        label, said = self._styles.get(tile.label), self._styles.get(tile.prediction or "")
        state = LabelState(label.id if label else None, said.id if said else None, tile.confidence)
        self.buttons.show_state(state)
        self.list.mark(state.label_id, state.suggested_id)
        if said is not None:
            self.suggestion.show_suggestion(said, state)
        else:
            self.suggestion.show_silence(silence)

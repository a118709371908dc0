"""The images behind one finding: their order, their browser, and tiles that carry the finding's note on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.checks.check import Note
from core.project.project import Project
from core.project.queries import ImageFilter
from core.text import render, text
from gui.session import Session
from gui.widgets.background_query import Question
from gui.widgets.browser import ImageBrowser
from gui.widgets.listing import Listing
from gui.widgets.tile import Tile, TileSource

OWN_ORDER = "name"
"""As long as nobody asked for another order, the finding's own is shown."""


def say_note(note: Note) -> str:
    """A note in words."""
    return " ".join(map(render, note.words))


class FindingListing(Listing):
    """A listing over the images of a finding, in its order: the worst first; filters narrow it."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, ImageFilter(status=None), parent=parent)
        self._among = np.empty(0, np.int64)
        self._is_sorted = False

    @property
    def own_order(self) -> str:
        return "" if self._is_sorted else text("window_health.worst_first")

    def show_images(self, image_ids: Sequence[int]) -> None:
        """Show these, in this order."""
        self._among, self._is_sorted = np.array(image_ids, np.int64), False
        self.show(self.start, order=OWN_ORDER)

    def replace_images(self, image_ids: Sequence[int]) -> None:
        """The same finding now has these; place and filter stay."""
        self._among = np.array(image_ids, np.int64)
        self.refresh()

    def sort(self, order: str, *, is_descending: bool = False) -> None:
        """Set the order in place of the finding's own."""
        self._is_sorted = True
        super().sort(order, is_descending=is_descending)

    def _question(self) -> Question:
        among, is_sorted, which = self._among, self._is_sorted, super()._question()

        def ask(project: Project) -> np.ndarray:
            ids: np.ndarray = which(project)
            return ids[np.isin(ids, among)] if is_sorted else among[np.isin(among, ids)]

        return ask


class FindingBrowser(ImageBrowser):
    """The browser of the page; Enter takes the finding's suggestion in place of the model's.

    Signals:
        accept_asked: Enter was pressed on an image.
    """

    accept_asked = Signal()

    def accept(self) -> None:
        """Ask the page, which knows what is suggested."""
        self.accept_asked.emit()


class NoteTiles:
    """A `TileSource` over another, with the finding's note on each image.

    No probability beside a suggestion: that of the run is in the inspector, and another here would contradict it.

    Args:
        source: Knows the images.

    Attributes:
        notes: By image id.
    """

    def __init__(self, source: TileSource) -> None:
        self._source = source
        self.notes: Mapping[int, Note] = {}

    def tiles(self, ids: np.ndarray) -> list[Tile]:
        """See `TileSource`."""
        return [self._with_note(tile) for tile in self._source(ids)]

    def _with_note(self, tile: Tile) -> Tile:
        note = self.notes.get(tile.id)
        if note is None:
            return tile
        if note.suggested is None:
            return replace(tile, doubt=say_note(note))
        return replace(tile, doubt=say_note(note), prediction=note.suggested, confidence=None)

"""The labelled training pictures most like this one, as small thumbnails that lead to them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout

from core.embeddings.inspection import InspectResult, Neighbour
from core.text import text
from gui import theme
from gui.inspector.neighbour_button import CAPTION_PX, NeighbourButton
from gui.inspector.section import Section, sentence_label
from gui.inspector.subject import Subject
from gui.widgets.tile import CatalogTiles
from gui.widgets.thumbnails import ThumbnailCache, ThumbnailRequest
from gui.session import Session

LEAST_SIDE_PX, N_LINES, MAX_BUTTONS = 48, 2, 12
THUMBNAIL_SIDE_PX = 128


class NeighboursSection(Section):
    """Two lines of thumbnails; as many beside each other as fit.

    Args:
        session: For labels and names of the neighbours.
        thumbnails: The one pool of thumbnails.

    Signals:
        image_asked(int image_id): a neighbour was clicked.
        loupe_asked(int image_id): it was double-clicked.
    """

    image_asked = Signal(int)
    loupe_asked = Signal(int)

    awaits_engine = True

    def __init__(self, session: Session, thumbnails: ThumbnailCache) -> None:
        super().__init__(text("window_inspector.similar"), text("window_inspector.similar_explained"))
        self._tiles, self._thumbnails = CatalogTiles(session), thumbnails
        self._neighbours: tuple[Neighbour, ...] = ()
        self._clicked_id: int | None = None
        self.words = sentence_label(is_caption=True)
        self.buttons = [NeighbourButton() for _ in range(MAX_BUTTONS)]
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.BETWEEN)
        for button in self.buttons:
            button.hide()
            button.clicked.connect(self._on_button_clicked)
            button.double_clicked.connect(self._on_button_double_clicked)
        self.column.addWidget(self.words)
        self.column.addLayout(self._grid)
        thumbnails.arrived.connect(self._on_thumbnails_arrived)

    def show_subject(self, subject: Subject) -> None:
        self.setVisible(subject.is_as_imported)
        self._neighbours = ()
        self._say("")
        for button in self.buttons:
            button.clear()
        self._arrange()

    def show_waiting(self, words: str) -> None:
        self._say(words)
        self._arrange()

    def show_answer(self, answer: InspectResult) -> None:
        self._neighbours = answer.neighbours
        self._say(str(answer.neighbours_reason or ""))
        self._fill()
        self._arrange()

    def refresh_labels(self) -> None:
        """Labels of the pictures that are shown may have changed."""
        self._fill()

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _fill(self) -> None:
        tiles = self._tiles.tiles(np.array([n.image_id for n in self._neighbours], np.int64))
        missing = []
        for button, neighbour, tile in zip(self.buttons, self._neighbours, tiles, strict=False):
            thumbnail = self._thumbnails.get(tile.content_hash)
            button.show_neighbour(tile, neighbour.similarity, thumbnail)
            if thumbnail is None and tile.content_hash:
                missing.append(ThumbnailRequest(tile.content_hash, tile.path, THUMBNAIL_SIDE_PX))
        if self._neighbours:
            self._thumbnails.ask(self, missing)

    def _arrange(self) -> None:
        """Places for the answer are kept while it is awaited, so that nothing below jumps."""
        n_columns = max((self.width() + theme.BETWEEN) // (LEAST_SIDE_PX + theme.BETWEEN), 1)
        side = max((self.width() - (n_columns - 1) * theme.BETWEEN) // n_columns, 16)
        n_shown = 0 if self.words.text() else min(n_columns * N_LINES, MAX_BUTTONS)
        if self._neighbours:
            n_shown = min(n_shown, len(self._neighbours))
        for place, button in enumerate(self.buttons):
            button.setFixedSize(side, side + CAPTION_PX + button.fontMetrics().height())
            self._grid.addWidget(button, place // n_columns, place % n_columns)
            button.setVisible(place < n_shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._arrange()

    def _on_button_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, NeighbourButton) and button.image_id is not None:
            self._clicked_id = button.image_id
            self.image_asked.emit(button.image_id)

    def _on_button_double_clicked(self) -> None:
        """The first click has brought other neighbours, so the button may show another picture by now."""
        if self._clicked_id is not None:
            self.loupe_asked.emit(self._clicked_id)

    def _on_thumbnails_arrived(self, content_hashes: frozenset[bytes]) -> None:
        for button in self.buttons:
            if not button.has_picture and button.content_hash in content_hashes:
                button.show_thumbnail(self._thumbnails.get(button.content_hash))

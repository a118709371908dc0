"""Labelled training images that look most like this one: thumbnails, similarity and a click to go there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout

from core.review.inspection import InspectResult, Neighbour
from core.text import text
from core.text.numbers import format_float
from gui import theme
from gui.inspector.section import Section, Subject
from gui.session import Session
from gui.widgets.class_style import ClassStyle
from gui.widgets.labels import SignedSentence, wrapped_caption
from gui.widgets.layouts import fill
from gui.widgets.thumbnails import ImageKey, Thumbnail, ThumbnailCache
from gui.widgets.tile import Tile, catalog_tiles
from gui.widgets.tile_painter import draw_fitted

FOOT_PX = 2
CAPTION_PX = FOOT_PX + 2


class NeighbourButton(QAbstractButton):
    """A bare grey place until it is given a neighbour.

    Attributes:
        tile: The neighbour.
        thumbnail: Its image, where it is there.

    Signals:
        double_clicked()
    """

    double_clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._style = ClassStyle(None, "")
        self.setFont(theme.tabular(theme.scaled_font(self.font(), theme.CAPTION_SCALE)))
        self.clear()

    def clear(self) -> None:
        """Show nothing, and be no button."""
        self.tile: Tile | None = None
        self.thumbnail: Thumbnail | None = None
        self.setText("")
        self.setToolTip("")
        self.setAccessibleName("")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.update()

    def show_neighbour(self, tile: Tile, similarity: float, thumbnail: Thumbnail | None) -> None:
        self.tile, self.thumbnail = tile, thumbnail
        self._style = ClassStyle(None, tile.label, tile.color, tile.sign)
        self.setText(format_float(similarity, ".2f"))
        label = tile.label or text("window_inspector.no_label")
        said = text("window_inspector.similarity", similarity=similarity)
        self.setToolTip("\n".join((tile.name, label, said)))
        self.setAccessibleName(
            text("window_inspector.similar_image", name=tile.name, label=label, similarity=similarity))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self._paint(painter)

    def _paint(self, painter: QPainter) -> None:
        square = QRect(0, 0, self.width(), self.width())
        painter.fillRect(square, theme.current().tile)
        if self.thumbnail is not None:
            draw_fitted(painter, square, self.thumbnail)
        if self.tile is None:
            return
        painter.fillRect(QRect(0, square.height(), self.width(), FOOT_PX), self._style.shown_color(self.palette()))
        top = square.height() + FOOT_PX
        self._paint_caption(painter, QRect(0, top, self.width(), self.height() - top))
        if self.hasFocus() or self.underMouse():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.current().accent, 2))
            painter.drawRect(QRectF(square).adjusted(1, 1, -1, -1))

    def _paint_caption(self, painter: QPainter, rect: QRect) -> None:
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(self._style.shown_color(self.palette()))
        painter.drawText(rect, int(left), self._style.sign)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self.text())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()
            event.accept()


LEAST_SIDE_PX, N_LINES, N_LEAST, MAX_BUTTONS = 48, 2, 8, 12
THUMBNAIL_SIDE_PX = 128


class NeighboursSection(Section):
    """Two lines of thumbnails, or more where few fit beside each other.

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
        self._session, self._thumbnails = session, thumbnails
        self._neighbours: tuple[Neighbour, ...] = ()
        self._clicked_id: int | None = None
        self.words = wrapped_caption()
        self.unlike = SignedSentence("doubt", role="amber")
        self.buttons = [NeighbourButton() for _ in range(MAX_BUTTONS)]
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.BETWEEN)
        for button in self.buttons:
            button.hide()
            button.clicked.connect(self._on_button_clicked)
            button.double_clicked.connect(self._on_button_double_clicked)
        fill(self.column, self.words, self._grid, self.unlike)
        thumbnails.arrived.connect(self._on_thumbnails_arrived)

    def show_subject(self, subject: Subject) -> None:
        self.setVisible(subject.is_as_imported)
        self._neighbours = ()
        self._say("")
        self.unlike.set_text("")
        for button in self.buttons:
            button.clear()
        self._arrange()

    def show_waiting(self, words: str) -> None:
        self._say(words)
        self._arrange()

    def show_answer(self, answer: InspectResult) -> None:
        self._neighbours = answer.neighbours
        self._say(str(answer.neighbours_reason or ""))
        self.unlike.set_text(text("window_inspector.unlike") if answer.is_unlike else "")
        self.refresh_labels()
        self._arrange()

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def refresh_labels(self) -> None:
        """Show the neighbours, whose labels may have changed."""
        tiles = catalog_tiles(self._session, np.array([n.image_id for n in self._neighbours], np.int64))
        missing = []
        for button, neighbour, tile in zip(self.buttons, self._neighbours, tiles, strict=False):
            thumbnail = self._thumbnails.get(tile.content_hash)
            button.show_neighbour(tile, neighbour.similarity, thumbnail)
            if thumbnail is None and tile.content_hash:
                missing.append(ImageKey(tile.path, tile.content_hash, THUMBNAIL_SIDE_PX))
        if self._neighbours:
            self._thumbnails.ask(self, missing)

    def _arrange(self) -> None:
        """Places for the answer are kept while it is awaited, so that nothing below jumps."""
        least = max(LEAST_SIDE_PX, self.buttons[0].fontMetrics().horizontalAdvance("■ 0.00") + theme.INSIDE)
        n_columns = max((self.width() + theme.BETWEEN) // (least + theme.BETWEEN), 1)
        side = max((self.width() - (n_columns - 1) * theme.BETWEEN) // n_columns, 16)
        n_lines = max(N_LINES, N_LEAST // n_columns)
        n_shown = 0 if self.words.text() else min(n_columns * n_lines, MAX_BUTTONS)
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
        if isinstance(button, NeighbourButton) and button.tile is not None:
            self._clicked_id = button.tile.id
            self.image_asked.emit(button.tile.id)

    def _on_button_double_clicked(self) -> None:
        """The first click has brought other neighbours, so the button may show another image by now."""
        if self._clicked_id is not None:
            self.loupe_asked.emit(self._clicked_id)

    def _on_thumbnails_arrived(self, content_hashes: frozenset[bytes]) -> None:
        for button in self.buttons:
            if button.thumbnail is None and button.tile is not None and button.tile.content_hash in content_hashes:
                button.thumbnail = self._thumbnails.get(button.tile.content_hash)
                button.update()

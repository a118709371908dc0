"""The words below a tile: file name, label, prediction, tags, as a person has chosen; cut so that what differs stays.

Texts are shaped once and kept, for shaping is what costs in a frame.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QStaticText

from gui.widgets.class_style import shown_color
from gui.widgets.cut_names import cut_name
from gui.widgets.tile import Tile

TEXT_GAP_PX = 4
MAX_TEXTS = 4096
ARROW = "→"
LEAST_PREDICTION = "mmm…"
"""A prediction cut shorter than about this says nothing."""
LEAST_NAME = "m…"
"""Where not even so much of it fits, its sign and the confidence stand alone; nor is a shorter label of any use."""


@dataclass(frozen=True, slots=True)
class Captions:
    """What stands below the tiles.

    Attributes:
        name: The name of the file, in a line of its own.
        label: Sign and name of the class that a person gave.
        prediction: What the model says where it differs; without `label` what it says at all.
        tags: Flags and tags, in a line of their own.
    """

    name: bool = False
    label: bool = True
    prediction: bool = True
    tags: bool = False

    @property
    def n_lines(self) -> int:
        return int(self.name) + int(self.label or self.prediction) + int(self.tags)

    @classmethod
    def read(cls, written: str) -> Captions:
        """From what `str` gave; what nobody chose yet is as at first, unknown words are passed over."""
        return cls() if not written else cls(**{field.name: field.name in written.split() for field in fields(cls)})

    def __str__(self) -> str:
        """As the preferences keep it; never empty, for that means that nothing was chosen."""
        return " ".join(["captions", *(field.name for field in fields(self) if getattr(self, field.name))])


class CaptionPainter:
    """Draws captions in one font and palette.

    Args:
        font: Of all texts; set on the painter.
        palette: For the text and the colours of classes.
        captions: What is shown.
    """

    def __init__(self, font: QFont, palette: QPalette, captions: Captions) -> None:
        self.captions, self._font, self._palette = captions, font, palette
        self._metrics = QFontMetrics(font)
        self._text = palette.color(QPalette.ColorRole.Text)
        self.height = captions.n_lines * self._metrics.height() + 2 * TEXT_GAP_PX * bool(captions.n_lines)
        self._static = lru_cache(maxsize=MAX_TEXTS)(self._shape)
        self.parts = lru_cache(maxsize=MAX_TEXTS)(self._divide)
        self.cut = lru_cache(maxsize=MAX_TEXTS)(self._cut)
        self._advance = lru_cache(maxsize=256)(self._measure)
        self.shown_color = lru_cache(maxsize=256)(self._show_color)

    def paint(self, painter: QPainter, line: QRect, tile: Tile, *, is_unreadable: bool, n_shared: int) -> None:
        """Draw the caption of a tile.

        Args:
            painter: With the font set.
            line: From the left to the right edge of the tile, and as high as all lines.
            tile: Whose caption it is.
            is_unreadable: Without a label it has its name in place of it.
            n_shared: How much of the start of its name its neighbours share; see `shared_starts`.
        """
        if not self.captions.n_lines:
            return
        left, right, top = line.left() + TEXT_GAP_PX, line.right() + 1 - TEXT_GAP_PX, line.top() + TEXT_GAP_PX
        has_name_only = is_unreadable and not tile.label
        if self.captions.name or has_name_only:
            painter.setPen(self._text)
            # drawn at once: to shape and keep a text that no other tile has takes twice as long
            painter.drawText(left, top + self._metrics.ascent(), self.cut(tile.name, n_shared, right - left))
            top += self._metrics.height()
        if self.captions.label or self.captions.prediction:
            if not has_name_only:
                self._paint_classes(painter, left, right, top, tile)
            top += self._metrics.height() * (self.captions.name or not has_name_only)
        if self.captions.tags and tile.tag_words:
            painter.setPen(self._text)
            painter.drawText(left, top + self._metrics.ascent(), self._elide(tile.tag_words, right - left))

    def _paint_classes(self, painter: QPainter, left: int, right: int, top: int, tile: Tile) -> None:
        captions = self.captions
        label = tile.label if captions.label else ""
        if captions.label and tile.sign:
            painter.setPen(self.shown_color(tile.color))
            painter.drawStaticText(left, top, self._static(tile.sign))
            left += self._advance(tile.sign) + TEXT_GAP_PX
        prediction = (tile.differing_prediction if captions.label else tile.prediction or "") * captions.prediction
        sign = tile.prediction_sign if prediction else ""
        label, says, says_px = self.parts(label, prediction, sign, tile.confidence_text, right - left)
        painter.setPen(self._text)
        painter.drawStaticText(left, top, self._static(label))
        if not prediction:
            return
        left = right - says_px
        painter.drawStaticText(left, top, self._static(ARROW))
        left += self._advance(ARROW) + TEXT_GAP_PX
        if sign:
            painter.setPen(self.shown_color(tile.prediction_color))
            painter.drawStaticText(left, top, self._static(sign))
            painter.setPen(self._text)
            left += self._advance(sign) + TEXT_GAP_PX
        painter.drawStaticText(left, top, self._static(says))

    def _divide(self, label: str, prediction: str, sign: str, confidence: str, width: int) -> tuple[str, str, int]:
        """Label and prediction cut so that both fit; the confidence stays whole.

        Where there is little room the label gives way first, for its sign and colour are there too, and then
        the name of the prediction.

        Returns:
            The label, the prediction with its confidence, and the width of the latter with arrow and sign.
        """
        if not prediction:
            return self._elide(label, width), "", 0
        lead = self._advance(ARROW) + TEXT_GAP_PX + (self._advance(sign) + TEXT_GAP_PX if sign else 0)
        space = 2 * TEXT_GAP_PX if label else 0
        room = max(width - self._measure(label) - space, width * 2 // 3 if label else width)
        tail = f" {confidence}" if confidence else ""
        says_room = room - lead - self._measure(tail)
        if says_room < self._advance(LEAST_PREDICTION):
            says_room = width - lead - self._measure(tail)
        name = self._elide(prediction, says_room)
        says = self._elide(((name if len(name) >= len(LEAST_NAME) or not tail else "") + tail).strip(), width - lead)
        says_px = lead + self._measure(says)
        label_room = width - says_px - space
        is_legible = label_room >= self._advance(LEAST_NAME)
        return self._elide(label, label_room) if is_legible else "", says, says_px

    def _cut(self, name: str, n_shared: int, width: int) -> str:
        return cut_name(self._metrics, name, n_shared, width)

    def _measure(self, text: str) -> int:
        """A method, for `lru_cache` asks a function of Qt for its signature: a tenth of a second, once."""
        return self._metrics.horizontalAdvance(text)

    def _elide(self, text: str, width: int) -> str:
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(width, 0))

    def _shape(self, text: str) -> QStaticText:
        static = QStaticText(text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        static.prepare(font=self._font)
        return static

    def _show_color(self, color: str) -> QColor:
        return shown_color(color, self._palette)

"""Signs of flags and tags, small in a corner of a tile, and their words in captions and tool tips."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from core.project.tag_names import FLAGS
from core.text import text
from gui.icons import icon

SIGN_PX, BADGE_PX, GAP_PX = 12, 16, 2

ICONS = {flag: f"flag_{flag}" for flag in FLAGS}
"""A key of `gui.icons.NAMES` for each flag."""

TAG_ICON = "hash"
"""Stands for tags, however many an image has."""


def flag_name(flag: str) -> str:
    """The name of a flag in the language in force."""
    return text(f"project.flag.{flag}")


def tag_words(flags: tuple[str, ...], tags: tuple[str, ...]) -> str:
    """“checked, star, #night”; empty without any."""
    return ", ".join((*map(flag_name, flags), *(f"#{name}" for name in tags)))


class SignPainter:
    """Draws the signs of an image from right to left, with its own colours; made anew when the palette changes.

    Args:
        ground, frame: Colours of the disc under each sign and around it.
    """

    def __init__(self, ground: QColor, frame: QColor) -> None:
        self._ground, self._frame = ground, frame
        self._strip = lru_cache(maxsize=256)(self._draw)

    def paint(
        self, painter: QPainter, corner: QPoint, flags: tuple[str, ...], *, has_tags: bool, room_px: int
    ) -> None:
        """Draw the signs so that they end at a lower right corner.

        Args:
            room_px: What does not fit in this width is left out, the last flags first.
        """
        names = [*(ICONS[flag] for flag in flags), *([TAG_ICON] if has_tags else ())]
        shown = tuple(names[-max(room_px // (BADGE_PX + GAP_PX), 1):])
        if shown:
            strip = self._strip(shown, painter.device().devicePixelRatioF())
            painter.drawPixmap(corner - QPoint(width_of(len(shown)), BADGE_PX), strip)

    def _draw(self, names: tuple[str, ...], ratio: float) -> QPixmap:
        """Some hundred tiles are painted a frame: a strip of signs is drawn once for each set of them."""
        strip = QPixmap(round(width_of(len(names)) * ratio), round(BADGE_PX * ratio))
        strip.setDevicePixelRatio(ratio)
        strip.fill(Qt.GlobalColor.transparent)
        with QPainter(strip) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for at, name in enumerate(names):
                badge = QRect(at * (BADGE_PX + GAP_PX), 0, BADGE_PX, BADGE_PX)
                painter.setPen(QPen(self._frame, 1))
                painter.setBrush(self._ground)
                painter.drawEllipse(QRectF(badge).adjusted(0.5, 0.5, -0.5, -0.5))
                inset = (BADGE_PX - SIGN_PX) // 2
                icon(name).paint(painter, badge.adjusted(inset, inset, -inset, -inset), mode=QIcon.Mode.Normal)
        return strip


def width_of(n_signs: int) -> int:
    """Width of so many signs beside each other, in logical pixels."""
    return n_signs * (BADGE_PX + GAP_PX) - GAP_PX

"""How a class looks on every page: colour, sign and key, and its colour made readable on the ground it stands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QWidget

from core.project.journal import ClassRow
from gui import theme
from gui.colors import visible

SIGNS = "■◆●▲▼★✚⬟◐⬢"
"""Beside the colour, so that colour is never the only difference; the usual fonts of each system draw all ten."""

SIGN_CONTRAST, BAR_CONTRAST = 2.0, 3.0
"""Least contrasts of a sign that stands before its name, and of a bar or a sign that stands alone."""

_Role = QPalette.ColorRole
_TEXT_ROLES = {
    _Role.Base: _Role.Text, _Role.Window: _Role.WindowText, _Role.Button: _Role.ButtonText,
    _Role.Highlight: _Role.HighlightedText,
}


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """How one class looks.

    Attributes:
        id: Its row in the catalog; None for a class that the project does not have.
        name: Its name.
        color: "#RRGGBB", or "" for none.
        sign: "■", "◆" … beside the colour, or "".
        key: The character that labels with it, or "".
    """

    id: int | None
    name: str
    color: str = ""
    sign: str = ""
    key: str = ""

    def shown_color(self, palette: QPalette, on: QPalette.ColorRole = _Role.Base) -> QColor:
        """The colour as it can be seen on a ground; see `shown_color`."""
        return shown_color(self.color, palette, on)


def class_sign(place: int) -> str:
    """The sign of the class at that place in the list (from 0); after ten they come round again with a number."""
    turn, index = divmod(place, len(SIGNS))
    return SIGNS[index] if not turn else f"{SIGNS[index]}{turn + 1}"


def class_styles(classes: Iterable[ClassRow]) -> dict[int, ClassStyle]:
    """The styles of all classes of a project by id, in their order."""
    return {
        row.id: ClassStyle(row.id, row.name, row.color, class_sign(place), row.key or "")
        for place, row in enumerate(classes)
    }


def shown_color(
    color: str, palette: QPalette, on: QPalette.ColorRole = _Role.Base, *, ratio: float = SIGN_CONTRAST,
) -> QColor:
    """The colour of a class, moved toward the text's until it stands out from its ground.

    Args:
        color: "#RRGGBB"; "" gives the colour of captions.
        palette: Of the widget.
        on: The role of the ground: Base, Window, Button or Highlight.
        ratio: Least contrast.
    """
    if not color:
        return theme.current().caption
    return visible(QColor(color), palette.color(on), palette.color(_TEXT_ROLES[on]), ratio=ratio)


def paint_sign(
    painter: QPainter, rect: QRect, style: ClassStyle, palette: QPalette, *,
    on: QPalette.ColorRole = _Role.Base, gap_px: int = theme.INSIDE,
) -> None:
    """Draw the sign of a class at the left of `rect`, which then begins after it; nothing without a sign."""
    if style.sign:
        painter.setPen(style.shown_color(palette, on))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), style.sign)
        rect.adjust(sign_width(style, painter.fontMetrics(), gap_px), 0, 0, 0)


def sign_width(style: ClassStyle, metrics: QFontMetrics, gap_px: int = theme.INSIDE) -> int:
    """Pixels that the sign and the gap after it take; 0 without a sign."""
    return metrics.horizontalAdvance(style.sign) + gap_px if style.sign else 0


def color_label(label: QWidget, color: str) -> None:
    """Colour the text of a widget that stands on the window and shows a sign."""
    parent = label.parentWidget()
    palette = QPalette(parent.palette() if parent is not None else label.palette())
    palette.setColor(_Role.WindowText, shown_color(color, palette, _Role.Window))
    label.setPalette(palette)


def sign_icon(sign: str, color: QColor, font: QFont, ratio: float) -> QIcon:
    """A sign as a small icon for menus and tables.

    Args:
        sign: The sign.
        color: As shown on its ground.
        font: Of the text beside it.
        ratio: Device pixels a pixel.
    """
    return _sign_icon(sign, color.name(), font.toString(), ratio)


@lru_cache(maxsize=256)
def _sign_icon(sign: str, color: str, font: str, ratio: float) -> QIcon:
    side = theme.SMALL_ICON_PX
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        sign_font = QFont()
        sign_font.fromString(font)
        painter.setFont(sign_font)
        painter.setPen(QColor(color))
        painter.drawText(0, 0, side, side, int(Qt.AlignmentFlag.AlignCenter), sign)
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(pixmap, mode)
    return icon

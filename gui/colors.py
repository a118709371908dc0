"""All colours of the window, once for light and once for dark, and the measure of their contrast.

The photographs are the colour, the program is grey: one accent, amber for doubt, red for
what is wrong. Widgets take colours from the palette's roles or from `gui.theme`, never from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True, slots=True)
class Colors:
    """One theme's colours as "#rrggbb".

    Attributes:
        window, base, alternate, button: Grounds of panels, of lists and fields, of every other row, of buttons.
        text, caption, disabled: Text, quieter text, text of what cannot be used now.
        line: Thin separators and frames.
        accent, on_accent: What is chosen or comes first, and text on it.
        amber, red: Text and signs of doubt and of what is wrong.
        accent_ground, amber_ground, red_ground: Grounds of messages of each kind, for `text`.
        tile: Neutral ground behind a photograph.
    """

    window: str
    base: str
    alternate: str
    button: str
    text: str
    caption: str
    disabled: str
    line: str
    accent: str
    on_accent: str
    amber: str
    red: str
    accent_ground: str
    amber_ground: str
    red_ground: str
    tile: str


LIGHT = Colors(
    window="#f2f2f1", base="#ffffff", alternate="#f7f7f6", button="#fbfbfb",
    text="#1e2022", caption="#5a5f64", disabled="#8f9396", line="#d3d4d5",
    accent="#4355b5", on_accent="#ffffff", amber="#7d5200", red="#b3261e",
    accent_ground="#e6e9f7", amber_ground="#fbefd3", red_ground="#fae3e0", tile="#d4d4d4",
)

DARK = Colors(
    window="#242527", base="#1b1c1d", alternate="#202122", button="#313336",
    text="#e5e5e3", caption="#a6aaae", disabled="#75797c", line="#3d3f42",
    accent="#a5b2ff", on_accent="#15181f", amber="#f2bd55", red="#ff968c",
    accent_ground="#2e3350", amber_ground="#443718", red_ground="#4b2926", tile="#3a3a3a",
)


def contrast(first: str, second: str) -> float:
    """Contrast of two "#rrggbb" colours after WCAG 2.1, 1 … 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[i:i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """`first` with a share (0 … 1) of `second`."""
    pairs = ((first.red(), second.red()), (first.green(), second.green()), (first.blue(), second.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in pairs))


def text_on(ground: QColor, palette: QPalette) -> QColor:
    """Of the palette's page and text colours the one that is better read on `ground`."""
    candidates = (palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base))
    return max(candidates, key=lambda color: contrast(color.name(), ground.name()))


def visible(color: QColor, ground: QColor, toward: QColor, *, ratio: float) -> QColor:
    """`color`, moved toward another no further than it must to stand out from `ground` by a contrast of `ratio`."""
    return QColor(_visible(color.name(), ground.name(), toward.name(), ratio))


@lru_cache(maxsize=4096)
def _visible(color: str, ground: str, toward: str, ratio: float) -> str:
    """Kept, for lists of a thousand classes are painted anew with every label."""
    for step in range(10):
        moved = mix(QColor(color), QColor(toward), step / 10).name()
        if contrast(moved, ground) >= ratio:
            return moved
    return toward

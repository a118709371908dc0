"""Draws charts as SVG: axes, lines, points with intervals. Names are escaped; nothing is fetched.

Colours stand in the attributes, for a viewer that knows no style sheet (Qt's), and as classes, so that a page may set
others for the dark. The drawing is no wider than a telephone, so that its text stays readable there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 380, 280
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 42, 40
"""Room for titles and the labels of the axes, pixels."""

ROW_PX, NAME_PX = 22, 120
"""Height of a line of the interval chart, and room for the names."""

NAME_SPACE = ' xmlns="http://www.w3.org/2000/svg"'
"""What makes a drawing a document of its own."""

LETTER_PX = 6.4
"""About the width of a letter of 11 pixels."""

INK, SOFT, LINE = "#1d1f21", "#5c6166", "#d9dbdd"
COLORS = {"main": "#2f7fb8", "second": "#c2571a", "soft": SOFT}


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its title with the unit, its range, and where it is labelled."""

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together.

    Attributes:
        name: For the legend; "" for none.
        points: (x, y) each.
        role: Key of `COLORS`.
        style: “line”, “dashed”, “points” or “rings”.
        intervals: (low, high) of each point upwards, or none.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    role: str = "main"
    style: str = "line"
    intervals: tuple[tuple[float, float], ...] = ()


def draw_chart(name: str, x: Axis, y: Axis, series: Sequence[Series]) -> str:
    """A chart of lines and points.

    Args:
        name: What it shows, for whoever cannot see it.
    """
    def across(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - x.low) / ((x.high - x.low) or 1)

    def up(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - y.low) / ((y.high - y.low) or 1)

    parts = [*_legend(series)]
    for value, words in y.ticks:
        parts += [_line(LEFT, up(value), WIDTH - RIGHT, up(value)), _text(LEFT - 6, up(value) + 4, words, "end")]
    for value, words in x.ticks:
        parts += [_line(across(value), HEIGHT - BOTTOM, across(value), HEIGHT - BOTTOM + 4),
                  _text(across(value), HEIGHT - BOTTOM + 16, words, "middle")]
    parts += [_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x.title, "middle"), _text(4, 12, y.title, "start")]
    for one in series:
        parts += _draw(one, [(across(a), up(b)) for a, b in one.points],
                       [(up(low), up(high)) for low, high in one.intervals])
    return _document(name, WIDTH, HEIGHT, parts)


def draw_intervals(
    name: str, rows: Sequence[tuple[str, float | None, float, float]], axis: Axis
) -> tuple[str, int]:
    """A line for each name with a point and its interval; returns the drawing and its height.

    Args:
        rows: (name, value or None, low, high) each.
        axis: From the left to the right.
    """
    height = ROW_PX + ROW_PX * len(rows) + BOTTOM
    bottom = height - BOTTOM

    def across(value: float) -> float:
        return NAME_PX + (WIDTH - NAME_PX - RIGHT - 8) * (value - axis.low) / (axis.high - axis.low)

    parts: list[str] = []
    for tick, words in axis.ticks:
        x = across(tick)
        parts += [_line(x, ROW_PX - 8, x, bottom), _text(x, bottom + 14, words, "middle")]
    for at, (words, value, low, high) in enumerate(rows):
        middle = ROW_PX * (at + 1.5)
        parts.append(_text(NAME_PX - 8, middle + 4, _cut(words, int((NAME_PX - 12) / LETTER_PX)), "end", whole=words))
        if value is not None:
            parts.append(_line(across(low), middle, across(high), middle, "main", 2.0))
            parts.append(_circle(across(value), middle, "main", is_filled=True))
    parts.append(_text((NAME_PX + WIDTH - RIGHT) / 2, height - 6, axis.title, "middle"))
    return _document(name, WIDTH, height, parts), height


def _draw(one: Series, points: Sequence[tuple[float, float]], intervals: Sequence[tuple[float, float]]) -> list[str]:
    parts = [_line(a, low, a, high, one.role, 1.2) for (a, _), (low, high) in zip(points, intervals, strict=False)]
    if one.style in ("line", "dashed") and len(points) > 1:
        path = " L".join(f"{a:.1f} {b:.1f}" for a, b in points)
        dashes = ' stroke-dasharray="5 3"' if one.style == "dashed" else ""
        parts.append(f'<path class="{one.role}" d="M{path}" fill="none" stroke="{COLORS[one.role]}" '
                     f'stroke-width="1.8"{dashes}/>')
    else:
        parts += [_circle(a, b, one.role, is_filled=one.style != "rings") for a, b in points]
    return parts


def _legend(series: Iterable[Series]) -> list[str]:
    """Names below the title of the upper axis, from the right edge on, each behind a sample of its line."""
    parts, right = [], float(WIDTH - RIGHT)
    for one in reversed([s for s in series if s.name]):
        parts.append(_text(right, 28, one.name, "end"))
        right -= len(one.name) * LETTER_PX + 6
        sample = [(right - 18, 24.0), (right, 24.0)] if one.style in ("line", "dashed") else [(right - 6, 24.0)]
        parts += _draw(one, sample, ())
        right -= 30
    return parts


def _document(name: str, width: int, height: int, parts: Iterable[str]) -> str:
    return (f'<svg{NAME_SPACE} viewBox="0 0 {width} {height}" role="img" '
            f'aria-label="{escape(_clean(name))}" font-family="sans-serif" font-size="11">{"".join(parts)}</svg>')


def _line(x1: float, y1: float, x2: float, y2: float, role: str = "grid", width: float = 1.0) -> str:
    return (f'<line class="{role}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{COLORS.get(role, LINE)}" stroke-width="{width:g}"/>')


def _circle(x: float, y: float, role: str, *, is_filled: bool) -> str:
    fill = COLORS[role] if is_filled else "none"
    return (f'<circle class="{role}{"" if is_filled else " ring"}" cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="{fill}" '
            f'stroke="{COLORS[role]}" stroke-width="1.2"/>')


def _text(x: float, y: float, words: str, anchor: str, *, whole: str = "") -> str:
    title = f"<title>{escape(_clean(whole))}</title>" if whole and whole != words else ""
    return (f'<text class="words" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">'
            f"{escape(_clean(words))}{title}</text>")


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[:most - 1] + "…"


def _clean(words: str) -> str:
    """Without what XML cannot hold."""
    return "".join(letter if letter >= " " and not 0xD800 <= ord(letter) <= 0xDFFF else "\ufffd" for letter in words)

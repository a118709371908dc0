"""Lays what can be painted onto the pages of a PDF, one item below the other, none cut in two."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF
from PySide6.QtGui import (
    QColor, QFont, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextCharFormat, QTextLayout, QTextOption,
)

DPI = 720
POINT = DPI / 72
"""Everything is measured in dots, of which ten make a typographic point."""

MARGIN_MM, FOOT_PT = 16.0, 22.0
INK, SOFT, LINE = QColor("#000000"), QColor("#444444"), QColor("#bbbbbb")


class Item(ABC):
    """Something of a page.

    Attributes:
        keeps_with_next: Whether it must not be the last on its page, as a heading.
        before: Room above it where it is not the first on its page, dots.
        after: Room below it, dots.
    """

    keeps_with_next = False
    before = 0.0
    after = 4 * POINT

    @abstractmethod
    def height(self, width: float) -> float:
        """What it needs in so much width, both in dots."""

    @abstractmethod
    def paint(self, painter: QPainter, where: QRectF) -> None:
        """Paint it into that place, which is as high as it asked for."""


class Words(Item):
    """A text that breaks its lines, also within a word where nothing else helps.

    Args:
        text: Plain text.
        size: In points.
        bold: How many of its first letters are bold.
        color: Of the letters.
        before, after, keeps_with_next: See `Item`.
        is_right: Set at the right edge.
    """

    def __init__(
        self, text: str, size: float = 9.5, *, bold: int = 0, color: QColor = INK, before: float = 0.0,
        after: float = 4 * POINT, keeps_with_next: bool = False, is_right: bool = False,
    ) -> None:
        self.before = before
        self.text, self.after, self.keeps_with_next = text.replace("\n", " "), after, keeps_with_next
        self._font, self._color, self._bold, self._is_right = font_of(size), color, bold, is_right
        self._laid_out: tuple[float, QTextLayout, float] | None = None

    def natural_width(self) -> float:
        """Of the text in one line."""
        return self._lay_out(1e9)[0].maximumWidth() + 1

    def height(self, width: float) -> float:
        return self._lay_out(width)[1]

    def paint(self, painter: QPainter, where: QRectF) -> None:
        painter.setPen(self._color)
        self._lay_out(where.width())[0].draw(painter, where.topLeft())

    def _lay_out(self, width: float) -> tuple[QTextLayout, float]:
        if self._laid_out is not None and self._laid_out[0] == width:
            return self._laid_out[1], self._laid_out[2]
        layout, height = QTextLayout(self.text, self._font), 0.0
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        if self._bold:
            bold = QTextCharFormat()
            bold.setFontWeight(QFont.Weight.Bold)
            part = QTextLayout.FormatRange()
            part.start, part.length, part.format = 0, self._bold, bold
            layout.setFormats([part])
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            left = width - line.naturalTextWidth() if self._is_right else 0.0
            line.setPosition(QPointF(left, height))
            height += line.height()
        layout.endLayout()
        self._laid_out = width, layout, height
        return layout, height


class Row(Item):
    """Items beside each other, each in its own width."""

    def __init__(
        self, items: Sequence[Item], widths: Sequence[float], *, gap: float = 0.0, after: float = 0.0,
        grounds: Sequence[QColor | None] = (), has_line: bool = False, keeps_with_next: bool = False,
    ) -> None:
        self._items, self._widths, self._gap = items, widths, gap
        self._grounds, self._has_line = grounds, has_line
        self.after, self.keeps_with_next = after, keeps_with_next
        self._padding = 2.5 * POINT if has_line or grounds else 0.0

    def height(self, width: float) -> float:
        inner = [max(own - 2 * self._padding, POINT) for own in self._widths]
        heights = (item.height(own) for item, own in zip(self._items, inner, strict=True))
        return max(heights, default=0.0) + 2 * self._padding

    def paint(self, painter: QPainter, where: QRectF) -> None:
        left, pad = where.left(), self._padding
        for at, (item, width) in enumerate(zip(self._items, self._widths, strict=True)):
            ground = self._grounds[at] if at < len(self._grounds) else None
            if ground is not None:
                painter.fillRect(QRectF(left, where.top(), width, where.height()), ground)
            item.paint(painter, QRectF(left + pad, where.top() + pad, max(width - 2 * pad, POINT),
                                       where.height() - 2 * pad))
            left += width + self._gap
        if self._has_line:
            painter.setPen(LINE)
            painter.drawLine(where.bottomLeft(), QPointF(left - self._gap, where.bottom()))


class Stack(Item):
    """Items below each other that stay on one page."""

    def __init__(self, items: Sequence[Item], *, after: float = 6 * POINT, ground: QColor | None = None) -> None:
        self._items, self._ground, self.after = items, ground, after
        self._padding = 5 * POINT if ground is not None else 0.0

    def height(self, width: float) -> float:
        inner = width - 2 * self._padding
        return sum(item.height(inner) + item.after for item in self._items) + 2 * self._padding

    def paint(self, painter: QPainter, where: QRectF) -> None:
        if self._ground is not None:
            painter.fillRect(where, self._ground)
        top, inner = where.top() + self._padding, where.width() - 2 * self._padding
        for item in self._items:
            height = item.height(inner)
            item.paint(painter, QRectF(where.left() + self._padding, top, inner, height))
            top += height + item.after


def font_of(size: float) -> QFont:
    """The sans-serif font of the system in a size in points, for a device of `DPI`."""
    font = QFont()
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setFamilies([*font.families(), "sans-serif"])
    font.setPixelSize(max(round(size * POINT), 1))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def write_pages(items: Iterable[Item | Sequence[Item]], *, title: str, foot: str) -> bytes:
    """A PDF of A4 pages; items of a group that do not fit begin again with the first one, the head of a table.

    Args:
        items: In their order; a sequence is a table: its first item is repeated on each page that it reaches.
        title: Of the document.
        foot: Before the number of each page.
    """
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setPageLayout(QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait,
        QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM), QPageLayout.Unit.Millimeter))
    writer.setTitle(title)
    writer.setCreator("Catalejo")
    painter = QPainter(writer)
    try:
        pages = _Pages(painter, writer, foot)
        flat = [item if isinstance(item, Item) else tuple(item) for item in items]
        for at, item in enumerate(flat):
            if isinstance(item, Item):
                pages.place(item, _kept_with(flat, at))
            else:
                pages.place_table(item)
        pages.end()
    finally:
        painter.end()
        buffer.close()
    return bytes(content.data())


def page_width() -> float:
    """Between the margins of a page, dots."""
    return (210 - 2 * MARGIN_MM) / 25.4 * DPI


def _kept_with(items: Sequence[Item | Sequence[Item]], at: int) -> list[Item]:
    """What must follow an item on its page: up to the first one that may be the last."""
    kept: list[Item] = []
    last = items[at]
    for following in items[at + 1:]:
        if not (isinstance(last, Item) and last.keeps_with_next):
            break
        kept += [following] if isinstance(following, Item) else following[:2]
        last = following
    return kept


class _Pages:
    """Where the next item goes."""

    def __init__(self, painter: QPainter, writer: QPdfWriter, foot: str) -> None:
        self._painter, self._writer, self._foot = painter, writer, foot
        self._top, self._number = 0.0, 1
        self._width, self._height = float(writer.width()), writer.height() - FOOT_PT * POINT

    def place(self, item: Item, kept: Sequence[Item] = ()) -> None:
        """Put it here, or on the next page where it, or what it keeps with, does not fit."""
        height = item.height(self._width)
        needed = height + item.before + sum(item.after + one.before + one.height(self._width) for one in kept)
        if self._top and self._top + needed > self._height:
            self._turn()
        self._top += item.before if self._top else 0.0
        item.paint(self._painter, QRectF(0, self._top, self._width, height))
        self._top += height + item.after

    def place_table(self, rows: Sequence[Item]) -> None:
        """Rows below their head, which comes again on each page."""
        head, *others = rows
        for at, row in enumerate(others or [head]):
            is_first = at == 0 and bool(others)
            needed = row.height(self._width) + (head.height(self._width) if is_first else 0.0)
            if self._top and self._top + needed > self._height:
                self._turn()
                is_first = bool(others)
            if is_first:
                self.place(head)
            self.place(row)
        self._top += 8 * POINT

    def end(self) -> None:
        """Write the foot of the last page."""
        said = Words(f"{self._foot} · {self._number}", 7.5, color=SOFT)
        said.paint(self._painter, QRectF(0, self._height + 8 * POINT, self._width, 12 * POINT))

    def _turn(self) -> None:
        self.end()
        self._writer.newPage()
        self._top, self._number = 0.0, self._number + 1

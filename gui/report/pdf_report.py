"""The report as a PDF: the same content as the page, painted onto A4 with charts as drawings and text as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFontDatabase, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from core.errors import InputError
from core.review.report_blocks import (
    Block, Card, Cards, Cell, Chart, Fold, Heading, Matrix, Notice, Paragraph, Picture, Report, Sheet, Table, Tile,
)
from gui.colors import mix
from gui.report.pdf_flow import INK, POINT, SOFT, Item, Row, Stack, Words, page_width, write_pages

CARDS_IN_ROW, CARD_PT, TILE_PT, GAP_PT = 3, 84.0, 48.0, 8.0
DOUBT, TILE, WHITE = QColor("#fdf3dc"), QColor("#e9eaeb"), QColor("#ffffff")
RIGHT, WRONG = QColor("#2f7fb8"), QColor("#c9433a")
CHART_PT = 285.0
"""Width of a chart: 380 pixels at 96 dpi."""

Flow = Item | Sequence[Item]


def paint_report(report: Report) -> bytes:
    """The PDF. May run in any thread of a program that has a `QGuiApplication`.

    Raises:
        InputError: There is no font to write with.
    """
    if not QFontDatabase.families():
        raise InputError("report.no_fonts")
    return write_pages(_content(report), title=report.title, foot=report.heading)


def _content(report: Report) -> Iterator[Flow]:
    yield Words(report.project, 15, bold=len(report.project), after=0)
    yield Words(report.heading, 9.5, color=SOFT, after=8 * POINT)
    for block, following in zip(report.blocks, (*report.blocks[1:], None), strict=True):
        if isinstance(block, Paragraph) and isinstance(following, Cards | Sheet):
            yield _paragraph(block, keeps_with_next=True)
        else:
            yield from _painted(block)
    yield Words(report.footer, 8, color=SOFT)


def _painted(block: Block) -> Iterator[Flow]:
    return _PAINTERS[block.kind](block)


def _heading(block: Heading) -> Iterator[Flow]:
    yield Words(block.text, 13, bold=len(block.text), keeps_with_next=True, before=10 * POINT, after=5 * POINT)


def _notice(block: Notice) -> Iterator[Flow]:
    yield Stack([_paragraph(one) for one in block.lines], ground=DOUBT)


def _chart(block: Chart) -> Iterator[Flow]:
    yield _Drawing(block)
    yield Words(block.caption, 8, color=SOFT, after=4 * POINT)
    yield from _table(block.table, size=7.5)


def _fold(block: Fold) -> Iterator[Flow]:
    yield Words(block.title, 10, bold=len(block.title), keeps_with_next=True)
    for inner in block.blocks:
        yield from _painted(inner)


def _paragraph(block: Paragraph, *, keeps_with_next: bool = False) -> Words:
    size, words = {"verdict": 14.0, "soft": 8.5}.get(block.style, 9.5), f"{block.lead} {block.text}".strip()
    bold = len(words) if block.style == "verdict" else len(block.lead)
    return Words(words, size, bold=bold, color=SOFT if block.style == "soft" else INK,
                 keeps_with_next=keeps_with_next)


# ── tables ───────────────────────────────────────────────────────────────


def _table(block: Table, *, size: float = 8.5) -> Iterator[Flow]:
    """Its caption, then its head and rows, the head again on each page."""
    yield Words(block.caption, size, color=SOFT, keeps_with_next=True, after=2 * POINT)
    numbers = set(block.numbers)
    rows = [[_cell(cell, size, is_right=at in numbers) for at, cell in enumerate(row)] for row in block.rows]
    heads = [Words(title, size, bold=len(title), color=SOFT, is_right=at in numbers)
             for at, title in enumerate(block.columns)]
    widths = _widths([*([heads] if heads else []), *rows])
    first = [Row(heads, widths, has_line=True)] if heads else []
    lines = [Row(row, widths, has_line=True) for row in rows]
    if first:
        yield [*first, *lines]
    else:
        yield from lines


class _CellWords(Stack):
    """A text with a second, smaller line, behind its sign."""

    def __init__(self, cell: Cell, size: float, *, is_right: bool) -> None:
        sign = f"{cell.sign} " if cell.sign else ""
        self._main = Words(sign + cell.text, size, color=SOFT if cell.is_soft else INK, after=0, is_right=is_right)
        more = [Words(cell.small, size - 1.5, color=SOFT, after=0, is_right=is_right)] if cell.small else []
        self._more = more
        super().__init__([self._main, *more], after=0)

    def natural_width(self) -> float:
        """Of its longer line."""
        return max(words.natural_width() for words in (self._main, *self._more))


def _cell(cell: Cell, size: float, *, is_right: bool) -> _CellWords:
    return _CellWords(cell, size, is_right=is_right)


def _widths(rows: Sequence[Sequence[_CellWords | Words]]) -> list[float]:
    """Of the columns: what their texts ask for; where that is too much, the widest give way."""
    padding, whole = 8 * POINT, page_width()
    wanted = [max(item.natural_width() for item in column) + padding for column in zip(*rows, strict=True)]
    most = whole
    while sum(min(width, most) for width in wanted) > whole and most > 20 * POINT:
        most *= 0.94
    return [min(width, most) for width in wanted]


def _matrix(block: Matrix) -> Iterator[Flow]:
    yield Words(block.caption, 8, color=SOFT, keeps_with_next=True, after=2 * POINT)
    size = 8.5 if len(block.classes) <= 6 else 7.0
    names = [_cell(name, size, is_right=False) for name in block.classes]
    first = min(max(name.natural_width() for name in names) + 8 * POINT, page_width() * 0.3)
    width = min((page_width() - first) / max(len(names), 1), 90 * POINT)
    corner = Words(f"{block.row_title} ↓  {block.column_title} →", size - 1, color=SOFT)
    heads: list[Item] = [corner, *(_cell(name, size, is_right=True) for name in block.classes)]
    widths = [first] + [width] * len(names)
    rows = []
    for name, cells in zip(names, block.rows, strict=True):
        grounds = [None, *(mix(WHITE, RIGHT if c.is_right else WRONG, c.share * (0.3 if c.is_right else 0.45))
                           for c in cells)]
        rows.append(Row([name, *(_cell(c, size, is_right=True) for c in cells)], widths, grounds=grounds,
                        has_line=True))
    yield Stack([Row(heads, widths, has_line=True), *rows], after=8 * POINT)  # no more rows than fit on a page


# ── images ───────────────────────────────────────────────────────────────


class _Image(Item):
    """An image within a square, or why there is none."""

    after = 3 * POINT

    def __init__(self, picture: Picture, side: float, *, is_wrong: bool = False) -> None:
        self._picture, self._side, self._is_wrong = picture, side, is_wrong

    def height(self, width: float) -> float:
        return min(self._side, width)

    def paint(self, painter: QPainter, where: QRectF) -> None:
        square = QRectF(where.left(), where.top(), where.height(), where.height())
        painter.fillRect(square, TILE)
        image = QImage.fromData(self._picture.jpeg) if self._picture.jpeg else QImage()
        if image.isNull():
            painter.save()
            painter.setClipRect(square)
            Words(self._picture.reason, 6.5, color=SOFT).paint(
                painter, square.adjusted(2 * POINT, 2 * POINT, -2 * POINT, -2 * POINT))
            painter.restore()
        else:
            size = image.size().scaled(square.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRectF(square.left() + (square.width() - size.width()) / 2,
                                     square.top() + (square.height() - size.height()) / 2, size.width(),
                                     size.height()), image)
        if self._is_wrong:
            pen = painter.pen()
            pen.setColor(WRONG)
            pen.setWidthF(1.5 * POINT)
            painter.setPen(pen)
            painter.drawRect(square)


def _in_rows(items: Sequence[Item], width: float, n_in_row: int) -> Iterator[Flow]:
    for start in range(0, len(items), n_in_row):
        some = items[start:start + n_in_row]
        yield Row(some, [width] * len(some), gap=GAP_PT * POINT, after=GAP_PT * POINT)


def _cards(block: Cards) -> Iterator[Flow]:
    width = (page_width() - (CARDS_IN_ROW - 1) * GAP_PT * POINT) / CARDS_IN_ROW
    yield from _in_rows([_card(card, width) for card in block.cards], width, CARDS_IN_ROW)


def _card(card: Card, width: float) -> Item:
    half = (width - 4 * POINT) / 2
    image: Item = _Image(card.picture, CARD_PT * POINT)
    if card.heat is not None:
        image = Row([_Image(card.picture, half), _Image(card.heat, half)], [half, half], gap=4 * POINT,
                    after=3 * POINT)
    facts = [Words(f"{name}: {value.sign} {value.text} {value.small}".replace("  ", " ").rstrip(), 8, after=0)
             for name, value in card.facts]
    notes = [Words(note, 7.5, color=SOFT, after=0) for note in card.notes]
    return Stack([image, Words(card.title, 8, bold=len(card.title), after=POINT), *facts, *notes], after=0)


def _sheet(block: Sheet) -> Iterator[Flow]:
    title = f"{block.title.sign} {block.title.text} ({block.title.small})".strip()
    yield Words(title, 10, bold=len(title), keeps_with_next=True)
    width, gap = TILE_PT * POINT, 5 * POINT
    n_in_row = int((page_width() + gap) // (width + gap))
    tiles = [_tile(tile, width) for tile in block.tiles]
    for start in range(0, len(tiles), n_in_row):
        some = tiles[start:start + n_in_row]
        yield Row(some, [width] * len(some), gap=gap, after=5 * POINT)


def _tile(tile: Tile, width: float) -> Item:
    return Stack([_Image(tile.picture, width, is_wrong=tile.is_wrong),
                  Words(tile.caption, 6.5, color=WRONG if tile.is_wrong else SOFT, after=0)], after=0)


class _Drawing(Item):
    """A chart, as a drawing."""

    keeps_with_next = True
    after = 2 * POINT

    def __init__(self, chart: Chart) -> None:
        self._svg, self._share = chart.svg, chart.height / chart.width

    def height(self, width: float) -> float:
        return CHART_PT * POINT * self._share

    def paint(self, painter: QPainter, where: QRectF) -> None:
        painter.save()
        QSvgRenderer(QByteArray(self._svg.encode("utf-8"))).render(
            painter, QRectF(where.left(), where.top(), CHART_PT * POINT, where.height()))
        painter.restore()


_PAINTERS: Mapping[str, Callable[[Any], Iterator[Flow]]] = {
    "heading": _heading, "paragraph": lambda block: iter([_paragraph(block)]), "notice": _notice, "table": _table,
    "matrix": _matrix, "chart": _chart, "cards": _cards, "sheet": _sheet, "fold": _fold,
}
"""How each kind of part is painted."""

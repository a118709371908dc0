"""The parts that a report is made of, as data without markup; web page and PDF are painted from the same parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Cell:
    """One text of a table, or a name.

    Attributes:
        text: Plain text; whoever paints it escapes it.
        small: A second line.
        sign, color: Of a class, such as “◆” and “#0072B2”; "" for what is no class.
        share: How strongly a cell of a matrix is tinted, 0 … 1.
        is_right: Whether it is on the diagonal of a matrix.
        is_soft: Whether it says that there is nothing to say.
    """

    text: str
    small: str = ""
    sign: str = ""
    color: str = ""
    share: float = 0.0
    is_right: bool = False
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section; `anchor` is what links name."""

    kind: ClassVar[str] = "heading"
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or some.

    Attributes:
        lead: Printed strongly, before the text.
        style: "" or “verdict” or “soft”.
        link, link_text: Where words at its end lead to, an anchor of this report; "" for none.
    """

    kind: ClassVar[str] = "paragraph"
    text: str
    lead: str = ""
    style: str = ""
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What must not be overlooked."""

    kind: ClassVar[str] = "notice"
    lines: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a head; the first cell of a row is its head.

    Attributes:
        caption: What it shows.
        columns: Titles; none for a list of names and values.
        rows: As many cells each as there are columns.
        numbers: Columns of figures, from the right edge.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """A confusion matrix.

    Attributes:
        name, caption: Which one, and how it is read.
        row_title, column_title: What its rows and its columns are.
        classes: Its lines.
        rows: A cell for each pair.
    """

    kind: ClassVar[str] = "matrix"
    name: str
    caption: str
    row_title: str
    column_title: str
    classes: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the figures behind it.

    Attributes:
        name: What it shows.
        svg: A whole SVG document, see `core.review.charts`.
        width, height: Its size, in pixels at 96 dpi.
        caption: How it is read.
        table_title: What opens the table.
        table: Its figures.
    """

    kind: ClassVar[str] = "chart"
    name: str
    svg: str
    width: int
    height: int
    caption: str
    table_title: str
    table: Table


@dataclass(frozen=True, slots=True)
class Picture:
    """An image, or why there is none.

    Attributes:
        jpeg: Its bytes; empty where it cannot be shown.
        alt: What it shows, in words.
        reason: Why it is not shown.
    """

    jpeg: bytes
    alt: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One image with what is said of it.

    Attributes:
        picture: The image.
        heat: Its heat map, or None.
        title: Its name.
        facts: Name and value, such as “Label” and the class.
        notes: Sentences.
    """

    picture: Picture
    heat: Picture | None
    title: str
    facts: tuple[tuple[str, Cell], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Images one after the other."""

    kind: ClassVar[str] = "cards"
    name: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """A small image of a contact sheet; `is_wrong` where its label is another class than the prediction."""

    picture: Picture
    caption: str
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Small images of one predicted class."""

    kind: ClassVar[str] = "sheet"
    title: Cell
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """What is folded away on the page, and printed."""

    kind: ClassVar[str] = "fold"
    title: str
    blocks: tuple[Block, ...]


Block = Heading | Paragraph | Notice | Table | Matrix | Chart | Cards | Sheet | Fold


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report in one language.

    Attributes:
        language: Such as “es”.
        title: Of the document.
        project, heading: What stands at its top.
        blocks: Its parts in their order.
        footer: Its last line.
    """

    language: str
    title: str
    project: str
    heading: str
    blocks: tuple[Block, ...]
    footer: str

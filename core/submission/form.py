"""The form of a submission: what is written into which column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.submission.codes import ClassCodes


class Says(StrEnum):
    """What is written into a column."""

    CLASS = "class"
    PROBABILITY = "probability"
    ONE_HOT = "one-hot"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True)
class Filled:
    """A column that is written.

    Attributes:
        index: Its place.
        says: What is written.
        classes: Places of the classes whose probability it is, or of the one that it marks; empty for the class
            itself, for a confidence, and where each line is about a class of its own.
    """

    index: int
    says: Says
    classes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a template wants in which column.

    Attributes:
        columns: The columns that are written; others are kept as they are.
        codes: The code of each class, or the title of its column.
        words: The form in words, a sentence.
        row_classes: The class that each line is about, in files of a line an image and class; else empty.
        examples: The template's own answer in each line, as a code; "" where there is none; empty if there is none.
    """

    columns: tuple[Filled, ...]
    codes: ClassCodes
    words: str
    row_classes: tuple[int, ...] = ()
    examples: tuple[str, ...] = ()

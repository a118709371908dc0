"""One example of an input: what a person has, and what Catalejo makes of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """An input as people have it; a test reads `text` and the page of inputs shows it.

    Attributes:
        title: What a person calls this form ("Label Studio, exported as CSV").
        text: The file as it stands, or the folders and files of a layout, one path a line.
        result: What Catalejo makes of it, one sentence.
    """

    title: str
    text: str
    result: str

"""Writes docs/inputs.md from the tested examples: `python -m tests.inputs.write_docs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from tests.inputs.example import Example

PAGE = Path(__file__).resolve().parents[2] / "docs" / "inputs.md"
CHAPTERS = ("layouts", "label_tables", "templates", "formats")
"""Modules beside this one, each with `TITLE`, `INTRODUCTION` and `EXAMPLES`, in the order of the page."""


def make_page() -> str:
    """The whole page as Markdown."""
    lines = ["# What Catalejo reads", "", "Every example on this page is the input of a test and is written from it "
             "(`python -m tests.inputs.write_docs`).", ""]
    for name in CHAPTERS:
        chapter = import_module(f"tests.inputs.{name}")
        lines += [f"## {chapter.TITLE}", "", chapter.INTRODUCTION, "", *_examples(chapter.EXAMPLES)]
    return "\n".join(lines).rstrip() + "\n"


def _examples(examples: Sequence[Example]) -> Iterator[str]:
    for example in examples:
        yield from (f"### {example.title}", "", "```", example.text.rstrip("\n"), "```", "", example.result, "")


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")

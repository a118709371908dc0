"""The page of inputs is what its tested examples make of it."""

from __future__ import annotations

from tests.inputs.write_docs import PAGE, make_page


def test_the_page_is_written_from_the_examples() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(), "run: python -m tests.inputs.write_docs"

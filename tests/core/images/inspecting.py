"""Looks at an image file as an import does."""

from __future__ import annotations

from pathlib import Path

from core.images.decode import ImageFacts, inspect_stream
from core.images.files import open_regular


def inspect_image(path: Path) -> ImageFacts:
    """The facts of a file that is opened and closed here."""
    with open_regular(path) as file:
        return inspect_stream(file)

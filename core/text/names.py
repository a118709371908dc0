"""Shortens long names for sentences: their middle is left out, for beginnings and ends tell them apart."""

from __future__ import annotations

LONGEST_NAME = 32
"""Characters of a name in a sentence."""


def short_name(name: str) -> str:
    """The name, its middle left out where it is long."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half].rstrip()} … {name[-half:].lstrip()}"

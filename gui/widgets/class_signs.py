"""The second sign beside each class's colour, so that colour is never the only difference."""

from __future__ import annotations

SIGNS = "■◆●▲▼★✚⬟◐⬢"
"""All ten are drawn by the fonts that come with the systems Catalejo runs on."""


def class_sign(place: int) -> str:
    """The sign of the class at that place in the list; they come round again after ten, with a number.

    Args:
        place: 0 for the first class.
    """
    turn, index = divmod(place, len(SIGNS))
    return SIGNS[index] if not turn else f"{SIGNS[index]}{turn + 1}"

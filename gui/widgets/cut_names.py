"""Cuts names that are too long so that what tells them from their neighbours stays."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

MOST_BEFORE = 6
"""Letters and digits that are shown before the one that differs, if a word or number begins there."""


def shared_starts(names: Sequence[str]) -> list[int]:
    """For each name, how many characters at its start it shares with the one before or the one after it."""
    shared = [len(os.path.commonprefix(pair)) for pair in zip(names, names[1:], strict=False)]
    return [max(before, after) for before, after in zip([0, *shared], [*shared, 0], strict=True)][:len(names)]


def cut_name(metrics: QFontMetrics, name: str, n_shared: int, width: int) -> str:
    """A name cut in the middle, or where else it differs from its neighbours.

    Args:
        n_shared: How much of its start its neighbours share; see `shared_starts`.
        width: Room in logical pixels.
    """
    middle = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, max(width, 0))
    if middle == name:
        return name
    head, _, tail = middle.partition("…")
    if n_shared < len(head) or n_shared >= len(name) - len(tail):
        return middle
    end = metrics.elidedText(name, Qt.TextElideMode.ElideLeft, max(width, 0))
    if n_shared >= len(name) - len(end) + 1:
        return end
    return metrics.elidedText(f"…{name[_start_of_word(name, n_shared):]}", Qt.TextElideMode.ElideRight, max(width, 0))


def _start_of_word(name: str, at: int) -> int:
    """Where the word or number begins that `at` is in; `at` itself where that is long."""
    start = at
    while start > 0 and name[start - 1].isalnum():
        start -= 1
    return start if at - start <= MOST_BEFORE else at

"""A request to a grid: parts of a filter and an order (`ImageQuery`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from core.project.queries import ImageFilter
from core.project.saved_filters import SavedFilter

PARTS = tuple(f.name for f in fields(ImageFilter) if f.name not in ("status", "run_id"))
"""Parts of a filter that a person sees; a status alone counts only where it is not "ok"."""


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """One question to a grid.

    Attributes:
        parts: Parts of an `ImageFilter` by name.
        order: One of `core.project.queries.ORDERS`, or None to leave the order as it is.
        is_descending: Largest first.
        adds: Together with what is shown now, instead of in its place.
    """

    parts: Mapping[str, Any] = field(default_factory=dict)
    order: str | None = None
    is_descending: bool = False
    adds: bool = False

    def applied(self, start: ImageFilter, now: ImageFilter) -> ImageFilter:
        """The filter that it asks for, over what a grid began with or what it shows now."""
        if not self.parts:
            return start
        # counts beside classes and filters are of good images, so lists are too
        good = {} if set(self.parts) == {"text"} else {"status": "ok"}
        return replace(now if self.adds else start, **{**good, **self.parts})


def saved_query(saved: SavedFilter) -> ImageQuery:
    """All parts of a saved filter, also those that it leaves open, with its order."""
    parts = {part: getattr(saved.which, part) for part in (*PARTS, "status")}
    return ImageQuery(parts, saved.order, saved.is_descending)


def is_narrowed(which: ImageFilter, start: ImageFilter) -> bool:
    """Does a person see a filter at work?"""
    is_odd = which.status != start.status and which.status in ("unreadable", "missing")
    return is_odd or any(getattr(which, part) != getattr(start, part) for part in PARTS)


def without(which: ImageFilter, part: str, start: ImageFilter) -> ImageFilter:
    """The filter without one part; back to the start with the last one."""
    rest = replace(which, **{part: getattr(start, part)})
    return rest if is_narrowed(rest, start) else start

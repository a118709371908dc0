"""What the page shows of each class, and of what the model says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.project.classes import ClassRow
from gui.widgets.class_signs import class_sign


@dataclass(frozen=True, slots=True)
class ClassFace:
    """One class.

    Attributes:
        id: In the catalog.
        name: As given.
        color: "#RRGGBB".
        sign: Beside the colour.
        key: What labels with it, or "".
    """

    id: int
    name: str
    color: str
    sign: str
    key: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is true of the current picture: its label, and what the model says with which confidence, 0 … 1."""

    label_id: int | None = None
    suggested_id: int | None = None
    confidence: float | None = None


def faces_of(classes: Sequence[ClassRow]) -> list[ClassFace]:
    """In their order."""
    return [ClassFace(c.id, c.name, c.color, class_sign(place), c.key or "") for place, c in enumerate(classes)]

"""Label and prediction of the current image, as the parts of the page show them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is true of the current picture: its label, and what the model says with which confidence, 0 … 1."""

    label_id: int | None = None
    suggested_id: int | None = None
    confidence: float | None = None

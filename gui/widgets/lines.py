"""A thin line across, in the theme's colour."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame


def line() -> QFrame:
    """One pixel high."""
    frame = QFrame()
    frame.setProperty("role", "line")
    frame.setFixedHeight(1)
    return frame

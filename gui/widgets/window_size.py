"""The first size of a window: as wished, and no larger than the screen has room for with the frame around it."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

FRAME_PX = (16, 56)
"""Room for what a window manager draws around a window before it can be asked: borders, and title bar."""


def resize_within_screen(window: QWidget, width_px: int, height_px: int) -> None:
    """Give a window its first size in logical pixels."""
    room = window.screen().availableSize() - QSize(*FRAME_PX)
    window.resize(QSize(width_px, height_px).boundedTo(room))

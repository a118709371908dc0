"""What a page tells the window about itself; pages know neither each other nor the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the page switch.

    Attributes:
        name: Known to code ("library").
        title: Known to people ("Library").
        icon: A key of `gui.icons.NAMES`.
        widget_factory: Makes the page's widget when it is first shown, so that a start pays for one page only.
        key: Shortcut as Qt writes it ("Ctrl+1").
    """

    name: str
    title: str
    icon: str
    widget_factory: Callable[[], QWidget]
    key: str = ""

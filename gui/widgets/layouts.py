"""Rows and columns of widgets, each built in one call, and an area that scrolls one where it is too high."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from gui import theme

STRETCH = None
"""Takes all spare room."""

DIALOG = (theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.AROUND)
BAR = (theme.AROUND, theme.BETWEEN, theme.AROUND, theme.BETWEEN)
"""Margins of a dialog that ends in buttons, and of a bar at the edge of a page."""

B = TypeVar("B", bound=QBoxLayout)


def row_of(
    *items: Any, spacing: int | None = theme.BETWEEN, margins: int | tuple[int, int, int, int] = 0,
    parent: QWidget | None = None,
) -> QHBoxLayout:
    """Widgets beside each other; see `column_of`."""
    return _filled(QHBoxLayout(), items, spacing, margins, parent)


def column_of(
    *items: Any, spacing: int | None = theme.BETWEEN, margins: int | tuple[int, int, int, int] = 0,
    parent: QWidget | None = None,
) -> QVBoxLayout:
    """Widgets below each other.

    Args:
        items: Widgets, layouts, extra pixels, or `STRETCH`; a tuple adds the stretch factor and the alignment.
        spacing: Pixels between the items, or None for what is around it.
        margins: Pixels at every side, or left, top, right and bottom.
        parent: The widget that is laid out.
    """
    return _filled(QVBoxLayout(), items, spacing, margins, parent)


def fill(box: QBoxLayout, *items: Any) -> None:
    """Add to a row or column; see `column_of`."""
    for item in items:
        what, *how = item if isinstance(item, tuple) else (item,)
        if what is STRETCH:
            box.addStretch(*how)
        elif isinstance(what, int):
            box.addSpacing(what)
        elif isinstance(what, QLayout):
            box.addLayout(what, *how)
        else:
            box.addWidget(what, *how)


class ScrollArea(QScrollArea):
    """A widget in the width that there is, and with an upright scroll bar where there is less height than it needs.

    Args:
        content: What is shown.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:
        """As large as the content; Qt's own ends at 24 lines."""
        return self._content.sizeHint()


def _filled(
    box: B, items: Iterable[Any], spacing: int | None, margins: int | tuple[int, int, int, int],
    parent: QWidget | None,
) -> B:
    if parent is not None:
        parent.setLayout(box)
    left, top, right, bottom = (margins,) * 4 if isinstance(margins, int) else margins
    box.setContentsMargins(left, top, right, bottom)
    if spacing is not None:
        box.setSpacing(spacing)
    fill(box, *items)
    return box

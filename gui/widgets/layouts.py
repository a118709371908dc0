"""Rows, columns and forms of widgets, the buttons of a dialog, and an area that scrolls what is too high."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout, QDialog, QDialogButtonBox, QFormLayout, QHBoxLayout, QLayout, QPushButton, QScrollArea, QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.icons import icon

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


def form_of(
    rows: Iterable[tuple[str | QWidget, QWidget]], *, spacing: int = theme.BETWEEN, margins: int = 0,
    parent: QWidget | None = None,
) -> QFormLayout:
    """Fields below each other, each behind its label."""
    form = QFormLayout(parent)
    form.setContentsMargins(margins, margins, margins, margins)
    form.setHorizontalSpacing(theme.AROUND)
    form.setVerticalSpacing(spacing)
    for label, field in rows:
        form.addRow(label, field)
    return form


def answers(
    dialog: QDialog, accepting: QPushButton | None = None, *,
    more: Iterable[tuple[str, str, Callable[[], object]]] = (),
) -> QDialogButtonBox:
    """The buttons at the foot of a dialog: one that accepts and Cancel, or Close.

    Args:
        dialog: Accepted or rejected by them.
        accepting: Comes first; without it there is Close alone.
        more: Icon, words and act of buttons that leave the dialog open.
    """
    standard, role = QDialogButtonBox.StandardButton, QDialogButtonBox.ButtonRole
    box = QDialogButtonBox(standard.Cancel if accepting is not None else standard.Close, dialog)
    if accepting is not None:
        accepting.setProperty("role", "primary")
        box.addButton(accepting, role.AcceptRole)
        accepting.setDefault(True)  # only now that it is the dialog's: or Enter would press the first button of all
    for name, words, act in more:
        button = box.addButton(words, role.ActionRole)
        button.setIcon(icon(name))
        button.clicked.connect(act)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


class FoldingRow(QWidget):
    """Two parts beside each other where both fit, below each other where they do not.

    Its height depends on its width, so an area around it must not show and hide its scroll bar by height.

    Args:
        first, second: The parts.
        first_px: Room that the first one needs; by default what it asks for.
    """

    def __init__(self, first: QLayout, second: QLayout, *, first_px: int | None = None) -> None:
        super().__init__()
        self._first, self._second, self._first_px = first, second, first_px
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        _filled(self._box, [(first, 1), second], theme.BETWEEN, 0, self)

    def minimumSizeHint(self) -> QSize:
        least = max(self._first.minimumSize().width(), self._second.minimumSize().width())
        return QSize(least, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        first_px = self._first.sizeHint().width() if self._first_px is None else self._first_px
        fits = first_px + theme.BETWEEN + self._second.sizeHint().width() <= self.width()
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if direction != self._box.direction():
            self._box.setDirection(direction)
            self.updateGeometry()  # it needs another height now, or the parts would overlap


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


def empty(box: QBoxLayout) -> None:
    """Take everything out of a row or column for good."""
    while (item := box.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


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

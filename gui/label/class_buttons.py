"""All classes as large buttons that wrap, and the place where a new class is named."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.icons import icon
from gui.label.class_button import HEIGHT_PX, LOW_HEIGHT_PX, ClassButton
from gui.label.faces import Chosen
from gui.widgets.class_style import ClassStyle
from gui.label.name_field import NameField

LEAST_PX, MOST_PX = 144, 220
"""Widths of a button; a longer name is cut in its middle."""

N_TALL, N_LINES = 8, 2
"""More buttons than so many are lower and closer; with more lines they become narrower, while they may."""


class ClassButtons(QWidget):
    """As high as it must be for its width.

    Signals:
        chosen(int class_id): a button was clicked.
        new_named(str name): somebody named a new class.
        left(): the keyboard goes back to the picture.
    """

    chosen = Signal(int)
    new_named = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[ClassButton] = []
        self._chosen = Chosen()
        self.new = QPushButton(self)
        self.field = NameField(self.tr("Name of the new class"), self)
        self._build()

    @property
    def buttons(self) -> tuple[ClassButton, ...]:
        return tuple(self._buttons)

    def show_styles(self, styles: Sequence[ClassStyle]) -> None:
        """Offer these classes; without any, the field for the first one stands open."""
        while len(self._buttons) > len(styles):
            self._drop(self._buttons.pop())
        while len(self._buttons) < len(styles):
            self._buttons.append(self._build_button())
        for button, style in zip(self._buttons, styles, strict=True):
            button.show_style(style)
            button.show_chosen(self._chosen)
        self.field.setPlaceholderText(
            self.tr("Name of the new class, then Enter") if styles
            else self.tr("What does this picture show? Type it, then Enter"))
        self._open_field(not styles)

    def show_chosen(self, chosen: Chosen) -> None:
        """Mark label and suggestion of another picture."""
        self._chosen = chosen
        for button in self._buttons:
            button.show_chosen(chosen)

    def ask_for_name(self) -> None:
        """Open the field for a new class and take the keyboard."""
        self._open_field(True)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.new.setText(self.tr("New class (N)"))
        self.new.setMinimumWidth(0)
        self.new.setAccessibleName(self.tr("New class"))
        self.new.setToolTip(self.tr("Name a new class and label this picture with it (N)"))
        self.new.setIcon(icon("add", role="caption"))
        self.new.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        self.new.setProperty("role", "quiet")
        self.new.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.new.clicked.connect(self.ask_for_name)
        self.field.entered.connect(self._on_field_entered)
        self.field.left.connect(self._on_field_left)

    def _build_button(self) -> ClassButton:
        button = ClassButton(self)
        button.clicked.connect(lambda: self.chosen.emit(button.class_style.id))
        button.show()
        return button

    def _drop(self, button: ClassButton) -> None:
        button.hide()
        button.deleteLater()

    def _open_field(self, is_open: bool) -> None:
        self.field.setVisible(is_open)
        self.new.setVisible(not is_open)
        self._lay_out()

    # ── places ───────────────────────────────────────────────────────────

    def height_in(self, room_px: int, n_classes: int) -> int:
        """How high so many classes are in a width."""
        n_lines = -(-(n_classes + 1) // self._n_columns(room_px, n_classes))
        height, gap = _measures(n_classes)
        return n_lines * (height + gap) - gap

    def _lay_out(self) -> None:
        """Columns of equal width, in the middle; the new class comes last."""
        room, n = max(self.width(), LEAST_PX), len(self._buttons)
        n_columns, (height, gap) = self._n_columns(room, n), _measures(n)
        width = min((room + gap) // n_columns - gap, 2 * MOST_PX if not n else self._wanted_width())
        left = max((room - n_columns * (width + gap) + gap) // 2, 0)
        last = self.field if not self.field.isHidden() else self.new
        for place, widget in enumerate([*self._buttons, last]):
            line, column = divmod(place, n_columns)
            widget.setGeometry(QRect(left + column * (width + gap), line * (height + gap), width, height))
        self.setFixedHeight(self.height_in(room, n))

    def _n_columns(self, room: int, n: int) -> int:
        """As few as names ask for, but enough for few lines, unless the buttons became too narrow."""
        gap = _measures(n)[1]
        comfortable = (room + gap) // (self._wanted_width() + gap)
        most = max((room + gap) // (LEAST_PX + gap), 1)
        return min(max(comfortable, -(-(n + 1) // N_LINES), 1), most, n + 1)

    def _wanted_width(self) -> int:
        widest = max([b.wanted_width() for b in self._buttons] + [LEAST_PX, self.new.sizeHint().width()])
        return min(widest, MOST_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._lay_out()

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_field_entered(self, name: str) -> None:
        self.field.clear()
        self._open_field(not self._buttons)
        self.left.emit()
        self.new_named.emit(name)

    def _on_field_left(self) -> None:
        self.field.clear()
        self._open_field(not self._buttons)
        self.left.emit()


def _measures(n_classes: int) -> tuple[int, int]:
    """Height of a button, and the gap between two."""
    return (HEIGHT_PX, theme.BETWEEN) if n_classes <= N_TALL else (LOW_HEIGHT_PX, theme.INSIDE)

"""The classes as large buttons: sign, name, key, marks for label and prediction; and a field for a new class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QWidget

from core.text import text
from gui import theme
from gui.icons import icon
from gui.widgets.class_picker import NameField
from gui.widgets.class_style import ClassStyle, paint_sign, sign_width


@dataclass(frozen=True, slots=True)
class LabelState:
    """What is true of the current image: its label, and what the model says with which confidence, 0 … 1."""

    label_id: int | None = None
    suggested_id: int | None = None
    confidence: float | None = None


HEIGHT_PX, LOW_HEIGHT_PX, RADIUS_PX = 44, 30, 4
KEY_PX, FOOT_PX, PADDING_PX = 18, 3, 9
MIDDLE_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class ClassButton(QAbstractButton):
    """Painted by itself, for a style sheet cannot colour a sign and keep the name grey."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.class_style = ClassStyle(None, "")
        self._state = LabelState()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def is_label(self) -> bool:
        return self._state.label_id == self.class_style.id

    @property
    def is_suggested(self) -> bool:
        return self._state.suggested_id == self.class_style.id

    def show_style(self, style: ClassStyle) -> None:
        """Stand for this class."""
        self.class_style = style
        self.setToolTip(text("window_label.label_as_with_key", name=style.name, key=style.key) if style.key
                        else text("window_label.label_as", name=style.name))
        self._say()

    def show_state(self, state: LabelState) -> None:
        """Follow another image."""
        if state != self._state:
            self._state = state
            self._say()

    def wanted_width(self) -> int:
        """Room in which nothing is cut."""
        sign = sign_width(self.class_style, self.fontMetrics(), theme.BETWEEN)
        key = KEY_PX + theme.BETWEEN if self.class_style.key else 0
        font = theme.emphasized(self.font())  # so that becoming the label cuts nothing
        return 2 * PADDING_PX + sign + QFontMetrics(font).horizontalAdvance(self.class_style.name) + key + 2

    def sizeHint(self) -> QSize:
        return QSize(self.wanted_width(), HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_ground(painter)
            self._paint_parts(painter, self.rect().adjusted(PADDING_PX, 0, -PADDING_PX, 0))

    def _say(self) -> None:
        parts = [self.class_style.name]
        if self.is_label:
            parts.append(text("window_label.is_label"))
        if self.is_suggested:
            parts.append(text("window_label.is_prediction"))
        self.setAccessibleName(", ".join(parts))
        self.update()

    def _paint_ground(self, painter: QPainter) -> None:
        palette, role = self.palette(), QPalette.ColorRole
        border, width = theme.current().line, 1
        if self.underMouse():
            border = theme.current().caption
        if self.hasFocus():
            border = theme.current().accent
        if self.is_label:
            border, width = theme.current().accent, 2
        painter.setPen(QPen(border, width))
        painter.setBrush(palette.color(role.Mid if self.isDown() else role.Button))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS_PX, RADIUS_PX)
        if self.is_suggested and self._state.confidence is not None:
            self._paint_confidence(painter, self._state.confidence)

    def _paint_confidence(self, painter: QPainter, confidence: float) -> None:
        """A foot as long as the model is sure."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.class_style.shown_color(self.palette(), QPalette.ColorRole.Button))
        room = self.width() - 2 * PADDING_PX
        painter.drawRoundedRect(QRectF(PADDING_PX, self.height() - FOOT_PX - 3, room * confidence, FOOT_PX), 1.5, 1.5)

    def _paint_parts(self, painter: QPainter, rect: QRect) -> None:
        palette = self.palette()
        paint_sign(painter, rect, self.class_style, palette, on=QPalette.ColorRole.Button, gap_px=theme.BETWEEN)
        if self.class_style.key:
            top = rect.center().y() - KEY_PX // 2 + 1
            self._paint_key(painter, QRect(rect.right() - KEY_PX + 1, top, KEY_PX, KEY_PX))
            rect.adjust(0, 0, -KEY_PX - theme.BETWEEN, 0)
        elif self.is_label:
            side = theme.SMALL_ICON_PX
            icon("check", role="accent").paint(painter, QRect(rect.right() - side, rect.center().y() - side // 2,
                                                              side, side))
            rect.adjust(0, 0, -side, 0)
        font = self.font()
        font.setWeight(font.Weight.DemiBold if self.is_label else font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.ButtonText))
        name = painter.fontMetrics().elidedText(self.class_style.name, Qt.TextElideMode.ElideMiddle, rect.width() + 1)
        painter.drawText(rect, MIDDLE_LEFT, name)

    def _paint_key(self, painter: QPainter, rect: QRect) -> None:
        """The key as a key; ticked off while its class is the label."""
        is_label, now = self.is_label, theme.current()
        painter.setPen(QPen(now.accent if is_label else now.line, 1))
        painter.setBrush(now.accent if is_label else self.palette().color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        role = QPalette.ColorRole.HighlightedText if is_label else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(role))
        painter.setFont(theme.scaled_font(self.font(), theme.CAPTION_SCALE))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.class_style.key.upper())


LEAST_PX, MOST_PX = 144, 220
"""Widths of a button; a longer name is cut in its middle."""

N_TALL, N_LINES = 8, 2
"""More buttons than so many are lower and closer; with more lines they become narrower, while they may."""


class ClassButtons(QWidget):
    """As high as it must be for its width.

    Signals:
        chosen(int class_id): a button was clicked.
        new_named(str name): somebody named a new class.
        left(): the keyboard goes back to the image.
    """

    chosen = Signal(int)
    new_named = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[ClassButton] = []
        self._state = LabelState()
        self.new = QPushButton(self)
        self.field = NameField(text("widgets.name_of_new_class"), self)
        self._build()

    def show_styles(self, styles: Sequence[ClassStyle]) -> None:
        """Offer these classes; without any, the field for the first one stands open."""
        while len(self.buttons) > len(styles):
            button = self.buttons.pop()
            button.hide()
            button.deleteLater()
        while len(self.buttons) < len(styles):
            self.buttons.append(self._build_button())
        for button, style in zip(self.buttons, styles, strict=True):
            button.show_style(style)
            button.show_state(self._state)
        self.field.setPlaceholderText(
            text("window_label.name_then_enter") if styles
            else text("window_label.name_first_class"))
        self._open_field(not styles)

    def show_state(self, state: LabelState) -> None:
        """Mark label and suggestion of another image."""
        self._state = state
        for button in self.buttons:
            button.show_state(state)

    def ask_for_name(self) -> None:
        """Open the field for a new class and take the keyboard."""
        self._open_field(True)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.new.setText(text("window_label.new_class_key"))
        self.new.setMinimumWidth(0)
        self.new.setAccessibleName(text("window_label.new_class"))
        self.new.setToolTip(text("window_label.new_class_tip"))
        self.new.setIcon(icon("add", role="caption"))
        self.new.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        self.new.setProperty("role", "quiet")
        self.new.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.new.clicked.connect(self.ask_for_name)
        self.field.entered.connect(self._on_field_entered)
        self.field.left.connect(self._leave_field)

    def _build_button(self) -> ClassButton:
        button = ClassButton(self)
        button.clicked.connect(lambda: self.chosen.emit(button.class_style.id))
        button.show()
        return button

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
        room, n = max(self.width(), LEAST_PX), len(self.buttons)
        n_columns, (height, gap) = self._n_columns(room, n), _measures(n)
        width = min((room + gap) // n_columns - gap, 2 * MOST_PX if not n else self._wanted_width())
        left = max((room - n_columns * (width + gap) + gap) // 2, 0)
        last = self.field if not self.field.isHidden() else self.new
        for place, widget in enumerate([*self.buttons, last]):
            line, column = divmod(place, n_columns)
            widget.setGeometry(QRect(left + column * (width + gap), line * (height + gap), width, height))
        self.setFixedHeight(self.height_in(room, n))

    def _n_columns(self, room: int, n: int) -> int:
        """As few as names ask for, but enough for few lines, unless the buttons became too narrow."""
        gap = _measures(n)[1]
        comfortable = (room + gap) // (self._wanted_width() + gap)
        most = max((room + gap) // (max(LEAST_PX, self.new.sizeHint().width()) + gap), 1)
        return min(max(comfortable, -(-(n + 1) // N_LINES), 1), most, n + 1)

    def _wanted_width(self) -> int:
        widest = max([b.wanted_width() for b in self.buttons] + [LEAST_PX])
        return max(min(widest, MOST_PX), self.new.sizeHint().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._lay_out()

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_field_entered(self, name: str) -> None:
        if name:
            self._leave_field()
            self.new_named.emit(name)

    def _leave_field(self) -> None:
        self.field.clear()
        self._open_field(not self.buttons)
        self.left.emit()


def _measures(n_classes: int) -> tuple[int, int]:
    """Height of a button, and the gap between two."""
    return (HEIGHT_PX, theme.BETWEEN) if n_classes <= N_TALL else (LOW_HEIGHT_PX, theme.INSIDE)

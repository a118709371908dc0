"""The prediction for the current image with its confidence, and the button that accepts it as label."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from core.text import text
from core.text.numbers import format_confidence, format_float
from gui import theme
from gui.icons import IconLabel
from gui.label.class_buttons import LabelState
from gui.widgets.class_style import ClassStyle
from gui.widgets.layouts import row_of

UNSURE_BELOW = 0.8
"""Less sure answers are marked as doubtful."""

NAME_PX, LEAST_NAME_PX = 220, 48
"""A longer name is cut in its middle, and a narrow window cuts it down to the second."""


class SuggestionBar(QWidget):
    """One line.

    Signals:
        accepted: The button was clicked.
    """

    accepted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("suggestion", role="caption", side_px=theme.SMALL_ICON_PX)
        self._words = QLabel(textFormat=Qt.TextFormat.RichText)
        self.button = QPushButton(text("window_label.accept_key"))
        self._said: tuple[str, ClassStyle, str] | None = None
        self._build()

    @property
    def text(self) -> str:
        """What is said, without its colours."""
        return self._words.accessibleName()

    def show_suggestion(self, style: ClassStyle, state: LabelState) -> None:
        """Say what the model says, and whether the label agrees."""
        confidence = state.confidence or 0.0
        is_label = state.label_id == style.id
        is_doubtful = confidence < UNSURE_BELOW or (state.label_id is not None and not is_label)
        words = text("window_label.uncertain_prediction" if confidence < UNSURE_BELOW else "window_label.prediction")
        figure = self._say_label(state, format_confidence(confidence), is_label)
        self._said = (words, style, figure)
        self.button.setVisible(not is_label)
        self._write()
        exact = format_float(confidence, ".4f")
        self._words.setToolTip(text("window_label.confidence_tip", name=escape(style.name), confidence=exact))
        self._words.setAccessibleName(f"{words} {style.name} {figure}")
        self._icon.set_icon("doubt" if is_doubtful else "suggestion", role="amber" if is_doubtful else "accent")

    def _write(self) -> None:
        """The name gives way where there is little room; what it is worth stays."""
        if self._said is None:
            return
        words, style, figure = self._said
        bold = QFont(self._words.font())
        bold.setBold(True)
        plain_px = self._words.fontMetrics().horizontalAdvance(f"{words} {style.sign}  {figure}") + 2 * theme.INSIDE
        room = min(max(self._words.width() - plain_px, LEAST_NAME_PX), NAME_PX)
        name = escape(QFontMetrics(bold).elidedText(style.name, Qt.TextElideMode.ElideMiddle, room))
        color = style.shown_color(self.palette(), QPalette.ColorRole.Window).name()
        sign = f'<span style="color:{color}">{style.sign}</span>'
        self._words.setText(f"{words} {sign} <b>{name}</b> {escape(figure)}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._write)  # the words have their new width only then

    def show_silence(self, sentence: str) -> None:
        """Say why there is no suggestion."""
        self._said = None
        caption = theme.current().colors.caption
        self._words.setText(f'<span style="color:{caption}">{escape(sentence)}</span>')
        self._words.setToolTip("")
        self._words.setAccessibleName(sentence)
        self._icon.set_icon("suggestion", role="caption")
        self.button.hide()

    def _build(self) -> None:
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words.setFont(theme.tabular(self._words.font()))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setAccessibleName(text("window_label.accept"))
        self.button.setToolTip(text("window_label.accept_tip"))
        self.button.clicked.connect(self.accepted)
        self.setFixedHeight(self.button.sizeHint().height())
        row_of(self._icon, (self._words, 1), self.button, parent=self)

    def _say_label(self, state: LabelState, confidence: str, is_label: bool) -> str:
        if state.label_id is None:
            return confidence
        return text("window_label.agrees" if is_label else "window_label.differs", confidence=confidence)

"""What the model says of the current picture, and the button that takes it as label."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from gui import theme
from gui.icons import IconLabel
from gui.label.faces import Chosen, ClassFace
from gui.library.tones import visible

UNSURE_BELOW = 0.8
"""Less sure answers are marked as doubtful."""

NAME_PX = 220
"""A longer name is cut in its middle."""


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
        self.button = QPushButton(self.tr("Accept (Enter)"))
        self._build()

    @property
    def text(self) -> str:
        """What is said, without its colours."""
        return self._words.accessibleName()

    def show_suggestion(self, face: ClassFace, chosen: Chosen) -> None:
        """Say what the model says, and whether the label agrees."""
        confidence = chosen.confidence or 0.0
        is_label = chosen.label_id == face.id
        is_doubtful = confidence < UNSURE_BELOW or (chosen.label_id is not None and not is_label)
        words = self.tr("The model is unsure:") if confidence < UNSURE_BELOW else self.tr("The model says")
        figure = _figure(confidence) + self._say_label(chosen, is_label)
        sign = f'<span style="color:{self._shown(face.color)}">{face.sign}</span>'
        name = escape(self._words.fontMetrics().elidedText(face.name, Qt.TextElideMode.ElideMiddle, NAME_PX))
        self._words.setText(f"{words} {sign} <b>{name}</b> {escape(figure)}")
        self._words.setToolTip(self.tr("The model gives “{0}” a chance of {1}.").format(
            escape(face.name), f"{confidence:.4f}"))
        self._words.setAccessibleName(f"{words} {face.name} {figure}")
        self._icon.set_icon("doubt" if is_doubtful else "suggestion", role="amber" if is_doubtful else "accent")
        self.button.setVisible(not is_label)

    def show_silence(self, sentence: str) -> None:
        """Say why there is no suggestion."""
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
        self.button.setAccessibleName(self.tr("Accept what the model says"))
        self.button.setToolTip(self.tr("Label as the model says, and go on (Enter)"))
        self.button.clicked.connect(self.accepted)
        self.setFixedHeight(self.button.sizeHint().height())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.BETWEEN)
        row.addWidget(self._icon)
        row.addWidget(self._words, 1)
        row.addWidget(self.button)

    def _say_label(self, chosen: Chosen, is_label: bool) -> str:
        if chosen.label_id is None:
            return ""
        return self.tr(", as your label") if is_label else self.tr(", not your label")

    def _shown(self, color: str) -> str:
        palette, role = self.palette(), QPalette.ColorRole
        return visible(QColor(color), palette.color(role.Window), palette.color(role.WindowText), ratio=2.0).name()


def _figure(confidence: float) -> str:
    """ "0.97"; what is not quite 1 does not look as if it were."""
    return ">0.99" if 0.995 <= confidence < 1 else f"{confidence:.2f}"

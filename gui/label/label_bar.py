"""The bars of the Label page: what is gone through and how far, and the prediction of the current image."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from html import escape

from PySide6.QtCore import QTimer, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPalette, QResizeEvent, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from core.text import text
from core.text.numbers import format_confidence, format_float
from core.workflow.labelling import LabelProgress, Order, Scope
from gui import theme
from gui.icons import IconLabel
from gui.label.class_buttons import LabelState
from gui.widgets.class_style import ClassStyle
from gui.widgets.labels import ElidedButton, ElidedChoice
from gui.widgets.layouts import STRETCH, FoldingRow, column_of, row_of
from gui.widgets.progress_bar import ProgressBar

UNSURE_BELOW = 0.8
"""Less sure answers are marked as doubtful."""

NAME_PX, LEAST_NAME_PX = 220, 48
"""A longer name is cut in its middle, and a narrow window cuts it down to the second."""


class SuggestionBar(QWidget):
    """One line, with a `button` to accept."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("suggestion", role="caption", side_px=theme.SMALL_ICON_PX)
        self._words = QLabel(textFormat=Qt.TextFormat.RichText)
        self.button = QPushButton(text("window_label.accept_key"))
        self._said: tuple[str, ClassStyle, str] | None = None
        self._confidence = ""
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
        figure = self._confidence = format_confidence(confidence)
        if state.label_id is not None:
            figure = text("window_label.agrees" if is_label else "window_label.differs", confidence=figure)
        self._said = (words, style, figure)
        self.button.setVisible(not is_label)
        self._write()
        exact = format_float(confidence, ".4f")
        said = f"{words} {style.name} {figure}"
        tip = text("window_label.confidence_tip", name=style.name, confidence=exact)
        self._words.setToolTip("<br>".join(map(escape, (said, tip))))
        self._words.setAccessibleName(said)
        self._icon.set_icon("doubt" if is_doubtful else "suggestion", role="amber" if is_doubtful else "accent")

    def _write(self) -> None:
        """The name gives way where there is little room; what it is worth stays."""
        if self._said is None:
            caption, sentence = theme.current().colors.caption, self._words.accessibleName()
            shown = self._words.fontMetrics().elidedText(sentence, Qt.TextElideMode.ElideRight, self._words.width())
            self._words.setText(f'<span style="color:{caption}">{escape(shown)}</span>')
            self._words.setToolTip(sentence if shown != sentence else "")
            return
        words, style, figure = self._said
        bold, measure = QFont(self._words.font()), self._words.fontMetrics().horizontalAdvance
        bold.setBold(True)
        if measure(f"{words} {style.sign}  {figure}") + LEAST_NAME_PX > self._words.width():
            words, figure = "", self._confidence  # the icon stands for the rest, and the tooltip says it
        plain_px = measure(f"{words} {style.sign}  {figure}") + 2 * theme.INSIDE
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
        self._words.setAccessibleName(sentence)
        self._write()
        self._icon.set_icon("suggestion", role="caption")
        self.button.hide()

    def _build(self) -> None:
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words.setFont(theme.tabular(self._words.font()))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setAccessibleName(text("window_label.accept"))
        self.button.setToolTip(text("window_label.accept_tip"))
        self.setFixedHeight(self.button.sizeHint().height())
        row_of(self._icon, (self._words, 1), self.button, parent=self)


class Choice(ElidedChoice):
    """Choices that a wheel which only passes by does not change.

    Args:
        words: What is chosen.
        rows: Value, title and tooltip of each choice.
    """

    def __init__(self, words: str, rows: Iterable[tuple[StrEnum, str, str]]) -> None:
        super().__init__()
        self.setAccessibleName(words)
        for place, (value, title, tip) in enumerate(rows):
            self.addItem(title, str(value))
            self.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the choices; Qt would pass it on to the page, where it accepts a suggestion."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.showPopup()
        else:
            super().keyPressEvent(event)


class LabelBar(QWidget):
    """Two lines: what to choose and how far one is.

    Attributes:
        scope, order: Choices of `Scope` and `Order`.
        sure: The button for all sure answers at once.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scope = Choice(text("window_label.scope"), (
            (Scope.UNLABELLED, text("widgets.unlabelled"), text("window_label.unlabelled_tip")),
            (Scope.TRAIN, text("window_label.all_train"), text("window_label.all_train_tip")),
            (Scope.TEST, text("widgets.test_images"), text("window_label.test_tip")),
        ))
        self.order = Choice(text("window_label.order"), (
            (Order.NAME, text("window_label.by_name"), text("window_label.by_name_tip")),
            (Order.UNSURE, text("window_label.uncertain_first"), text("window_label.uncertain_tip")),
            (Order.SURE, text("window_label.confident_first"), text("window_label.confident_tip")),
            (Order.MISTAKES, text("window_label.mistakes_first"), text("window_label.mistakes_tip")),
        ))
        self.scope.setToolTip(text("window_label.scope_tip"))
        self.sure = ElidedButton("", text("window_label.accept_confident"), text("window_label.accept_confident_tip"))
        self._bar, self._words = ProgressBar(), theme.caption_label("")
        above = FoldingRow(row_of(self.scope, self.order, (STRETCH, 1)), row_of(self.sure))
        column_of(above, row_of((self._bar, 1), self._words, spacing=theme.AROUND), parent=self)

    def show_scope(self, scope: Scope) -> None:
        self.scope.setCurrentIndex(self.scope.findData(str(scope)))

    def show_order(self, order: Order, *, has_run: bool) -> None:
        """Say what comes first; what needs a run cannot be chosen without one."""
        model = self.order.model()
        assert isinstance(model, QStandardItemModel)
        for place in range(self.order.count()):
            is_free = has_run or self.order.itemData(place) == Order.NAME
            model.item(place).setEnabled(is_free)
        self.order.setCurrentIndex(self.order.findData(str(order)))
        self.sure.setVisible(has_run and order is Order.SURE)
        self.order.setToolTip(text("window_label.order_tip") if has_run else text("window_label.order_tip_no_run"))

    def show_progress(self, progress: LabelProgress, *, n_in_a_row: int) -> None:
        """Say how far one is, and how many labels were given without a break."""
        words = text("window_label.progress", done=progress.n_labelled, count=progress.n_images)
        if n_in_a_row > 1:
            words = text("window_label.progress_in_a_row", done=progress.n_labelled, count=progress.n_images,
                         streak=n_in_a_row)
        self._words.setText(words)
        for widget in (self._bar, self._words):
            widget.setVisible(progress.n_images > 0)
        self._bar.show_progress(progress.n_labelled, max(progress.n_images, 1))
        self._bar.setAccessibleName(words)

    def open_orders(self) -> None:
        """Let the keyboard choose the order."""
        self.order.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.order.showPopup()

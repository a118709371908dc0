"""Labels that end in … or break their lines where they do not fit, some behind a sign; a thin separator line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox, QFrame, QLabel, QPushButton, QSizePolicy, QStyle, QStyleOptionComboBox, QToolTip, QWidget,
)

from gui import theme
from gui.icons import IconLabel, icon
from gui.widgets.layouts import row_of


class ElidedLabel(QWidget):
    """Takes the room it gets.

    Args:
        text: First text.
        mode: Where the … goes.
        role: Palette role of the text.
    """

    def __init__(
        self, text: str = "", *, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        role: QPalette.ColorRole = QPalette.ColorRole.WindowText,
    ) -> None:
        super().__init__()
        self._text, self._mode = text, mode
        self.setForegroundRole(role)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.set_text(text)

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(text if self._is_cut() else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            text = self.fontMetrics().elidedText(self._text, self._mode, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        if bool(self.toolTip()) != self._is_cut():
            self.setToolTip(self._text if self._is_cut() else "")

    def _is_cut(self) -> bool:
        return self.fontMetrics().horizontalAdvance(self._text) > self.width()


class ElidedButton(QPushButton):
    """A button whose words end in … where they do not fit; Tab leads to it, a click leaves the keyboard.

    Args:
        icon_name: A key of `gui.icons.NAMES`, or "" for none.
        words: What it does; in its tooltip where they are cut.
        tip: Its tooltip otherwise.
    """

    def __init__(self, icon_name: str, words: str, tip: str = "") -> None:
        super().__init__(words)
        if icon_name:
            self.setIcon(icon(icon_name))
        self._words, self._tip = words, tip
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _beside_px(self) -> int:
        """Of icon and frame."""
        return super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.text())

    def sizeHint(self) -> QSize:
        words_px = self.fontMetrics().horizontalAdvance(self._words)
        return QSize(words_px + self._beside_px(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._beside_px(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - self._beside_px() + theme.INSIDE  # into the padding, where a style asks for more
        self.setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room))
        self.setToolTip(self._tip if self.text() == self._words else f"{self._words}\n{self._tip}".strip())


class ElidedChoice(QComboBox):
    """Its text ends in … where it does not fit, which QComboBox does not by itself; the tooltip begins with it."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            said = "\n".join(filter(None, (self.currentText(), self.toolTip())))
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        return super().sizeHint().grownBy(QMargins(theme.INSIDE, 0, theme.INSIDE, 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(12 * self.fontMetrics().averageCharWidth(), super().minimumSizeHint().height())

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        box, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(box, option, part, self).width() - 2 * theme.INSIDE
        option.currentText = self.fontMetrics().elidedText(option.currentText, Qt.TextElideMode.ElideRight, room)


class SignedSentence(QWidget):
    """A sentence behind a sign; hidden while it is empty.

    Args:
        icon_name: A key of `gui.icons.NAMES`.
        role: Colour of the sign.
        text: First sentence.
        is_strong: Whether it stands out.
    """

    def __init__(self, icon_name: str, *, role: str = "caption", text: str = "", is_strong: bool = False) -> None:
        super().__init__()
        self._label = wrapped(is_strong=is_strong)
        self.link = QPushButton()
        self.link.setProperty("role", "quiet")
        self.link.hide()
        sign = IconLabel(icon_name, role=role, side_px=theme.SMALL_ICON_PX)
        row_of((sign, 0, Qt.AlignmentFlag.AlignTop), (self._label, 1), self.link, parent=self)
        self.set_text(text)

    @property
    def text(self) -> str:
        return self._label.text()

    def set_text(self, text: str) -> None:
        self._label.setText(text)
        self.setVisible(bool(text))

    def make_link(self, text: str) -> None:
        """Offer to show what the sentence speaks of; connect `link.clicked`."""
        self.link.setText(text)
        self.link.show()


class WrappedLabel(QLabel):
    """Keeps the height that its lines take at the width it has; layouts alone cut them where room is short."""

    def setText(self, text: str) -> None:
        super().setText(text)
        self._keep_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_height()

    def _keep_height(self) -> None:
        needed = max(0, self.heightForWidth(self.width()))
        if needed != self.minimumHeight():
            self.setMinimumHeight(needed)


def wrapped(text: str = "", *, is_strong: bool = False) -> QLabel:
    """A label that breaks its lines and never widens what it stands in."""
    label = QLabel(text)
    label.setFont(theme.tabular(label.font()))
    return _wrap(theme.bold(label) if is_strong else label)


def wrapped_caption(text: str = "", *, keeps_height: bool = False) -> QLabel:
    """The same in quieter, smaller text; `keeps_height` where a card would cut it, as at 200 % text."""
    return _wrap(theme.as_caption(WrappedLabel(text) if keeps_height else QLabel(text)))


def line() -> QFrame:
    """One pixel high."""
    frame = QFrame()
    frame.setProperty("role", "line")
    frame.setFixedHeight(1)
    return frame


def _wrap(label: QLabel) -> QLabel:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(80)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label

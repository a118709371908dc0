"""A large button that labels with one class: sign, name, key; marked if it is the label or the model's answer."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui import theme
from gui.icons import icon
from gui.label.faces import Chosen
from gui.widgets.class_style import ClassStyle

HEIGHT_PX, LOW_HEIGHT_PX, RADIUS_PX = 44, 30, 4
KEY_PX, FOOT_PX, PADDING_PX = 18, 3, 9
MIDDLE_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class ClassButton(QAbstractButton):
    """Painted by itself, for a style sheet cannot colour a sign and keep the name grey."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = ClassStyle(None, "")
        self._chosen = Chosen()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def class_style(self) -> ClassStyle:
        return self._style

    @property
    def is_label(self) -> bool:
        return self._chosen.label_id == self._style.id

    @property
    def is_suggested(self) -> bool:
        return self._chosen.suggested_id == self._style.id

    def show_style(self, style: ClassStyle) -> None:
        """Stand for this class."""
        self._style = style
        words = self.tr("Label as “{0}”").format(style.name)
        self.setToolTip(f"{words} ({style.key})" if style.key else words)
        self._say()

    def show_chosen(self, chosen: Chosen) -> None:
        """Follow another picture."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._say()

    def wanted_width(self) -> int:
        """Room in which nothing is cut."""
        sign = self.fontMetrics().horizontalAdvance(self._style.sign) + theme.BETWEEN
        key = KEY_PX + theme.BETWEEN if self._style.key else 0
        return 2 * PADDING_PX + sign + self._name_width() + key + 2

    def sizeHint(self) -> QSize:
        return QSize(self.wanted_width(), HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_ground(painter)
            self._paint_parts(painter, self.rect().adjusted(PADDING_PX, 0, -PADDING_PX, 0))
        finally:
            painter.end()

    def _say(self) -> None:
        parts = [self._style.name]
        if self.is_label:
            parts.append(self.tr("the label of this picture"))
        if self.is_suggested:
            parts.append(self.tr("the model says so"))
        self.setAccessibleName(", ".join(parts))
        self.update()

    def _name_width(self) -> int:
        font = self.font()
        font.setWeight(font.Weight.DemiBold)  # so that becoming the label cuts nothing
        return QFontMetrics(font).horizontalAdvance(self._style.name)

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
        if self.is_suggested and self._chosen.confidence is not None:
            self._paint_confidence(painter, self._chosen.confidence)

    def _paint_confidence(self, painter: QPainter, confidence: float) -> None:
        """A foot as long as the model is sure."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._shown_color())
        room = self.width() - 2 * PADDING_PX
        painter.drawRoundedRect(QRectF(PADDING_PX, self.height() - FOOT_PX - 3, room * confidence, FOOT_PX), 1.5, 1.5)

    def _paint_parts(self, painter: QPainter, rect: QRect) -> None:
        metrics = self.fontMetrics()
        painter.setPen(self._shown_color())
        painter.drawText(rect, MIDDLE_LEFT, self._style.sign)
        rect.adjust(metrics.horizontalAdvance(self._style.sign) + theme.BETWEEN, 0, 0, 0)
        if self._style.key:
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
        name = painter.fontMetrics().elidedText(self._style.name, Qt.TextElideMode.ElideMiddle, rect.width() + 1)
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
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._style.key.upper())

    def _shown_color(self) -> QColor:
        return self._style.shown_color(self.palette(), QPalette.ColorRole.Button)

"""The line above the loupe's picture: name, label, prediction, place, scale and buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from gui import theme
from gui.widgets.class_style import color_label
from gui.widgets.elided_label import ElidedLabel
from gui.icons import icon
from gui.widgets.tile import Tile

BUTTON_PX = 28


class LoupeBar(QWidget):
    """Says what is shown.

    Signals:
        fit_requested(), actual_size_requested(), previous_requested(), next_requested(),
        close_requested(): a button was clicked.
    """

    fit_requested = Signal()
    actual_size_requested = Signal()
    previous_requested = Signal()
    next_requested = Signal()
    close_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        bold = self._name.font()
        bold.setBold(True)
        self._name.setFont(bold)
        self._sign = QLabel()
        self._words = ElidedLabel()
        self._place = theme.caption_label("")
        self._scale = theme.caption_label("")
        self._scale.setMinimumWidth(self._scale.fontMetrics().horizontalAdvance("1000 %"))
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._build()

    @property
    def words(self) -> str:
        """Label and prediction as shown."""
        return self._words.text

    def show_tile(self, tile: Tile, *, row: int, n_images: int) -> None:
        """Say what image this is, and that it is the `row`-th (from 0) of so many."""
        self._name.set_text(tile.name)
        self._sign.setText(tile.sign)
        color_label(self._sign, tile.color)
        self._words.set_text(self._sentence(tile))
        self._place.setText(self.tr("{0} of {1}").format(f"{row + 1:,}", f"{n_images:,}"))

    def show_scale(self, scale: float | None) -> None:
        """Say at which scale (1 is actual size), None while there is no picture."""
        self._scale.setText("" if scale is None else f"{scale * 100:.0f} %")

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.AROUND, theme.INSIDE, theme.BETWEEN, theme.INSIDE)
        row.setSpacing(theme.BETWEEN)
        row.addWidget(self._name, 2)
        row.addWidget(self._sign)
        row.addWidget(self._words, 3)
        row.addWidget(self._place)
        row.addWidget(self._scale)
        row.addWidget(self._button(self.tr("Fit"), self.tr("Show the whole picture (Z)"), self.fit_requested))
        actual = self.actual_size_requested
        row.addWidget(self._button("1:1", self.tr("Show every pixel of the picture (Z)"), actual))
        row.addWidget(self._button("‹", self.tr("Previous image (←)"), self.previous_requested))
        row.addWidget(self._button("›", self.tr("Next image (→)"), self.next_requested))
        close = self._button("", self.tr("Close the loupe (Esc)"), self.close_requested)
        close.setIcon(icon("close"))
        close.setIconSize(QSize(theme.SMALL_ICON_PX, theme.SMALL_ICON_PX))
        row.addWidget(close)

    def _button(self, text: str, tool_tip: str, asks: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tool_tip)
        button.setAccessibleName(tool_tip)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setMinimumSize(BUTTON_PX, BUTTON_PX)
        button.clicked.connect(asks)
        return button

    def _sentence(self, tile: Tile) -> str:
        label = tile.label or self.tr("no label")
        if tile.prediction is None:
            return label
        if not tile.differing_prediction:
            return self.tr("{0}, and the model agrees ({1})").format(label, tile.confidence_text)
        return f"{label} → {tile.prediction} {tile.confidence_text}".rstrip()

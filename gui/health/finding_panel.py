"""The panel of one finding: sentence, figure, details, the note on the chosen image, and a button for each remedy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget,
)

from core.checks.check import Finding
from core.text import render, text
from gui import theme
from gui.health.finding_list import sign_of
from gui.health.remedies import Remedy
from gui.icons import IconLabel
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import fill, row_of

FIGURE_SCALE = 1.6
LEAST_PX = 220
"""So much of the panel stays in sight."""


class _Details(QScrollArea):
    """A wrapped text as high as it is, and with a scroll bar where there is less room than that."""

    def __init__(self, label: QLabel) -> None:
        super().__init__()
        self._label = label
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setWidget(label)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        label.setAutoFillBackground(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def fit(self) -> None:
        """Take the height of the text; at least three lines of it stay in sight."""
        line_px = self._label.fontMetrics().lineSpacing()
        whole_px = max(self._label.heightForWidth(max(self.width(), 80)), 0)  # -1 of an empty label
        self.setMinimumHeight(min(whole_px, 3 * line_px))
        self.setMaximumHeight(whole_px)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


class FindingPanel(QWidget):
    """Shows one finding at a time; `show_finding` builds the buttons anew.

    Signals:
        height_changed: It needs another height than before.
    """

    height_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sign = IconLabel("note")
        self.title, self.figure = wrapped(), QLabel()
        self.sentence, self.details = wrapped(), wrapped_caption()
        self._details = _Details(self.details)
        self.note = wrapped()
        self.buttons: dict[str, QPushButton] = {}
        self._button_rows = QGridLayout()
        self._build()

    def show_finding(self, finding: Finding, remedies: Sequence[Remedy]) -> None:
        """Show a finding and what can be done about it."""
        name, color = sign_of(finding)
        self._sign.set_icon(name, role=color)
        self.title.setText(render(finding.title))
        self.figure.setText(render(finding.figure))
        self.sentence.setText(render(finding.sentence))
        details = [render(detail) for detail in finding.details]
        if finding.reason is not None:
            details.append(text("window_health.accepted_because", reason=finding.reason))
        self.details.setText("\n".join(details))
        self._details.setVisible(bool(details))
        self._details.fit()
        self._show_buttons(remedies)
        self._fit_height()

    def show_note(self, words: str) -> None:
        """The note on the chosen image."""
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self._fit_height()

    def heightForWidth(self, width: int) -> int:
        """The least: with more room the details show more of their lines."""
        return max(0, self._column.minimumHeightForWidth(width))

    def whole_height(self) -> int:
        """With all lines of the details."""
        return max(0, self._column.heightForWidth(self.width()))

    def _fit_height(self) -> None:
        """Ask for what wrapped words and rows of buttons need at this width; less would lay them over each other."""
        self._column.activate()
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.height_changed.emit()

    def _build(self) -> None:
        self.title.setFont(theme.emphasized(theme.scaled_font(self.title.font(), theme.TITLE_SCALE)))
        self.figure.setFont(theme.tabular(theme.scaled_font(self.figure.font(), FIGURE_SCALE)))
        head = row_of((self._sign, 0, Qt.AlignmentFlag.AlignVCenter), (self.title, 1), self.figure)
        self._button_rows.setSpacing(theme.BETWEEN)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN)
        column.setSpacing(theme.BETWEEN)
        fill(column, head, self.sentence, self._details, self._button_rows, self.note)
        self.show_note("")

    def _show_buttons(self, remedies: Sequence[Remedy]) -> None:
        if [self.buttons[r.name].text() for r in remedies if r.name in self.buttons] == [r.title for r in remedies] \
                and len(self.buttons) == len(remedies):
            for remedy in remedies:
                button = self.buttons[remedy.name]
                button.clicked.disconnect()
                button.clicked.connect(lambda _=False, act=remedy.act: act())
            return
        for button in self.buttons.values():
            self._button_rows.removeWidget(button)
            button.deleteLater()
        self.buttons = {remedy.name: _button(remedy) for remedy in remedies}
        self._arrange()

    def _arrange(self) -> None:
        """As many buttons in a row as there is room for."""
        widest = max((button.sizeHint().width() for button in self.buttons.values()), default=1)
        n_columns = max(1, (self.width() - 2 * theme.AROUND + theme.BETWEEN) // (widest + theme.BETWEEN))
        for at, button in enumerate(self.buttons.values()):
            self._button_rows.addWidget(button, at // n_columns, at % n_columns, Qt.AlignmentFlag.AlignLeft)
        self._button_rows.setColumnStretch(n_columns, 1)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._arrange()
        self._fit_height()


class FindingArea(QScrollArea):
    """The panel at its whole height, and with a scroll bar where the window is too low for that."""

    def __init__(self, panel: FindingPanel) -> None:
        super().__init__()
        self._panel = panel
        self.setWidget(panel)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        panel.height_changed.connect(self._fit)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._panel.whole_height())

    def _fit(self) -> None:
        self.setMinimumHeight(min(self._panel.minimumHeight(), LEAST_PX))
        self.updateGeometry()


def _button(remedy: Remedy) -> QPushButton:
    button = QPushButton(remedy.title)
    button.setToolTip(remedy.tool_tip)
    button.setAccessibleDescription(remedy.tool_tip)
    if remedy.is_primary:
        button.setProperty("role", "primary")
    button.clicked.connect(lambda _=False: remedy.act())
    return button

"""The findings: a list with level, title and figure, and a panel that says one of them and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QSizePolicy, QStyleOptionViewItem, QWidget,
)

from core.checks.check import Finding, Level
from core.text import render, text
from gui import theme
from gui.health.remedies import Remedy
from gui.icons import IconLabel, icon
from gui.widgets.labels import wrapped, wrapped_caption
from gui.widgets.layouts import ScrollArea, column_of, row_of
from gui.widgets.row_list import RowPainter

SIGN_PX = theme.ICON_PX
FINDING_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


def sign_of(finding: Finding) -> tuple[str, str]:
    """Icon and colour of a finding; the shape tells the level, too."""
    return ("check", "caption") if finding.is_accepted else _SIGNS[finding.level]


_SIGNS = {Level.SERIOUS: ("wrong", "red"), Level.WARNING: ("doubt", "amber"), Level.NOTE: ("note", "caption")}


N_LEAST = 2
"""Findings that stay in sight."""


class FindingList(QListWidget):
    """One finding is always chosen while there is any.

    Attributes:
        findings: What is listed.

    Signals:
        chosen(str key): another finding is current.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.findings: tuple[Finding, ...] = ()
        self.setItemDelegate(_FindingPainter(self))
        self.setAccessibleName(text("window_health.findings"))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setMinimumHeight(N_LEAST * _row_px(self))
        self.currentRowChanged.connect(self._on_current_changed)

    def current_key(self) -> str:
        """Key of the chosen finding; empty without any."""
        return self.findings[self.currentRow()].key if self.currentRow() >= 0 else ""

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show these and stay at the finding that was chosen, or at its place."""
        key, row = self.current_key(), max(self.currentRow(), 0)
        self.clear()
        self.findings = tuple(findings)
        for finding in findings:
            level = "accepted" if finding.is_accepted else finding.level.name.lower()
            item = QListWidgetItem(render(finding.title), self)
            item.setToolTip(render(finding.sentence))
            item.setData(FINDING_ROLE, finding)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, text(
                "window_health.spoken_finding", level=text(f"window_health.level.{level}"), title=finding.title,
                figure=finding.figure, sentence=finding.sentence))
        keys = [finding.key for finding in findings]
        if keys:
            self.choose(key if key in keys else keys[min(row, len(keys) - 1)])

    def choose(self, key: str) -> None:
        """Make a finding the current one."""
        row = next((at for at, finding in enumerate(self.findings) if finding.key == key), None)
        if row is not None:
            self.setCurrentRow(row)

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: letters are keys of the window."""

    def _on_current_changed(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(self.findings[row].key)


def _row_px(view: QWidget) -> int:
    return 2 * view.fontMetrics().height() + theme.INSIDE + 2 * theme.BETWEEN


class _FindingPainter(RowPainter):
    """Two lines: title and figure, then the sentence, cut where it does not fit."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _row_px(option.widget))

    def paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        finding: Finding = index.data(FINDING_ROLE)
        inner = QRect(option.rect).adjusted(theme.AROUND, theme.BETWEEN, -theme.AROUND, -theme.BETWEEN)
        name, color = sign_of(finding)
        icon(name, role=color).paint(painter, QRect(inner.left(), inner.top(), SIGN_PX, SIGN_PX))
        self._paint_text(painter, inner.adjusted(SIGN_PX + theme.BETWEEN, 0, 0, 0), option, finding)

    def _paint_text(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, finding: Finding
    ) -> None:
        palette, role, font = option.palette, QPalette.ColorRole, QFont(option.font)
        quiet = palette.color(role.PlaceholderText)
        font.setWeight(QFont.Weight.Normal if finding.is_accepted else QFont.Weight.DemiBold)
        painter.setFont(theme.tabular(font))
        painter.setPen(quiet if finding.is_accepted else palette.color(role.WindowText))
        metrics = painter.fontMetrics()
        figure = render(finding.figure)
        figure_px = metrics.horizontalAdvance(figure)
        line = QRect(rect.left(), rect.top(), rect.width(), metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, figure)
        room = line.width() - figure_px - theme.BETWEEN
        painter.drawText(line, 0, metrics.elidedText(render(finding.title), Qt.TextElideMode.ElideRight, room))
        painter.setFont(theme.scaled_font(option.font, theme.CAPTION_SCALE))
        painter.setPen(quiet)
        metrics = painter.fontMetrics()
        said = render(finding.sentence) if finding.reason is None else text(
            "window_health.accepted_because", reason=finding.reason)
        below = QRect(rect.left(), line.bottom() + theme.INSIDE, rect.width(), metrics.height())
        painter.drawText(below, 0, metrics.elidedText(said, Qt.TextElideMode.ElideRight, rect.width()))


FIGURE_SCALE = 1.6
LEAST_PX = 220
"""So much of the panel stays in sight."""


class _Details(ScrollArea):
    """A wrapped text as high as it is, and with a scroll bar where there is less room than that."""

    def __init__(self, label: QLabel) -> None:
        super().__init__(label)
        self._label = label
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
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
        self._column = column_of(
            head, self.sentence, self._details, self._button_rows, self.note,
            margins=(theme.AROUND, theme.AROUND, theme.AROUND, theme.BETWEEN), parent=self,
        )
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


class FindingArea(ScrollArea):
    """The panel at its whole height, and with a scroll bar where the window is too low for that."""

    def __init__(self, panel: FindingPanel) -> None:
        super().__init__(panel)
        self._panel = panel
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

"""The list of findings: a sign for the level, title and figure, the sentence below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyleOptionViewItem

from core.checks.check import Finding, Level
from core.text import render, text
from gui import theme
from gui.icons import icon
from gui.widgets.row_list import RowPainter

SIGN_PX = theme.ICON_PX
FINDING_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class FindingModel(QAbstractListModel):
    """The findings, gravest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.findings: tuple[Finding, ...] = ()

    def set_findings(self, findings: Sequence[Finding]) -> None:
        self.beginResetModel()
        self.findings = tuple(findings)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.findings)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        finding = self.findings[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return render(finding.title)
        if role == Qt.ItemDataRole.ToolTipRole:
            return render(finding.sentence)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return text("window_health.spoken_finding", level=say_level(finding), title=finding.title,
                        figure=finding.figure, sentence=finding.sentence)
        return finding if role == FINDING_ROLE else None


def say_level(finding: Finding) -> str:
    """How serious a finding is, or that it was accepted."""
    return text(f"window_health.level.{'accepted' if finding.is_accepted else finding.level.name.lower()}")


def sign_of(finding: Finding) -> tuple[str, str]:
    """Icon and colour of a finding; the shape tells the level, too."""
    return ("check", "caption") if finding.is_accepted else _SIGNS[finding.level]


_SIGNS = {Level.SERIOUS: ("wrong", "red"), Level.WARNING: ("doubt", "amber"), Level.NOTE: ("note", "caption")}


class FindingList(QListView):
    """One finding is always chosen while there is any.

    Signals:
        chosen(str key): another finding is current.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._findings = FindingModel(self)
        self.setModel(self._findings)
        self.setItemDelegate(_FindingPainter(self))
        self.setAccessibleName(text("window_health.findings"))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._findings.findings

    def current_key(self) -> str:
        """Key of the chosen finding; empty without any."""
        index = self.currentIndex()
        return self.findings[index.row()].key if index.isValid() else ""

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show these and stay at the finding that was chosen, or at its place."""
        key, row = self.current_key(), max(self.currentIndex().row(), 0)
        self._findings.set_findings(findings)
        keys = [finding.key for finding in findings]
        if keys:
            self.choose(key if key in keys else keys[min(row, len(keys) - 1)])

    def choose(self, key: str) -> None:
        """Make a finding the current one."""
        row = next((at for at, finding in enumerate(self.findings) if finding.key == key), None)
        if row is not None:
            self.setCurrentIndex(self._findings.index(row))

    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: letters are keys of the window."""

    def _on_current_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.findings[index.row()].key)


class _FindingPainter(RowPainter):
    """Two lines: title and figure, then the sentence, cut where it does not fit."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        lines = option.fontMetrics.height() * 2
        return QSize(0, lines + theme.INSIDE + 2 * theme.BETWEEN)

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

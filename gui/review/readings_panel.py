"""The ImageNet readings of the mistakes class by class, beside those of right images; a click shows the images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView, QPushButton, QTreeWidget, QTreeWidgetItem, QTreeWidgetItemIterator, QWidget,
)

from core.text import Message, text
from core.text.numbers import format_percent, format_whole
from core.workflow.mistake_readings import MistakeReadings, ReadingsOfClass
from gui import theme
from gui.icons import icon
from gui.widgets.class_style import ClassStyle
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import column_of, row_of

NAME, WRONG, WRONG_SHARE, RIGHT, RIGHT_SHARE = range(5)
WRONG_IDS, RIGHT_IDS, TITLE, CLASS = (Qt.ItemDataRole.UserRole + i for i in range(1, 5))
MOST_LINES, MOST_RIGHT, MOST_OPEN = 60, 5, 8
"""Lines of a class with mistakes, lines with right images alone, and classes that are open at first."""

SHARES_FROM_PX = 380
"""Narrower, shares give way to the names."""

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class _Place:
    """Where somebody is: which classes are open, the title of the current line, how far it is scrolled."""

    is_open: Mapping[int, bool]
    current: Message | None
    scrolled: int


class _Tree(QTreeWidget):
    def keyboardSearch(self, search: str) -> None:
        """No type-ahead: letters are keys of the window."""


class ReadingsPanel(QWidget):
    """A tree of classes with a line for each ImageNet class.

    Signals:
        images_asked(object ids, object title): a line was clicked; its images, and a `Message` of what they are.
        save_asked(): the table is wanted as a file.
        filled(): it takes more or less room now.
    """

    images_asked = Signal(object, object)
    save_asked = Signal()
    filled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readings: MistakeReadings | None = None
        self.said = wrapped_caption()
        self.tree = _Tree()
        self.save = QPushButton(icon("export"), text("window_review.readings_save"))
        self.save.setProperty("role", "quiet")
        self.save.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._build()
        self.tree.itemClicked.connect(self._show_images)
        self.tree.itemActivated.connect(self._show_images)
        self.save.clicked.connect(self.save_asked)
        self.say("")

    def say(self, words: str) -> None:
        """Say why there is no table, or nothing as long as it is on its way."""
        self.readings = None
        self.tree.clear()
        self.tree.setVisible(not words)
        self.save.hide()
        self.said.setText(words)

    def show_readings(self, readings: MistakeReadings, styles: Mapping[int, ClassStyle]) -> None:
        """Fill it; classes without a mistake are left out."""
        is_first, place = self.readings is None, self._place()
        self.readings = readings
        self.tree.clear()
        shown = [one for one in readings.classes if one.wrong_ids]
        for at, one in enumerate(sorted(shown, key=lambda one: -len(one.wrong_ids))):
            self._add_class(one, styles, is_open=place.is_open.get(one.class_id, at < MOST_OPEN))
        self._take_place(place)
        self.tree.setVisible(bool(shown))
        self.save.setVisible(bool(shown))
        said = [text("window_review.readings_said", n=readings.n_wrong, backbone=readings.backbone) if shown else
                text("window_review.readings_none")]
        if readings.n_without:
            said.append(text("window_review.readings_without", n=readings.n_without))
        self.said.setText(" ".join(said))
        self.updateGeometry()
        if is_first:
            self.filled.emit()

    def _place(self) -> _Place:
        item, tops = self.tree.currentItem(), [self._class(i) for i in range(self.tree.topLevelItemCount())]
        title = item.data(NAME, TITLE) if item is not None else None
        return _Place({top.data(NAME, CLASS): top.isExpanded() for top in tops}, title,
                      self.tree.verticalScrollBar().value())

    def _take_place(self, place: _Place) -> None:
        """As it was, as far as that is still there: labels that change are counted anew all the while."""
        lines = QTreeWidgetItemIterator(self.tree)
        while place.current is not None and (item := lines.value()) is not None:
            if item.data(NAME, TITLE) == place.current:
                self.tree.setCurrentItem(item)
                break
            lines += 1
        self.tree.doItemsLayout()
        self.tree.verticalScrollBar().setValue(place.scrolled)

    def sizeHint(self) -> QSize:
        rows = 1 + sum(1 + self._class(i).childCount() * self._class(i).isExpanded()
                       for i in range(self.tree.topLevelItemCount()))
        return QSize(560, rows * theme.row_px(self.tree) + 3 * self.said.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column in (WRONG_SHARE, RIGHT_SHARE):
            self.tree.setColumnHidden(column, event.size().width() < SHARES_FROM_PX)

    def _class(self, at: int) -> QTreeWidgetItem:
        found = self.tree.topLevelItem(at)
        assert found is not None
        return found

    def _build(self) -> None:
        tree = self.tree
        tree.setColumnCount(5)
        tree.setHeaderLabels([text(f"window_review.readings_{name}") for name in (
            "class", "wrong", "share", "right", "share")])
        tree.setAccessibleName(text("window_review.readings_title"))
        tree.setFont(theme.tabular(tree.font()))
        tree.setUniformRowHeights(True)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        tips = {WRONG: "wrong", WRONG_SHARE: "wrong_share", RIGHT: "right", RIGHT_SHARE: "right_share"}
        for column, name in tips.items():
            tree.headerItem().setTextAlignment(column, _RIGHT)
            tree.headerItem().setToolTip(column, text(f"window_review.readings_{name}_tip"))
        column_of(row_of((self.said, 1), self.save), (tree, 1), spacing=theme.INSIDE, parent=self)
        self.setFocusProxy(tree)

    def _add_class(self, one: ReadingsOfClass, styles: Mapping[int, ClassStyle], *, is_open: bool) -> None:
        style = styles.get(one.class_id, ClassStyle(None, one.name))
        wrong, right = one.wrong_ids, one.right_ids
        top = self._line(f"{style.sign}  {one.name}".strip(), wrong, right, len(wrong), len(right))
        top.setData(NAME, TITLE, Message("window_review.readings_of_class", name=one.name))
        top.setData(NAME, CLASS, one.class_id)
        top.setFont(NAME, theme.emphasized(self.tree.font()))
        self.tree.addTopLevelItem(top)
        with_wrong = [line for line in one.lines if line.wrong_ids][:MOST_LINES]
        alone = [line for line in one.lines if not line.wrong_ids][:MOST_RIGHT]
        for line in (*with_wrong, *alone):
            item = self._line(line.name, line.wrong_ids, line.right_ids, len(wrong), len(right))
            item.setData(NAME, TITLE, Message("window_review.readings_of_line", name=one.name, reading=line.name))
            top.addChild(item)
        top.setExpanded(is_open)

    def _line(
        self, name: str, wrong: tuple[int, ...], right: tuple[int, ...], n_wrong: int, n_right: int
    ) -> QTreeWidgetItem:
        item = QTreeWidgetItem([
            name, format_whole(len(wrong)) if wrong else "–",
            format_percent(len(wrong) / n_wrong, 0) if wrong else "",
            format_whole(len(right)) if right else "–", format_percent(len(right) / n_right, 0) if right else ""])
        item.setSizeHint(NAME, QSize(0, theme.row_px(self.tree)))
        item.setToolTip(NAME, name)
        item.setData(NAME, WRONG_IDS, wrong)
        item.setData(NAME, RIGHT_IDS, right)
        for column in (WRONG, WRONG_SHARE, RIGHT, RIGHT_SHARE):
            item.setTextAlignment(column, _RIGHT)
        return item

    def _show_images(self, item: QTreeWidgetItem, column: int) -> None:
        """The mistakes of the line; in the columns of right images these, as where it has no mistake."""
        wrong, right = item.data(NAME, WRONG_IDS), item.data(NAME, RIGHT_IDS)
        ids = right if right and (column in (RIGHT, RIGHT_SHARE) or not wrong) else wrong
        if ids:
            self.images_asked.emit(tuple(ids), item.data(NAME, TITLE))

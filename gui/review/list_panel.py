"""The lists of mistakes beside the images of the Review page: section by section, each line with its number."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QWidget

from core.text import Message, render, text
from core.workflow.mistake_lists import CHANGES, CLASSES, PAIRS, PARTS, SECTIONS, WHOLE, MistakeList
from gui import theme
from gui.icons import icon_button
from gui.widgets.class_style import ClassStyle
from gui.widgets.labels import ElidedLabel, wrapped_caption
from gui.widgets.layouts import STRETCH, ScrollArea, column_of, row_of
from gui.widgets.row_list import PanelSection, Row, RowList
from gui.widgets.segments import Segments

WIDTH_PX = 236

Key = tuple[str, str]
"""Part and name of a list."""

_ICONS = {"mistakes": "mistake", "sure": "wrong", "unchecked": "flag_checked", "uncertain": "help",
          "confident": "check", "broken": "wrong", "fixed": "done", "still_wrong": "mistake"}


class ListPanel(QWidget):
    """Shows and asks; knows no catalog.

    Attributes:
        parts: Which predictions: out of fold or held out, test, new.
        sections: The lists of lists.

    Signals:
        asked(object MistakeList): its images are wanted.
        part_asked(str part): another part is wanted.
        against_asked(QPoint at): another run to compare with is to be chosen.
        fold_asked(): the panel is to be folded away.
        menu_asked(object MistakeList, QPoint at): the context menu of a list is wanted.
    """

    asked = Signal(object)
    part_asked = Signal(str)
    against_asked = Signal(QPoint)
    fold_asked = Signal()
    menu_asked = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lists: dict[str, MistakeList] = {}
        self.parts = Segments(text("window_review.list_parts_name"))
        self.fold = icon_button("close", text("window_review.fold_lists"), self.fold_asked.emit, side_px=24)
        self.note, self.title = wrapped_caption(), ElidedLabel()
        self.sections = {
            name: PanelSection(title, RowList(title), add=text("window_review.choose_against") * (name == CHANGES))
            for name in SECTIONS for title in (text(f"window_review.lists_{name}"),)}
        self._build()

    def show_lists(
        self, lists: Sequence[MistakeList], styles: dict[int, ClassStyle], *, part: str, parts: dict[str, Message],
        note: str = "", against: str = "",
    ) -> None:
        """Show the lists of a part.

        Args:
            lists: In their order.
            styles: The classes by id.
            part: Which part this is.
            parts: The parts that there are, by key, and what they are called.
            note: A sentence above them: that there are no mistakes.
            against: The run that changes are counted from; "" where there is none to compare with.
        """
        self._lists = {one.name: one for one in lists}
        self.parts.show_choices([(key, text(f"window_review.part_{key}"), render(parts[key])) for key in PARTS
                                 if key in parts], part)
        self.parts.setVisible(len(parts) > 1)
        self.title.set_text(render(parts[part]))
        self.note.setText(note)
        self.note.setVisible(bool(note))
        for name, section in self.sections.items():
            rows = [_row(one, styles) for one in lists if one.section == name]
            section.rows.set_rows(rows)
            section.setVisible(bool(rows) or name == CHANGES and bool(against))
        self.sections[CHANGES].setToolTip(text("window_review.changes_since", run=against) if against else "")

    @property
    def shown(self) -> tuple[MistakeList, ...]:
        """The lists, in their order."""
        return tuple(self._lists.values())

    def mark(self, name: str) -> None:
        """Say which list is in sight; "" for none."""
        for section in self.sections.values():
            section.rows.mark(frozenset({name}))

    def step(self, n_rows: int, shown: str) -> MistakeList | None:
        """The list so many lines below the one of a name; None where there is none."""
        names = list(self._lists)
        if not names:
            return None
        at = names.index(shown) + n_rows if shown in self._lists else 0
        return self._lists[names[at]] if 0 <= at < len(names) else None

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_PX, super().sizeHint().height())

    def take_keyboard(self) -> None:
        """To the first section with lists."""
        section = next((one for one in self.sections.values() if one.rows.rows), None)
        if section is not None:
            if not section.rows.currentIndex().isValid():
                section.rows.setCurrentIndex(section.rows.model().index(0, 0))
            section.rows.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _build(self) -> None:
        inside = QWidget()
        column_of(*self.sections.values(), (STRETCH, 1), spacing=theme.AROUND, margins=(0, 0, 0, theme.BETWEEN),
                  parent=inside)
        inside.setMinimumWidth(0)
        area = ScrollArea(inside)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.title.setFont(theme.scaled_font(self.title.font(), theme.CAPTION_SCALE))
        head = row_of((self.title, 1), self.fold, margins=(theme.AROUND, 0, theme.INSIDE, 0))
        self.note.setContentsMargins(theme.AROUND, 0, theme.BETWEEN, 0)
        column_of(head, row_of(self.parts, margins=(theme.BETWEEN, 0, 0, 0)), self.note, (area, 1),
                  spacing=theme.INSIDE, margins=(0, theme.BETWEEN, 0, 0), parent=self)
        self.parts.chosen.connect(self.part_asked)
        for name, section in self.sections.items():
            section.rows.chosen.connect(lambda row_id, _: self.asked.emit(self._lists[row_id]))
            section.rows.menu_asked.connect(lambda row_id, at: self.menu_asked.emit(self._lists[row_id], at))
            if name == CHANGES:
                section.add.clicked.connect(self._on_add_clicked)
        self.setFixedWidth(WIDTH_PX)

    def _on_add_clicked(self) -> None:
        button = self.sections[CHANGES].add
        self.against_asked.emit(button.mapToGlobal(button.rect().bottomLeft()))


def _row(one: MistakeList, styles: dict[int, ClassStyle]) -> Row:
    label, _ = one.pair
    style = styles.get(label or 0, ClassStyle(None, ""))
    tip = text(f"window_review.list_tip_{one.section if one.section in (PAIRS, CLASSES) else one.name}")
    if one.section in (WHOLE, CHANGES):
        return Row(one.name, render(one.title), one.n_images, icon=_ICONS[one.name], tool_tip=tip)
    return Row(one.name, render(one.title), one.n_images, style.sign, style.color, tool_tip=tip)

"""Shows the plan of an import before anything is written, and lets the user correct it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox, QComboBox, QDialog, QFormLayout, QHeaderView, QLabel, QPushButton, QScrollArea,
    QSizePolicy, QTableWidget, QTableWidgetItem, QWidget,
)

from core.project.layout import USES, ImportLayout, LayoutPart
from core.project.refiling import FOLLOW
from core.text import render, text
from core.text.render import say_value
from core.workflow.plan_remarks import list_remarks, list_some
from core.workflow.planning import ImportPlans, ImportWishes
from gui import theme
from gui.widgets.layouts import DIALOG, answers, column_of, form_of

SIZE = (760, 460)
FOLDER, IMAGES, CLASSES, USE = range(4)
NO_CLASSES = "none"
"""The way of naming classes by which no folder names one."""

MAX_TABLE_PX = 260
"""Beyond, the table scrolls."""

MAX_CLASSES = 4
"""Classes named in a row; all of them are in its tooltip."""

Planner = Callable[[ImportWishes], ImportPlans]
"""Makes the plan anew as a person wants it."""


class PlanDialog(QDialog):
    """The parts of an import with their use and classes, what was decided, and two answers.

    Args:
        planner: Makes the plan; called again after each correction.
        can_choose: Whether parts may be used otherwise and classes named otherwise; False for test images.
        is_known: Whether the project has images of this folder, whose labels may differ from their folders by now.
    """

    def __init__(
        self, planner: Planner, parent: QWidget | None = None, *, can_choose: bool = True, is_known: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("imports.plan.title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._planner, self._can_choose, self._is_known = planner, can_choose, is_known
        self._wishes = ImportWishes()
        self.plans = planner(self._wishes)
        self.table = reading_table(text("imports.plan.parts"), [
            text(f"imports.plan.column_{name}") for name in ("folder", "images", "classes", "use")])
        self.names_classes = QCheckBox(text("imports.plan.names_classes"))
        self.naming = QComboBox()
        self.follow = QComboBox()
        self.splits = QCheckBox(text("imports.plan.splits"))
        self._folders = QLabel()
        self._remarks = QLabel()
        self._problem = theme.caption_label("")
        self.import_button = QPushButton(text("imports.plan.import"))
        self._build()
        self._show_plans()
        self.resize(*SIZE)
        self.import_button.setFocus()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self._folders.setWordWrap(True)
        column_of(
            self._folders, self._build_table(), self.names_classes, self._build_choices(), self.splits,
            (self._build_remarks(), 1), self._problem, answers(self, self.import_button), spacing=theme.AROUND,
            margins=DIALOG, parent=self)

    def _build_table(self) -> QTableWidget:
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setMaximumHeight(MAX_TABLE_PX)
        self.table.setSizeAdjustPolicy(QTableWidget.SizeAdjustPolicy.AdjustToContents)
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        header = self.table.horizontalHeader()
        for column in (FOLDER, IMAGES, USE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(CLASSES, QHeaderView.ResizeMode.Stretch)
        return self.table

    def _build_choices(self) -> QFormLayout:
        for key in ("auto", "top", "leaf", "path"):
            self.naming.addItem(text(f"imports.plan.named_by_{key}"), key)
        for key in FOLLOW:
            self.follow.addItem(text(f"imports.plan.follow_{key}"), key)
        asked = self.plans.layouts[0].options
        self.naming.setCurrentIndex(max(self.naming.findData(asked.classes_from), 0))
        self.naming.activated.connect(lambda: self._plan_again(classes_from=self.naming.currentData()))
        self.names_classes.setChecked(asked.classes_from != NO_CLASSES)
        self.names_classes.clicked.connect(self._on_names_classes_clicked)
        self.naming.setEnabled(self.names_classes.isChecked())
        self.names_classes.setVisible(self._can_choose and (not self.names_classes.isChecked() or any(
            part.classes for layout in self.plans.layouts for part in layout.parts)))
        self.splits.setChecked(asked.with_splits)
        self.splits.clicked.connect(lambda is_on: self._plan_again(with_splits=is_on))
        form = form_of([(text("imports.plan.named_by"), self.naming), (text("imports.plan.follow"), self.follow)])
        has_deep_folders = any(
            part.naming.by != "path" or part.naming.wrapper or any("/" in name for name, _ in part.classes)
            for layout in self.plans.layouts for part in layout.parts if part.use == "train")
        form.setRowVisible(self.follow, self._is_known)
        form.setRowVisible(self.naming, self._can_choose and has_deep_folders)
        whole = self._planner(replace(self._wishes, with_splits=True))
        self.splits.setVisible(self._can_choose and any(layout.has_splits for layout in whole.layouts))
        return form

    def _build_remarks(self) -> QScrollArea:
        self._remarks.setWordWrap(True)
        self._remarks.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._remarks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self._remarks)
        return area

    # ── what is shown ────────────────────────────────────────────────────

    def _show_plans(self) -> None:
        n = self.plans.n_images
        folders = tuple(layout.folder for layout in self.plans.layouts)
        self._folders.setText(text("imports.plan.of_folders", folders=folders))
        self.table.setRowCount(0)
        for layout in self.plans.layouts:
            for part in layout.parts:
                self._add_row(layout, part)
        said = dict.fromkeys(render(r.sentence) for layout in self.plans.layouts for r in list_remarks(layout))
        self._remarks.setText("\n\n".join(said))
        self.import_button.setText(text("imports.plan.import_images", n=n) if n else text("imports.plan.import"))
        self.import_button.setEnabled(n > 0)
        self._problem.setText("" if n else text("imports.plan.all_left_out"))
        self._problem.setVisible(not n)

    def _add_row(self, layout: ImportLayout, part: LayoutPart) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        names = [text("imports.name_count", name=name, count=n) for name, n in part.classes]
        if part.n_unlabelled and part.use != "skip":
            names.append(text("imports.plan.without_label", n=part.n_unlabelled))
        cells = (part.name, say_value(part.n_images), render(list_some(names, MAX_CLASSES)))
        for column, words in zip((FOLDER, IMAGES, CLASSES), cells, strict=True):
            item = QTableWidgetItem(words)
            item.setToolTip("\n".join(names[:50]) if column == CLASSES else words)
            if column == IMAGES:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)
        box = self._build_use(layout, part)
        self.table.setCellWidget(row, USE, box)
        self.table.setRowHeight(row, box.sizeHint().height() + theme.INSIDE)

    def _build_use(self, layout: ImportLayout, part: LayoutPart) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(text("imports.plan.use_of", name=part.name))
        for key in USES:
            box.addItem(text(f"imports.plan.use_{key}"), key)
        box.setCurrentIndex(box.findData(part.use))
        box.setEnabled(self._can_choose and layout is self.plans.layouts[0] and bool(part.folder))
        box.activated.connect(lambda: self._on_use_activated(part.name, box.currentData()))
        return box

    # ── what happens ─────────────────────────────────────────────────────

    def _on_names_classes_clicked(self, is_on: bool) -> None:
        """Without it all images come in without a label."""
        self.naming.setEnabled(is_on)
        self._plan_again(classes_from=self.naming.currentData() if is_on else NO_CLASSES)

    def _on_use_activated(self, name: str, use: str) -> None:
        self._plan_again(uses={**self.plans.layouts[0].options.uses, name: use})
        for row in range(self.table.rowCount()):
            item, box = self.table.item(row, FOLDER), self.table.cellWidget(row, USE)
            if item is not None and item.text() == name and box is not None:
                box.setFocus()

    def _plan_again(self, **wishes: Any) -> None:
        self._wishes = replace(self._wishes, **wishes)
        self.plans = self._planner(self._wishes)
        self._show_plans()


def reading_table(name: str, titles: Sequence[str]) -> QTableWidget:
    """An empty table with these columns, to be looked at only; `name` is for screen readers."""
    table = QTableWidget(0, len(titles))
    table.setHorizontalHeaderLabels(titles)
    table.setAccessibleName(name)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table

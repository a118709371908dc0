"""Every key and what it does, by menu: as the dialog behind the key “?”, and as the page docs/keys.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget,
)

from core.text import text
from gui import theme
from gui.actions import MENUS, Action, menu_title
from gui.widgets.layouts import column_of, fill, row_of

N_COLUMNS = 2


class KeysOverview(QDialog):
    """Lists the acts that have a key, menu by menu.

    Args:
        actions: In the order in which they are shown.
    """

    def __init__(self, actions: Sequence[Action], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(text("window.keys_title"))
        groups = group_by_menu(actions)
        shown = [action for group in groups.values() for action in group]
        self._keys_px = max((_keys_label(action).sizeHint().width() for action in shown), default=0)
        columns = row_of(spacing=2 * theme.MARGIN)
        for column in balance(groups, N_COLUMNS):
            columns.addLayout(self._build_column({title: groups[title] for title in column}))
        self._build(columns)

    def _build(self, columns: QHBoxLayout) -> None:
        content = QWidget()
        content.setLayout(columns)
        columns.setContentsMargins(theme.MARGIN, theme.AROUND, theme.MARGIN, theme.AROUND)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.setContentsMargins(theme.AROUND, 0, theme.AROUND, theme.AROUND)
        column_of((area, 1), buttons, spacing=None, parent=self)
        hint = content.sizeHint()
        self.resize(min(hint.width() + theme.MARGIN, 960), min(hint.height() + 64, 600))

    def _build_column(self, groups: dict[str, list[Action]]) -> QVBoxLayout:
        column = column_of()
        for title, actions in groups.items():
            fill(column, theme.bold(QLabel(title)), self._build_group(actions), theme.BETWEEN)
        column.addStretch(1)
        return column

    def _build_group(self, actions: Sequence[Action]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.AROUND)
        grid.setVerticalSpacing(theme.INSIDE)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, self._keys_px)
        for row, action in enumerate(actions):
            grid.addWidget(_keys_label(action), row, 0)
            grid.addWidget(QLabel(action.title), row, 1)
        return grid


def _keys_label(action: Action) -> QLabel:
    return theme.caption_label(" / ".join(native_key(key) for key in action.keys))


def keys_page(actions: Sequence[Action]) -> str:
    """The page of all keys for people who read documents, as Markdown."""
    parts = [text("window.keys_page_head"), ""]
    for title, group in group_by_menu(actions).items():
        rows = [f"| {' / '.join(f'`{key}`' for key in action.keys)} | {action.title} |" for action in group]
        head = f"| {text('window.keys_column')} | {text('window.acts_column')} |"
        parts += [f"## {title}", "", head, "|---|---|", *rows, ""]
    return "\n".join(parts)


def group_by_menu(actions: Iterable[Action], *, with_keys_only: bool = True) -> dict[str, list[Action]]:
    """The acts (that have a key) by the title of their menu, in the order of the menus; others come last."""
    groups: dict[str, list[Action]] = {}
    for action in sorted(actions, key=lambda a: MENUS.index(a.menu) if a.menu in MENUS else len(MENUS)):
        if action.keys or not with_keys_only:
            groups.setdefault(menu_title(action.menu) or text("window.keys_anywhere"), []).append(action)
    return groups


def balance(groups: dict[str, list[Action]], n_columns: int) -> list[list[str]]:
    """Titles for each column, in their order, the columns about equally long."""
    heights = {title: len(actions) + 2 for title, actions in groups.items()}
    room = sum(heights.values()) / n_columns
    columns: list[list[str]] = [[] for _ in range(n_columns)]
    used = 0.0
    for title, height in heights.items():
        columns[min(int((used + height / 2) / room), n_columns - 1)].append(title)
        used += height
    return [column for column in columns if column]


def native_key(key: str) -> str:
    """As this system writes it; words such as “Arrows” stay as they are."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) or key

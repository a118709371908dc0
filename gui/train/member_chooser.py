"""The list in which the members of an ensemble are ticked, and the editor of the setting that names them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from core.settings import SettingInfo
from core.text import text
from gui import theme
from gui.train.networks import Network, plain_name
from gui.train.settings_form import Editor
from gui.widgets.labels import wrapped_caption
from gui.widgets.layouts import column_of

MEMBER_ROWS, ROW_PX = 5, 22
"""So many networks are in sight where several can be chosen, and the height of each."""


class MemberChooser(QWidget):
    """A list of networks to tick, and below it a word where too few are ticked.

    Signals:
        changed: The user ticked another network, or one less.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._given = ""
        self.list = QListWidget()
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.facts = wrapped_caption(text("training.ensemble_too_few"))
        column_of(self.list, self.facts, spacing=theme.INSIDE, parent=self)
        self.setFocusProxy(self.list)
        self.list.itemChanged.connect(self._on_list_item_changed)

    @property
    def names(self) -> str:
        """The ticked networks as the setting has them; written as they were given while they are the same."""
        ticked = [item.data(Qt.ItemDataRole.UserRole) for item in self._items() if _is_ticked(item)]
        return self._given if set(ticked) == set(_names_in(self._given)) else ", ".join(ticked)

    def choose(self, names: str) -> None:
        """Tick these networks and no others; one that is not in the list is added to it."""
        self._given, wanted = names, _names_in(names)
        was_blocked = self.list.blockSignals(True)
        known = {item.data(Qt.ItemDataRole.UserRole) for item in self._items()}
        for name in wanted:
            if name not in known:
                self._add(name, name)
        for item in self._items():
            is_wanted = item.data(Qt.ItemDataRole.UserRole) in wanted
            item.setCheckState(Qt.CheckState.Checked if is_wanted else Qt.CheckState.Unchecked)
        self.list.blockSignals(was_blocked)
        self._refresh()

    def set_networks(self, networks: Sequence[Network]) -> None:
        """Fill the list; what is ticked stays ticked."""
        chosen = self.names
        was_blocked = self.list.blockSignals(True)
        self.list.clear()
        for network in networks:
            self._add(network.name, f"{network.name} · {network.place}")
        self.list.blockSignals(was_blocked)
        self.choose(chosen)

    def _add(self, name: str, words: str) -> None:
        item = QListWidgetItem(words, self.list)
        item.setData(Qt.ItemDataRole.UserRole, name)
        item.setToolTip(words)
        item.setSizeHint(QSize(1, ROW_PX))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Unchecked)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _refresh(self) -> None:
        n_rows = min(max(self.list.count(), 1), MEMBER_ROWS)
        self.list.setFixedHeight(n_rows * ROW_PX + 2 * self.list.frameWidth())
        self.facts.setVisible(sum(map(_is_ticked, self._items())) < 2)

    def _on_list_item_changed(self) -> None:
        self._refresh()
        self.changed.emit()


def _is_ticked(item: QListWidgetItem) -> bool:
    return item.checkState() == Qt.CheckState.Checked


def _names_in(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain_name(name) for name in names.split(",") if name.strip()))


def members_editor(info: SettingInfo, networks: Sequence[Network]) -> Editor:
    """The editor of a setting that names several networks."""
    chooser = MemberChooser()
    chooser.set_networks(networks)
    chooser.choose(info.default)
    return Editor(chooser, lambda: chooser.names, chooser.choose, chooser.changed)

"""Every act of the program in one table: the menus, the command palette and the keys are made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QHelpEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolTip, QWidget

from core.text import text
from gui.icons import icon

MENUS = ("File", "Edit", "View", "Image", "Class", "Train", "Help")
"""The menus in their order."""

REASON = "reason"
"""Property of an entry of a menu: why it is grey."""


def menu_title(menu: str, *, is_plain: bool = True) -> str:
    """What a menu is called, with the sign “&” before its letter unless `is_plain`; empty for no menu."""
    title = text(f"window.menu_{menu.lower()}") if menu else ""
    return title.replace("&", "") if is_plain else title


MenuEntry = str | tuple[str, ...]
"""The name of an act in a context menu, or a submenu: the code of its title, and names."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things that an act can be done with ("Open recent ▸ flowers").

    Attributes:
        title: What it is called, in the user's words.
        slot: Does it.
        is_checked: It is what holds now; None where nothing is on or off.
    """

    title: str
    slot: Callable[[], object] = field(compare=False)
    is_checked: bool | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One act.

    Attributes:
        name: Known to code ("train.start"); no two are alike.
        title: What happens, in the user's words ("Train again").
        key: Shortcuts as Qt writes them, several separated by "; " ("Ctrl+Shift+Z; Ctrl+Y").
        slot: Does it; None where a widget listens for the key by itself and the table only tells of it.
        menu: One of `MENUS`, or empty for the palette alone.
        icon: A key of `gui.icons.NAMES`, or empty.
        is_enabled: Asked before it is shown and before it is done.
        why_not: Asked likewise where the reason can be told: why it cannot be done now, or "".
        is_checked: Asked before it is shown; makes the entry one that is on or off.
        starts_group: A separator stands before it.
        title_now: Says more exactly what would happen, each time it is shown in a menu or the palette.
        group: Acts of a menu stand in the order of their groups, with a separator between them.
        choices: What it can be done with, asked each time; a submenu, and in the palette an entry for each.
        for_one: Does it to one thing of a list (the id of a class), from the context menu of that thing; `slot` asks
            which one is meant.
        list_key: The key that the list of these things hears by itself ("F2").
    """

    name: str
    title: str
    key: str = ""
    slot: Callable[[], object] | None = field(default=None, compare=False)
    menu: str = ""
    icon: str = ""
    is_enabled: Callable[[], bool] | None = field(default=None, compare=False)
    is_checked: Callable[[], bool] | None = field(default=None, compare=False)
    starts_group: bool = False
    title_now: Callable[[], str] | None = field(default=None, compare=False)
    group: int = 0
    choices: Callable[[], Sequence[Choice]] | None = field(default=None, compare=False)
    for_one: Callable[[Any], object] | None = field(default=None, compare=False)
    list_key: str = ""
    why_not: Callable[[], str] | None = field(default=None, compare=False)

    @property
    def shown_title(self) -> str:
        """The title at this moment."""
        return self.title if self.title_now is None else self.title_now()

    @property
    def keys(self) -> tuple[str, ...]:
        return split_keys(self.key)

    @property
    def can_be_done(self) -> bool:
        return self.slot is not None and self._is_on

    @property
    def can_be_shown(self) -> bool:
        """As an entry of a menu that is not grey."""
        return self.can_be_done or self.choices is not None and self._is_on and bool(self.choices())

    @property
    def reason(self) -> str:
        """Why it cannot be done now, where that can be told."""
        return "" if self.why_not is None else self.why_not()

    @property
    def _is_on(self) -> bool:
        return (self.is_enabled is None or self.is_enabled()) and not self.reason

    def entries(self) -> Iterator[Action]:
        """What of it can be done right now: itself, or one act for each choice."""
        if self.choices is not None:
            for number, choice in enumerate(self.choices() if self._is_on else ()):
                title = text("window.act_with_choice", act=self.title.rstrip("…"), choice=choice.title)
                yield replace(self, name=f"{self.name}.{number}", title=title, slot=choice.slot, choices=None,
                              is_enabled=None, why_not=None)
        elif self.can_be_done:
            yield self


def split_keys(keys: str) -> tuple[str, ...]:
    """The shortcuts of a text such as “Ctrl+Shift+Z; Ctrl+Y”."""
    return tuple(key.strip() for key in keys.split("; ") if key.strip())


def find_shared_keys(actions: Iterable[Action]) -> dict[str, list[Action]]:
    """The keys that more than one act wants, with these acts."""
    wanted: dict[str, list[Action]] = {}
    for action in actions:
        for key in action.keys:
            wanted.setdefault(QKeySequence(key).toString() or key, []).append(action)
    return {key: found for key, found in wanted.items() if len(found) > 1}


class ActionTable(QObject):
    """All acts of the window.

    Args:
        window: Where the keys are heard.
        chosen: Keys that a person chose in place of an act's own, by the name of the act.

    Signals:
        changed: Acts were added.
    """

    changed = Signal()

    def __init__(self, window: QWidget, chosen: Mapping[str, str] | None = None) -> None:
        super().__init__(window)
        self._window, self._chosen = window, dict(chosen or {})
        self._declared: dict[str, Action] = {}
        self._rows: dict[str, tuple[Action, QAction | None]] = {}

    def add(self, actions: Iterable[Action]) -> None:
        """Add acts; their keys are heard from now on.

        Raises:
            ValueError: A name or a key is taken (a fault of the program).
        """
        for action in actions:
            self._refuse_twins(action)
            self._declared[action.name] = action
            shown = action if not self._chosen else replace(action, key="; ".join(self._keys_for(action)))
            is_shown = action.slot is not None or action.choices is not None
            self._rows[action.name] = (shown, self._build_action(shown) if is_shown else None)
        self.changed.emit()

    def clear(self, chosen: Mapping[str, str]) -> None:
        """Forget all acts, because the window is built anew, with these chosen keys."""
        for _, qt_action in self._rows.values():
            if qt_action is not None:
                if (submenu := qt_action.menu()) is not None:
                    submenu.deleteLater()
                self._window.removeAction(qt_action)
                qt_action.deleteLater()
        self._rows, self._declared, self._chosen = {}, {}, dict(chosen)

    def declared(self) -> tuple[Action, ...]:
        """The acts with the keys that they have by default."""
        return tuple(self._declared.values())

    def all(self) -> tuple[Action, ...]:
        """In the order in which they were added."""
        return tuple(action for action, _ in self._rows.values())

    def doable(self) -> tuple[Action, ...]:
        """What can be done right now."""
        return tuple(entry for action in self.all() for entry in action.entries())

    def qt_action(self, name: str) -> QAction:
        """For a tool button that does the same."""
        qt_action = self._rows[name][1]
        assert qt_action is not None, f"{name} is done by a widget"
        return qt_action

    def do(self, name: str) -> None:
        """Do an act if it can be done now."""
        action = self._rows[name][0]
        if action.can_be_done and action.slot is not None:
            action.slot()

    def fill_menu_bar(self, bar: QMenuBar) -> None:
        """Build the menus anew."""
        bar.clear()
        for name in MENUS:
            rows = [(a, q) for a, q in self._rows.values() if a.menu == name and q is not None]
            if rows:
                rows.sort(key=lambda row: row[0].group)
                menu = _ReasonedMenu(menu_title(name, is_plain=False), bar)
                bar.addMenu(menu)
                self._fill_menu(menu, rows)

    def build_menu(self, names: Iterable[MenuEntry], parent: QWidget, *, of: object = None) -> QMenu:
        """A context menu, gone when it is closed.

        Args:
            names: Of acts, in the order in which they are shown; "" for a separator, the code of a title with names
                for a submenu. Unknown ones are left out.
            parent: Where the menu is opened.
            of: The thing that it belongs to, for acts that have `for_one`; None for what is chosen.
        """
        menu = _ReasonedMenu("", parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = []
        for name in names:
            if isinstance(name, tuple):
                inner = self.build_menu(name[1:], menu, of=of)
                inner.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
                inner.setTitle(text(name[0]))
                menu.addMenu(inner)
                continue
            action, qt_action = self._rows.get(name, (None, None))
            if action is not None and action.for_one is not None and of is not None:
                _add_for_one(menu, action, of)
            elif action is not None and qt_action is not None:
                rows.append((action, qt_action))
                menu.addAction(qt_action)
            elif not name:
                menu.addSeparator()
        self._watch_menu(menu, rows)
        return menu

    def _fill_menu(self, menu: QMenu, rows: list[tuple[Action, QAction]]) -> None:
        group = rows[0][0].group
        for action, qt_action in rows:
            if action.starts_group or action.group != group:
                menu.addSeparator()
            group = action.group
            menu.addAction(qt_action)
        self._watch_menu(menu, rows)

    def _watch_menu(self, menu: QMenu, rows: list[tuple[Action, QAction]]) -> None:
        menu.aboutToShow.connect(lambda: _refresh(rows))
        menu.aboutToHide.connect(lambda: _enable(rows))

    def _build_action(self, action: Action) -> QAction:
        qt_action = QAction(action.title, self._window)
        qt_action.setObjectName(action.name)
        qt_action.setShortcuts([QKeySequence(key) for key in action.keys])
        qt_action.setCheckable(action.is_checked is not None)
        if action.icon:
            qt_action.setIcon(icon(action.icon))
            qt_action.setIconVisibleInMenu(True)
        if action.choices is not None:
            submenu = QMenu(self._window)
            submenu.aboutToShow.connect(lambda: _offer(submenu, action))
            qt_action.setMenu(submenu)
        qt_action.triggered.connect(lambda: self.do(action.name))
        self._window.addAction(qt_action)
        return qt_action

    def _refuse_twins(self, action: Action) -> None:
        if action.name in self._rows:
            raise ValueError(f"two acts are called {action.name}")
        taken = {key: other.name for other in self._declared.values() for key in other.keys}
        for key in action.keys:
            if key in taken:
                raise ValueError(f"{action.name} and {taken[key]} both want the key {key}")

    def _keys_for(self, action: Action) -> tuple[str, ...]:
        """The chosen keys of an act, or its own that nobody chose for another."""
        if action.name in self._chosen:
            taken = {key for other in self.all() for key in other.keys}
            return tuple(key for key in split_keys(self._chosen[action.name]) if key not in taken)
        taken = {key for name, keys in self._chosen.items() if name != action.name for key in split_keys(keys)}
        return tuple(key for key in action.keys if key not in taken)


class _ReasonedMenu(QMenu):
    """Says under the pointer why an entry is grey."""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            entry = self.actionAt(event.pos())
            QToolTip.showText(event.globalPos(), str(entry.property(REASON) or "") if entry is not None else "", self)
            return True
        return super().event(event)


def _refresh(rows: list[tuple[Action, QAction]]) -> None:
    for action, qt_action in rows:
        qt_action.setEnabled(action.can_be_shown)
        qt_action.setProperty(REASON, action.reason)
        if action.title_now is not None:
            qt_action.setText(action.shown_title.replace("&", "&&"))
        if action.is_checked is not None:
            qt_action.setChecked(action.is_checked())


def _enable(rows: list[tuple[Action, QAction]]) -> None:
    """A key must reach `do`, which asks again: what was impossible when the menu opened may be possible now."""
    for _, qt_action in rows:
        qt_action.setEnabled(True)


def _offer(menu: QMenu, action: Action) -> None:
    """Fill the submenu of an act with its choices as they are now."""
    menu.clear()
    for choice in action.choices() if action.choices is not None else ():
        entry = menu.addAction(choice.title.replace("&", "&&"))
        entry.setCheckable(choice.is_checked is not None)
        entry.setChecked(bool(choice.is_checked))
        entry.triggered.connect(lambda _=False, slot=choice.slot: slot())


def _add_for_one(menu: QMenu, action: Action, of: object) -> None:
    """An act for one thing, which the table's own entry would have to ask for."""
    entry = menu.addAction(action.title + (f"\t{action.list_key}" if action.list_key else ""))
    entry.setObjectName(action.name)
    if action.icon:
        entry.setIcon(icon(action.icon))
    entry.setEnabled(action.can_be_done)
    entry.setProperty(REASON, action.reason)
    act = action.for_one
    assert act is not None
    entry.triggered.connect(lambda: act(of))

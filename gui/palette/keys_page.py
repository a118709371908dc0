"""The page of all keys for people who read documents: the same table as the ? dialog, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from gui.actions import MENUS, Action

HEAD = """# Keys

Every act of the window that has a key, by menu. ? shows the same list in the window, and Ctrl+K finds every
act by its name, with or without a key. On a Mac, Ctrl is ⌘. The key of a class stands in front of its name.
"""


def keys_page(actions: Sequence[Action]) -> str:
    """The whole page; acts without a menu come under “Anywhere”."""
    groups: dict[str, list[Action]] = {}
    for action in sorted(actions, key=lambda a: MENUS.index(a.menu) if a.menu in MENUS else len(MENUS)):
        if action.keys:
            groups.setdefault(action.menu or "Anywhere", []).append(action)
    parts = [HEAD, *(_table(title, acts) for title, acts in groups.items())]
    return "\n".join(parts)


def _table(title: str, actions: Sequence[Action]) -> str:
    rows = [f"| {' / '.join(f'`{key}`' for key in action.keys)} | {action.title} |" for action in actions]
    return "\n".join([f"## {title}", "", "| keys | what happens |", "|---|---|", *rows, ""])

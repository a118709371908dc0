"""What keys and menus do with flags and tags of the images that are selected; each act one undo step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from core.project.tag_names import FLAG, FLAGS, TAG, Key, say_flag
from core.project.tags import change_tags, count_among
from core.text import Message
from gui import messages
from gui.session import Session


def change(session: Session, image_ids: np.ndarray, *, add: Iterable[Key] = (), remove: Iterable[Key] = ()) -> int:
    """Give images flags and tags, or take them away, and tell of it; how many changed.

    Raises:
        InputError, ProjectReadOnly, StorageError, ProjectDamaged: See `core.project.tags.change_tags`.
    """
    n_changed = change_tags(session.project, image_ids, add=add, remove=remove)
    if n_changed:
        session.tags_changed.emit(image_ids)
    return n_changed


def has_flag(session: Session, image_ids: np.ndarray, flag: str) -> bool:
    """Whether all of some images, and there are any, have a flag."""
    return bool(len(image_ids)) and count_among(session.project, image_ids).get((FLAG, flag), 0) == len(image_ids)


def toggle_flag(session: Session, image_ids: np.ndarray, flag: str) -> None:
    """Flag images or, where all of them have the flag, take it away."""
    key, is_on = [(FLAG, flag)], has_flag(session, image_ids, flag)
    with messages.warned():
        n = change(session, image_ids, add=() if is_on else key, remove=key if is_on else ())
        if n > 1:
            what = "remove" if is_on else "add"
            messages.tell(Message(f"project.journal.{what}_flag", n=n, name=say_flag(flag)),
                          Message("widgets.undo_hint"))


def clear_flags(session: Session, image_ids: np.ndarray) -> None:
    """Take all flags away."""
    with messages.warned():
        change(session, image_ids, remove=[(FLAG, flag) for flag in FLAGS])


def add_tags(session: Session, image_ids: np.ndarray, names: Sequence[str]) -> bool:
    """Tag images; whether they could be."""
    with messages.warned():
        change(session, image_ids, add=[(TAG, name) for name in names])
        return True
    return False


def remove_tag(session: Session, image_ids: np.ndarray, name: str) -> None:
    """Take a tag away."""
    with messages.warned():
        change(session, image_ids, remove=[(TAG, name)])

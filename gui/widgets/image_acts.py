"""What is done to the images that are selected: label, accept, exclude, include, remove; each one undo step.

An act on several images says how many training and test images it touched, and asks before it touches both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.project.exclusion import BY_HAND, exclude_images, excluded_ids, include_images
from core.project.removal import remove_images
from core.text import Message, text
from core.workflow.touched import split_touched
from gui import messages
from gui.session import Session
from gui.widgets.mixed_parts import settle_parts

Change = Callable[[np.ndarray], int]


class ImageActs(QObject):
    """Acts on images.

    Args:
        session: Whose images they are.
        parent: Under whose window is asked.
        acting_ids: Gives what an act is meant for, (n_images,) int64.

    Signals:
        done(object ids, bool moves_on): an act was done to these, (n,) int64; whether one goes on to the next.
    """

    done = Signal(object, bool)

    def __init__(self, session: Session, parent: QWidget, acting_ids: Callable[[], np.ndarray]) -> None:
        super().__init__(parent)
        self._session, self._parent, self._acting_ids = session, parent, acting_ids

    def label(self, class_id: int) -> None:
        """Label them and go on."""
        row = self._session.find_class(class_id)
        self._settle("label", lambda ids: self._session.label(ids, class_id), moves_on=True,
                     name=row.name if row else "")

    def unlabel(self) -> None:
        """Take their labels away."""
        self._settle("unlabel", lambda ids: self._session.label(ids, None))

    def accept(self) -> None:
        """Take what the model says as label where it says something, and go on."""
        if self._session.run is None:
            messages.tell(text("widgets.nothing_to_accept"))
        else:
            self._settle("accept", self._session.accept_predictions, moves_on=True)

    def toggle_excluded(self) -> None:
        """Exclude them and go on; where all of them are excluded, let them take part again."""
        ids, out = self._acting_ids(), excluded_ids(self._session.project)
        if len(ids) and set(ids.tolist()) <= out:
            self.include()
        else:
            self._settle("exclude", partial(exclude, self._session), moves_on=True, ids=[
                i for i in ids.tolist() if i not in out])

    def include(self) -> None:
        """Let them take part again."""
        self._settle("include", lambda ids: self._session.change_images(
            ids, lambda some: include_images(self._session.project, some)))

    def remove(self) -> None:
        """Take them out of the project; their files stay."""
        self._settle("remove", self._remove, is_always_said=True)

    def _remove(self, ids: np.ndarray) -> int:
        n = remove_images(self._session.project, ids)
        self._session.images_were_changed()
        return n

    def _settle(
        self, what: str, change: Change, *, moves_on: bool = False, name: str = "", is_always_said: bool = False,
        ids: Sequence[int] | None = None,
    ) -> None:
        meant = self._acting_ids() if ids is None else np.array(ids, np.int64)
        if len(meant):
            settle_parts(self._session, self._parent, what, meant, lambda chosen: self._do(
                what, change, chosen, moves_on, name, is_always_said))

    def _do(
        self, what: str, change: Change, ids: np.ndarray, moves_on: bool, name: str, is_always_said: bool
    ) -> None:
        with messages.warned():
            said = split_touched(self._session.project, ids).words
            n_changed = change(ids)
            self.done.emit(ids, moves_on)
            if n_changed and (is_always_said or len(ids) > 1):
                messages.tell(Message(f"widgets.did.{what}", images=said, name=name), Message("widgets.undo_hint"))


def exclude(session: Session, image_ids: np.ndarray, reason: str = BY_HAND) -> int:
    """Exclude images through the session, which tells of it; how many changed.

    Raises:
        ProjectReadOnly, StorageError, ProjectDamaged: Nothing was changed.
    """
    return session.change_images(image_ids, lambda ids: exclude_images(session.project, ids, reason))

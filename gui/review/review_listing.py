"""The images of the Review page: those of one mode, until another filter leads elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.runs.predictions import OUT_OF_FOLD
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.workflow.confusion import predicted_classes
from core.text import text
from gui.widgets.background_query import Question
from gui.widgets.listing import Listing
from gui.session import Session


class Mode(StrEnum):
    """Which images the page shows."""

    MISTAKES = "mistakes"
    CELL = "cell"
    TEST = "test"
    CHANGES = "changes"
    LIST = "list"
    READING = "reading"


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What a mode lets through, beside the filter that people see.

    Attributes:
        mode: The mode.
        which: Its filter; without `run_id` and `kind`, which follow from the run and the mode.
        order, is_descending: As in `image_ids`.
        among: These images only, (n_images,) int64; None for any.
        by_class: Those of one predicted class stand together.
        is_test: Of the labelled test set; `among` names its images.
        name: What a list of images is.
        list_name: The code of a list of mistakes; see `core.workflow.mistake_lists`.
    """

    mode: Mode
    which: ImageFilter = ImageFilter(status=None)
    order: str = "name"
    is_descending: bool = False
    among: np.ndarray | None = None
    by_class: bool = False
    is_test: bool = False
    name: str = ""
    list_name: str = ""

    @property
    def place(self) -> tuple[object, ...]:
        """Tells scopes apart whose images one goes through by themselves."""
        is_of_ids = not self.list_name and not self.is_test and self.among is not None
        among = self.among.tobytes() if is_of_ids and self.among is not None else b""
        return self.mode, self.which, self.is_test, self.list_name, self.by_class, among

    @property
    def kind(self) -> int | None:
        """The matrix counts what was judged without having been seen, so its lists do too."""
        if self.which.kind is not None:
            return self.which.kind
        return None if self.mode in (Mode.TEST, Mode.LIST) or self.is_test else OUT_OF_FOLD

    def allows(self, which: ImageFilter) -> bool:
        """Does a filter only narrow what this mode shows?"""
        plain = ImageFilter(status=None)
        parts = (f.name for f in fields(ImageFilter) if getattr(self.which, f.name) != getattr(plain, f.name))
        return all(getattr(which, part) == getattr(self.which, part) for part in parts)


class ReviewListing(Listing):
    """A listing that knows modes.

    Signals:
        scope_changed: Another mode, or none: another filter has led out of it.
    """

    scope_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, ImageFilter(status=None), parent=parent)
        self.scope: Scope | None = None

    @property
    def own_order(self) -> str:
        return text("window_review.order_by_class") if self.scope is not None and self.scope.by_class else ""

    def show_scope(self, scope: Scope) -> None:
        """Show what a mode shows."""
        self.scope = scope
        self.show(scope.which, order=scope.order, is_descending=scope.is_descending)
        self.scope_changed.emit()

    def sort(self, order: str, *, is_descending: bool = False) -> None:
        """Set the order; it takes the place of the order by class."""
        if self.scope is not None and self.scope.by_class:
            self.scope = replace(self.scope, by_class=False)
            self.scope_changed.emit()
        super().sort(order, is_descending=is_descending)

    def _settle(self) -> None:
        if self.scope is not None and not self.scope.allows(self.which):
            self.scope = None
            self.scope_changed.emit()
        super()._settle()

    def _question(self) -> Question:
        scope, run = self.scope, self._session.run
        if scope is None or run is None:
            return super()._question()
        which = replace(self.which, run_id=run.id, kind=scope.kind)
        order, is_descending = self.order, self.is_descending
        place = {row.id: at for at, row in enumerate(self._session.classes)}

        def ask(project: Project) -> np.ndarray:
            ids = image_ids(project, which, order=order, is_descending=is_descending)
            if scope.among is not None:
                ids = ids[np.isin(ids, scope.among)]
            if scope.by_class:
                ids = ids[np.argsort(_places(predicted_classes(project, run.id, ids), place), kind="stable")]
            return ids

        return ask


def _places(class_ids: np.ndarray, place: Mapping[int, int]) -> np.ndarray:
    """Where each class stands in the list of classes, (n_images,) int64; deleted ones last."""
    found, inverse = np.unique(class_ids, return_inverse=True)
    places = np.array([place.get(int(i), len(place)) for i in found], np.int64)
    return places[inverse] if len(found) else class_ids

"""The images behind one finding, in its order: the worst first, twins beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject

from core.project.project import Project
from core.project.queries import ImageFilter
from gui.widgets.background_query import Question
from gui.widgets.listing import Listing
from gui.session import Session

OWN_ORDER = "name"
"""As long as nobody asked for another order, the finding's own is shown."""


class FindingListing(Listing):
    """A listing over the images of a finding; filters narrow it."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, ImageFilter(status=None), parent=parent)
        self._among = np.empty(0, np.int64)
        self._is_sorted = False

    @property
    def own_order(self) -> str:
        return "" if self._is_sorted else self.tr("Gravest first")

    def show_images(self, image_ids: Sequence[int]) -> None:
        """Show these, in this order."""
        self._among, self._is_sorted = np.array(image_ids, np.int64), False
        self.show(self.start, order=OWN_ORDER)

    def replace_images(self, image_ids: Sequence[int]) -> None:
        """The same finding now has these; place and filter stay."""
        self._among = np.array(image_ids, np.int64)
        self.refresh()

    def sort(self, order: str, *, is_descending: bool = False) -> None:
        """Set the order in place of the finding's own."""
        self._is_sorted = True
        super().sort(order, is_descending=is_descending)

    def _question(self) -> Question:
        among, is_sorted, which = self._among, self._is_sorted, super()._question()

        def ask(project: Project) -> np.ndarray:
            ids: np.ndarray = which(project)
            return ids[np.isin(ids, among)] if is_sorted else among[np.isin(among, ids)]

        return ask

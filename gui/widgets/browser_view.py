"""What a browser shows, to be handed to its successor when the window is built anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt

from core.project.queries import ImageFilter
from gui.widgets.browser import ImageBrowser
from gui.widgets.ranking import Ranking


@dataclass(frozen=True, slots=True, eq=False)
class BrowserView:
    """Filter, order and selection of a browser.

    Attributes:
        which, order, is_descending: Of the listing.
        current_id: The current image, or None.
        selected_ids: (n,) int64.
        is_table, is_loupe: Which view is in sight.
        ranking: A list with an order of its own, or None.
    """

    which: ImageFilter
    order: str
    is_descending: bool
    current_id: int | None
    selected_ids: np.ndarray
    is_table: bool
    is_loupe: bool
    ranking: Ranking | None = None

    @classmethod
    def of(cls, browser: ImageBrowser) -> BrowserView:
        """What is shown now."""
        listing, selection = browser.listing, browser.selection
        return cls(listing.which, listing.order, listing.is_descending, selection.current_id(),
                   selection.selected_ids(), browser.is_table, browser.is_loupe_open,
                   listing.ranking if listing.own_order else None)

    def restore(self, browser: ImageBrowser, *, with_filter: bool = True) -> None:
        """Show it; a large catalog answers later.

        Args:
            browser: Of the same project.
            with_filter: Set filter and order too; not where the page has set its own already.
        """
        if with_filter:
            if self.ranking is not None:
                browser.listing.show_ranking(self.ranking)
            else:
                browser.listing.show(self.which, order=self.order, is_descending=self.is_descending)
        if browser.listing.is_asking:
            browser.listing.changed.connect(lambda: self._select(browser), Qt.ConnectionType.SingleShotConnection)
        else:
            self._select(browser)

    def _select(self, browser: ImageBrowser) -> None:
        row = browser.model.row_of(self.current_id) if self.current_id is not None else None
        if row is not None:
            browser.selection.set_current_row(row)
            if len(self.selected_ids) > 1:
                browser.selection.select_ids(self.selected_ids)
                browser.selection.setCurrentIndex(
                    browser.model.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        if self.is_table:
            browser.show_table(True)
        if self.is_loupe:
            browser.open_loupe()

"""What the bar over the images says of a listing (filter, order, count), and what it asks of it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.text import Message, text
from gui.session import Session
from gui.widgets.browser_bar import BrowserBar
from gui.widgets.filters import Chip, chips_of, fill_filter_menu
from gui.widgets.image_model import ImageModel
from gui.widgets.image_query import ImageQuery, is_narrowed, saved_query, without
from gui.widgets.listing import Listing


class ListingBar(QObject):
    """Keeps a bar and a listing in step.

    Args:
        session: The open project.
        listing: What the bar is over.
        model: Has as many rows as the bar says.
        bar: Is filled; what it asks for is asked of the listing.

    Signals:
        query_chosen(ImageQuery): A saved filter was chosen from the menu.
        chip_removed(): A part of the filter was taken away.
    """

    query_chosen = Signal(object)
    chip_removed = Signal()

    def __init__(self, session: Session, listing: Listing, model: ImageModel, bar: BrowserBar) -> None:
        super().__init__(bar)
        self._session, self._listing, self._model, self._bar = session, listing, model, bar
        bar.text_asked.connect(self._on_bar_text_asked)
        bar.order_asked.connect(self._on_bar_order_asked)
        bar.chips.removed.connect(self._on_chips_removed)
        bar.filter_menu.aboutToShow.connect(self._on_filter_menu_about_to_show)

    def show(self) -> None:
        """Say by what the images are narrowed and ordered, and how many they are."""
        listing = self._listing
        self._bar.chips.show_chips(self.chips() if self._session.is_open else [])
        self._bar.show_text(listing.which.text)
        has_run = self._session.run is not None
        self._bar.show_order(
            listing.order, is_descending=listing.is_descending, has_run=has_run, own=listing.own_order)
        self.show_count()

    def show_count(self) -> None:
        """Say how many images there are, and of how many."""
        n, which = self._model.rowCount(), self._listing.which
        words = text("text.images", n=n)
        if is_narrowed(which, self._listing.start) and self._session.is_open:
            everything = Message("text.images", n=self._session.counts.n_images)
            words = text("widgets.images_of_all", shown=n, images=everything)
        self._bar.count.setText(words)

    def chips(self) -> list[Chip]:
        """Of the filter in force; a list with an order of its own has its title."""
        ranking, chips = self._listing.ranking, chips_of(self._session, self._listing.which)
        if ranking is None:
            return chips
        return [replace(one, text=str(ranking.title)) if one.part == "image_ids" else one for one in chips]

    def narrow(self, **parts: object) -> None:
        """Add parts to the filter, or take them away; without any it is what it began with."""
        start = self._listing.start
        now = ImageQuery(parts, adds=True).applied(start, self._listing.which)
        self._listing.show(now if is_narrowed(now, start) else start)

    def _on_bar_text_asked(self, wanted: str) -> None:
        self.narrow(text=wanted)

    def _on_bar_order_asked(self, order: str, is_descending: bool) -> None:
        self._listing.sort(order, is_descending=is_descending)

    def _on_chips_removed(self, part: str) -> None:
        self._listing.show(without(self._listing.which, part, self._listing.start))
        self.chip_removed.emit()

    def _on_filter_menu_about_to_show(self) -> None:
        fill_filter_menu(self._bar.filter_menu, self._session, self._listing.which, self.narrow,
                         lambda saved: self.query_chosen.emit(saved_query(saved)))

"""The image browser of every page: bar, grid or table, loupe, and words where there are no images.

Grid, table and loupe share one model and one selection. Only the visible browser tells the
session what is selected, and its listing sleeps while nobody looks.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.text import text
from gui import messages, theme
from gui.widgets.browser_bar import BrowserBar
from gui.widgets.layouts import column_of
from gui.widgets.ranking import Ranking, with_notes
from gui.widgets.tile import Tile, catalog_tiles
from gui.widgets.label_keys import ClassKeys
from gui.widgets.empty_state import EmptyState, EmptyWords, empty_words
from gui.widgets.grid_view import DEFAULT_SIDE_PX, GridView
from gui.widgets.heat_maps import HeatMaps
from gui.widgets.image_acts import ImageActs
from gui.widgets.image_model import Column, ImageModel
from gui.widgets.listing import BY_PREDICTION, Listing
from gui.widgets.listing_bar import ListingBar
from gui.widgets.image_query import ImageQuery
from gui.widgets.loupe import Loupe
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.table_view import TableView
from gui.widgets.thumbnails import ThumbnailCache
from gui.widgets.tile_caption import Captions
from gui.preferences import Preferences
from gui.session import Session

ORDER_OF_COLUMN = {
    Column.NAME: "name", Column.CONFIDENCE: "confidence", Column.LOSS: "loss", Column.SIZE: "pixels",
}


_TOUCHES = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)


class ImageBrowser(QWidget):
    """Images of the open project under one filter and order.

    Args:
        session: The open project.
        thumbnails: The one pool of thumbnails.
        preferences: Keeps the size of the tiles under `name`; None to keep nothing.
        listing: Which images; one over all by default.
        name: Known to code ("library").
        tile_px: Size of the tiles until a person chooses another.
        heat: Where heat maps come from; None for none.

    Attributes:
        acts: What is done to the images that are selected.
        listing_bar: What the bar says and asks.

    Signals:
        empty_acted(): the button under the page's own words for "nothing here" was clicked.
        labelled(object ids): a key or an act labelled or excluded these, (n,) int64.
    """

    empty_acted = Signal()
    labelled = Signal(object)

    def __init__(
        self, session: Session, thumbnails: ThumbnailCache, *, preferences: Preferences | None = None,
        listing: Listing | None = None, name: str = "library", tile_px: int = DEFAULT_SIDE_PX,
        heat: HeatMaps | None = None, parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._thumbnails, self._preferences, self._name = session, thumbnails, preferences, name
        self.listing = listing or Listing(session, parent=self)
        self.model = ImageModel(self._tiles, self)
        self.selection = ImageSelectionModel(self.model)
        self._heat = heat
        self.grid = GridView(self.model, self.selection, thumbnails, heat)
        self.bar = BrowserBar(self.grid, heat)
        self.listing_bar = ListingBar(session, self.listing, self.model, self.bar)
        self._table: TableView | None = None
        self._loupe: Loupe | None = None
        self._tile_px = tile_px
        self._empty, self._empty_words = EmptyState(""), EmptyWords()
        self._is_table, self._is_new_list, self._is_untouched = False, True, True
        self._first_id: int | None = None
        self._stack = QStackedWidget()
        self._keys = ClassKeys(session, self)
        self.acts = ImageActs(session, self, self.acting_ids)
        self._build()
        self._connect()
        self.listing.refresh()
        self._show_bar()

    # ── what is shown ────────────────────────────────────────────────────

    @property
    def is_table(self) -> bool:
        return self._is_table

    @property
    def is_loupe_open(self) -> bool:
        return self._loupe is not None and self._stack.currentWidget() is self._loupe

    @property
    def loupe(self) -> Loupe | None:
        """Once it was opened."""
        return self._loupe

    def show_query(self, query: ImageQuery) -> None:
        """Show what was asked for, and take the keyboard."""
        which = query.applied(self.listing.start, self.listing.which)
        order, is_descending = query.order, query.is_descending
        if order is None and not query.adds and self.listing.order in BY_PREDICTION:
            order, is_descending = "name", False  # that order came with a filter that is gone
        self.listing.show(which, order=order, is_descending=is_descending)
        self.take_keyboard()

    def show_ranking(self, ranking: Ranking) -> None:
        """Show images in an order of their own from the first on, and take the keyboard."""
        if self.is_loupe_open:
            self._on_loupe_closed()
        self.listing.show_ranking(ranking)
        if self.model.rowCount() and not self.listing.is_asking:
            self.selection.set_current_row(0)
            self.grid.scrollToTop()
        self.take_keyboard()

    def show_all(self) -> None:
        """Take every filter away."""
        self.show_query(ImageQuery())

    def refresh(self) -> None:
        """Ask again: what no longer fits the filter leaves the list."""
        self.listing.refresh()

    def show_table(self, is_table: bool) -> None:
        """Show the table, or the grid."""
        self._is_table = is_table
        self.bar.show_table(is_table)
        self._show_view()
        self.take_keyboard()

    def open_loupe(self) -> None:
        """Show the current image in full."""
        if self.selection.current_id() is None:
            return
        loupe = self._loupe or self._build_loupe()
        self._stack.setCurrentWidget(loupe)
        self.bar.setVisible(False)
        loupe.open()

    def say_when_empty(self, sentence: str, button: str = "") -> None:
        """The page's own words for a list that is empty without any filter; see `empty_acted`."""
        self._empty_words = EmptyWords(sentence, button)
        self._show_view()

    def take_keyboard(self) -> None:
        self._view().setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """End the threads of loupe and listing; called by itself when the program ends."""
        self.listing.end()
        if self._loupe is not None:
            self._loupe.close_files()
            self._loupe = None

    def is_image_at(self, place: QPoint) -> bool:
        """Whether a place of the screen lies on an image."""
        if self.is_loupe_open:
            return True
        view = self._view()
        return view.indexAt(view.viewport().mapFromGlobal(place)).isValid()

    def place_of_current(self) -> QPoint | None:
        """Where the current image is on the screen; None where it is out of sight."""
        view = self._view()
        rect = view.visualRect(self.selection.currentIndex())
        if self.is_loupe_open or not view.viewport().rect().contains(rect.center()):
            return None
        return view.viewport().mapToGlobal(rect.center())

    # ── acts on what is selected ─────────────────────────────────────────

    def acting_ids(self) -> np.ndarray:
        """What a key is meant for, (n,) int64: the image in the loupe, the selection, or the current one."""
        current = self.selection.current_id()
        alone = np.array([] if current is None else [current], np.int64)
        if self.is_loupe_open:
            return alone
        selected = self.selection.selected_ids()
        return selected if len(selected) else alone

    def label(self, class_id: int) -> None:
        """Label what is selected and move on to the next image."""
        self.acts.label(class_id)

    def unlabel(self) -> None:
        """Take the labels of what is selected away."""
        self.acts.unlabel()

    def accept(self) -> None:
        """Take what the model says as label where it says something, and move on."""
        self.acts.accept()

    def _on_acts_done(self, ids: np.ndarray, moves_on: bool) -> None:
        self.labelled.emit(ids)
        if moves_on:
            self._move_on()

    def _move_on(self) -> None:
        rows = self.selection.selected_rows()
        last = self.selection.currentIndex().row() if self.is_loupe_open or not len(rows) else int(rows[-1])
        if last + 1 < self.model.rowCount():
            self.selection.set_current_row(last + 1)

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        column_of(self.bar, (self._stack, 1), spacing=0, parent=self)
        for widget in (self.grid, self._empty):
            self._stack.addWidget(widget)
        if self._preferences is not None:
            self.grid.set_tile_side(self._preferences.number(f"tile_{self._name}", self._tile_px))
            self.grid.set_captions(Captions.read(self._preferences.captions))
        self._hear(self.grid)
        self.bar.search.installEventFilter(self)

    def _connect(self) -> None:
        session, bar = self._session, self.bar
        session.project_changed.connect(self._on_session_project_changed)
        self.listing.changed.connect(self._on_listing_changed)
        self.listing.filter_changed.connect(self._on_listing_filter_changed)
        session.labels_changed.connect(self.model.refresh)
        session.tags_changed.connect(self.model.refresh)
        for changed in (session.classes_changed, session.run_chosen):
            changed.connect(self.model.refresh)
            changed.connect(self._show_bar)
        self.selection.selected_ids_changed.connect(self._say_selection)
        self.selection.current_id_changed.connect(self._on_selection_current_id_changed)
        self.model.sort_requested.connect(self._on_model_sort_requested)
        self.grid.tile_side_changed.connect(self._on_grid_tile_side_changed)
        self._keys.class_asked.connect(self.label)
        self.acts.done.connect(self._on_acts_done)
        self._empty.acted.connect(self._on_empty_acted)
        bar.table_asked.connect(self.show_table)
        bar.left.connect(self.take_keyboard)
        self.listing_bar.chip_removed.connect(self.take_keyboard)
        self.listing_bar.query_chosen.connect(self.show_query)
        theme.application().aboutToQuit.connect(self.end)

    def _hear(self, view: GridView | TableView | Loupe) -> None:
        view.keys.relabel_requested.connect(self._on_keys_relabel_requested)
        view.keys.unlabel_requested.connect(self.unlabel)
        view.keys.accept_requested.connect(self.accept)
        if not isinstance(view, Loupe):
            view.keys.loupe_requested.connect(self.open_loupe)
            view.doubleClicked.connect(self.open_loupe)
            for touched in (view, view.viewport(), view.verticalScrollBar()):
                touched.installEventFilter(self)
        self._keys.watch(view)

    def _build_table(self) -> TableView:
        self._table = TableView(
            self.model, self.selection, self._thumbnails, asked_side_px=self.grid.shown_side)
        self._hear(self._table)
        self._stack.addWidget(self._table)
        self._show_header()
        return self._table

    def _build_loupe(self) -> Loupe:
        self._loupe = Loupe(self.model, self.selection, self._thumbnails, self._heat)
        self._hear(self._loupe)
        self._loupe.closed.connect(self._on_loupe_closed)
        self._stack.addWidget(self._loupe)
        return self._loupe

    def _tiles(self, ids: np.ndarray) -> list[Tile]:
        return with_notes(catalog_tiles(self._session, ids), self.listing.ranking)

    def _view(self) -> GridView | TableView:
        return (self._table or self._build_table()) if self._is_table else self.grid

    def _show_view(self) -> None:
        """Grid, table or the words for nothing; an open loupe stays while it has an image."""
        if not self.model.rowCount() and not self.listing.is_asking:
            self.bar.setVisible(True)
            words = empty_words(self._session, self.listing, self._empty_words)
            self._empty.say(words.sentence, words.button)
            self._stack.setCurrentWidget(self._empty)
        elif not self.is_loupe_open:
            self._stack.setCurrentWidget(self._view())

    def _show_bar(self) -> None:
        self.listing_bar.show()
        self._show_header()

    def _show_header(self) -> None:
        if self._table is not None:
            column = next((c for c, order in ORDER_OF_COLUMN.items() if order == self.listing.order), None)
            self._table.show_order(column, is_descending=self.listing.is_descending)

    def narrow(self, **parts: object) -> None:
        """Add parts to the filter, or take them away; without any it is what it began with."""
        self.listing_bar.narrow(**parts)

    # ── telling the session ──────────────────────────────────────────────

    def _say_selection(self) -> None:
        if self.isVisible():
            self._session.select(self.selection.selected_ids())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.listing.wake()
        self._say_selection()
        self._session.choose_image(self.selection.current_id())
        self._session.say_look(self.listing.which, self.listing.order)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.listing.sleep()

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_listing_changed(self) -> None:
        self.model.set_ids(self.listing.ids, keeps_place=not self._is_new_list)
        self._is_new_list = False
        current_id = self.selection.current_id()
        # while images come in and nobody has touched any, the first one is that of the whole list
        is_first = self._is_untouched and current_id == self._first_id and len(self.selection.selected_ids()) <= 1
        if self.model.rowCount() and (current_id is None or is_first):
            self.selection.set_current_row(0)
            self._first_id = self.selection.current_id()
            self.grid.scrollToTop()
        self._show_view()
        self.listing_bar.show_count()

    def _on_listing_filter_changed(self) -> None:
        self._is_new_list = True
        self._show_bar()
        if self.isVisible():
            self._session.say_look(self.listing.which, self.listing.order)

    def _on_session_project_changed(self) -> None:
        self._is_untouched = True

    def _on_selection_current_id_changed(self, image_id: int | None) -> None:
        if self.isVisible():
            self._session.choose_image(image_id)

    def _on_keys_relabel_requested(self, digit: int) -> None:
        """A digit that is the key of no class; those that are were taken before."""
        messages.tell(text("widgets.no_class_has_key", key=digit), text("widgets.assign_key"))

    def _on_model_sort_requested(self, column: int, is_descending: bool) -> None:
        order = ORDER_OF_COLUMN.get(Column(column))
        if order is None or (order in BY_PREDICTION and self._session.run is None):
            self._show_header()
            return
        self.listing.sort(order, is_descending=is_descending)

    def _on_grid_tile_side_changed(self, side_px: int) -> None:
        if self._preferences is not None:
            self._preferences.keep_number(f"tile_{self._name}", side_px)

    def _on_loupe_closed(self) -> None:
        self.bar.setVisible(True)
        self._stack.setCurrentWidget(self._view())
        self.take_keyboard()
        self.grid.scrollTo(self.selection.currentIndex())

    def _on_empty_acted(self) -> None:
        query = empty_words(self._session, self.listing, self._empty_words).query
        self.empty_acted.emit() if query is None else self.show_query(query)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc and ↓ in the search field lead back to the images; whoever touches these decides what is current."""
        if watched is not self.bar.search:
            self._is_untouched = self._is_untouched and event.type() not in _TOUCHES
            return False
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
                self.take_keyboard()
                return True
        return super().eventFilter(watched, event)

"""The bar above the images: filter, search, order, grid or table, tile size; below it chips and the count."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QTimer, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QSlider, QToolButton, QWidget

from core.text import text
from gui import theme
from gui.icons import icon_button
from gui.widgets.filters import FilterChips, order_titles
from gui.widgets.grid_view import MAX_SIDE_PX, MIN_SIDE_PX, GridView
from gui.widgets.heat_maps import HeatMaps
from gui.widgets.heat_painter import TileLegend
from gui.widgets.layouts import STRETCH, column_of, fill, row_of
from gui.widgets.listing import BY_PREDICTION

STEP_PX = 16
"""Of the size of tiles."""

SLIDER_PX, LEAST_SLIDER_PX = 88, 44
SEARCH_PX, SEARCH_MAX_PX, TYPING_MS = 110, 280, 250

# the style puts its little arrow over the text; a button that opens a menu shows so by its words
SHEET = "QToolButton::menu-indicator { image: none; width: 0; }"


class BrowserBar(QWidget):
    """Shows and asks; knows no catalog.

    Args:
        grid: Whose tiles the slider sizes.
        heat: The heat maps that the tiles may show; None for none.

    Signals:
        text_asked(str): text to search for, after typing has paused.
        order_asked(str order, bool is_descending): another order was chosen.
        table_asked(bool): show the table, or the grid.
        left(): Enter or Esc in the search field.
    """

    text_asked = Signal(str)
    order_asked = Signal(str, bool)
    table_asked = Signal(bool)
    left = Signal()

    def __init__(self, grid: GridView, heat: HeatMaps | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heat, self.legend = heat, TileLegend()
        self._order, self._is_descending, self._has_run, self._own = "name", False, False, ""
        self.filter_menu, self._order_menu = QMenu(self), QMenu(self)
        self.search = QLineEdit()
        self.chips = FilterChips()
        self.count = theme.caption_label("")
        self.slider = _build_slider(grid)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self._on_typing_timeout)
        self._build()
        if heat is not None:
            heat.switched.connect(self._show_legend)
        self._show_legend()

    # ── showing ──────────────────────────────────────────────────────────

    def show_order(self, order: str, *, is_descending: bool, has_run: bool, own: str = "") -> None:
        """Say what the images are ordered by, and whether orders that need a run can be had.

        Args:
            order: One of `core.project.queries.ORDERS`.
            is_descending: Largest first.
            has_run: Is a run chosen?
            own: Title of an order of the page's own that stands in place of all these.
        """
        self._order, self._is_descending, self._has_run, self._own = order, is_descending, has_run, own
        title, explanation, _ = order_titles()[order]
        self._order_button.setText(own or title)
        self._order_button.setToolTip(
            text("widgets.sort") if own else text("widgets.sort_tip", explanation=explanation))
        self._direction.setEnabled(not own)
        self._direction.setText("↓" if is_descending else "↑")
        words = text("widgets.descending") if is_descending else text("widgets.ascending")
        self._direction.setToolTip(words)
        self._direction.setAccessibleName(words)

    def show_text(self, wanted: str) -> None:
        """Say what is searched for, without asking."""
        if wanted != self.search.text() and not self._typing.isActive():
            with QSignalBlocker(self.search):
                self.search.setText(wanted)

    def show_table(self, is_table: bool) -> None:
        """Say which of the two is shown."""
        (self._table if is_table else self._grid).setChecked(True)
        self.slider.setEnabled(not is_table)
        self._show_legend()

    def _show_legend(self) -> None:
        """What the colours in the tiles mean, while there are any."""
        self.legend.setVisible(self._heat is not None and self._heat.is_in_tiles and not self._table.isChecked())

    def start_search(self) -> None:
        """Put the keyboard into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def open_order_menu(self) -> None:
        """Show the orders to choose from."""
        self._order_button.setFocus()
        self._order_button.showMenu()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        column_of(
            self._build_controls(), row_of((self.chips, 1), self.count), self.legend, spacing=theme.INSIDE,
            margins=(theme.BETWEEN, theme.BETWEEN, theme.BETWEEN, theme.INSIDE), parent=self
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Little room: the filter has its sign alone, and tiles are sized with Ctrl and the wheel."""
        buttons = (self._order_button, self._direction, self._grid, self._table)
        buttons_px = self._filter_px + sum(button.sizeHint().width() for button in buttons)
        is_narrow = self.width() < buttons_px + SEARCH_PX + SLIDER_PX + 9 * theme.INSIDE + 2 * theme.BETWEEN
        style = Qt.ToolButtonStyle
        self._filter.setToolButtonStyle(style.ToolButtonIconOnly if is_narrow else style.ToolButtonTextBesideIcon)
        self.slider.setVisible(not is_narrow)

    def _build_controls(self) -> QHBoxLayout:
        row = row_of(
            self._build_filter_button(), (self._build_search(), 1), (STRETCH, 1), self._build_order_button(),
            spacing=theme.INSIDE
        )
        self._direction = icon_button(
            "", text("widgets.reverse_order"), lambda: self.order_asked.emit(self._order, not self._is_descending))
        self._grid = self._toggle("library", text("widgets.as_grid"), False)
        self._table = self._toggle("list", text("widgets.as_table"), True)
        fill(row, self._direction, theme.INSIDE, self._grid, self._table, theme.INSIDE, self.slider)
        return row

    def _build_filter_button(self) -> QToolButton:
        button = self._filter = _menu_button("filter", text("widgets.add_filter"), self.filter_menu)
        button.setText(text("widgets.filter"))
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._filter_px = button.sizeHint().width()
        return button

    def _build_search(self) -> QLineEdit:
        self.search.setPlaceholderText(text("widgets.search_names"))
        self.search.setAccessibleName(text("widgets.search_image_names"))
        self.search.setToolTip(text("widgets.search_tip"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(SEARCH_PX)
        self.search.setMaximumWidth(SEARCH_MAX_PX)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.search.returnPressed.connect(self._on_search_return_pressed)
        return self.search

    def _build_order_button(self) -> QToolButton:
        self._order_button = _menu_button("sort", text("widgets.sort"), self._order_menu)
        self._order_button.setMaximumWidth(160)
        self._order_menu.aboutToShow.connect(self._on_order_menu_about_to_show)
        return self._order_button

    def _toggle(self, icon_name: str, words: str, is_table: bool) -> QToolButton:
        button = icon_button(icon_name, words, lambda: self.table_asked.emit(is_table))
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setChecked(not is_table)
        return button

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_order_menu_about_to_show(self) -> None:
        self._order_menu.clear()
        for order, (title, explanation, is_descending) in order_titles().items():
            if order == "uncertainty":
                self._order_menu.addSeparator()
            action = self._order_menu.addAction(title)
            action.setToolTip(explanation)
            action.setCheckable(True)
            action.setChecked(order == self._order and not self._own)
            action.setEnabled(self._has_run or order not in BY_PREDICTION)
            action.triggered.connect(
                lambda _=False, order=order, down=is_descending: self.order_asked.emit(order, down))
        self._order_menu.setToolTipsVisible(True)

    def _on_typing_timeout(self) -> None:
        self.text_asked.emit(self.search.text().strip())

    def _on_search_return_pressed(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._on_typing_timeout()
        self.left.emit()


def _menu_button(icon_name: str, words: str, menu: QMenu) -> QToolButton:
    button = icon_button(icon_name, words)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    button.setStyleSheet(SHEET)
    return button


def _build_slider(grid: GridView) -> QSlider:
    """Follows and moves the tile size of a grid, in logical pixels."""
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setAccessibleName(text("widgets.tile_size"))
    slider.setToolTip(text("widgets.tile_size_tip"))
    slider.setRange(MIN_SIDE_PX, MAX_SIDE_PX)
    slider.setSingleStep(STEP_PX)
    slider.setPageStep(2 * STEP_PX)
    slider.setMinimumWidth(LEAST_SLIDER_PX)
    slider.setMaximumWidth(SLIDER_PX)
    slider.setValue(grid.tile_side)
    slider.valueChanged.connect(grid.set_tile_side)
    grid.tile_side_changed.connect(slider.setValue)
    return slider

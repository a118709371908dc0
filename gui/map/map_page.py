"""The Map page: the embedding map, its legend, and beside it the grid of the images that are lit in it.

What is lit is what the grid lists: lasso and legend set parts of the grid's filter, whose chips take them away again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHideEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from core.project.queries import ImageFilter
from core.text import Message, render, text
from core.workflow.map_groups import NEEDS_RUN, Group, Grouping
from gui import messages, theme
from gui.map.hover_card import HoverCard
from gui.map.map_bar import MapBar
from gui.map.map_state import MapState
from gui.map.map_thumbnails import MapThumbnails
from gui.map.point_painter import PointStyle
from gui.map.scatter_view import ScatterView, Tool
from gui.pages import PageContext
from gui.widgets.browser import ImageBrowser
from gui.widgets.browser_view import BrowserView
from gui.widgets.class_style import BAR_CONTRAST, class_sign, shown_color
from gui.widgets.empty_state import EmptyState
from gui.widgets.label_keys import ClassKeys
from gui.widgets.labels import line, wrapped_caption
from gui.widgets.layouts import BAR, STRETCH, column_of, row_of
from gui.widgets.listing import Listing
from gui.widgets.row_list import Row, RowList

WIDE_PX, LEGEND_PX, TILE_PX = 900, 172, 96
"""From this width on the grid stands beside the map."""


@dataclass(frozen=True, slots=True)
class MapView:
    """What the page shows: colouring and images."""

    coloring: str
    images: BrowserView


class MapPage(QWidget):
    """Follows the session.

    Args:
        context: Session, runner, thumbnails and the window.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context, self._session = context, context.session
        self.state = MapState(self._session, context.runner, self)
        self._thumbnails = MapThumbnails(self._session, context.thumbnails, self)
        self.bar, self.legend = MapBar(), RowList(text("window_map.legend"))
        self.scatter = ScatterView(self._pixmaps)
        self.scatter.setAccessibleName(text("window_map.scatter"))
        self.card = HoverCard(self.scatter)
        self.browser = ImageBrowser(
            self._session, context.thumbnails, preferences=context.preferences,
            listing=Listing(self._session, ImageFilter(), self), name="map", tile_px=TILE_PX)
        self.said = wrapped_caption()
        self.nothing = EmptyState("")
        self._keys = ClassKeys(self._session, self)
        self._grouping = Grouping((), np.zeros(0, np.int64))
        self._stack, self._splitter = QStackedWidget(), QSplitter()
        self._build()
        self._connect()
        self._show_points()

    # ── acts ─────────────────────────────────────────────────────────────

    def arrange(self) -> None:
        """Make the map; where there is one, anew, and where images came since, only place these."""
        self.state.arrange(is_anew=bool(self.scatter.n_points) and not self.state.n_new)

    def color_by(self, coloring: str) -> None:
        """Colour the points by label, prediction …"""
        self.bar.show_coloring(coloring)
        self.state.color_by(coloring)

    def take_tool(self, tool: Tool) -> None:
        """Dragging does this from now on."""
        self.scatter.tool = tool
        self.bar.show_tool(tool)

    def choose_at(self, at: QPoint) -> bool:
        """Make the image below a pixel of the map the current one, unless it is selected; whether there is one."""
        place = self.scatter.place_at(QPointF(at))
        row = self._row_of(place)
        if row is None:
            return False
        if int(self.state.layout.image_ids[place]) not in self.browser.selection.selected_ids():
            self.browser.selection.set_current_row(row)
        return True

    def take_keyboard(self) -> None:
        """To the map, where there is one."""
        (self.scatter if self.scatter.isVisible() else self.browser).setFocus(Qt.FocusReason.OtherFocusReason)

    def view(self) -> MapView:
        """What is shown."""
        return MapView(self.state.coloring, BrowserView.of(self.browser))

    def restore_view(self, view: MapView) -> None:
        """Show it again."""
        self.color_by(view.coloring)
        view.images.restore(self.browser)

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        side = QWidget()
        side.setFixedWidth(LEGEND_PX)
        column_of(self.legend, STRETCH, margins=(0, theme.INSIDE, 0, 0), parent=side)
        plot, foot = QWidget(), QWidget()
        row_of((self.scatter, 1), side, spacing=0, parent=plot)
        row_of((self.said, 1), margins=BAR, parent=foot)
        self._foot = foot
        self._stack.addWidget(plot)
        self._stack.addWidget(self.nothing)
        left = QWidget()
        column_of(self.bar, line(), (self._stack, 1), foot, spacing=0, parent=left)
        self._splitter.addWidget(left)
        self._splitter.addWidget(self.browser)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        column_of(self._splitter, spacing=None, parent=self)

    def _connect(self) -> None:
        state, bar, scatter, session = self.state, self.bar, self.scatter, self._session
        state.points_changed.connect(self._show_points)
        state.points_moved.connect(self._move_points)
        state.groups_changed.connect(self._show_groups)
        state.changed.connect(self._say)
        bar.coloring_asked.connect(state.color_by)
        bar.run_asked.connect(session.choose_run)
        bar.tool_asked.connect(self.take_tool)
        bar.zoom_asked.connect(scatter.zoom)
        bar.fit_asked.connect(scatter.fit)
        bar.arrange_asked.connect(self.arrange)
        self.nothing.acted.connect(self.arrange)
        self.legend.chosen.connect(self._on_legend_chosen)
        scatter.hovered.connect(self._on_scatter_hovered)
        scatter.clicked.connect(self._on_scatter_clicked)
        scatter.opened.connect(self._on_scatter_opened)
        scatter.chosen.connect(self._on_scatter_chosen)
        scatter.cleared.connect(self._on_scatter_cleared)
        self._thumbnails.arrived.connect(self._on_thumbnails_arrived)
        self._keys.watch(scatter)
        self._keys.class_asked.connect(self.browser.label)
        self.browser.listing.changed.connect(self._show_lit)
        self.browser.selection.selected_ids_changed.connect(self._show_selected)
        self.browser.selection.current_id_changed.connect(self._show_selected)
        session.run_chosen.connect(self._show_runs)
        session.runs_changed.connect(self._show_runs)
        theme.current().changed.connect(self._show_groups)

    # ── what is shown ────────────────────────────────────────────────────

    def _show_points(self) -> None:
        self.card.hide()
        self.scatter.set_points(self.state.layout.xy)
        self._show_groups()
        self._show_lit()
        self._show_selected()
        self._say()

    def _move_points(self) -> None:
        self.card.hide()
        self.scatter.set_points(self.state.layout.xy)

    def _show_groups(self) -> None:
        self._grouping = grouping = self.state.grouping
        palette = self.palette()
        self.scatter.set_groups(grouping.of_image, [
            PointStyle(shown_color(group.color, palette, ratio=BAR_CONTRAST), group.sign)
            for group in grouping.groups])
        tip = text("window_map.legend_tip")
        self.legend.set_rows([
            Row(at, _say_title(group), group.n, class_sign(group.sign) if group.sign >= 0 else "●", group.color,
                tool_tip=tip)
            for at, group in enumerate(grouping.groups)])
        self._mark_legend()
        self._say()

    def _show_lit(self) -> None:
        self.scatter.set_lit(np.isin(self.state.layout.image_ids, self.browser.listing.ids))
        self._mark_legend()

    def _show_selected(self) -> None:
        ids = self.state.layout.image_ids
        self.scatter.set_selected(np.isin(ids, self.browser.selection.selected_ids()))
        current = self.browser.selection.current_id()
        found = np.flatnonzero(ids == (-1 if current is None else current))
        self.scatter.set_current(int(found[0]) if len(found) else -1)

    def _show_runs(self) -> None:
        self.bar.chooser.setVisible(bool(self._session.runs))
        self.bar.chooser.show_runs(self._session.runs, self._session.run)

    def _mark_legend(self) -> None:
        which = self.browser.listing.which
        self.legend.mark(frozenset(
            at for at, group in enumerate(self._grouping.groups) if group.parts and _holds(which, group)))

    def _say(self) -> None:
        state, has_points = self.state, bool(self.scatter.n_points)
        is_possible = self._session.is_open and self._session.counts.n_ok > 0
        self._stack.setCurrentIndex(0 if has_points else 1)
        self.bar.arrange.setEnabled(is_possible and not state.is_arranging)
        self.bar.arrange.setVisible(has_points)
        self.bar.enable_tools(has_points)
        code = "window_map.place_new" if state.n_new and has_points else "window_map.arrange_anew"
        self.bar.arrange.setText(text(code))
        if state.is_arranging:
            self.nothing.say(text("window_map.arranging"))
        elif is_possible:
            self.nothing.say(text("window_map.why", n=self._session.counts.n_ok), text("window_map.arrange"))
        else:
            self.nothing.say(text("window_map.no_images"))
        said = [*map(render, self._remarks())] if has_points else []
        self.said.setText(" ".join(said))
        self._foot.setVisible(bool(said))

    def _remarks(self) -> list[Message]:
        state = self.state
        found = [] if state.is_arranging else list(state.notes)
        if state.n_new:
            found.append(Message("window_map.new", n=state.n_new))
        if state.n_gone:
            found.append(Message("window_map.gone", n=state.n_gone))
        if state.coloring in NEEDS_RUN and self._session.run is None:
            found.append(Message("window_map.needs_run"))
        return found

    def _pixmaps(self, places: list[int]) -> dict[int, QPixmap]:
        ids = self.state.layout.image_ids[places].tolist()
        found = self._thumbnails.pixmaps(ids)
        return {place: found[image_id] for place, image_id in zip(places, ids, strict=True) if image_id in found}

    # ── hearing ──────────────────────────────────────────────────────────

    def _on_scatter_hovered(self, place: int) -> None:
        if not 0 <= place < len(self.state.layout.image_ids):
            self.card.hide()
            return
        image_id = int(self.state.layout.image_ids[place])
        pixmap = self._thumbnails.pixmaps([image_id]).get(image_id)
        self.card.show_tile(self._thumbnails.tile(image_id), pixmap, self.scatter.position_of(place))

    def _on_thumbnails_arrived(self) -> None:
        self.scatter.renew()
        if self.card.isVisible():
            self._on_scatter_hovered(self.scatter.hovered_place)

    def _on_scatter_clicked(self, place: int) -> None:
        row = self._row_of(place)
        if row is not None:
            self.browser.selection.set_current_row(row)

    def _on_scatter_opened(self, place: int) -> None:
        row = self._row_of(place)
        if row is not None:
            self.browser.selection.set_current_row(row)
            self.browser.open_loupe()

    def _row_of(self, place: int) -> int | None:
        if not 0 <= place < len(self.state.layout.image_ids):
            return None
        return self.browser.model.row_of(int(self.state.layout.image_ids[place]))

    def _on_scatter_chosen(self, places: np.ndarray, adds: bool) -> None:
        if not len(places):
            messages.tell(text("window_map.nothing_inside"))
            return
        ids = set(self.state.layout.image_ids[places].tolist())
        if adds:
            ids |= set(self.browser.listing.which.image_ids)
        self.browser.narrow(image_ids=tuple(sorted(ids)))

    def _on_scatter_cleared(self) -> None:
        if self.browser.listing.which.image_ids:
            self.browser.narrow(image_ids=())

    def _on_legend_chosen(self, at: object, adds: bool) -> None:
        group, which, start = self._grouping.groups[int(str(at))], self.browser.listing.which, ImageFilter()
        parts = dict(group.parts)
        if not parts:
            ids = self.state.layout.image_ids[self._grouping.of_image == at]
            parts = {"image_ids": tuple(ids.tolist())}
        if all(getattr(which, part) == value for part, value in parts.items()):
            self.browser.narrow(**{part: getattr(start, part) for part in parts})
            return
        if adds and isinstance(value := next(iter(parts.values())), tuple):
            part = next(iter(parts))
            now = getattr(which, part)
            parts[part] = tuple(v for v in now if v not in value) if set(value) <= set(now) else (*now, *value)
        self.browser.narrow(**parts)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_runs()
        self.bar.show_coloring(self.state.coloring)
        self.state.wake()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.state.sleep()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE_PX
        orientation = Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical
        if self._splitter.orientation() is not orientation or event.oldSize().width() <= 0:
            self._splitter.setOrientation(orientation)
            whole = self.width() if is_wide else self.height()
            self._splitter.setSizes([round(whole * 0.64), round(whole * 0.36)])


def _say_title(group: Group) -> str:
    return render(group.title) if isinstance(group.title, Message) else group.title


def _holds(which: ImageFilter, group: Group) -> bool:
    """Whether a filter lets this group through because of what it has in common."""
    for part, value in group.parts.items():
        now = getattr(which, part)
        if not (set(value) <= set(now) if isinstance(value, tuple) else now == value):
            return False
    return True

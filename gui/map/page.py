"""The Map page as the window knows it: its entry in the page switch, and its actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt

from core.project.tag_names import FLAGS
from core.text import text
from core.workflow.map_groups import COLORINGS, NEEDS_RUN
from gui.actions import Action, Choice, MenuEntry
from gui.map.map_page import MapPage
from gui.map.scatter_view import Tool
from gui.pages import Page, PageContext

NAME = "map"
IMAGE_ACTS: tuple[MenuEntry, ...] = (
    "image.loupe", "", "image.label", "image.accept", "image.unlabel", "", "image.exclude", "",
    ("window_library.flags", *(f"image.flag_{flag}" for flag in FLAGS), "", "image.clear_flags"), "image.tags", "",
)
MAP_ACTS = ("map.color", "map.tool", "map.fit", "", "map.arrange")
"""The context menu of the map: acts on images, where a point is below the pointer, and its own."""


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page(NAME, text("window_map.page"), "scatter", lambda: _build(context), "Ctrl+7")


def page_actions(context: PageContext) -> list[Action]:
    """Arranging the map from everywhere; colouring and tools while it is in sight."""
    session, bench = context.session, context.window.workbench

    def in_sight() -> MapPage | None:
        found = next((page for page in bench.findChildren(MapPage)), None)
        return found if found is not None and found.isVisible() else None

    def act(slot: Callable[[MapPage], object]) -> None:
        page = in_sight()
        if page is not None:
            slot(page)

    def has_map() -> bool:
        page = in_sight()
        return page is not None and page.scatter.n_points > 0

    def arrange() -> None:
        page = bench.go_to(NAME)
        assert isinstance(page, MapPage)
        page.arrange()

    def colorings() -> list[Choice]:
        page = in_sight()
        now = page.state.coloring if page is not None else ""
        return [Choice(text(f"window_map.by_{one}"), partial(act, partial(_color_by, one)), one == now)
                for one in COLORINGS if session.run is not None or one not in NEEDS_RUN]

    def tools() -> list[Choice]:
        page = in_sight()
        now = page.scatter.tool if page is not None else None
        return [Choice(text(f"window_map.tool_{one}"), partial(act, partial(_take_tool, one)), one is now)
                for one in Tool]

    return [
        Action("map.arrange", text("window_map.act_arrange"), "", arrange, "View", "scatter",
               lambda: session.is_open and session.counts.n_ok > 0, starts_group=True),
        Action("map.color", text("window_map.color_by"), "", None, "View", "", has_map, choices=colorings),
        Action("map.tool", text("window_map.tool"), "", None, "View", "", has_map, choices=tools),
        Action("map.fit", text("window_map.fit"), "", lambda: act(lambda page: page.scatter.fit()), "View", "fit",
               has_map),
    ]


def _build(context: PageContext) -> MapPage:
    page = MapPage(context)

    def open_menu(at: QPoint) -> None:
        is_on_image = page.choose_at(at)
        names = (*IMAGE_ACTS, *MAP_ACTS) if is_on_image else MAP_ACTS
        menu = context.window.actions_table.build_menu(names, page.scatter)
        menu.popup(page.scatter.mapToGlobal(at))

    page.scatter.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    page.scatter.customContextMenuRequested.connect(open_menu)
    return page


def _color_by(coloring: str, page: MapPage) -> None:
    page.color_by(coloring)


def _take_tool(tool: Tool, page: MapPage) -> None:
    page.take_tool(tool)

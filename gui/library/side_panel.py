"""The left panel: sources, classes and filters; a click filters the visible image browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from core.project.queries import ImageFilter
from core.text import text
from gui import theme
from gui.library.smart_filters import FilterCounts, standard_filters
from gui.library.importing import Importing
from gui.widgets.layouts import STRETCH, column_of
from gui.widgets.visible_browser import show_query
from gui.widgets.image_query import ImageQuery
from gui.widgets.row_list import PanelSection, Row, RowList
from gui.library.panel_sections import ClassSection, SourceSection
from gui.library.tag_section import TagSection

if TYPE_CHECKING:
    from gui.pages import PageContext


class SidePanel(QWidget):
    """Follows the session.

    Args:
        context: Session and jobs, and the window as parent of dialogs.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._session, self._window = context.session, context.window
        importing = Importing(context.session, context.jobs, context.window)
        self.sources = SourceSection(context.session, importing, context.window)
        self.classes = ClassSection(context.session, context.window)
        self.filters = PanelSection(text("window_library.filters"), RowList(text("window_library.filters")))
        self._filters = standard_filters(context.session)
        self.counts = FilterCounts(context.session, self._filters, self)
        self.tags = TagSection(context.session, context.window)
        self._build()
        self._connect()
        self._refresh_all()

    def _build(self) -> None:
        column_of(
            self.sources, self.classes, self.filters, self.tags, (STRETCH, 1000), spacing=theme.AROUND,
            margins=(0, theme.BETWEEN, 0, theme.BETWEEN), parent=self
        )

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._refresh_all)
        session.images_changed.connect(self.sources.refresh)
        session.classes_changed.connect(self.classes.refresh)
        session.labels_changed.connect(self.classes.refresh)
        session.run_chosen.connect(self._refresh_filters)
        session.look_changed.connect(self._on_session_look_changed)
        self.counts.changed.connect(self._refresh_filters)
        self.sources.rows.chosen.connect(lambda i, adds: self._ask("source_id", i, adds))
        self.classes.rows.chosen.connect(lambda i, adds: self._ask("class_ids", (i,), adds))
        self.filters.rows.chosen.connect(self._on_filters_chosen)

    def _refresh_all(self) -> None:
        self.sources.refresh()
        self.classes.refresh()
        self._refresh_filters()

    def _refresh_filters(self) -> None:
        self.filters.rows.set_rows([
            Row(f.name, f.title, self.counts.get(f.name), icon=f.icon, tool_tip=f.tool_tip) for f in self._filters
            if (self._session.run is not None or not f.needs_run)
            and (self.counts.get(f.name) or not f.hides_when_empty)
        ])

    def _ask(self, part: str, value: object, adds: bool) -> None:
        """A second click on what is shown alone takes it away."""
        query = self._session.look
        is_shown = query is not None and getattr(query[0], part) == value
        show_query(self._window, ImageQuery() if is_shown and not adds else ImageQuery({part: value}, adds=adds))

    def _on_filters_chosen(self, name: str, adds: bool) -> None:
        found = next(f for f in self._filters if f.name == name)
        show_query(self._window, replace(found.query, adds=adds))

    def _on_session_look_changed(self) -> None:
        which, order = self._session.look or (ImageFilter(), "name")
        self.sources.rows.mark(frozenset({which.source_id}))
        self.classes.rows.mark(frozenset(which.class_ids))
        self.filters.rows.mark(frozenset(f.name for f in self._filters if _is_shown(f.query, which, order)))


def _is_shown(query: ImageQuery, which: ImageFilter, order: str) -> bool:
    """Is this what the grid shows? Parts decide; the order only where there are no parts but good images."""
    seen = {k: v for k, v in query.parts.items() if (k, v) not in (("status", "ok"), ("is_excluded", False))}
    if not seen:
        return query.order == order
    return all(getattr(which, part) == value for part, value in seen.items())

"""Flags and tags in the left panel, with how many images have each; a click filters the images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, QTimer

from core.errors import AppError
from core.project.queries import ImageFilter, highest_id
from core.project.tag_names import FLAG, TAG, Key
from core.project.tags import TagCount, count_tags
from core.text import text
from gui.library.tag_actions import TAG_MENU
from gui.session import Session
from gui.widgets.background_query import BackgroundQuery
from gui.widgets.image_query import ImageQuery
from gui.widgets.listing import LARGE
from gui.widgets.row_list import PanelSection, Row, RowList
from gui.widgets.tag_signs import ICONS, TAG_ICON, flag_name
from gui.widgets.visible_browser import show_query

if TYPE_CHECKING:
    from gui.main_window import MainWindow

CALM_MS = 150
"""Quiet time before anything is counted anew: keys follow each other faster."""

N_LEAST = 4


class TagSection(PanelSection):
    """Hidden while no image has a flag or tag."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        title = text("window_library.flags_and_tags")
        super().__init__(title, RowList(title, n_least=N_LEAST))
        self._session, self._window = session, window
        self._query = BackgroundQuery(self._on_answer)
        self._timer = QTimer(self, singleShot=True, interval=CALM_MS)
        self._timer.timeout.connect(self.recount)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.end)
        session.project_changed.connect(self._on_session_project_changed)
        for changed in (session.tags_changed, session.images_changed):
            changed.connect(self._timer.start)
        session.look_changed.connect(self._on_session_look_changed)
        self.rows.chosen.connect(self._on_rows_chosen)
        self.rows.menu_asked.connect(self._on_rows_menu_asked)
        self.recount()

    def recount(self) -> None:
        """Count anew; in a large project in a thread."""
        if not self._session.is_open:
            self._show(())
        elif highest_id(self._session.project) > LARGE:
            self._query.ask(self._session.project.folder, count_tags)
        else:
            self._show(count_tags(self._session.project))

    def end(self) -> None:
        """End the thread that counts, if there is one."""
        self._query.end()

    def _show(self, found: tuple[TagCount, ...]) -> None:
        self.rows.set_rows([self._row(one) for one in found])
        self.setVisible(bool(found))

    def _row(self, one: TagCount) -> Row:
        key: Key = (one.kind, one.name)
        if one.kind == FLAG:
            name = flag_name(one.name)
            return Row(key, name, one.n_images, icon=ICONS[one.name],
                       tool_tip=text("window_library.flag_row_tip", flag=name))
        return Row(key, one.name, one.n_images, icon=TAG_ICON,
                   tool_tip=text("window_library.tag_tip", name=one.name))

    def _on_answer(self, answer: tuple[TagCount, ...] | AppError) -> None:
        if not isinstance(answer, AppError):  # whoever looks at a list is told
            self._show(answer)

    def _on_session_project_changed(self) -> None:
        self._query.forget()
        self.recount()

    def _on_rows_chosen(self, key: Key, adds: bool) -> None:
        """A second click on what is shown alone takes it away; with Ctrl several narrow together."""
        part, names = f"{key[0]}s", (key[1],)
        look = self._session.look
        shown: tuple[str, ...] = getattr(look[0], part) if look is not None else ()
        if not adds:
            show_query(self._window, ImageQuery() if shown == names else ImageQuery({part: names}))
            return
        rest = tuple(name for name in shown if name != key[1])
        show_query(self._window, ImageQuery({part: rest if key[1] in shown else (*shown, *names)}, adds=True))

    def _on_rows_menu_asked(self, key: Key, at: QPoint) -> None:
        if key[0] == TAG:
            self._window.actions_table.build_menu(TAG_MENU, self, of=key[1]).popup(at)

    def _on_session_look_changed(self) -> None:
        which = self._session.look[0] if self._session.look is not None else ImageFilter()
        self.rows.mark(frozenset({*((FLAG, name) for name in which.flags), *((TAG, name) for name in which.tags)}))

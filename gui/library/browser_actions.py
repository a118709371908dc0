"""The actions on images; each goes to the visible image browser. Those on flags and tags are in `tag_actions`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from core.project.exclusion import excluded_ids
from core.project.rows import image_row
from core.text import text
from gui import messages
from gui.actions import Action, Choice
from gui.library.copying import PathCopier
from gui.widgets.browser import ImageBrowser
from gui.widgets.class_picker import ClassChooser
from gui.widgets.tile_caption import Captions
from gui.widgets.visible_browser import visible_browser
from gui.preferences import Preferences
from gui.session import Session

if TYPE_CHECKING:
    from gui.main_window import MainWindow

Act = Callable[[ImageBrowser], None]


def browser_actions(session: Session, window: MainWindow, preferences: Preferences) -> list[Action]:
    """What can be done with images, on whatever page they are."""
    builder = _Builder(session, window, preferences)
    return [*builder.label_actions(), *builder.file_actions(), *builder.view_actions(), *builder.key_hints()]


class _Builder:
    """Makes actions that ask for the browser when they are done."""

    def __init__(self, session: Session, window: MainWindow, preferences: Preferences) -> None:
        self._session, self._window, self._preferences = session, window, preferences
        self._copier = PathCopier(session, window)
        window.rebuilding.connect(self._copier.end)

    def label_actions(self) -> list[Action]:
        return [
            self._act("image.label", text("window_library.label_as"), "L", self._choose_class, "Image", "label"),
            self._act("image.accept", text("window_library.accept"), "", ImageBrowser.accept, "Image", "suggestion"),
            self._act("image.unlabel", text("window_library.remove_label"), "", ImageBrowser.unlabel, "Image"),
            replace(
                self._act("image.exclude", text("window_library.exclude"), "X", lambda b: b.acts.toggle_excluded(),
                          "Image", "excluded"),
                title_now=lambda: text(f"window_library.{'include' if self._are_out(all) else 'exclude'}")),
            replace(self._act("image.include", text("window_library.include"), "", lambda b: b.acts.include(),
                              "Image"), is_enabled=lambda: self._are_out(any) and not self._are_out(all)),
            self._act("image.remove", text("window_library.remove_images"), "", lambda b: b.acts.remove(), "Image"),
            self._act("image.loupe", text("window_library.open_loupe"), "", ImageBrowser.open_loupe, "Image", "loupe",
                      starts_group=True),
        ]

    def file_actions(self) -> list[Action]:
        return [
            self._act("image.select_all", text("window_library.select_all"), "Ctrl+A", lambda b: b.grid.selectAll(),
                      "Edit"),
            self._act("image.copy_path", text("window_library.copy_path"), "Ctrl+C; Ctrl+Shift+C",
                      lambda browser: self._copier.copy(browser.acting_ids()), "Image", "copy", starts_group=True),
            self._act("image.show_file", text("window_library.show_in_file_manager"), "", self._show_file, "Image",
                      "folder"),
        ]

    def view_actions(self) -> list[Action]:
        def act(
            name: str, title: str, key: str, do: Act, icon: str = "", *, starts_group: bool = False,
            needs_image: bool = False,
        ) -> Action:
            return self._act(name, title, key, do, "View", icon, starts_group=starts_group, needs_image=needs_image)

        return [
            act("view.find", text("window_library.find_by_name"), "F; Ctrl+F", lambda b: b.bar.start_search(),
                "search", starts_group=True),
            act("view.sort", text("window_library.sort"), "S", lambda b: b.bar.open_order_menu(), "sort"),
            act("view.all", text("widgets.show_all_images"), "Ctrl+0", ImageBrowser.show_all),
            act("view.refresh", text("window_library.apply_filter_again"), "F5", ImageBrowser.refresh),
            self._table_action(),
            Action("view.captions", text("window_library.captions"), "", None, "View", "label",
                   choices=self._caption_choices),
            act("view.larger", text("window_library.larger"), "Ctrl++; Ctrl+=", lambda b: b.grid.zoom(-1),
                needs_image=True),
            act("view.smaller", text("window_library.smaller"), "Ctrl+-", lambda b: b.grid.zoom(1), needs_image=True),
        ]

    def key_hints(self) -> list[Action]:
        """Keys that the views hear by themselves, for the overview of keys."""
        return [
            Action(f"image.key.{name}", title, key, None, "Image")
            for name, title, key in (
                ("label", text("window_library.label_key"), text("window_library.digits_or_letters")),
                ("accept", text("window_library.accept"), "Return"),
                ("unlabel", text("window_library.remove_label"), "Backspace"),
                ("loupe", text("window_library.loupe_key"), "Space"),
            )
        ]

    def _act(
        self, name: str, title: str, key: str, act: Act, menu: str, icon: str = "", *, starts_group: bool = False,
        needs_image: bool = True,
    ) -> Action:
        return Action(
            name, title, key, partial(self._do, act), menu, icon, starts_group=starts_group,
            is_enabled=partial(self._can_act, needs_image),
        )

    def _table_action(self) -> Action:
        return Action(
            "view.table", text("widgets.as_table"), "Ctrl+T",
            partial(self._do, lambda b: b.show_table(not b.is_table)), "View", "list",
            is_enabled=partial(self._can_act, False), is_checked=self._is_table,
        )

    def _caption_choices(self) -> list[Choice]:
        """What may stand below tiles, on or off."""
        now = Captions.read(self._preferences.captions)
        return [
            Choice(text(f"window_library.caption_{name}"), partial(self._toggle_caption, now, name),
                   getattr(now, name))
            for name in ("name", "label", "prediction", "tags")
        ]

    def _toggle_caption(self, now: Captions, name: str) -> None:
        wanted = replace(now, **{name: not getattr(now, name)})
        self._preferences.captions = str(wanted)
        for browser in self._window.findChildren(ImageBrowser):
            browser.grid.set_captions(wanted)

    def _do(self, act: Act) -> None:
        browser = visible_browser(self._window)
        if browser is not None:
            act(browser)

    def _can_act(self, needs_image: bool) -> bool:
        browser = visible_browser(self._window) if self._session.is_open else None
        return browser is not None and (not needs_image or browser.selection.current_id() is not None)

    def _are_out(self, which: Callable[[Iterable[bool]], bool]) -> bool:
        """Whether all, or any, of the images that an act is meant for are excluded."""
        browser = visible_browser(self._window) if self._session.is_open else None
        ids = browser.acting_ids().tolist() if browser is not None else []
        out = excluded_ids(self._session.project) if ids else frozenset()
        return bool(ids) and which(i in out for i in ids)

    def _is_table(self) -> bool:
        browser = visible_browser(self._window)
        return browser is not None and browser.is_table

    def _choose_class(self, browser: ImageBrowser) -> None:
        title = text("window_library.label_images_as", n=len(browser.acting_ids()))
        chooser = ClassChooser(self._session, title, can_add=True, parent=self._window)
        chooser.chosen.connect(browser.label)
        chooser.open()

    def _show_file(self, browser: ImageBrowser) -> None:
        image_id = browser.selection.current_id()
        if image_id is None:
            return
        folder = image_row(self._session.project, image_id).path.parent
        if not folder.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            messages.doubt(text("window_library.cannot_open_folder", folder=folder),
                           text("window_library.check_disk"))

"""Acts on heat maps: in the loupe, in the tiles, and as PNG files in a folder."""

from __future__ import annotations

from functools import partial

from core.text import Message, text
from core.workflow.explaining import WrittenMaps, ask_about, explain_input, write_heat_maps
from gui import messages
from gui.actions import Action
from gui.pages import PageContext
from gui.widgets.browser import ImageBrowser
from gui.widgets.file_dialogs import ask_for_folder
from gui.widgets.visible_browser import visible_browser


def heat_actions(context: PageContext) -> list[Action]:
    """What can be done with heat maps, on whatever page the images are."""
    acts = HeatActs(context)
    return [
        Action("image.heat", text("window_heat.show_in_loupe"), "H", acts.toggle_in_loupe, "Image", "heat",
               is_enabled=acts.can_explain),
        Action("image.save_heat", text("window_heat.save"), "", acts.save, "Image", is_enabled=acts.can_explain),
        Action("view.heat_tiles", text("window_heat.in_tiles"), "Shift+H", acts.toggle_in_tiles, "View",
               is_enabled=lambda: context.heat.has_run and acts.browser is not None,
               is_checked=lambda: context.heat.is_in_tiles),
    ]


class HeatActs:
    """Acts on the visible browser.

    Args:
        context: For session, runner and window.
    """

    def __init__(self, context: PageContext) -> None:
        self._context = context

    @property
    def browser(self) -> ImageBrowser | None:
        """Where the images are that an act is meant for."""
        return visible_browser(self._context.window) if self._context.session.is_open else None

    def can_explain(self) -> bool:
        """Whether there is an image, and a run to ask."""
        browser = self.browser
        return self._context.heat.has_run and browser is not None and browser.selection.current_id() is not None

    def toggle_in_loupe(self) -> None:
        """Open the loupe with a heat map; where it is open, show or hide that."""
        browser = self.browser
        if browser is None:
            return
        was_open = browser.is_loupe_open
        if not was_open:
            browser.open_loupe()
        if browser.loupe is not None:
            browser.loupe.toggle_heat(stays_on=not was_open)

    def toggle_in_tiles(self) -> None:
        self._context.heat.show_in_tiles(not self._context.heat.is_in_tiles)

    def save(self) -> None:
        """Ask for a folder and write the heat maps of what is selected as PNG files."""
        session, browser = self._context.session, self.browser
        if browser is None or session.run is None:
            return
        with messages.warned():
            questions = ask_about(session.project, session.run, browser.acting_ids())
            folder = ask_for_folder(self._context.window, text("window_heat.save_where"), "heat_maps")
            if folder is None or not questions:
                return
            job = self._context.runner.start(
                Message("window_heat.saving", n=len(questions)), "explain",
                explain_input(session.project, session.run, questions),
                record=partial(write_heat_maps, folder))
            job.succeeded.connect(lambda _: _tell_saved(job.recorded))


def _tell_saved(written: WrittenMaps) -> None:
    messages.tell(text("window_heat.saved", n=sum(map(len, written.files.values())), folder=written.folder))
    for skipped in written.skipped:
        messages.doubt(text("window_heat.not_saved", name=skipped.path.name, reason=skipped.reason))

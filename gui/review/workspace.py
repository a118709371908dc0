"""The lists of mistakes of the Review page: read from its facts, shown in its grid, a part at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Qt
from PySide6.QtWidgets import QMenu

from core.text import Message, render, text
from core.workflow.comparing import RunComparison, compare_recorded
from core.workflow.confusion import Confusion
from core.workflow.mistake_lists import (
    JUDGED, NEW, PAIRS, TEST, MistakeList, list_mistakes, list_new, name_part, test_lists,
)
from gui import messages
from gui.pages import PageContext
from gui.preferences import Preferences
from gui.review.facts import PAUSE_MS
from gui.review.list_panel import ListPanel
from gui.review.review_listing import Mode, Scope
from gui.widgets.class_style import class_styles

if TYPE_CHECKING:
    from gui.review.review_page import ReviewPage

SHOWN = "review_lists"
WIDE_PX = 780
"""From this width of the page on the lists are open until a person folds them away."""

MOST_RUNS = 12
"""Runs that are offered for a comparison."""

LIST_MENU = ("view.save_list", "", "review.fold_lists")


class Workspace(QObject):
    """Fills the panel with lists and asks the page for their images.

    Args:
        page: With `facts`, `listing`, `modes` and `browser`.
        panel: The lists.
        context: Session and preferences.
    """

    def __init__(self, page: ReviewPage, panel: ListPanel, context: PageContext) -> None:
        super().__init__(page)
        self._page, self._panel, self._session, self._window = page, panel, context.session, context.window
        self._preferences: Preferences = context.preferences
        self._is_new, self._is_stale = False, False
        self._against: str | None = None
        self._new: tuple[MistakeList, ...] = ()
        panel.asked.connect(self.show)
        panel.part_asked.connect(self.show_part)
        panel.fold_asked.connect(lambda: self.fold(is_shown=False))
        panel.against_asked.connect(self._on_panel_against_asked)
        panel.menu_asked.connect(self._on_panel_menu_asked)
        page.modes.lists_asked.connect(lambda: self.fold(is_shown=True))
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self.refresh)
        context.session.tags_changed.connect(self._timer.start)

    @property
    def part(self) -> str:
        """Which predictions are listed."""
        return NEW if self._is_new and self._new else TEST if self._page.facts.is_test else JUDGED

    @property
    def is_shown(self) -> bool:
        return self._panel.isVisibleTo(self._page)

    def begin(self) -> None:
        """Another run or project."""
        self._is_new, self._against, self._new = False, None, ()

    # ── showing ──────────────────────────────────────────────────────────

    def refresh(self, *, is_asked: bool = False) -> None:
        """Read the lists as they are now; while they are folded away only where somebody asks."""
        run, facts = self._page.facts.run, self._page.facts
        self._is_stale = not facts.is_awake  # what they know may be of a run, or a project, that was left
        if self._is_stale or run is None or facts.confusion is None or not (self.is_shown or is_asked):
            return
        project = self._session.project
        self._new, confusion = list_new(project, run.id), facts.confusion
        parts = {JUDGED: True, TEST: facts.has_test, NEW: bool(self._new)}
        comparison, against = self._compare()
        lists = {
            JUDGED: lambda: list_mistakes(project, run.id, JUDGED, confusion, comparison=comparison),
            TEST: lambda: test_lists(project, run.id, facts.test), NEW: lambda: self._new,
        }[self.part]()
        self._panel.show_lists(
            lists, class_styles(self._session.classes), part=self.part, note=_note(facts.shown, self.part),
            parts={key: name_part(key, run) for key, is_there in parts.items() if is_there},
            against=against if self.part == JUDGED else "")
        self.mark()

    def wake(self) -> None:
        """Somebody looks again: read the lists if something changed meanwhile."""
        if self._is_stale:
            self.refresh()

    def mark(self) -> None:
        """Say which list is in sight."""
        self._panel.mark(self.shown_name)

    @property
    def shown_name(self) -> str:
        """The name of the list in sight; "" for none."""
        scope = self._page.listing.scope
        if scope is None:
            return ""
        if scope.mode is Mode.CELL and scope.which.class_ids and scope.which.predicted_class_ids:
            return f"pair:{scope.which.class_ids[0]}:{scope.which.predicted_class_ids[0]}"
        if scope.mode is Mode.CHANGES:
            return self._page.part
        return "mistakes" if scope.mode is Mode.MISTAKES else scope.list_name

    def show(self, one: MistakeList) -> None:
        """Its images in the grid, where one was when it was last in sight."""
        if one.name == "mistakes":
            self._page.show_mistakes()
        elif one.section == PAIRS:
            self._page.show_cell(*one.pair)
        else:
            self._page.show_scope(scope_of(one))

    def show_part(self, part: str) -> None:
        """Other predictions: out of fold or held out, test, new."""
        self._is_new = part == NEW
        if part == NEW:
            self._page.facts.choose_set(is_test=False)
            self.refresh(is_asked=True)
            if self._new:
                self.show(self._new[0])
        else:
            self._page.show_set(is_test=part == TEST)
            self.refresh()

    def step(self, n_rows: int) -> None:
        """The next list, or the one before."""
        self.refresh(is_asked=True)
        found = self._panel.step(n_rows, self.shown_name)
        if found is not None:
            self.show(found)

    def take_keyboard(self) -> None:
        """Put the keyboard into the lists."""
        self.fold(is_shown=True)
        self._panel.take_keyboard()

    # ── folding ──────────────────────────────────────────────────────────

    def fold(self, *, is_shown: bool) -> None:
        """Show or hide the lists, and remember it."""
        self._preferences.keep_number(SHOWN, int(is_shown))
        self.arrange()
        self._page.arrange()

    def give_way(self) -> None:
        """Let the figures be seen where there is room for one of both."""
        if self.is_shown and self._page.width() < WIDE_PX:
            self.fold(is_shown=False)

    def arrange(self) -> None:
        """Open or folded, as a person left it or as there is room."""
        is_shown = bool(self._preferences.number(SHOWN, int(self._page.width() >= WIDE_PX)))
        was_shown = self.is_shown
        self._panel.setVisible(is_shown)
        # in little room the lists stand in place of the figures, which have the pairs too
        self._page.matrix.setVisible(not is_shown or self._page.width() >= WIDE_PX)
        self._page.modes.show_lists(is_shown)
        if is_shown and not was_shown:
            self.refresh()

    # ── another run ──────────────────────────────────────────────────────

    def _compare(self) -> tuple[RunComparison | None, str]:
        """With the run that was chosen, or the one before; and which that is."""
        facts = self._page.facts
        if facts.run is None:
            return None, ""
        if self._against is None or all(run.id != self._against for run in self._session.runs):
            return facts.comparison, facts.before.id if facts.before is not None else ""
        return compare_recorded(self._session.project, self._against, facts.run.id), self._against

    def choose_against(self, run_id: str) -> None:
        """Count what is fixed and broken since this run."""
        self._against = run_id
        self.fold(is_shown=True)
        with messages.warned():
            self.refresh()

    def other_runs(self) -> list[str]:
        """The runs that this one can be compared with, newest first."""
        run = self._page.facts.run
        return [one.id for one in self._session.runs if run is not None and one.id != run.id][:MOST_RUNS]

    def _on_panel_against_asked(self, at: QPoint) -> None:
        menu = QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        _, now = self._compare()
        for run_id in self.other_runs():
            action = menu.addAction(run_id)
            action.setCheckable(True)
            action.setChecked(run_id == now)
            action.triggered.connect(partial(self.choose_against, run_id))
        menu.popup(at)

    def _on_panel_menu_asked(self, one: MistakeList, at: QPoint) -> None:
        self.show(one)
        self._window.actions_table.build_menu(LIST_MENU, self._page).popup(at)


def scope_of(one: MistakeList) -> Scope:
    """What the grid shows of a list."""
    return Scope(Mode.LIST, one.which, one.order, one.is_descending, one.among, is_test=one.part == TEST,
                 name=render(one.title), list_name=one.name)


def _note(shown: Confusion | None, part: str) -> str:
    """A sentence where nothing is wrong, or images of one class alone."""
    if shown is None or part == NEW or not shown.n_total:
        return ""
    if not shown.n_wrong:
        return str(Message("window_review.no_mistakes_note"))
    wrong = [c.name for c, row, at in zip(shown.classes, shown.counts, range(len(shown.classes)), strict=True)
             if row.sum() > row[at]]
    return text("window_review.one_class_note", name=wrong[0]) if len(wrong) == 1 < len(shown.classes) else ""

"""What the window knows of the page Runs: its entry in the page switch, and its acts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt

from core.text import render, text
from gui.actions import Action
from gui.pages import Page, PageContext
from gui.runs.run_panel import RunPanel
from gui.runs.run_rules import why_not
from gui.runs.runs_page import RunsPage

NAME = "runs"
RUN_MENU = ("runs.review", "runs.compare", "", "runs.star", "runs.note", "", "runs.train_like", "runs.repeat", "",
            "runs.delete")
RUN_GROUP = 1
"""In the menu Train the acts on a run stand below the training."""


def build_page(context: PageContext) -> Page:
    """The page for the page switch."""
    return Page(NAME, text("window_runs.page"), "runs", lambda: _build(context), "Ctrl+6", has_images=False)


def page_actions(context: PageContext) -> list[Action]:
    """The learning curve, and what can be done with the selected runs, or with the one that is shown elsewhere."""
    session = context.session

    def can_write() -> bool:
        return session.is_open and not session.project.is_read_only

    def act(name: str, do: Callable[[], object], icon: str = "") -> Action:
        title = text(f"window_runs.{name}")
        said = text("window_runs.act", act=title[:1].lower() + title[1:])
        return Action(f"runs.{name}", title if name == "review" else said, "", do, "Train", icon,
                      lambda: session.is_open and bool(session.listed_runs), group=RUN_GROUP,
                      why_not=partial(_why_not, context, name))

    def in_panel(name: str, do: Callable[[RunPanel], object], icon: str = "") -> Action:
        return act(name, lambda: do(_panel(context)), icon)

    return [
        Action("runs.learning_curve", text("window_runs.learning_curve"), "", lambda: _page(context).measure_curve(),
               "Train", "chart", is_enabled=can_write),
        act("review", partial(context.window.go_to, "review"), "review"),
        act("compare", lambda: _page(context).panel.compare.click(), "compare"),
        in_panel("star", lambda panel: panel.star.click()),
        in_panel("note", lambda panel: panel.note.setFocus(Qt.FocusReason.ShortcutFocusReason), "note"),
        in_panel("train_like", lambda panel: panel.copy.click(), "train"),
        in_panel("repeat", lambda panel: panel.repeat.click(), "run"),
        in_panel("delete", lambda panel: panel.delete.click(), "remove"),
    ]


def _why_not(context: PageContext, act: str) -> str:
    """Why an act cannot be done with the runs that it would concern now; "" where it can."""
    session = context.session
    if not session.is_open:
        return ""
    shown = (session.run,) if session.run is not None else ()
    runs = _page(context).panel.runs if _is_current(context) else shown
    reason = why_not(act, runs, can_write=not session.project.is_read_only,
                     is_training=context.training.is_training)
    return render(reason) if reason is not None else ""


def _panel(context: PageContext) -> RunPanel:
    """With the selected runs; coming from another page, with the run that is shown there alone."""
    is_elsewhere, run = not _is_current(context), context.session.run
    page = _page(context)
    if is_elsewhere and run is not None:
        page.show_run(run.id)
    return page.panel


def _is_current(context: PageContext) -> bool:
    return context.window.workbench.current_page == NAME


def _build(context: PageContext) -> RunsPage:
    page = RunsPage(context, partial(_show_images, context))
    table = page.table

    def open_menu(at: QPoint) -> None:
        index = table.indexAt(at)
        if not index.isValid():
            return
        if not table.selectionModel().isRowSelected(index.row(), index.parent()):
            table.selectRow(index.row())
        context.window.actions_table.build_menu(RUN_MENU, table).popup(table.viewport().mapToGlobal(at))

    table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    table.customContextMenuRequested.connect(open_menu)
    return page


def _show_images(context: PageContext, run_id: str, image_ids: np.ndarray, name: str) -> None:
    """A list of images in the grid of the Review page, with what a run predicts of them."""
    context.session.choose_run(run_id)
    review: Any = context.window.workbench.go_to("review")
    review.show_list(image_ids, name)


def _page(context: PageContext) -> RunsPage:
    page = context.window.workbench.go_to(NAME)
    assert isinstance(page, RunsPage)
    return page

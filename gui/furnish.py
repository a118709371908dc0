"""Puts session, pages and acts into the window: the one place that knows them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject

from core.errors import AppError, InputError, NotAProject, ProjectDamaged, ProjectReadOnly
from core.jobs import JobContext
from core.project.project import Project
from core.text import Message
from core.workflow.planning import ListedFolders, plan_import
from gui import messages
from gui.edit_actions import edit_actions
from gui.health.watch import HealthWatch
from gui.jobs import JobRunner
from gui.inspector.inspector import Inspector
from gui.widgets.browser import ImageBrowser
from gui.library.smart_filters import FilterCounts
from gui.widgets.visible_browser import show_image
from gui.library.plan_dialog import PlanDialog
from gui.widgets.thumbnails import ProjectThumbnails, ThumbnailCache
from gui.library.side_panel import SidePanel
from gui.library.tag_section import TagSection
from gui.library.similar_acts import SimilarSearch
from gui.main_window import MainWindow
from gui.map.map_state import MapState
from gui.one_at_a_time import is_under_way, open_in_turn
from gui.pages import PAGE_MODULES, PageContext
from gui.restoring import Restoring, copy_actions
from gui.preferences import Preferences, RecentProject, set_environment
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.submit.submission_dialog import submit_actions
from gui.widgets.expected_line import ExpectedLine
from gui.widgets.file_dialogs import remember_in
from gui.widgets.heat_maps import HeatMaps
from gui.train.plan import TrainingPlan
from gui.train.watch import TrainingWatch
from gui.welcome.new_project_dialog import NewProjectDialog


def furnish(window: MainWindow, runner: JobRunner, preferences: Preferences) -> PageContext:
    """Give the window its session, pages, panels and acts."""
    remember_in(preferences)
    session = Session(window)
    session.project_changed.connect(lambda: window.begin_anew(session.folder))
    thumbnails = ProjectThumbnails(session, parent=window)
    context = build_context(
        session, SessionJobs(session, runner, window), runner, preferences, thumbnails.cache, window)
    window.fill_with(partial(_fill, context))
    apply_preferences(context)
    window.preferences_changed.connect(partial(apply_preferences, context))
    window.rebuilding.connect(partial(_end_threads, window))
    Reception(context)
    window.closed.connect(thumbnails.close)
    window.closed.connect(context.heat.close)
    window.closed.connect(session.close)
    return context


def _fill(context: PageContext) -> None:
    """Pages, panels and acts; again each time that the window is built anew."""
    window = context.window
    modules = [import_module(name) for name in PAGE_MODULES]
    window.set_pages([module.build_page(context) for module in modules])
    window.add_actions([*copy_actions(context), *edit_actions(context)])
    for module in modules:
        window.add_actions(module.page_actions(context))
    window.add_actions(submit_actions(context))
    window.workbench.set_panel("left", SidePanel(context))
    inspector = Inspector(context)
    inspector.loupe_requested.connect(partial(show_image, window))
    search = SimilarSearch(context)
    inspector.similar_asked.connect(lambda image_id: search.find([image_id]))
    inspector.contributions_asked.connect(search.find_contributions)
    window.workbench.set_panel("right", inspector)


def apply_preferences(context: PageContext) -> None:
    """Let the preferences hold that are not the window's own; the engine is renewed where they concern it."""
    preferences = context.preferences
    context.thumbnails.set_max_bytes(preferences.thumbnail_mb * 1024 * 1024)
    if set_environment(preferences):
        context.runner.renew()


def _end_threads(window: MainWindow) -> None:
    """Browsers, counts and expected accuracies are about to be deleted."""
    for browser in window.findChildren(ImageBrowser):
        browser.end()
    for counts in window.findChildren(FilterCounts):
        counts.end()
    for section in window.findChildren(TagSection):
        section.end()
    for line in window.findChildren(ExpectedLine):
        line.end()
    for state in window.findChildren(MapState):
        state.end()


def build_context(
    session: Session, jobs: SessionJobs, runner: JobRunner, preferences: Preferences, thumbnails: ThumbnailCache,
    window: MainWindow,
) -> PageContext:
    """What pages are given; plan and watches follow the session from now on, before any page is seen."""
    return PageContext(
        session, jobs, runner, preferences, thumbnails, window,
        TrainingPlan(session, preferences), TrainingWatch(session, jobs), HealthWatch(session, jobs, runner),
        HeatMaps(session, runner, window),
    )


class Reception(QObject):
    """Opens, makes and remembers projects as the welcome page and the menu ask.

    Args:
        context: Of the window that it serves; becomes its parent.
    """

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._session, self._window = context.session, context.window
        self._restoring = Restoring(context)
        self._window.open_asked.connect(self._on_window_open_asked)
        self._window.new_asked.connect(self._on_window_new_asked)
        self._window.sample_asked.connect(self._on_window_sample_asked)
        self._session.project_opened.connect(self._on_session_project_opened)
        self._session.project_closed.connect(self._window.show_welcome)
        self._session.selection_changed.connect(self._on_session_selection_changed)
        self._session.images_changed.connect(self._remember)
        self._window.closed.connect(self._remember)
        context.jobs.discarded.connect(self._on_jobs_discarded)

    def _on_window_open_asked(self, folder: Path) -> None:
        self._remember()
        if self._session.is_open and self._session.project.folder == folder:
            self._window.go_to(self._window.workbench.pages[0].name)
            return
        try:
            self._session.open(folder)
        except ProjectReadOnly:
            self._open_for_looking(folder)
        except (ProjectDamaged, NotAProject) as error:
            self._restoring.offer(folder, error)
        except AppError as error:
            messages.warn(error)

    def _open_for_looking(self, folder: Path) -> None:
        with messages.warned():
            self._session.adopt(Project.open(folder, read_only=True))
            messages.doubt(
                Message("window.project_read_only", folder=folder), Message("window.project_read_only.hint"))

    def _on_window_new_asked(self, images: Path) -> None:
        dialog = NewProjectDialog(images, self._window)
        dialog.accepted.connect(lambda: self._plan(dialog.project, dialog.images, dialog.test_images))
        dialog.open()

    def _plan(self, folder: Path, images: Path, test: Path | None) -> None:
        """Show what the folders would become, and make the project if the user wants it."""

        def show(listed: ListedFolders) -> None:
            if not listed.source.n_images:
                messages.warn(InputError("imports.no_images", folder=images), cause=messages.LISTS)
                return
            dialog = PlanDialog(lambda wishes: plan_import(None, listed, wishes), self._window)
            make = self._context.jobs.make_project
            dialog.accepted.connect(lambda: self._make(partial(make, folder, dialog.plans)))
            open_in_turn(dialog)

        self._context.jobs.list_folders(images, test, show, is_of_project=False)

    def _make(self, make: Callable[[], None]) -> None:
        self._remember()
        with messages.warned():
            make()

    def _on_window_sample_asked(self) -> None:
        from core.workflow.sample import IMAGES_NAME, make_trained_sample, sample_folder

        home = sample_folder(Path(platformdirs.user_data_dir("catalejo", appauthor=False)))
        if is_under_way(self._context.runner, "copy-sample", home / IMAGES_NAME, project=None):
            return
        job = self._context.runner.start(
            Message("window.copying_sample"), "copy-sample", home / IMAGES_NAME,
            record=lambda _: make_trained_sample(home, JobContext()), is_of_project=False)
        job.succeeded.connect(lambda _: self._on_window_open_asked(job.recorded))

    def _on_session_project_opened(self) -> None:
        self._remember()
        self._window.show_project(self._session.project_name, self._window.workbench.pages[0].name)

    def _on_session_selection_changed(self) -> None:
        self._window.job_bar.set_selection_count(self._session.n_selected)

    def _on_jobs_discarded(self, folder: Path) -> None:
        self._context.preferences.forget_project(folder)
        self._window.refresh_recent()

    def _remember(self) -> None:
        """Keep the open project, with its counts, at the head of the recent ones."""
        if not self._session.is_open:
            return
        counts = self._session.counts
        self._context.preferences.remember_project(RecentProject(
            self._session.project_name, self._session.project.folder, datetime.now(), counts.n_images,
            counts.n_labelled, len(self._session.classes),
        ))
        self._window.refresh_recent()

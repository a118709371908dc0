"""The one window: welcome page or workbench, messages and jobs below, menus, and an orderly end.

What is in it can be built anew while it is open, in another language or with other keys: what is open, chosen and
running lives elsewhere and stays. Dialogs are imported when they are opened: importing is most of a start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from core.errors import AppError
from core.text import text
from core.text.language import find_language, language
from gui import messages, theme
from gui.actions import Action, ActionTable
from gui.faults import FaultDialog
from gui.job_bar import JobBar
from gui.jobs import Job, JobRunner
from gui.language import speak
from gui.widgets.labels import line
from gui.message_bar import MessageBar
from gui.message_log import MessageLog
from gui.messages import Message
from gui.pages import Page
from gui.preferences import Preferences, RecentProject
from gui.theme import ThemeChoice
from gui.welcome.welcome_page import WelcomePage
from gui.widgets.layouts import column_of
from gui.widgets.questions import yes_no_box
from gui.window_actions import page_action, page_name, window_actions
from gui.workbench import Workbench

FIRST_SIZE, LEAST_SIZE = (1280, 800), (800, 560)


class MainWindow(QMainWindow):
    """The frame; what is in it is handed in.

    Args:
        preferences: What is remembered from one start to the next.
        runner: The jobs; closed with the window.
        log_path: Shown in About.

    Signals:
        new_asked: `Path` of a folder of images that shall become a project.
        open_asked: `Path` of a project.
        sample_asked: The sample project is wanted.
        preferences_changed: The Preferences dialog was accepted.
        rebuilding: What is in the window is about to go and be built anew.
        closed: The window is gone and no job runs.
    """

    new_asked = Signal(object)
    open_asked = Signal(object)
    sample_asked = Signal()
    preferences_changed = Signal()
    rebuilding = Signal()
    closed = Signal()

    def __init__(self, preferences: Preferences, runner: JobRunner, *, log_path: Path | None = None) -> None:
        super().__init__()
        self._preferences, self._runner, self._log_path = preferences, runner, log_path
        self._fault_dialog: FaultDialog | None = None
        self._begun_before: set[int] = set()
        self._fill: Callable[[], None] = lambda: None
        self.message_log = MessageLog(messages.door(), self)
        self.message_bar = MessageBar(self.message_log)
        self.job_bar = JobBar(runner, self.message_bar)
        self.actions_table = ActionTable(self, preferences.keys)
        self._build()
        self.setMinimumSize(*LEAST_SIZE)
        geometry = preferences.state("window")
        if geometry.isEmpty() or not self.restoreGeometry(geometry):
            self.resize(*FIRST_SIZE)
        self.message_log.came.connect(self._on_message_came)
        runner.job_failed.connect(self._on_runner_job_failed)
        runner.job_started.connect(self._on_runner_job_started)
        self.show_welcome()

    # ── what is handed in ────────────────────────────────────────────────

    def fill_with(self, fill: Callable[[], None]) -> None:
        """Put in what `fill` puts in, now and each time that all is built anew."""
        self._fill = fill
        fill()

    def set_pages(self, pages: Sequence[Page]) -> None:
        """Offer these pages, in the page switch, the menu View and the command palette."""
        self.add_actions([page_action(self, page, is_first=page is pages[0]) for page in pages])
        shown = {action.name: action for action in self.actions_table.all()}
        self.workbench.set_pages([replace(p, key=next(iter(shown[page_name(p)].keys), "")) for p in pages])

    def add_actions(self, actions: Sequence[Action]) -> None:
        """Add acts to menus, keys and command palette."""
        self.actions_table.add(actions)
        self.actions_table.fill_menu_bar(self.menuBar())

    # ── what is shown ────────────────────────────────────────────────────

    @property
    def has_project(self) -> bool:
        return self._middle.currentWidget() is self.workbench

    def show_welcome(self) -> None:
        """Show the welcome page."""
        self._middle.setCurrentWidget(self.welcome)
        self.setWindowTitle("Catalejo")
        self.job_bar.set_selection_count(0)

    def show_project(self, name: str, page: str = "") -> None:
        """Show the pages of a project, and among them one by its name, or the one that was shown last."""
        self.workbench.set_project_name(name)
        self.setWindowTitle(f"{name} – Catalejo")
        self._middle.setCurrentWidget(self.workbench)
        if page or self.workbench.pages and not self.workbench.current_page:
            self.workbench.go_to(page or self.workbench.pages[0].name)
        self.workbench.restore_widths()

    def go_to(self, page_name: str) -> None:
        """Show a page of the open project."""
        self.workbench.go_to(page_name)

    def refresh_recent(self) -> None:
        """Read the recent projects anew."""
        self.welcome.show_recent(self._preferences.recent_projects())

    def recent_projects(self) -> tuple[RecentProject, ...]:
        """The projects that were opened last, newest first; some may be gone."""
        return self._preferences.recent_projects()

    def choose_language(self, code: str) -> None:
        """Speak a language, or the system's for "", now and from the next start on."""
        self._preferences.language = code
        wanted = find_language(code or None)
        if wanted != language():
            speak(wanted)
            self.rebuild()

    def rebuild(self) -> None:
        """Build all that is in the window anew; project, page, selection, filters, jobs and messages stay."""
        name = self.workbench.project_name if self.has_project else ""
        page, views = self.workbench.current_page, self.workbench.views()
        self.rebuilding.emit()
        self.message_bar = MessageBar(self.message_log)
        self.job_bar = JobBar(self._runner, self.message_bar, self.job_bar.last, self.message_log.folder)
        self.actions_table.clear(self._preferences.keys)
        self._build()
        self._fill()
        self.workbench.restore_views(views)
        self.show_welcome()
        if name:
            self.show_project(name, page)

    def choose_theme(self, choice: ThemeChoice) -> None:
        """Light, dark or as the system, now and from the next start on."""
        theme.current().choose(choice)
        self._preferences.theme = choice

    def show_palette(self) -> None:
        """Open the command palette."""
        from gui.palette.command_palette import CommandPalette

        CommandPalette(self.actions_table, self).open()

    def show_guide(self, *, of_page: bool = False) -> None:
        """Open the guide where it was left, or what it says of the page that is shown."""
        from gui.help.guide_window import explain_page, open_guide

        (explain_page if of_page else open_guide)(self)

    def show_keys(self) -> None:
        """Open the overview of all keys."""
        from gui.palette.command_palette import KeysOverview

        KeysOverview(self.actions_table.all(), self).open()

    def show_preferences(self, strategies: Mapping[str, str]) -> None:
        """Open the Preferences dialog; what is chosen holds at once.

        Args:
            strategies: Titles of the ways to train, by name.
        """
        from gui.preferences_dialog import PreferencesDialog

        keys, chosen = self._preferences.keys, self._preferences.language
        dialog = PreferencesDialog(self._preferences, self.actions_table.declared(), strategies, self)
        dialog.accepted.connect(lambda: self._apply_preferences(keys, chosen))
        dialog.open()

    def _apply_preferences(self, keys_before: Mapping[str, str], language_before: str) -> None:
        self.preferences_changed.emit()
        if self._preferences.language != language_before:  # or `--lang` would end with any other change
            self.choose_language(self._preferences.language)
        if self._preferences.keys != keys_before:
            self.rebuild()

    def show_about(self) -> None:
        """Say what this is."""
        from gui.about import AboutDialog

        AboutDialog(self._log_path, self).open()

    def show_messages(self) -> None:
        """Open the list of the messages that came."""
        from gui.message_list import MessageList

        dialog = MessageList(self.message_log, self)
        dialog.details_asked.connect(self.show_details)
        dialog.open()

    def begin_anew(self, folder: Path | None) -> None:
        """The project in this folder is open, or none: what was said of the one before is over."""
        self.message_log.begin(folder)
        self.workbench.restore_views({})  # of pages that were not built since, and of the project before
        self.job_bar.begin(folder)

    def show_details(self, message: Message) -> None:
        """Show the details of a fault; one such dialog at a time."""
        if self._fault_dialog is None:
            self._fault_dialog = FaultDialog(message, self)
            self._fault_dialog.finished.connect(self._on_fault_dialog_finished)
            self._fault_dialog.open()

    # ── parts ────────────────────────────────────────────────────────────

    def _build(self) -> None:
        self.welcome = WelcomePage()
        self.workbench, self._middle = Workbench(self._preferences), QStackedWidget()
        self.welcome.new_asked.connect(self.new_asked)
        self.welcome.open_asked.connect(self.open_asked)
        self.welcome.sample_asked.connect(self.sample_asked)
        self.welcome.recent.forget_asked.connect(self._on_welcome_forget_asked)
        self.message_bar.details_asked.connect(self.show_details)
        self.message_bar.list_asked.connect(self.show_messages)
        self._arrange()
        self.add_actions(window_actions(self))
        self.workbench.add_tool(self.actions_table.qt_action("help.page"))
        self.refresh_recent()

    def _arrange(self) -> None:
        central = QWidget()
        self._middle.addWidget(self.welcome)
        self._middle.addWidget(self.workbench)
        column_of((self._middle, 1), line(), self.job_bar, spacing=0, parent=central)
        self.setCentralWidget(central)  # the one before is deleted with the next turn of the event loop
        central.show()  # now, not with that turn

    # ── what happens ─────────────────────────────────────────────────────

    def _on_welcome_forget_asked(self, folder: Path) -> None:
        self._preferences.forget_project(folder)
        self.refresh_recent()

    def _on_runner_job_failed(self, job: Job, error: AppError) -> None:
        messages.warn(error, cause=messages.cause_of(job.task))
        self._begun_before = {waiting.number for waiting in self._runner.waiting}

    def _on_runner_job_started(self, job: Job) -> None:
        """It is tried again: why it failed before is over, unless this one waited by then, as other parts do."""
        if not job.is_quiet and job.number not in self._begun_before:
            messages.settle(messages.cause_of(job.task))

    def _on_message_came(self, message: Message) -> None:
        if message.is_fault:
            self.show_details(message)

    def _on_fault_dialog_finished(self) -> None:
        self._fault_dialog = None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.workbench.restore_widths()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.has_project and event.oldSize().width() <= 0:
            self.workbench.restore_widths()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while a job runs; then remember the window, end the jobs and go."""
        if self._runner.is_busy and not self._is_sure_to_close():
            event.ignore()
            return
        self._preferences.keep_state("window", QByteArray(self.saveGeometry()))
        self._preferences.save()
        self.hide()  # ending a job may take some seconds, and nobody should look at a dead window
        self._runner.close()
        event.accept()
        self.closed.emit()

    def _is_sure_to_close(self) -> bool:
        job = self._runner.shown or next((job for job in self._runner.waiting if not job.is_quiet), None)
        box = yes_no_box(
            self, text("window.closing_title"),
            text("window.job_not_finished", title=job.title if job is not None else ""), text("window.closing_hint"),
            yes=text("window.cancel_and_close"), no=text("window.keep_going"),
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        box.exec()
        return box.clickedButton() is not box.defaultButton()

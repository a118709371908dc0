"""Reads what the judged images of the chosen run look like to ImageNet when somebody looks, and counts by label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from core.errors import AppError
from core.imagenet.readings import ReadingInput, ReadingResult
from core.text import Message, text
from core.workflow.confusion import Judged, read_judged
from core.workflow.mistake_readings import prepare_readings, tabulate_mistakes, write_mistake_readings
from gui import messages
from gui.jobs import Job, JobState
from gui.pages import PageContext
from gui.review.facts import ReviewFacts
from gui.review.readings_panel import ReadingsPanel
from gui.widgets.class_style import class_styles
from gui.widgets.file_dialogs import ask_where_to_save

TASK = "read-imagenet"


class ReadingsSource(QObject):
    """Fills the panel; one job a run and set, after which labels are only counted anew.

    Args:
        context: Session and runner.
        facts: Run and set that are shown.
        panel: What is filled.
        is_wanted: Whether somebody looks at the panel.
    """

    def __init__(
        self, context: PageContext, facts: ReviewFacts, panel: ReadingsPanel, is_wanted: Callable[[], bool],
    ) -> None:
        super().__init__(panel)
        self._context, self._session, self._facts, self._panel = context, context.session, facts, panel
        self._is_wanted = is_wanted
        self._job: Job | None = None
        self._asked: ReadingInput | None = None
        self._found: ReadingResult | None = None
        panel.save_asked.connect(self._ask_where_to_save)

    def refresh(self, *_: object) -> None:
        """Read or count anew if somebody looks."""
        run = self._facts.run
        if run is None or not self._is_wanted():
            return
        try:
            judged = self._judged(run.id)
            asked = prepare_readings(self._session.project, run, judged)
        except AppError as error:
            self._panel.say(f"{error.sentence} {error.hint}")
            return
        if self._asked != asked:
            self._read(asked)
        elif self._found is not None:
            self._panel.show_readings(
                tabulate_mistakes(judged, asked, self._found), class_styles(self._session.classes))

    def _judged(self, run_id: str) -> Judged:
        test = self._facts.test
        return test if self._facts.is_test and test is not None else read_judged(self._session.project, run_id)

    def _read(self, asked: ReadingInput) -> None:
        if self._job is not None and not self._job.is_over:
            self._job.forget()
        self._asked, self._found = asked, None
        self._panel.say(text("window_review.readings_reading"))
        runner = self._context.runner
        job = runner.find(TASK, asked, project=self._session.folder)  # where the window was built anew meanwhile
        if job is None or job.state is JobState.CANCELLING:
            job = runner.start(Message("jobs.reading_imagenet"), TASK, asked, is_quiet=True)
        self._job = job
        job.succeeded.connect(self._on_job_succeeded)
        job.failed.connect(self._on_job_failed)

    def _on_job_succeeded(self, result: ReadingResult) -> None:
        self._found = result
        self.refresh()

    def _on_job_failed(self, error: AppError) -> None:
        self._panel.say(f"{error.sentence} {error.hint}")

    def _ask_where_to_save(self) -> None:
        proposed = self._session.project.folder.parent / f"{self._session.project_name} readings.csv"
        path = ask_where_to_save(self._context.window, text("window_review.readings_save").rstrip("…"), "output",
                                 proposed, text("window_review.table"))
        if path is not None:
            self.write_table(path if path.suffix else path.with_suffix(".csv"))

    def write_table(self, path: Path) -> None:
        """Write the table that is shown."""
        if self._panel.readings is not None:
            with messages.warned():
                n = write_mistake_readings(path, self._panel.readings)
                messages.tell(Message("window_review.readings_saved", n=n, path=path))

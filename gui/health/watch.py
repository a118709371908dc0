"""Keeps the check of the data current: runs it anew in the background when images or labels changed.

A training goes first: a check that is running gives way to it and is made up for afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from core.errors import AppError
from core.checks.check import Finding
from core.checks.inputs import HealthCheck, HealthJob, HealthResult
from core.project.project import Project
from core.project.queries import highest_id
from core.text import text
from core.workflow.health import findings_of, has_more_to_say, is_current, keep_health, prepare_health, read_health
from gui import messages
from gui.jobs import Job, JobRunner
from gui.widgets.background_query import BackgroundQuery
from gui.session import Session
from gui.session_jobs import SessionJobs

PAUSE_MS = 4_000
"""Images and labels must rest so long before they are checked anew."""


AT_ONCE = 500
"""Of so many images what is known is read within a blink; of more in a thread."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a project, and how it stands to images and labels as they are now."""

    result: HealthResult | None
    findings: tuple[Finding, ...] = ()
    is_stale: bool = False


def read_known(project: Project) -> Known:
    """Read it all; takes longer the more images there are."""
    result = read_health(project)
    if result is None:
        return Known(None)
    inputs = prepare_health(project)
    is_stale = result.digest != inputs.digest or has_more_to_say(result, inputs)
    return Known(result, findings_of(project, result), is_stale)


class HealthWatch(QObject):
    """What is known about the soundness of the open project.

    Attributes:
        result: The latest result, current or not; None before the first check.
        findings: Of it, gravest first, accepted ones last.
        is_stale: Images or labels have changed since.
        job: The check that runs or waits, or None.

    Signals:
        changed: Any of it.
    """

    changed = Signal()

    def __init__(self, session: Session, jobs: SessionJobs, runner: JobRunner) -> None:
        super().__init__(session)
        self._session, self._runner = session, runner
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._training: Job | None = None
        self._is_wanted = self._checks_then = False
        self._query = BackgroundQuery(self._on_answer)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self._query.end)
        self.result: HealthResult | None = None
        self.findings: tuple[Finding, ...] = ()
        self.is_stale = False
        self.job: Job | None = None
        session.project_changed.connect(self._on_session_project_changed)
        for signal in (session.labels_changed, session.images_changed, session.classes_changed):
            signal.connect(lambda *_: self._on_session_data_changed())
        jobs.training_started.connect(self._on_jobs_training_started)

    @property
    def is_checking(self) -> bool:
        return self.job is not None and not self.job.is_over

    def want(self) -> None:
        """Somebody looks: check now if there is nothing current."""
        self._is_wanted = True
        self.read(then_check=True)

    def check(self) -> None:
        """Check now, whatever is known; not while a training runs or nothing is there."""
        if not self._session.is_open or self.is_checking or self._is_training or not self._session.counts.n_ok:
            return
        self._timer.stop()
        project = self._session.project
        folder, is_read_only = project.folder, project.is_read_only

        def prepare() -> HealthJob:
            with Project.open(folder, read_only=True) as same:
                return prepare_health(same)

        def record(found: HealthCheck) -> tuple[Known, AppError | None]:
            with Project.open(folder, read_only=True) as same:
                error = None if is_read_only else _keep(same, found)
                is_stale = not is_current(same, found.result)
                return Known(found.result, findings_of(same, found.result), is_stale), error

        job = self.job = self._runner.start(
            text("window_health.check_job"), "check-health", prepare=prepare, record=record)
        job.succeeded.connect(lambda _: self._on_job_succeeded(project, *job.recorded))
        job.finished.connect(self.changed)
        self.changed.emit()

    def read(self, *, then_check: bool = False) -> None:
        """Take notice of what is kept and of what was decided since; then check if that is not current."""
        if not self._session.is_open:
            return
        self._checks_then = then_check or self._checks_then
        project = self._session.project
        if highest_id(project) > AT_ONCE:
            self._query.ask(project.folder, read_known)
        else:
            self._take(read_known(project))

    def _on_answer(self, answer: Known | AppError) -> None:
        if isinstance(answer, AppError):
            self._checks_then = False
            messages.warn(answer)
        else:
            self._take(answer)

    def _take(self, known: Known) -> None:
        self.result, self.findings, self.is_stale = known.result, known.findings, known.is_stale
        self.changed.emit()
        checks, self._checks_then = self._checks_then, False
        if checks and (self.result is None or self.is_stale):
            self.check()

    def refresh_decisions(self) -> None:
        """Something was accepted, or a label is sure."""
        if self.result is not None:
            self.findings = findings_of(self._session.project, self.result)
            self.changed.emit()

    def find(self, key: str) -> Finding | None:
        return next((finding for finding in self.findings if finding.key == key), None)

    @property
    def _is_training(self) -> bool:
        return self._training is not None and not self._training.is_over

    def _forget(self) -> None:
        self.result, self.findings, self.is_stale, self.job = None, (), False, None

    def _on_session_project_changed(self) -> None:
        self._timer.stop()
        if self.job is not None:
            self.job.forget()
        self._query.forget()
        self._is_wanted = self._checks_then = False
        self._forget()
        if self._session.is_open:
            self.read()
        self.changed.emit()

    def _on_session_data_changed(self) -> None:
        if not self._session.is_open or self.result is None and not self._is_wanted:
            return
        self.is_stale = True
        self.refresh_decisions()
        self._timer.start()

    def _on_timer_timeout(self) -> None:
        if not self._session.is_open or not self._is_wanted:
            return
        if self.is_checking:
            self._timer.start()
            return
        self.read(then_check=True)

    def _on_jobs_training_started(self, job: Job) -> None:
        self._training = job
        if self.job is not None and self.is_checking:
            self.job.forget()
            self.job, self.is_stale = None, True
        job.finished.connect(self._on_training_finished)
        self.changed.emit()

    def _on_training_finished(self) -> None:
        if self._is_wanted:
            self._timer.start()

    def _on_job_succeeded(self, project: object, known: Known, error: AppError | None) -> None:
        if not self._session.is_open or self._session.project is not project:
            return
        if error is not None:
            messages.warn(error)  # what was found is shown all the same
        self.job = None
        self._query.forget()
        self._take(known)
        if self.is_stale:
            self._timer.start()


def _keep(project: Project, found: HealthCheck) -> AppError | None:
    try:
        keep_health(project, found)
    except AppError as error:
        return error
    return None

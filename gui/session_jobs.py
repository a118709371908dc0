"""The long acts of the window: a snapshot from the session, a job in the engine, the result recorded.

Only this process writes the catalog. A result that arrives for a project that is no longer
open is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import AppError, InputError
from core.project.importer import record_scan, scan_input
from core.project.project import Project
from core.project.scan import ScanResult, require_folder
from core.runs.job import TrainJob
from core.runs.record import TrainResult
from core.workflow.training import prepare_training, record_training
from gui import messages
from gui.jobs import Job, JobRunner
from gui.session import Session


class SessionJobs(QObject):
    """Starts the jobs that change a project and records what they found.

    Args:
        session: What they change.
        runner: What runs them.

    Signals:
        training_started: The `Job` of a training that was started.
        trained: Id of a run that was recorded.
        imported: An `ImportSummary`.
    """

    training_started = Signal(object)
    trained = Signal(str)
    imported = Signal(object)

    def __init__(self, session: Session, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = runner

    def new_project(self, folder: Path, pictures: Path, test: Path | None = None) -> None:
        """Make a project, open it and start importing.

        Raises:
            InputError, ProjectError, StorageError: The project cannot be made; the open one stays open.
        """
        for source in filter(None, (pictures, test)):
            require_folder(source)
        project = Project.create(folder, program="the window of Catalejo")
        self._session.adopt(project)
        self.import_pictures(pictures)
        if test is not None:
            self.import_pictures(test, split="test")

    def import_pictures(self, folder: Path, *, split: str = "train") -> Job:
        """Add what is new in a folder of pictures; sub-folders of training pictures are classes."""
        inputs = scan_input(self._session.project, folder, split=split, with_labels=split == "train")
        job = self._runner.start(f"Importing {folder.name}", "scan", inputs)
        self._when_done(job, self._record_import)
        return job

    def train(
        self, strategy: str, settings: Any, *, allow_download: bool = False, weights: Path | None = None
    ) -> Job:
        """Train on the labels as they are now.

        Raises:
            TrainingDataError: The labels do not suffice.
        """
        inputs = prepare_training(
            self._session.project, strategy, settings, allow_download=allow_download, weights=weights
        )
        job = self._runner.start(f"Training {strategy}", "train", inputs)
        self._when_done(job, lambda result: self._record_training(inputs, result))
        self.training_started.emit(job)
        return job

    def _when_done(self, job: Job, record: Callable[[Any], None]) -> None:
        """Record the result if the project is still the one that the job was started for."""
        project = self._session.project

        def on_succeeded(result: Any) -> None:
            if not self._session.is_open or self._session.project is not project:
                return
            try:
                record(result)
            except AppError as error:
                messages.warn(error)

        job.succeeded.connect(on_succeeded)

    def _record_import(self, result: ScanResult) -> None:
        summary = record_scan(self._session.project, result)
        if not summary.n_found:
            raise InputError(f"There are no pictures in “{result.folder}”.", "Choose a folder with photographs.")
        self._session.images_were_changed()
        self.imported.emit(summary)

    def _record_training(self, job: TrainJob, result: TrainResult) -> None:
        row = record_training(self._session.project, job, result)
        self._session.run_was_added(row.id)
        self.trained.emit(row.id)

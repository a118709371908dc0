"""The long acts of the window: a snapshot from the session, a job in the engine, the result recorded.

Only this process writes the catalog. A result that arrives for a project that is no longer
open is dropped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from core.errors import InputError
from core.jobs import JobCancelled
from core.project.project import Project, project_for_thread
from core.project.folder_tree import require_folder
from core.project.importer import ImportSummary, record_scan
from core.project.layout import ImportLayout, LayoutPart
from core.project.relocation import Relocation, record_relocation, relocation_input
from core.project.runs import RunRow
from core.project.scan import ScanResult
from core.text import Message
from core.training.job import TrainJob
from core.workflow.comparing import labels_of_job
from core.workflow.planning import (
    ImportPlans, ListedFolders, ListInput, finish_layout, part_input, plan_import,
)
from core.workflow.again import SameRun, find_same_run
from core.workflow.cancelling import KEPT, after_cancel, after_stop
from core.workflow.importing import back_up
from core.workflow.answers import prepare_answers, record_answers
from core.workflow.learning import prepare_learning_curve
from core.workflow.repeating import compare_repetition, prepare_repetition
from core.workflow.resuming import prepare_resuming
from core.workflow.training import prepare_training, record_training
from gui import messages
from gui.jobs import Job, JobRunner, JobState
from gui.session import PROGRAM, Session

if TYPE_CHECKING:
    from core.training.learning_curve import LearningCurve


class SessionJobs(QObject):
    """Starts the jobs that change a project and records what they found.

    Args:
        session: What they change.
        runner: What runs them.

    Signals:
        training_started: The `Job` of a training that was started.
        training_prepared: The same `Job` once its inputs are there, and the class of each image that it was given,
            None for unlabelled ones.
        trained: Id of a run that was recorded.
        imported: An `ImportSummary`.
        discarded: Folder of a project that was left again while it was being made.
    """

    training_started = Signal(object)
    training_prepared = Signal(object, object)
    trained = Signal(str)
    imported = Signal(object)
    discarded = Signal(object)

    def __init__(self, session: Session, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = runner
        session.project_opened.connect(self._on_session_project_opened)

    def new_project(self, folder: Path, images: Path, test: Path | None = None) -> None:
        """Make a project, open it and import as planned, without showing the plan.

        Raises:
            InputError, ProjectError, StorageError: The project cannot be made; the open one stays open.
        """
        for source in filter(None, (images, test)):
            require_folder(source)
        self._session.adopt(Project.create(folder, program=PROGRAM))
        self.list_folders(images, test, lambda listed: self._import_listed(listed, "train"))

    def make_project(self, folder: Path, plans: ImportPlans) -> None:
        """Make a project, open it and carry out a plan; cancelled before anything is in it, it is not made.

        Raises:
            InputError, ProjectError, StorageError: The project cannot be made; the open one stays open.
        """
        project = Project.create(folder, program=PROGRAM)
        self._session.adopt(project)
        parts = self.import_plans(plans)
        for job in parts:
            job.finished.connect(lambda: self._discard_if_unused(project, parts))

    def _discard_if_unused(self, project: Project, parts: Sequence[Job]) -> None:
        """Leave no project behind whose making was cancelled, unless something is in it or is still to be done."""
        is_shown = self._session.is_open and self._session.project is project
        is_left = any(job.state is JobState.CANCELLED for job in parts) and all(job.is_over for job in parts)
        if not (is_shown and is_left) or self._runner.current is not None or self._runner.waiting:
            return
        with messages.warned():
            is_gone = self._session.discard()
            if not self._session.is_open:
                self.discarded.emit(project.folder)
                code = "window.no_project_left" if is_gone else "window.no_project_but_folder"
                messages.tell(Message(code, folder=project.folder))

    def list_folders(self, images: Path, test: Path | None, tell: Callable[[ListedFolders], None]) -> Job:
        """Look through folders and tell what they hold; nothing is written."""
        title = Message("window.job_looking_through", folder=images.name)
        job = self._runner.start(title, "list-folders", ListInput(images, test))
        job.succeeded.connect(tell)
        return job

    def import_images(self, folder: Path, *, split: str = "train") -> Job:
        """Add what is new in a folder of images, as it was planned when it came."""
        project = self._session.project

        def go_on(listed: ListedFolders) -> None:
            if self._session.is_open and self._session.project is project:
                self._import_listed(listed, split)

        return self.list_folders(folder, None, go_on)

    def _import_listed(self, listed: ListedFolders, split: str) -> None:
        if self._session.is_open:
            self.import_plans(plan_import(self._session.project, listed, use=split))

    def import_plans(self, plans: ImportPlans, *, follow: str = "safe") -> list[Job]:
        """Import what a plan does not leave out; `imported` tells of each part.

        Args:
            plans: What to import.
            follow: What becomes of labels that are not what their folders say; `core.project.refiling.FOLLOW`.
        """
        return [self._import_part(layout, part, follow) for layout in plans.layouts for part in layout.imported]

    def _import_part(self, layout: ImportLayout, part: LayoutPart, follow: str) -> Job:
        folder = layout.folder / os.fsdecode(part.folder) if part.folder else layout.folder

        def record(project: Project, result: ScanResult) -> ImportSummary:
            summary = record_scan(project, result, follow=follow)
            if part is layout.imported[-1]:
                finish_layout(project, layout)
                for note in back_up(project)["notes"]:
                    messages.doubt(note)
            return summary

        return self._start(
            Message("window.job_importing", folder=folder.name), "scan",
            lambda project: part_input(project, layout, part), record, partial(self._on_import_recorded, folder),
        )

    def relocate(self, source_id: int, folder: Path, tell: Callable[[Relocation], None]) -> Job:
        """Look for the images of a source in another folder, and tell how many are there."""
        def say(found: Relocation) -> None:
            self._session.images_were_changed()
            tell(found)

        return self._start(
            Message("window.job_relocating", folder=folder.name), "scan",
            lambda project: relocation_input(project, source_id, folder),
            lambda project, result: record_relocation(project, source_id, result), say)

    def train(
        self, strategy: str, settings: Any, *, allow_download: bool = False, weights: Path | None = None,
        ask_if_same: Callable[[Job, SameRun], None] | None = None,
    ) -> Job:
        """Train on the labels as they are when its turn comes; labels that do not suffice fail the job.

        Args:
            ask_if_same: Called in place of the training with its cancelled job and the run that has learnt the same
                with the same settings; without it nobody looks for one.
        """
        same: list[SameRun] = []

        def prepare(project: Project) -> TrainJob:
            inputs = prepare_training(project, strategy, settings, allow_download=allow_download, weights=weights)
            found = find_same_run(project, inputs) if ask_if_same is not None else None
            if found is not None:
                same.append(found)
                raise JobCancelled
            return inputs

        job = self._train(strategy, prepare)

        def ask() -> None:
            if same and ask_if_same is not None:
                ask_if_same(job, same[0])
            else:
                self._tell_cancelled(job, strategy)

        job.cancelled.connect(ask)
        return job

    def resume(self, run_id: str, strategy: str) -> Job:
        """Go on with a training that was stopped or killed; data or settings that are others now fail the job."""
        job = self._train(strategy, lambda project: prepare_resuming(project, run_id))
        job.cancelled.connect(lambda: self._tell_cancelled(job, strategy))
        return job

    def repeat(self, run_id: str, strategy: str) -> Job:
        """Repeat a run from its snapshot and say whether the result is equal; one that cannot be restored fails."""
        job = self._train(strategy, lambda project: prepare_repetition(project, run_id))

        def compare(_: object) -> None:
            row = job.recorded
            if isinstance(row, RunRow) and self._session.is_open:
                with messages.warned():
                    for sentence in compare_repetition(self._session.project, run_id, row.id).sentences:
                        messages.tell(sentence)

        job.succeeded.connect(compare)
        return job

    def measure_learning_curve(self, tell: Callable[[LearningCurve], None]) -> Job:
        """Measure accuracy by number of labels; nothing is recorded."""
        return self._start(
            Message("jobs.learning_curve"), "learning-curve",
            lambda project: prepare_learning_curve(project, {}), lambda project, found: found, tell)

    def _train(self, strategy: str, prepare_job: Callable[[Project], TrainJob]) -> Job:
        taken: list[TrainJob] = []
        labels: dict[int, int | None] = {}

        def prepare(project: Project) -> TrainJob:
            inputs = prepare_job(project)
            labels.update(labels_of_job(inputs))
            taken.append(inputs)
            return inputs

        job = self._start(
            Message("window.job_training", strategy=strategy), "train", prepare,
            lambda project, result: record_training(project, taken[0], result, gives_way=True),
            self._on_training_recorded,
        )
        job.prepared.connect(lambda: self.training_prepared.emit(job, labels))
        self.training_started.emit(job)
        return job

    def _tell_cancelled(self, job: Job, strategy: str) -> None:
        if self._session.is_open:
            run_id = job.inputs.run if isinstance(job.inputs, TrainJob) else ""
            messages.tell(after_cancel(self._session.project, strategy, run_id), KEPT)

    def _start(
        self, title: Message, task: str, prepare: Callable[[Project], object],
        record: Callable[[Project, Any], Any], tell: Callable[[Any], None], *, is_quiet: bool = False,
    ) -> Job:
        """Prepare and record in the background and tell of it, if the project is still the same.

        A million rows take a minute; in the window's thread nothing would move meanwhile.
        """
        project = self._session.project

        def is_still_open() -> bool:
            return self._session.is_open and self._session.project is project

        def prepare_here() -> object:
            if not is_still_open():
                raise JobCancelled
            with project_for_thread(project) as same:
                return prepare(same)

        def record_here(result: Any) -> Any:
            if not is_still_open():
                return None
            with project_for_thread(project) as same:
                return record(same, result)

        def on_succeeded(_: Any) -> None:
            if job.recorded is not None and is_still_open():
                tell(job.recorded)

        job = self._runner.start(title, task, prepare=prepare_here, record=record_here, is_quiet=is_quiet)
        job.succeeded.connect(on_succeeded)
        return job

    def _on_import_recorded(self, folder: Path, summary: ImportSummary) -> None:
        if not summary.n_found + summary.n_unreadable + summary.n_missing:
            messages.warn(InputError("window.no_images", folder=folder), cause=messages.LISTS)
            return
        self._session.images_were_changed()
        self.imported.emit(summary)
        if summary.n_changed:
            self._predict_missing()

    def _on_session_project_opened(self) -> None:
        """An older project may have lost predictions of which nobody noted the content."""
        if self._session.project.catalog.upgraded_from is not None:
            self._predict_missing()

    def _predict_missing(self) -> None:
        """Let the chosen run predict what it has not seen as it is now; quietly, for nobody asked for it."""
        run = self._session.run
        if run is None or self._session.project.is_read_only:
            return
        self._start(
            Message("window.job_predicting", run=run.id), "answer",
            lambda project: prepare_answers(project, run.id, None),
            record_answers, lambda n: self._session.labels_were_changed() if n else None, is_quiet=True,
        )

    def _on_training_recorded(self, row: RunRow) -> None:
        self._session.run_was_added(row.id)
        if (kept := after_stop(row)) is not None:
            messages.tell(kept, KEPT)
        else:
            self.trained.emit(row.id)

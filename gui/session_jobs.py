"""The long acts of the window: a snapshot from the session, a job in the engine, the result recorded.

Only this process writes the catalog. A job belongs to the project that it was started in: it is recorded there and
speaks of it, also after the window has opened another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from core.errors import AppError, InputError
from core.jobs import JobCancelled
from core.project.project import Project
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
from core.workflow.cancelling import KEPT, after_cancel, after_stop, resumed_run
from core.workflow.importing import back_up
from core.workflow.answers import prepare_answers, record_answers
from core.workflow.learning import prepare_learning_curve
from core.workflow.repeating import compare_repetition, prepare_repetition
from core.workflow.resuming import prepare_resuming
from core.workflow.training import prepare_training, record_training
from gui import messages
from gui.home_project import HomeProject
from gui.jobs import Job, JobRunner, JobState
from gui.one_at_a_time import is_under_way
from gui.open_project import PROGRAM
from gui.session import Session

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
        self._unpredicted: set[Path] = set()
        session.project_changed.connect(self._on_session_project_changed)
        self._on_session_project_changed()
        session.project_opened.connect(self._on_session_project_opened)

    def new_project(self, folder: Path, images: Path, test: Path | None = None) -> None:
        """Make a project, open it and import as planned, without showing the plan.

        Raises:
            InputError, ProjectError, StorageError: The project cannot be made; the open one stays open.
        """
        for source in filter(None, (images, test)):
            require_folder(source)
        self._session.adopt(Project.create(folder, program=PROGRAM))
        self._import_folders(images, test, "train")

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
        with messages.said_of(None), messages.warned():  # nobody will open it again to hear of it
            is_gone = self._session.discard()
            if not self._session.is_open:
                self.discarded.emit(project.folder)
                code = "window.no_project_left" if is_gone else "window.no_project_but_folder"
                messages.tell(Message(code, folder=project.folder))

    def list_folders(
        self, images: Path, test: Path | None, tell: Callable[[ListedFolders], object], *, is_of_project: bool = True,
    ) -> Job | None:
        """Look through folders and tell what they hold; nothing is written, and nothing done while that is under way.

        Args:
            tell: Hears it, unless the project was left meanwhile.
            is_of_project: It is for the open project; False for one that is to be made.
        """
        title, inputs = Message("window.job_looking_through", folder=images.name), ListInput(images, test)
        project = self._session.folder if is_of_project else None
        if is_under_way(self._runner, "list-folders", inputs, project=project):
            return None
        job = self._runner.start(title, "list-folders", inputs, is_of_project=is_of_project)

        def go_on(listed: ListedFolders) -> None:
            if project in (None, self._session.folder):
                tell(listed)
            else:
                messages.doubt(Message("window.left_before_import", folder=images),
                               Message("window.left_before_import.hint"), cause=messages.LISTS)

        job.succeeded.connect(go_on)
        return job

    def import_images(self, folder: Path, *, split: str = "train") -> Job | None:
        """Add what is new in a folder of images, as it was planned when it came."""
        return self._import_folders(folder, None, split)

    def _import_folders(self, images: Path, test: Path | None, split: str) -> Job | None:
        return self.list_folders(images, test, lambda listed: self.import_plans(
            plan_import(self._session.project, listed, use=split)))

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

        return self.start(
            Message("window.job_importing", folder=folder.name), "scan",
            lambda project: part_input(project, layout, part), record, partial(self._on_import_recorded, folder),
        )

    def relocate(self, source_id: int, folder: Path, tell: Callable[[Relocation], None]) -> Job:
        """Look for the images of a source in another folder, and tell how many are there."""
        def say(home: HomeProject, found: Relocation) -> None:
            if home.is_here:
                self._session.images_were_changed()
            tell(found)

        return self.start(
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
        home = HomeProject(self._session)

        def prepare(project: Project) -> TrainJob:
            inputs = prepare_training(project, strategy, settings, allow_download=allow_download, weights=weights)
            # nobody is there to answer once the project was left
            found = find_same_run(project, inputs) if ask_if_same is not None and home.is_here else None
            if found is not None:
                same.append(found)
                raise JobCancelled
            return inputs

        job = self._train(strategy, prepare)

        def ask() -> None:
            if same and ask_if_same is not None and home.is_here:
                ask_if_same(job, same[0])
            else:
                _tell_cancelled(home, job, strategy)

        job.cancelled.connect(ask)
        return job

    def resume(self, run_id: str, strategy: str) -> Job:
        """Go on with a training that was stopped or killed; data or settings that are others now fail the job."""
        home, job = HomeProject(self._session), self._train(
            strategy, lambda project: prepare_resuming(project, run_id))
        job.cancelled.connect(lambda: _tell_cancelled(home, job, strategy))
        return job

    def repeat(self, run_id: str, strategy: str) -> Job:
        """Repeat a run from its snapshot and say whether the result is equal; one that cannot be restored fails."""
        def compare(project: Project, row: RunRow) -> None:
            with messages.warned():
                for sentence in compare_repetition(project, run_id, row.id).sentences:
                    messages.tell(sentence)

        home, job = HomeProject(self._session), self._train(
            strategy, lambda project: prepare_repetition(project, run_id), compare)
        job.cancelled.connect(lambda: _tell_cancelled(home, job, strategy))
        return job

    def measure_learning_curve(self, tell: Callable[[LearningCurve], None]) -> Job:
        """Measure accuracy by number of labels; nothing is recorded."""
        return self.start(
            Message("jobs.learning_curve"), "learning-curve",
            lambda project: prepare_learning_curve(project, {}), lambda project, found: found,
            lambda home, found: tell(found))

    def _train(
        self, strategy: str, prepare_job: Callable[[Project], TrainJob],
        say: Callable[[Project, RunRow], None] = lambda project, row: None,
    ) -> Job:
        taken: list[TrainJob] = []
        labels: dict[int, int | None] = {}

        def prepare(project: Project) -> TrainJob:
            inputs = prepare_job(project)
            labels.update(labels_of_job(inputs))
            taken.append(inputs)
            return inputs

        def record(project: Project, result: Any) -> RunRow:
            row = record_training(project, taken[0], result, gives_way=True)
            say(project, row)
            return row

        job = self.start(
            Message("window.job_training", strategy=strategy), "train", prepare, record, self._on_training_recorded)
        job.prepared.connect(lambda: self.training_prepared.emit(job, labels))
        self.training_started.emit(job)
        return job

    def start(
        self, title: Message | str, task: str, prepare: Callable[[Project], object],
        record: Callable[[Project, Any], Any], tell: Callable[[HomeProject, Any], None], *, is_quiet: bool = False,
    ) -> Job:
        """Prepare, record and tell of it, all for the project that is open now, whatever is open by then.

        A million rows take a minute; in the window's thread nothing would move meanwhile.

        Args:
            title, task, is_quiet: See `JobRunner.start`.
            prepare: Gives the job's inputs, in the background.
            record: Writes its result, in the background.
            tell: Hears what `record` gave, in the window's thread, and whether the project `is_here`.
        """
        home = HomeProject(self._session)

        def prepare_here() -> object:
            if is_quiet and not home.is_here:
                raise JobCancelled
            with home.opened() as project:
                return prepare(project)

        def record_here(result: Any) -> Any:
            with home.opened() as project:
                return record(project, result)

        job = self._runner.start(title, task, prepare=prepare_here, record=record_here, is_quiet=is_quiet)
        job.succeeded.connect(lambda _: tell(home, job.recorded))
        return job

    def _on_import_recorded(self, folder: Path, home: HomeProject, summary: ImportSummary) -> None:
        if not summary.n_found + summary.n_unreadable + summary.n_missing:
            messages.warn(InputError("window.no_images", folder=folder), cause=messages.LISTS)
            return
        if home.is_here:
            self._session.images_were_changed()
        self.imported.emit(summary)
        if summary.n_changed:
            self._unpredicted.add(home.folder)
            self._predict_missing()

    def _on_session_project_changed(self) -> None:
        self._runner.project = self._session.folder

    def _on_session_project_opened(self) -> None:
        """An older project may have lost predictions of which nobody noted the content."""
        if self._session.project.catalog.upgraded_from is not None:
            self._unpredicted.add(self._session.project.folder)
        self._predict_missing()

    def _predict_missing(self) -> None:
        """Let the chosen run predict what it has not seen as it is now; quietly, for nobody asked for it."""
        folder, run = self._session.folder, self._session.run
        if folder not in self._unpredicted or run is None or self._session.project.is_read_only:
            return
        self._unpredicted.discard(folder)
        self.start(
            Message("window.job_predicting", run=run.id), "answer",
            lambda project: prepare_answers(project, run.id, None), record_answers,
            lambda home, n: self._session.labels_were_changed() if n and home.is_here else None, is_quiet=True,
        )

    def _on_training_recorded(self, home: HomeProject, row: RunRow) -> None:
        if home.is_here:
            self._session.run_was_added(row.id)
        if (kept := after_stop(row)) is not None:
            messages.tell(kept, KEPT)
        elif home.is_here:
            self.trained.emit(row.id)


def _tell_cancelled(home: HomeProject, job: Job, strategy: str) -> None:
    """What was kept of a training; its project may be closed, and is only looked at."""
    run_id = job.inputs.run if isinstance(job.inputs, TrainJob) else ""
    with suppress(AppError), Project.open(home.folder, read_only=True) as project:
        messages.tell(after_cancel(project, strategy, run_id, resumed=resumed_run(job.inputs)), KEPT)

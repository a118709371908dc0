"""The only shared mutable object of the window: the open project, and what is chosen in it.

It lives in the GUI thread. Pages read from it, ask it for acts, and hear of changes by its
signals; they never talk to each other. Long acts go through `gui.session_jobs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.project import classes as class_acts
from core.project.classes import list_classes
from core.project.journal import ClassRow, next_title
from core.project.labels import accept_predictions, set_labels
from core.project.discard import discard_unused, is_unused
from core.project.project import Project
from core.project.queries import Counts, ImageFilter, count_all, count_images, count_labels
from core.project.rows import SourceRow, list_sources
from core.project.run_marks import RunMarks, read_marks
from core.project.runs import RunRow, latest_finished, list_runs
from core.text import Message, render
from core.workflow import history
from core.workflow.history import Jump, Travelled
from core.workflow.labelling import images_of_next
from core.workflow.trashing import settle_trash

PROGRAM = "project.window"
"""Code of what holds an open project, for whoever comes second."""

MAX_COUNTED_AT_ONCE = 5_000
"""Up to so many images at once the counts are kept up by what changed; beyond, everything is counted anew."""

_NO_IDS = np.empty(0, np.int64)


class Session(QObject):
    """An open project and the chosen run and images.

    Signals:
        project_changed: A project was opened or closed; everything must be asked anew.
        project_opened, project_closed: What of the two it was; after `project_changed`.
        images_changed: Images were imported, moved or lost.
        classes_changed: A class was added, renamed, recoloured, merged or deleted.
        labels_about_to_change: Labels or exclusion of images will change next; ids as (n,) int64, for whoever counts.
        labels_changed: Labels or exclusion of images changed; ids as (n,) int64, or None if it could be any image.
        tags_changed: Flags or tags of images changed; ids as (n,) int64, or None if it could be any image.
        travelled: A change was undone or redone; ids of the images whose labels it changed, (n,) int64.
        runs_changed: A run was added, deleted, brought back or marked.
        run_chosen: Another run (or none) is the one that is shown.
        image_chosen: Another image (or none) is the one that the inspector shows.
        selection_changed: Other images are selected; see `selected_ids`.
        look_changed: The grid in sight shows another filter or order; see `look`.
    """

    project_changed = Signal()
    project_opened = Signal()
    project_closed = Signal()
    images_changed = Signal()
    classes_changed = Signal()
    labels_about_to_change = Signal(object)
    labels_changed = Signal(object)
    tags_changed = Signal(object)
    travelled = Signal(object)
    runs_changed = Signal()
    run_chosen = Signal()
    image_chosen = Signal()
    selection_changed = Signal()
    look_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._counts: Counts | None = None
        self._classes: tuple[ClassRow, ...] = ()
        self._runs: tuple[RunRow, ...] = ()
        self._marks: dict[str, RunMarks] = {}
        self._run_id: str | None = None
        self._image_id: int | None = None
        self._selected_ids = _NO_IDS
        self._look: tuple[ImageFilter, str] | None = None

    # ── the project ──────────────────────────────────────────────────────────

    @property
    def is_open(self) -> bool:
        return self._project is not None

    @property
    def project(self) -> Project:
        """The open project; asking without one is a fault of the program."""
        assert self._project is not None, "no project is open"
        return self._project

    @property
    def folder(self) -> Path | None:
        """Of the open project; None without one."""
        return self._project.folder if self._project is not None else None

    def open(self, folder: Path) -> None:
        """Open a project in place of the one that is open.

        Where nothing can be written, it is opened for looking only.

        Raises:
            NotAProject, ProjectLocked, ProjectTooNew, ProjectDamaged, StorageError: See each; the project
                that was open stays open.
        """
        self.adopt(Project.open(folder, program=PROGRAM))

    def adopt(self, project: Project) -> None:
        """Take over an open project."""
        if self._project is not None:
            self._project.close()
        self._project = project
        if not project.is_read_only:
            with suppress(AppError):  # what cannot be written now is tried again before the next undo
                settle_trash(project)
        self._reload()
        self._run_id = latest_finished(self.runs)
        self._image_id, self._selected_ids = None, _NO_IDS
        self.project_changed.emit()
        self.project_opened.emit()

    @property
    def project_name(self) -> str:
        """Name of the project's folder without its ending; empty without a project."""
        return self._project.folder.name.removesuffix(".catalejo") if self._project else ""

    def close(self) -> None:
        """Close the project; harmless without one."""
        if self._project is None:
            return
        self._project.close()
        self._leave()

    def _leave(self) -> None:
        """Nothing of the project is shown any more."""
        self._project = None
        self._classes, self._runs, self._marks, self._counts, self._run_id = (), (), {}, None, None
        self._image_id, self._selected_ids = None, _NO_IDS
        self.project_changed.emit()
        self.project_closed.emit()

    def discard(self) -> bool:
        """Close a project in which nothing ever was, and remove its files; whether its folder is gone.

        Raises:
            ProjectDamaged, StorageError: See `discard_unused`; the project stays open.
        """
        project = self.project
        if not is_unused(project):
            return False
        self._leave()  # before its files go
        return discard_unused(project)

    # ── what is in it ────────────────────────────────────────────────────────

    @property
    def classes(self) -> tuple[ClassRow, ...]:
        """In their order."""
        return self._classes

    def find_class(self, class_id: int | None) -> ClassRow | None:
        return next((c for c in self._classes if c.id == class_id), None)

    def class_with_key(self, key: str) -> ClassRow | None:
        return next((c for c in self._classes if c.key and c.key.lower() == key.lower()), None)

    @property
    def counts(self) -> Counts:
        """How many images by status, split and class; kept until something changes."""
        if self._counts is None:
            self._counts = count_all(self.project) if self._project else Counts(0, 0, 0, 0, 0)
        return self._counts

    @property
    def sources(self) -> tuple[SourceRow, ...]:
        return list_sources(self.project) if self._project else ()

    @property
    def runs(self) -> tuple[RunRow, ...]:
        """Newest first, without those whose entry in the catalog is damaged."""
        return tuple(run for run in self._runs if not run.damage)

    def run_before(self, run: RunRow) -> RunRow | None:
        """The finished run that was recorded before this one."""
        before = latest_finished(self.runs, before=run.id)
        return next((one for one in self.runs if one.id == before), None)

    @property
    def listed_runs(self) -> tuple[RunRow, ...]:
        """All of them, newest first."""
        return self._runs

    @property
    def marks(self) -> dict[str, RunMarks]:
        """What a person marked runs with, by their ids; deleted ones are among them."""
        return self._marks

    @property
    def run(self) -> RunRow | None:
        """The run whose predictions are shown."""
        return next((r for r in self.runs if r.id == self._run_id), None)

    def choose_run(self, run_id: str | None) -> None:
        if run_id != self._run_id:
            self._run_id = run_id
            self.run_chosen.emit()

    @property
    def image_id(self) -> int | None:
        """The image that the inspector shows."""
        return self._image_id

    def choose_image(self, image_id: int | None) -> None:
        if image_id != self._image_id:
            self._image_id = image_id
            self.image_chosen.emit()

    @property
    def selected_ids(self) -> np.ndarray:
        """Images selected in the grid in sight, (n_images,) int64."""
        return self._selected_ids

    @property
    def n_selected(self) -> int:
        return len(self._selected_ids)

    def select(self, image_ids: np.ndarray) -> None:
        """Say which images are selected; the grid in sight does."""
        self._selected_ids = image_ids
        self.selection_changed.emit()

    @property
    def look(self) -> tuple[ImageFilter, str] | None:
        """Filter and order of the grid in sight, None while there is none."""
        return self._look

    def say_look(self, which: ImageFilter, order: str) -> None:
        """Say what is in sight; the grid in sight does."""
        if (which, order) != self._look:
            self._look = (which, order)
            self.look_changed.emit()

    # ── acts; each can be undone ─────────────────────────────────────────────

    def label(self, image_ids: Sequence[int] | np.ndarray, class_id: int | None) -> int:
        """Label images, or take their labels away; returns how many changed.

        Raises:
            ProjectReadOnly, StorageError, ProjectDamaged: Nothing was changed.
        """
        return self.change_images(image_ids, lambda ids: set_labels(self.project, ids, class_id))

    def accept_predictions(self, image_ids: Sequence[int] | np.ndarray) -> int:
        """Take what the chosen run says as labels, where it says something; returns how many changed.

        Raises:
            ProjectReadOnly, StorageError, ProjectDamaged: Nothing was changed.
        """
        run_id = self._run_id
        if run_id is None:
            return 0
        return self.change_images(image_ids, lambda ids: accept_predictions(self.project, run_id, ids))

    def change_images(
        self, image_ids: Sequence[int] | np.ndarray, change: Callable[[np.ndarray], int]
    ) -> int:
        """Change labels or exclusion of images by an act that says how many it changed, and tell of it."""
        ids = np.asarray(image_ids, dtype=np.int64)
        self.labels_about_to_change.emit(ids)
        is_counted = self._counts is not None and len(ids) <= MAX_COUNTED_AT_ONCE
        before = count_labels(self.project, ids) if is_counted else {}
        n_changed = change(ids)
        if n_changed:
            # counting a million rows anew takes longer than a key may
            self._counts = self._recount(ids, before) if is_counted else None
            self.labels_changed.emit(ids)
        return n_changed

    def _recount(self, ids: np.ndarray, before: dict[int, int]) -> Counts:
        by_class = Counter(self.counts.by_class)
        by_class.subtract(before)
        by_class.update(count_labels(self.project, ids))
        found = {class_id: n for class_id, n in by_class.items() if n}
        n_excluded = count_images(self.project, ImageFilter(is_excluded=True))
        return replace(self.counts, by_class=found, n_labelled=sum(found.values()), n_excluded=n_excluded)

    @property
    def undo_title(self) -> Message | None:
        return next_title(self.project, is_undo=True) if self._project else None

    @property
    def redo_title(self) -> Message | None:
        return next_title(self.project, is_undo=False) if self._project else None

    @property
    def undo_question(self) -> str:
        """What to ask before `undo`; empty where it is done without a question."""
        question = history.undo_question(self._project) if self._project else None
        return render(question) if question else ""

    def undo(self, *, gives_up: bool = False) -> Travelled | None:
        """Take the last change back, or None if there is none; see `core.workflow.history.undo`."""
        return self._travel(partial(history.undo, gives_up=gives_up), is_undo=True)

    def redo(self) -> Travelled | None:
        """Make the last change that was taken back again."""
        return self._travel(history.redo, is_undo=False)

    def jump(self, jump: Jump, *, gives_up: bool = False) -> Travelled | None:
        """Go over the changes of a jump, or None if there is none; see `core.workflow.history.carry_out`."""
        if self._project is None:
            return None
        ids = history.changed_by(self._project, jump)
        try:
            found = history.carry_out(self._project, jump, gives_up=gives_up)
        except AppError:  # the changes before the one that failed are made
            self.images_were_changed()
            self._runs_were_changed()
            self.travelled.emit(ids)
            raise
        return self._tell_travelled(found, ids)

    def add_class(self, name: str) -> ClassRow:
        """Raises InputError if the name is empty or taken."""
        row = class_acts.add_class(self.project, name)
        self._classes_were_changed()
        return row

    def rename_class(self, class_id: int, name: str) -> None:
        """Raises InputError if the name is empty or taken."""
        class_acts.rename_class(self.project, class_id, name=name)
        self._classes_were_changed()

    def recolor_class(self, class_id: int, color: str) -> None:
        class_acts.recolor_class(self.project, class_id, color=color)
        self._classes_were_changed()

    def set_class_key(self, class_id: int, key: str | None) -> None:
        """Raises InputError if the key is taken."""
        class_acts.set_class_key(self.project, class_id, key=key)
        self._classes_were_changed()

    def merge_classes(self, class_id: int, into_id: int) -> None:
        class_acts.merge_classes(self.project, class_id, into_id=into_id)
        self._classes_were_changed(with_labels=True)

    def delete_class(self, class_id: int) -> None:
        class_acts.delete_class(self.project, class_id)
        self._classes_were_changed(with_labels=True)

    # ── what jobs report ─────────────────────────────────────────────────────

    def images_were_changed(self) -> None:
        """Something was imported; classes may have come with it."""
        self._counts = None
        self._classes_were_changed(with_labels=True)
        self.images_changed.emit()

    def labels_were_changed(self) -> None:
        """Labels came from elsewhere, for instance from a table."""
        self._classes_were_changed(with_labels=True)

    def run_was_added(self, run_id: str) -> None:
        """A training was recorded; it becomes the chosen run, unless it was cancelled."""
        self._runs_were_changed()
        if run_id == latest_finished(self.runs):
            self.choose_run(run_id)

    def change_runs(self, act: Callable[[Project], object]) -> None:
        """Star, note, delete or bring back runs by an act of `core.project.run_marks` or `core.workflow.run_acts`.

        Raises:
            AppError: See the act; what it changed until then is shown.
        """
        try:
            act(self.project)
        finally:
            self._runs_were_changed()

    def _runs_were_changed(self) -> None:
        before = self._runs, self._marks
        self._runs, self._marks = list_runs(self.project), read_marks(self.project)
        if (self._runs, self._marks) != before:
            self.runs_changed.emit()
            if self.run is None:
                self.choose_run(latest_finished(self.runs))

    def _travel(self, act: Callable[[Project], Travelled | None], *, is_undo: bool) -> Travelled | None:
        if self._project is None:
            return None
        ids = images_of_next(self._project, is_undo=is_undo)
        return self._tell_travelled(act(self._project), ids)

    def _tell_travelled(self, found: Travelled | None, ids: np.ndarray) -> Travelled | None:
        if found is None:
            return None
        moves_images = bool(found.n_files or found.left or found.moves_images)
        if moves_images:
            self.images_were_changed()
        if not moves_images or found.n_changes > 1:
            self._classes_were_changed(with_labels=True)
            self._runs_were_changed()
            self.travelled.emit(ids)
        return found

    def _classes_were_changed(self, *, with_labels: bool = False) -> None:
        before = self._classes
        self._classes = list_classes(self.project)
        if self._classes != before:
            self.classes_changed.emit()
        if with_labels:
            self._counts = None
            self.labels_changed.emit(None)
            self.tags_changed.emit(None)

    def _reload(self) -> None:
        self._counts = None
        self._classes = list_classes(self.project)
        self._runs, self._marks = list_runs(self.project), read_marks(self.project)

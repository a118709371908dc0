"""The project that is open, what the window knows of it, and what is chosen in it: run, images, look.

It lives in the GUI thread and tells by signals what became different.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.errors import AppError
from core.project.classes import list_classes
from core.project.discard import discard_unused, is_unused
from core.project.journal import ClassRow
from core.project.project import Project
from core.project.queries import Counts, ImageFilter, count_all
from core.project.rows import SourceRow, list_sources
from core.project.run_marks import RunMarks, read_marks
from core.project.runs import RunRow, latest_finished, list_runs
from core.workflow.trashing import settle_trash

PROGRAM = "project.window"
"""Code of what holds an open project, for whoever comes second."""

_NO_IDS = np.empty(0, np.int64)


class OpenProject(QObject):
    """An open project and the chosen run and images; what changes it is in `gui.session`.

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

    def _reload(self) -> None:
        self._counts = None
        self._classes = list_classes(self.project)
        self._runs, self._marks = list_runs(self.project), read_marks(self.project)

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

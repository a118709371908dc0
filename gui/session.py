"""The only shared mutable object of the window: the open project with the acts that change it.

It lives in the GUI thread. Pages read from it, ask it for acts, and hear of changes by its
signals; they never talk to each other. Long acts go through `gui.session_jobs`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from core.errors import AppError
from core.project import classes as class_acts
from core.project.classes import list_classes
from core.project.journal import ClassRow, next_title
from core.project.labels import accept_predictions, set_labels
from core.project.project import Project
from core.project.queries import Counts, ImageFilter, count_images, count_labels
from core.project.run_marks import read_marks
from core.project.runs import latest_finished, list_runs
from core.text import Message, render
from core.workflow import history
from core.workflow.history import Jump, Travelled
from core.workflow.labelling import images_of_next
from gui.open_project import OpenProject

MAX_COUNTED_AT_ONCE = 5_000
"""Up to so many images at once the counts are kept up by what changed; beyond, everything is counted anew."""


class Session(OpenProject):
    """The open project and every act on it that a page asks for."""

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

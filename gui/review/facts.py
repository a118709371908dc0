"""Confusion matrix, test accuracy and changes of the chosen run, kept current while labels change."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import AppError
from core.project.exclusion import excluded_ids
from core.project.queries import ImageFilter, count_images
from core.project.runs import RunRow
from core.workflow.comparing import RunComparison, compare_recorded, count_changed_since, find_changed_labels
from core.workflow.confusion import count_excluded_judged, Confusion, find_corrected, labels_of_run, read_confusion
from core.workflow.labelled_test import LabelledTest, read_labelled_test
from core.workflow.readiness import count_training_data
from gui.session import Session

PAUSE_MS = 60
"""Labels that follow each other faster than this are counted once; counting must not hold up a key."""


class ReviewFacts(QObject):
    """Everything about the chosen run that is not an image.

    Attributes:
        run: The run; None without one, and then the others mean nothing.
        confusion: Of the images that it was judged by, by the labels as they are now.
        test: What it says of labelled test images, by the labels as they are now; None where there are none.
        is_test: Whether matrix and lists show the test set, instead of the images that it was judged by.
        before: The run before it, or None.
        comparison: Beside the run before, or None.
        corrected: Mistakes of the run before that are none any more because their label changed, (n,) int64.
        n_test: Test images that it predicts.
        n_labels: Labels that a training would learn from now.
        n_changed: Labels that are not what the run was trained on; None if that cannot be told any more.
        n_excluded: Images that it was judged by and that are excluded by now.
        n_other_contents: Images that the run was judged by and that show something else now.

    Signals:
        changed: Any of it.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_asleep, self._is_stale = False, True
        self.is_test = False
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._clear()
        session.labels_changed.connect(self._on_session_labels_changed)
        for signal in (session.project_changed, session.run_chosen, session.classes_changed, session.images_changed):
            signal.connect(self.refresh)

    def refresh(self) -> None:
        """Ask everything again; later if nobody looks."""
        if self._is_asleep:
            self._is_stale = True
            return
        self._is_stale = False
        self._clear()
        if self.run is not None:
            self._read_labels(self.run)
            self._count()
        self.changed.emit()

    def sleep(self) -> None:
        """Ask nothing while nobody looks."""
        self._is_asleep = True

    def wake(self) -> None:
        """Ask what is missing."""
        self._is_asleep = False
        if self._is_stale:
            self.refresh()

    @property
    def is_awake(self) -> bool:
        """Whether somebody looks, so that all of it is of the run that is chosen now."""
        return not self._is_asleep

    def choose_set(self, *, is_test: bool) -> None:
        """Show the test set in matrix and lists, or the images that the run was judged by."""
        if is_test != self.is_test:
            self.is_test = is_test and self.has_test
            self.changed.emit()

    @property
    def has_test(self) -> bool:
        """Whether any labelled test image was predicted."""
        return self.test is not None and self.test.confusion.n_total > 0

    @property
    def shown(self) -> Confusion | None:
        """The matrix that is shown."""
        return self.test.confusion if self.is_test and self.test is not None else self.confusion

    @property
    def n_relabelled(self) -> int:
        """Of the changed labels those of images that take part; the others are excluded since."""
        return len((self._changed or frozenset()) - self._excluded)

    @property
    def n_changed(self) -> int | None:
        return None if self._changed is None else len(self._changed)

    def _clear(self) -> None:
        self.run: RunRow | None = self._session.run
        self.before = self._session.run_before(self.run) if self.run is not None else None
        self.confusion: Confusion | None = None
        self.test: LabelledTest | None = None
        self.comparison: RunComparison | None = None
        self.corrected = np.empty(0, np.int64)
        self.n_test = self.n_labels = self.n_other_contents = 0
        self._labels_then: dict[int, int | None] = {}
        self._changed: frozenset[int] | None = None
        self._excluded, self.n_excluded = frozenset[int](), 0

    def _read_labels(self, run: RunRow) -> None:
        try:
            self._labels_then = labels_of_run(self._session.project, run.id)
        except AppError:
            return  # its folder is gone; the catalog still has what it predicted
        self._changed = find_changed_labels(self._session.project, self._labels_then)
        self.n_other_contents = count_changed_since(self._session.project, run.id)

    def _count(self) -> None:
        project, run = self._session.project, self.run
        assert run is not None
        self.confusion = read_confusion(project, run.id)
        self.test = read_labelled_test(project, run)
        self.is_test = self.is_test and self.has_test
        self.n_test = count_images(project, ImageFilter(status=None, run_id=run.id, split="test"))
        self.n_labels = count_training_data(project).n_labels
        self._excluded, self.n_excluded = excluded_ids(project), count_excluded_judged(project, run.id)
        if self.before is not None:
            self._compare(self.before, run)

    def _compare(self, before: RunRow, run: RunRow) -> None:
        project = self._session.project
        found = compare_recorded(project, before.id, run.id)
        self.comparison = found if found.n_images else None
        try:
            self.corrected = find_corrected(project, before.id, run.id)
        except AppError:
            self.corrected = np.empty(0, np.int64)  # the folder of the run before is gone

    def _on_session_labels_changed(self, ids: np.ndarray | None) -> None:
        if self.run is None or self._is_asleep:
            self._is_stale = True
        elif ids is None:
            self.refresh()
        else:
            self._follow(np.asarray(ids))
            self._timer.start()

    def _follow(self, ids: np.ndarray) -> None:
        if self._changed is not None:
            found = find_changed_labels(self._session.project, self._labels_then, ids)
            self._changed = (self._changed - frozenset(ids.tolist())) | found

    def _on_timer_timeout(self) -> None:
        if self._is_asleep or self.run is None or not self._session.is_open:
            self._is_stale = True
            return
        self._count()
        self.changed.emit()

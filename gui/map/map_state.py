"""What the Map page knows of the open project: points, what colours them, and the job that arranges them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal

from core.embeddings.map import MapInput, MapLayout, MapResult
from core.errors import AppError
from core.project.project import Project, project_for_thread
from core.project.queries import highest_id
from core.project.runs import list_runs
from core.text import Message
from core.workflow.map_groups import LABEL, Grouping, Traits, group_by, read_traits
from core.workflow.mapping import KnownMap, map_backbone, prepare_map, read_known_map
from gui import messages
from gui.jobs import Job, JobRunner, JobState
from gui.session import Session
from gui.widgets.background_query import BackgroundQuery

TASK = "map-images"
AT_ONCE = 2_000
"""Of so many images everything is read within a blink; of more in a thread."""

_NO_POINTS = MapLayout(np.zeros(0, np.int64), np.zeros((0, 2), np.float32))


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of a project."""

    backbone: str
    kept: KnownMap | None
    traits: Traits


def _read(project: Project, run_id: str | None) -> _Known:
    run = next((run for run in list_runs(project) if run.id == run_id and not run.damage), None)
    traits = read_traits(project, run.id if run is not None else None)
    return _Known(map_backbone(run), read_known_map(project, run), traits)


class MapState(QObject):
    """Points of the images of the open project.

    Attributes:
        layout: Points that are shown, by image id; each has a place.
        n_new: Images that have no point yet.
        n_gone: Points of the kept map whose images are gone.
        notes: What is to be said of the map that was made last.
        coloring: One of `core.workflow.map_groups.COLORINGS`.
        job: The job that arranges or waits, or None.

    Signals:
        points_changed: Points of other images.
        points_moved: The same points are at other places.
        groups_changed: Other colours.
        changed: Anything else: a job began or ended, images came.
    """

    points_changed = Signal()
    points_moved = Signal()
    groups_changed = Signal()
    changed = Signal()

    def __init__(self, session: Session, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._runner = session, runner
        self.layout = _NO_POINTS
        self._traits: Traits | None = None
        self.coloring, self.n_new, self.n_gone = LABEL, 0, 0
        self.notes: tuple[Message, ...] = ()
        self.job: Job | None = None
        self._is_asleep, self._is_stale, self._backbone = True, True, ""
        self._pointless = np.zeros(0, np.int64)
        self._since_asked: list[NDArray[np.int64]] = []
        self._chosen: tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]] | None = None
        self._query = BackgroundQuery(self._on_answer)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._query.end)
        session.project_changed.connect(self._on_session_project_changed)
        session.run_chosen.connect(self.refresh)
        session.images_changed.connect(self.refresh)
        session.classes_changed.connect(self._on_session_labels_changed)
        session.labels_changed.connect(self._on_session_labels_changed)
        session.tags_changed.connect(self._on_session_labels_changed)
        self._follow_job_under_way()

    @property
    def is_arranging(self) -> bool:
        return self.job is not None and not self.job.is_over

    @property
    def grouping(self) -> Grouping:
        """The groups of the points that are shown, by the colouring in force."""
        traits = self._traits
        ids = self.layout.image_ids
        if traits is None or not len(ids) or not len(traits.image_ids):
            return Grouping((), np.zeros(len(ids), np.int64))
        return group_by(_of_images(traits, ids), self.coloring)

    def color_by(self, coloring: str) -> None:
        """Colour by label, prediction …"""
        self.coloring = coloring
        self.groups_changed.emit()

    def sleep(self) -> None:
        """Read nothing while nobody looks."""
        self._is_asleep = True

    def wake(self) -> None:
        """Somebody looks: read what has changed meanwhile."""
        self._is_asleep = False
        if self._is_stale:
            self.refresh()

    def end(self) -> None:
        """End the thread that reads, if there is one."""
        self._query.end()

    def refresh(self) -> None:
        """Read points and colours anew; in a thread where there are many."""
        if self._is_asleep or not self._session.is_open:
            self._is_stale = True
            return
        self._is_stale, self._since_asked = False, []
        run = self._session.run
        question = partial(_read, run_id=run.id if run is not None else None)
        if highest_id(self._session.project) > AT_ONCE:
            self._query.ask(self._session.project.folder, question)
        else:
            self._query.forget()
            self._take(question(self._session.project))

    def arrange(self, *, is_anew: bool = False) -> None:
        """Make the map, or place in it what came since."""
        if not self._session.is_open or self.is_arranging:
            return
        project, run = self._session.project, self._session.run

        def prepare() -> MapInput:
            with project_for_thread(project) as same:
                return prepare_map(same, run, is_anew=is_anew)

        self._follow(self._runner.start(Message("window_map.job"), TASK, prepare=prepare))
        self.changed.emit()

    def _follow(self, job: Job) -> None:
        """Hear of this job; by methods, for it lives on where the window is built anew."""
        self.job = job
        job.published.connect(self._on_job_published)
        job.succeeded.connect(self._on_job_succeeded)
        job.finished.connect(self._on_job_finished)

    def _follow_job_under_way(self) -> None:
        """The window was built anew while a map was being made, or waited for its turn."""
        jobs = [job for job in (self._runner.current, *self._runner.waiting) if job is not None and job.task == TASK]
        states = (JobState.WAITING, JobState.RUNNING)
        job = next((job for job in jobs if job.project == self._session.folder and job.state in states), None)
        if job is not None:
            self._follow(job)
            for event in job.events[-1:]:
                self._on_job_published(event)

    # ── hearing ──────────────────────────────────────────────────────────

    def _take(self, known: _Known) -> None:
        self._traits, self._chosen = known.traits, None
        if not self.is_arranging:
            self._show(self._layout_of(known))
            self.n_gone = known.kept.n_gone if known.kept is not None else 0
            self._backbone = known.backbone
            has_none = ~np.isin(known.traits.image_ids, np.append(self.layout.image_ids, self._pointless))
            self.n_new = int(has_none.sum()) if len(self.layout.image_ids) else 0
        self.groups_changed.emit()
        self.changed.emit()

    def _layout_of(self, known: _Known) -> MapLayout:
        """What is kept; else what was made here and is not kept, as a map of few images, or where nothing can be."""
        if known.kept is not None:
            return known.kept.layout
        return self.layout if known.backbone == self._backbone else _NO_POINTS

    def _show(self, layout: MapLayout) -> None:
        """Only what has a point; images that have left the project meanwhile have none."""
        has_point = np.isfinite(layout.xy[:, 0]) & np.isfinite(layout.xy[:, 1])
        if self._chosen is not None and all(map(np.array_equal, self._chosen[:2], (layout.image_ids, has_point))):
            self.layout = MapLayout(self.layout.image_ids, layout.xy[self._chosen[2]])
            self.points_moved.emit()
            return
        is_here = has_point.copy()
        if self._traits is not None:
            is_here &= np.isin(layout.image_ids, self._traits.image_ids)
        order = np.flatnonzero(is_here)[np.argsort(layout.image_ids[is_here], kind="stable")]
        self._chosen = layout.image_ids, has_point, order
        self.layout = MapLayout(layout.image_ids[order], layout.xy[order])
        self.points_changed.emit()

    def _on_answer(self, answer: _Known | AppError) -> None:
        if isinstance(answer, AppError):
            messages.warn(answer)
            return
        since, self._since_asked = self._since_asked, []
        self._take(answer)
        if since:  # the answer may have been read before that
            self._on_session_labels_changed(np.unique(np.concatenate(since)))

    def _on_job_published(self, event: object) -> None:
        if isinstance(event, MapLayout):
            self._show(event)

    def _on_job_succeeded(self, result: MapResult) -> None:
        self.notes = result.notes
        if result.skipped:
            self.notes += (Message("window_map.skipped", n=len(result.skipped), reason=result.skipped[0].reason),)
        self._pointless = result.layout.image_ids[~np.isfinite(result.layout.xy).all(axis=1)]
        if self.job is not None and isinstance(self.job.inputs, MapInput):
            self._backbone = self.job.inputs.backbone
        self._show(result.layout)

    def _on_job_finished(self) -> None:
        self.job = None
        self.refresh()
        self.changed.emit()

    def _on_session_project_changed(self) -> None:
        if self.job is not None:
            self.job.forget()
        self._query.forget()
        self.job, self._traits, self._chosen, self.notes, self._backbone = None, None, None, (), ""
        self._pointless = np.zeros(0, np.int64)
        self.n_new = self.n_gone = 0
        self._is_stale = True
        self._show(_NO_POINTS)
        self.refresh()
        self.changed.emit()

    def _on_session_labels_changed(self, ids: NDArray[np.int64] | None = None) -> None:
        """Points of labels that change get their colour at once, however many others there are."""
        if self._is_asleep or ids is None or self._traits is None and not self._query.is_waiting:
            self.refresh()
            return
        if self._query.is_waiting:
            self._since_asked.append(np.asarray(ids, np.int64))
        if self._traits is None:
            return
        now = read_traits(self._session.project, image_ids=np.asarray(ids, np.int64))
        labels = self._traits.labels.copy()
        places = np.searchsorted(self._traits.image_ids, now.image_ids)
        places = np.minimum(places, max(len(labels) - 1, 0))
        is_here = self._traits.image_ids[places] == now.image_ids
        labels[places[is_here]] = now.labels[is_here]
        marks = {**self._traits.tags}
        for image_id in now.image_ids.tolist():
            marks.pop(image_id, None)
        self._traits = replace(self._traits, labels=labels, tags=marks | dict(now.tags))
        self.groups_changed.emit()


def _of_images(traits: Traits, ids: NDArray[np.int64]) -> Traits:
    """Traits of some images in their order; all of them are known."""
    places = np.minimum(np.searchsorted(traits.image_ids, ids), len(traits.image_ids) - 1)
    return replace(
        traits, image_ids=traits.image_ids[places], labels=traits.labels[places],
        predicted=traits.predicted[places], confidence=traits.confidence[places], is_test=traits.is_test[places])

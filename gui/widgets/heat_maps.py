"""The heat maps of the chosen run: asked for in the engine, newest question first, and kept in memory.

As with thumbnails, a new question of a view replaces its old one, so what has scrolled away is not computed. There is
at most one job of ours, of a few images, and it is quiet; one that waits behind a training is let wait.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from core.errors import AppError
from core.heat_maps.inputs import Explained, ExplainResult
from core.heat_maps.paint import scale_of, shade
from core.project.runs import RunRow
from core.text import Message, text
from core.types import ImageRef
from core.workflow.explaining import Question, ask_about, explain_input
from gui.jobs import Job, JobRunner, JobState
from gui.session import Session

AT_ONCE = 4
"""Images of one job: a job more costs some milliseconds, and what is asked next waits for this one."""

ASK_AFTER_MS = 120
MAX_KEPT = 2_000
"""Answers kept, of 4 or 8 KB each."""

Key = tuple[str, bytes, tuple[int, ...]]
"""Run, content and the classes asked for."""


@dataclass(frozen=True)
class Heat:
    """Heat maps of one image, ready to be painted.

    Attributes:
        question: What was asked.
        explained: For the predicted class first, then for the label where that is another.
        classes: Of the run.
    """

    question: Question
    explained: Explained
    classes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Class of each map."""
        return tuple(self.classes[one.column] for one in self.explained.maps)

    @property
    def cells(self) -> tuple[object, ...]:
        """Each map, as `core.heat_maps.paint` takes it."""
        return tuple(one.cells for one in self.explained.maps)

    @cached_property
    def scale(self) -> float:
        """Where the common scale of the maps ends."""
        return scale_of([one.cells for one in self.explained.maps])

    @cached_property
    def images(self) -> tuple[QImage, ...]:
        """The maps in colours, transparent where there is no evidence."""
        return tuple(_to_image(shade(one.cells, self.scale)) for one in self.explained.maps)


class HeatMaps(QObject):
    """Asks for heat maps and keeps them; lives in the GUI thread.

    Args:
        session: Whose chosen run is asked.
        runner: Where the jobs run.

    Attributes:
        is_in_tiles: Whether the tiles of the grids show them.

    Signals:
        arrived(frozenset image_ids): of these images there are heat maps now, or a reason why not.
        switched(): tiles show them now, or do no more.
        outdated(): the run, a label or an image is another; views ask anew for what they show.
        waiting(str words): what they wait for; "" while they are made.
    """

    arrived = Signal(object)
    switched = Signal()
    outdated = Signal()
    waiting = Signal(str)

    def __init__(self, session: Session, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._runner = session, runner
        self.is_in_tiles = False
        self._kept: OrderedDict[Key, Heat | Message] = OrderedDict()
        self._keys: dict[int, Key] = {}
        self._wanted: dict[object, list[Question]] = {}
        self._asked: dict[ImageRef, Question] = {}
        self._job: Job | None = None
        self._run: RunRow | None = None
        self._pause = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._pause.timeout.connect(self._start)
        session.project_changed.connect(self._on_session_project_changed)
        for signal in (session.run_chosen, session.images_changed, session.classes_changed, session.labels_changed):
            signal.connect(self._on_session_something_changed)
        runner.job_started.connect(self._on_runner_job_started)

    @property
    def has_run(self) -> bool:
        """Whether there is a run whose model can be asked."""
        return self._session.is_open and self._session.run is not None

    def show_in_tiles(self, is_in_tiles: bool) -> None:
        """Let the tiles show heat maps, or photographs alone."""
        self.is_in_tiles = is_in_tiles
        self.switched.emit()

    def get(self, image_id: int, content_hash: bytes) -> Heat | None:
        """The heat maps of an image that was asked about, if they are there."""
        found = self._found(image_id, content_hash)
        return found if isinstance(found, Heat) else None

    def reason(self, image_id: int, content_hash: bytes) -> str:
        """Why there are none; "" where that is not known."""
        found = self._found(image_id, content_hash)
        return str(found) if isinstance(found, Message) else ""

    def ask(self, owner: object, image_ids: Sequence[int]) -> None:
        """Make what is missing, the first image first; forgets what the owner asked before and has not begun."""
        self._wanted.pop(owner, None)
        if self.has_run and len(image_ids):
            try:
                questions = ask_about(self._session.project, self._session.run, image_ids)  # type: ignore[arg-type]
            except AppError:
                return  # the catalog is told to be unreadable wherever it is shown
            for one in questions:
                self._keys[one.image.id] = self._key(one)
            missing = [one for one in questions if self._key(one) not in self._kept]
            if missing:
                self._wanted[owner] = missing  # the newest owner stands last, and is served first
                self._pause.start()

    def close(self) -> None:
        """Ask nothing more; called when the window closes."""
        self._pause.stop()
        self._wanted.clear()

    def _key(self, question: Question) -> Key:
        assert self._session.run is not None
        return self._session.run.id, question.image.content_hash, question.columns

    def _found(self, image_id: int, content_hash: bytes) -> Heat | Message | None:
        key = self._keys.get(image_id)
        return self._kept.get(key) if key is not None and key[1] == content_hash else None

    def _start(self) -> None:
        """The next few images."""
        if self._job is not None or not self._wanted or not self.has_run:
            return
        owner = next(reversed(self._wanted))
        some, rest = self._wanted[owner][:AT_ONCE], self._wanted[owner][AT_ONCE:]
        if rest:
            self._wanted[owner] = rest
        else:
            del self._wanted[owner]
        self._run = self._session.run
        assert self._run is not None
        self._asked = {one.image: one for one in some}
        inputs = explain_input(self._session.project, self._run, some)
        job = self._job = self._runner.start(Message("window_heat.making"), "explain", inputs, is_quiet=True)
        job.published.connect(self._on_job_published)
        job.succeeded.connect(self._on_job_succeeded)
        job.failed.connect(self._on_job_failed)
        job.finished.connect(self._on_job_finished)
        if job.state is JobState.WAITING and (current := self._runner.current) is not None:
            self.waiting.emit(text("window_heat.after_job", title=current.title))

    def _keep(self, question: Question, found: Heat | Message) -> None:
        assert self._run is not None
        self._kept[self._run.id, question.image.content_hash, question.columns] = found
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def _on_job_published(self, event: object) -> None:
        """One image is done; the classes of the run come with the result."""
        if isinstance(event, Explained) and event.image in self._asked and self._run is not None:
            classes = tuple(self._run.figures.get("classes", ()))
            if len(classes) == len(event.probabilities):
                question = self._asked.pop(event.image)
                self._keep(question, Heat(question, event, classes))
                self.arrived.emit(frozenset([event.image.id]))

    def _on_job_succeeded(self, result: ExplainResult) -> None:
        told = set()
        for explained in result.explained:
            if (question := self._asked.pop(explained.image, None)) is not None:
                self._keep(question, Heat(question, explained, result.classes))
                told.add(explained.image.id)
        reasons = {one.path: one.reason for one in result.skipped}
        for image, question in self._asked.items():
            self._keep(question, reasons.get(image.path, Message("window_heat.none")))
            told.add(image.id)
        self.arrived.emit(frozenset(told))

    def _on_job_failed(self, error: AppError) -> None:
        """What hinders one image of a run hinders all of them."""
        for question in self._asked.values():
            self._keep(question, error.message)
        self._wanted.clear()
        self.arrived.emit(frozenset(image.id for image in self._asked))

    def _on_job_finished(self) -> None:
        self._job, self._asked = None, {}
        self._start()

    def _on_runner_job_started(self, job: Job) -> None:
        if job is self._job:
            self.waiting.emit("")

    def _on_session_project_changed(self) -> None:
        """A job of the project before is let go: a run here may have the same name, and images the same contents."""
        self._kept.clear()
        self._keys.clear()
        if self._job is not None:
            job, self._job, self._asked = self._job, None, {}
            job.forget()
        self._on_session_something_changed()

    def _on_session_something_changed(self, *_: object) -> None:
        """Reasons may have gone with what changed; maps belong to contents, and stay."""
        self._wanted.clear()
        self._keys.clear()
        for key in [key for key, found in self._kept.items() if isinstance(found, Message)]:
            del self._kept[key]
        if self._job is not None and self._job.state is JobState.WAITING:
            job, self._job = self._job, None
            job.forget()
        self.outdated.emit()


def _to_image(colours: object) -> QImage:
    """(height, width, 4) uint8 RGBA as an image of Qt with a memory of its own."""
    height, width, _ = colours.shape  # type: ignore[attr-defined]
    image = QImage(colours.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)  # type: ignore
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)

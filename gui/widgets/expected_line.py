"""The expected accuracy on images without labels, asked for aside: it leads a result where it is the lower figure."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from core.errors import AppError
from core.project.project import Project
from core.project.queries import highest_id
from core.project.runs import RunRow
from core.text import text
from core.workflow.expected_words import describe_expected
from core.workflow.expecting import Expected, read_expected
from gui.session import Session
from gui.widgets.background_query import BackgroundQuery
from gui.widgets.labels import SignedSentence, wrapped_caption

AT_ONCE = 50
"""In projects of so many images it takes no longer than a frame or two; larger ones are asked in a thread."""

PAUSE_MS = 400
"""Labels that follow each other faster than this are one question to the thread: it takes up to seconds."""


class ExpectedLine(QObject):
    """Two sentences, of which one at most is shown, for whoever places them.

    Args:
        session: Whose chosen run is asked about.

    Attributes:
        lower: The sentence that leads where the measured accuracy is too high, with a link to images to label.
        said: The sentence elsewhere.

    Signals:
        images_asked: Ids of images that are to be shown, a tuple.
        changed: Something else is said.
    """

    images_asked = Signal(object)
    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._expected: Expected | None = None
        self.lower = SignedSentence("doubt", role="amber", is_strong=True)
        self.lower.link.clicked.connect(self._on_link_clicked)
        self.said = wrapped_caption()
        self._query = BackgroundQuery(self._take)
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._ask)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.end)
        self.clear()

    def end(self) -> None:
        """End the thread that asks, if there is one."""
        self._timer.stop()
        self._query.end()

    def clear(self) -> None:
        """Say nothing until the next question."""
        self._timer.stop()
        self._query.forget()
        self._show(None)

    def refresh(self) -> None:
        """Ask anew; what is said stays until the answer is there."""
        run, session = self._session.run, self._session
        if run is None or not session.is_open:
            self.clear()
        elif highest_id(session.project) > AT_ONCE:
            self._timer.start()
        else:
            self._take(_read(session.project, run))

    def _ask(self) -> None:
        run = self._session.run
        if run is not None and self._session.is_open:
            self._query.ask(self._session.project.folder, partial(_read, run=run))

    def _take(self, answer: Expected | AppError | None) -> None:
        self._show(None if isinstance(answer, AppError) else answer)

    def _show(self, expected: Expected | None) -> None:
        self._expected = expected
        sentence = describe_expected(expected) if expected is not None else ""
        is_lower = expected is not None and expected.is_lower
        self.lower.set_text(sentence if is_lower else "")
        if expected is not None and is_lower:
            self.lower.make_link(text("window_train.show_to_label", n=len(expected.to_label)))
            self.lower.link.setVisible(bool(expected.to_label))
        self.said.setText("" if is_lower else sentence)
        self.said.setVisible(bool(sentence) and not is_lower)
        self.changed.emit()

    def _on_link_clicked(self) -> None:
        if self._expected is not None:
            self.images_asked.emit(self._expected.to_label)


def _read(project: Project, run: RunRow) -> Expected | None:
    return read_expected(project, run)

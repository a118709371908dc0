"""A mistake's way to the training images that pull it to the wrong class, which the grid lists."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton

from core.text import text
from core.text.names import short_name
from core.training.contribution_answer import LINEAR
from gui.icons import icon
from gui.inspector.section import Section, Subject


class ContributionsSection(Section):
    """Two links below the similar images.

    Signals:
        similar_asked(int image_id): all images of the project like this one, as a list.
        contributions_asked(int image_id): the training images that contribute most to what the run predicts of it.
    """

    similar_asked = Signal(int)
    contributions_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._subject: Subject | None = None
        self.similar = QPushButton(icon("similar"), text("window_inspector.list_similar"))
        self.contributions = QPushButton(icon("mistake"), "")
        self.similar.setToolTip(text("window_inspector.list_similar_tip"))
        self.contributions.setToolTip(text("window_inspector.contributions_tip"))
        for button in (self.similar, self.contributions):
            button.setProperty("role", "quiet")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.similar.clicked.connect(lambda: self._ask(self.similar_asked))
        self.contributions.clicked.connect(lambda: self._ask(self.contributions_asked))

    def show_subject(self, subject: Subject) -> None:
        self._subject = subject
        self.setVisible(subject.is_as_imported)
        said, run = subject.look.says, subject.run
        can_tell = said is not None and run is not None and run.strategy in LINEAR
        self.contributions.setVisible(can_tell)
        if said is not None:
            code = "pulls" if subject.look.is_mistake else "speaks"
            self.contributions.setText(text(f"window_inspector.{code}", name=short_name(said.name)))

    def _ask(self, signal: object) -> None:
        if self._subject is not None:
            signal.emit(self._subject.look.row.id)  # type: ignore[attr-defined]

"""A training that was stopped or broken off: go on with it from its last complete epoch."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton

from core.errors import AppError
from core.training.registry import find_strategy
from core.training.unfinished import Resumable
from core.text import text
from core.workflow.resuming import resumable_trainings
from gui import messages, theme
from gui.session import Session
from gui.session_jobs import SessionJobs
from gui.train.card import Card, wrapped_caption
from gui.train.watch import TrainingWatch


class ResumeCard(Card):
    """Offers the training that began last of those that can be gone on with; hidden where there is none.

    Args:
        session: Whose trainings.
        jobs: Goes on with one.
        watch: Knows whether a training runs now.
    """

    def __init__(self, session: Session, jobs: SessionJobs, watch: TrainingWatch) -> None:
        super().__init__("")
        self.set_title(text("window_train.interrupted"))
        self._session, self._jobs, self._watch = session, jobs, watch
        self._offered: Resumable | None = None
        self.said = wrapped_caption()
        self.go_on_button = QPushButton(text("window_train.resume"))
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.BETWEEN)
        buttons.addWidget(self.go_on_button)
        buttons.addStretch()
        self.column.addWidget(self.said)
        self.column.addLayout(buttons)
        self.go_on_button.clicked.connect(self._on_go_on_clicked)
        watch.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Look again at what can be gone on with."""
        self._offered = self._find()
        self.setVisible(self._offered is not None)
        if self._offered is not None:
            begun, n_done = self._offered.begun, self._offered.n_epochs_done
            how = find_strategy(begun.strategy).title
            self.said.setText(text("window_train.resume_explained", how=how, n=n_done))

    def _find(self) -> Resumable | None:
        if not self._session.is_open or self._watch.is_training or self._session.project.is_read_only:
            return None
        try:
            return next(iter(resumable_trainings(self._session.project)), None)
        except AppError:
            return None  # what is wrong with the catalog is said by whatever needs it

    def _on_go_on_clicked(self) -> None:
        if self._offered is None:
            return
        try:
            self._jobs.resume(self._offered.begun.run, self._offered.begun.strategy)
        except AppError as error:
            messages.warn(error)

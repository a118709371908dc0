"""The size of the steps, found by trying: the loss by learning rate, and a button that takes the advice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton

from core.errors import AppError
from core.project.labels import take_snapshot
from core.text import text
from core.training.strategies.scratch import ScratchSettings
from core.training.trials import FindRateInput, RateCurve
from gui import theme
from gui.jobs import Job, JobRunner
from gui.session import Session
from gui.train.card import Card, SignedText, wrapped_caption
from gui.train.plan import TrainingPlan

if TYPE_CHECKING:
    from gui.train.rate_plot import RatePlot


class RateCard(Card):
    """Tries rising steps when asked; hidden for other strategies than `scratch`.

    Args:
        session: Whose labelled pictures are learnt from while trying.
        plan: Takes over the advice.
        runner: Runs the trial.
    """

    def __init__(self, session: Session, plan: TrainingPlan, runner: JobRunner) -> None:
        super().__init__("")
        self.set_title(text("window_train.learning_rate"))
        self._session, self._plan, self._runner = session, plan, runner
        self._job: Job | None = None
        self.found: RateCurve | None = None
        self.plot: RatePlot | None = None
        self.said = wrapped_caption()
        self.failure = SignedText("wrong", role="red")
        self.try_button = QPushButton(text("window_train.find_rate"))
        self.try_button.setToolTip(text("window_train.find_rate.tip"))
        self.use_button = QPushButton()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.BETWEEN)
        buttons.addWidget(self.try_button)
        buttons.addWidget(self.use_button)
        buttons.addStretch()
        for widget in (self.said, self.failure):
            self.column.addWidget(widget)
        self.column.addLayout(buttons)
        self.try_button.clicked.connect(self._on_try_clicked)
        self.use_button.clicked.connect(self._on_use_clicked)
        plan.changed.connect(self.refresh)
        plan.settings_kept.connect(self.refresh)
        session.project_changed.connect(self._forget)
        self.refresh()

    def refresh(self) -> None:
        """Show the plan and what was found."""
        settings = self._plan.settings
        self.setVisible(isinstance(settings, ScratchSettings))
        if not isinstance(settings, ScratchSettings):
            return
        self.try_button.setEnabled(self._job is None and self._session.is_open)
        self.use_button.setVisible(self.found is not None)
        if self.found is None:
            self.said.setText(text("window_train.rate_explained", rate=settings.learning_rate))
            return
        self.use_button.setText(text("window_train.use_rate", rate=self.found.suggested))
        self.use_button.setEnabled(settings.learning_rate != self.found.suggested)
        self.said.setText(text("window_train.rate_found", steepest=self.found.steepest, advice=self.found.suggested,
                               rate=settings.learning_rate))

    def _forget(self) -> None:
        """Another project: what was found does not hold for it."""
        if self._job is not None:
            self._job.forget()
        self._job, self.found = None, None
        if self.plot is not None:
            self.plot.hide()
        self.refresh()

    def _on_try_clicked(self) -> None:
        snapshot, settings = take_snapshot(self._session.project), self._plan.settings
        if len(snapshot.classes) < 2 or not isinstance(settings, ScratchSettings):
            self.failure.set_text(text("window_train.rate_needs_labels"))
            return
        self.failure.set_text("")
        labels = tuple(int(label) for label in snapshot.labels)
        inputs = FindRateInput(snapshot.images, labels, len(snapshot.classes), settings)
        job = self._job = self._runner.start(text("window_train.finding_rate"), "find-learning-rate", inputs)
        job.succeeded.connect(self._on_job_succeeded)
        job.failed.connect(self._on_job_failed)
        job.finished.connect(self._on_job_finished)
        self.refresh()

    def _on_job_succeeded(self, found: RateCurve) -> None:
        from gui.train.rate_plot import RatePlot

        self.found = found
        if self.plot is None:
            self.plot = RatePlot()
            self.column.insertWidget(2, self.plot)
        self.plot.show_curve(found)
        self.plot.show()

    def _on_job_failed(self, error: AppError) -> None:
        self.failure.set_text(f"{error.sentence} {error.hint}".strip())

    def _on_job_finished(self) -> None:
        self._job = None
        self.refresh()

    def _on_use_clicked(self) -> None:
        settings = self._plan.settings
        if self.found is not None and isinstance(settings, ScratchSettings):
            self._plan.keep_settings(replace(settings, learning_rate=self.found.suggested))

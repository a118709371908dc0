"""The size of the steps, found by trying: the loss by learning rate, and a button that takes the advice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton

from core.errors import AppError
from core.project.snapshots import take_snapshot
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
        self.set_title(self.tr("Size of the steps"))
        self._session, self._plan, self._runner = session, plan, runner
        self._job: Job | None = None
        self.found: RateCurve | None = None
        self.plot: RatePlot | None = None
        self.said = wrapped_caption()
        self.failure = SignedText("wrong", role="red")
        self.try_button = QPushButton(self.tr("Find out by trying"))
        self.try_button.setToolTip(self.tr("A learning-rate finder: one short pass with growing steps, thrown away."))
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
            self.said.setText(self.tr(
                "Training begins with steps of {rate}. Too large ones learn nothing, too small ones take long."
            ).format(rate=f"{settings.learning_rate:g}"))
            return
        self.use_button.setText(self.tr("Use {rate}").format(rate=f"{self.found.suggested:g}"))
        self.use_button.setEnabled(settings.learning_rate != self.found.suggested)
        self.said.setText(self.tr(
            "The loss falls fastest at {steepest} and turns at ten times {advice}, which is therefore advised. "
            "Training begins with {rate}."
        ).format(steepest=f"{self.found.steepest:.2g}", advice=f"{self.found.suggested:g}",
                 rate=f"{settings.learning_rate:g}"))

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
            self.failure.set_text(self.tr("Label pictures of at least two classes first."))
            return
        self.failure.set_text("")
        labels = tuple(int(label) for label in snapshot.labels)
        inputs = FindRateInput(snapshot.images, labels, len(snapshot.classes), settings)
        job = self._job = self._runner.start(self.tr("Trying sizes of steps"), "find-learning-rate", inputs)
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

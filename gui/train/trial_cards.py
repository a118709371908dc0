"""What trying a few steps tells before a training by epochs: how long it takes, and the best learning rate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton

from core.errors import AppError
from core.project.queries import ImageFilter, count_images
from core.project.labels import take_snapshot
from core.text import Message, render, text
from core.training.strategies.scratch import ScratchSettings
from core.training.trials import FindRateInput, RateCurve, TimeTrainingInput, say_duration, say_times
from gui.jobs import Job, JobRunner
from gui.session import Session
from gui.train.card import Card
from gui.train.plan import TrainingPlan
from gui.widgets.labels import SignedSentence, wrapped_caption
from gui.widgets.layouts import STRETCH, fill, row_of

if TYPE_CHECKING:
    from gui.widgets.plots import RatePlot

DEBOUNCE_MS = 150


class EffortCard(Card):
    """Presets with their times, as far as these are known; hidden for strategies that have none.

    Choosing a strategy starts nothing: times come from earlier trainings and trials on this computer, and are
    measured when a person asks for it.

    Args:
        session: Whose labels are counted.
        plan: Takes over a preset.
        runner: Lets the engine time a few steps when that is asked for.
    """

    def __init__(self, session: Session, plan: TrainingPlan, runner: JobRunner) -> None:
        super().__init__(text("window_train.effort"))
        self._session, self._plan, self._runner = session, plan, runner
        self._titles = {name: text(f"window_train.effort.{name}") for name in ("quick", "good", "best")}
        self._job: Job | None = None
        self._times: dict[Any, float | None] = {}
        self.buttons: dict[str, QPushButton] = {}
        self.said = wrapped_caption()
        self._later = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        for name in self._titles:
            button = self.buttons[name] = QPushButton(self._titles[name])
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
            self.column.addWidget(button)
        self.column.addWidget(self.said)
        self.measure_button = QPushButton(text("window_train.measure_time"))
        self.measure_button.setToolTip(text("window_train.measure_time.tip"))
        self.measure_button.setProperty("role", "quiet")
        self.measure_button.clicked.connect(self.measure)
        self.column.addWidget(self.measure_button)
        self._plan.changed.connect(self.refresh)
        self._plan.settings_kept.connect(self.refresh)
        self._later.timeout.connect(self._look_up)
        runner.job_finished.connect(self._on_runner_job_finished)
        self.refresh()

    def refresh(self) -> None:
        """Show the plan as it is now; times that are known for other settings follow a moment later."""
        settings, strategy = self._plan.settings, self._plan.declaration
        self.setVisible(bool(strategy.presets))
        if not strategy.presets:
            return
        chosen = strategy.preset_of(settings)
        for name, button in self.buttons.items():
            seconds = self._times.get(strategy.apply_preset(settings, name))
            time = "" if seconds is None else f" · {render(say_duration(seconds))}"
            button.setText(self._titles[name] + time)
            button.setChecked(name == chosen)
        self.said.setText(self._say(self._times.get(settings)))
        is_unknown = any(self._times.get(one) is None for one in self._candidates())
        self.measure_button.setVisible(is_unknown and self._job is None and not strategy.takes_seconds)
        self._later.start()

    def measure(self) -> None:
        """Let a few steps of each preset and of the settings themselves be timed."""
        inputs = self._inputs()
        if inputs is None or self._job is not None:
            return
        job = self._job = self._runner.start(Message("window_train.timing"), "time-training", inputs)
        job.finished.connect(self._on_job_finished)
        self.refresh()

    def _say(self, seconds: float | None) -> str:
        if seconds is None:
            return text("window_train.time_unknown" if self._job is not None else "window_train.time_not_measured")
        return text("window_train.time_at_most", time=say_duration(seconds))

    def _candidates(self) -> tuple[Any, ...]:
        settings, strategy = self._plan.settings, self._plan.declaration
        return tuple(dict.fromkeys([*(strategy.apply_preset(settings, name) for name in strategy.presets), settings]))

    def _inputs(self) -> TimeTrainingInput | None:
        """What would be timed; None while there is nothing to time."""
        if not self.isVisible() or not self._session.is_open or not self._plan.declaration.presets:
            return None
        project, takes_part = self._session.project, ImageFilter(is_excluded=False)
        n_labels = count_images(project, replace(takes_part, split="train", is_labelled=True))
        n_others = count_images(project, takes_part) - n_labels
        n_classes = max(2, len(self._session.classes))
        return TimeTrainingInput(self._candidates(), max(1, n_labels), n_classes, n_others)

    def _look_up(self) -> None:
        """Find the times that are known."""
        inputs = self._inputs()
        if inputs is None:
            return
        found: dict[Any, float | None] = dict(zip(inputs.candidates, say_times(inputs), strict=True))
        if found != self._times:
            self._times = found
            self.refresh()

    def _choose(self, name: str) -> None:
        strategy = self._plan.declaration
        if strategy.presets:
            self._plan.keep_settings(strategy.apply_preset(self._plan.settings, name))
        self.refresh()

    def _on_job_finished(self) -> None:
        self._job = None
        self.refresh()

    def _on_runner_job_finished(self, job: Job) -> None:
        """A training measures what it takes."""
        if job.task == "train" and self.isVisible():
            self._later.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._later.start()


class RateCard(Card):
    """Tries rising steps when asked; hidden for other strategies than `scratch`.

    Args:
        session: Whose labelled images are learnt from while trying.
        plan: Takes over the advice.
        runner: Runs the trial.
    """

    def __init__(self, session: Session, plan: TrainingPlan, runner: JobRunner) -> None:
        super().__init__(text("window_train.learning_rate"))
        self._session, self._plan, self._runner = session, plan, runner
        self._job: Job | None = None
        self.found: RateCurve | None = None
        self.plot: RatePlot | None = None
        self.said = wrapped_caption()
        self.failure = SignedSentence("wrong", role="red")
        self.try_button = QPushButton(text("window_train.find_rate"))
        self.try_button.setToolTip(text("window_train.find_rate.tip"))
        self.use_button = QPushButton()
        buttons = row_of(self.try_button, self.use_button, STRETCH)
        fill(self.column, self.said, self.failure, buttons)
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
        found = text("window_train.rate_found", steepest=self.found.steepest, advice=self.found.suggested,
                     rate=settings.learning_rate)
        skipped = self.found.skipped
        self.said.setText(f"{found} {text('window_train.rate_skipped', n=len(skipped))}" if skipped else found)

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
        from gui.widgets.plots import RatePlot

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

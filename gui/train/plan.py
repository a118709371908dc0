"""What the next training will be: strategy, settings, weights. One for the session, page or no page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import InputError
from core.project.runs import RunRow
from core.settings import restore_settings
from core.training.registry import DEFAULT, STRATEGIES, Strategy, find_strategy
from gui.preferences import Preferences
from gui.session import Session


class TrainingPlan(QObject):
    """Remembers the settings of each strategy while the project is open; begins with those of the latest run.

    Args:
        session: Of the project.
        preferences: Name the strategy of a project without runs.

    Signals:
        changed: Another strategy, or all its settings at once.
        settings_kept: Some setting of the chosen strategy is another now.
    """

    changed = Signal()
    settings_kept = Signal()

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session)
        self._session, self._preferences = session, preferences
        self.strategy = DEFAULT
        self._settings: dict[str, Any] = {}
        self.weights: Path | None = None
        session.project_changed.connect(self._begin)
        self._begin()

    @property
    def declaration(self) -> Strategy:
        """What the chosen strategy says of itself."""
        return find_strategy(self.strategy)

    @property
    def settings(self) -> Any:
        """Of the chosen strategy."""
        return self._settings.get(self.strategy) or self.declaration.settings()

    @property
    def backbone(self) -> str:
        """Name of the pretrained network; empty for a strategy without one."""
        return str(getattr(self.settings, "backbone", ""))

    @property
    def backbones(self) -> tuple[str, ...]:
        """Names of all pretrained networks that a training needs and that come from their publisher."""
        if self.backbone:
            return (self.backbone,) if self.weights is None else ()
        return tuple(getattr(self.settings, "backbones", ()))

    def choose_strategy(self, strategy: str) -> None:
        if strategy != self.strategy:
            self.strategy = strategy
            self.changed.emit()

    def keep_settings(self, settings: Any) -> None:
        """What the form, or another part of the page, says now."""
        if settings != self.settings:
            self._settings[self.strategy] = settings
            self.settings_kept.emit()

    def copy_run(self, run: RunRow) -> None:
        """Take over how a run was trained.

        Raises:
            InputError: Its strategy or settings do not exist any more.
        """
        if run.strategy not in STRATEGIES:
            raise InputError("window_train.strategy_gone", strategy=run.strategy)
        self._settings[run.strategy] = restore_settings(find_strategy(run.strategy).settings, run.settings)
        self.strategy = run.strategy
        self.changed.emit()

    def _begin(self) -> None:
        """Another project: as it was trained last, or the defaults."""
        self._settings, self.weights = {}, None
        preferred = self._preferences.strategy
        self.strategy = preferred if preferred in STRATEGIES else DEFAULT
        try:
            if self._session.runs:
                self.copy_run(self._session.runs[0])
        except InputError:
            self._settings = {}
        self.changed.emit()

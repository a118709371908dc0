"""What the next training will be: strategy, settings, weights. One for the session, page or no page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import InputError
from core.project.runs import RunRow
from core.workflow.strategies import STRATEGY_WORDS, StrategyWords, restore_settings, strategy_words
from core.workflow.training import STRATEGIES
from gui.session import Session


class TrainingPlan(QObject):
    """Remembers the settings of each strategy while the project is open; begins with those of the latest run.

    Signals:
        changed: Another strategy, or all its settings at once.
        settings_kept: Some setting of the chosen strategy is another now.
    """

    changed = Signal()
    settings_kept = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._strategy = next(iter(STRATEGIES))
        self._settings: dict[str, Any] = {}
        self.weights: Path | None = None
        session.project_changed.connect(self._begin)
        self._begin()

    @property
    def strategies(self) -> tuple[str, ...]:
        """All that can be chosen, in the order of their words."""
        known = list(STRATEGY_WORDS)
        return tuple(sorted(STRATEGIES, key=lambda s: known.index(s) if s in known else len(known)))

    @property
    def strategy(self) -> str:
        return self._strategy

    @property
    def words(self) -> StrategyWords:
        return strategy_words(self._strategy)

    @property
    def settings_class(self) -> type:
        return STRATEGIES[self._strategy]

    @property
    def settings(self) -> Any:
        """Of the chosen strategy."""
        return self._settings.get(self._strategy) or self.settings_class()

    @property
    def backbone(self) -> str:
        """Name of the pretrained network; empty for a strategy without one."""
        return str(getattr(self.settings, "backbone", ""))

    def choose_strategy(self, strategy: str) -> None:
        if strategy != self._strategy:
            self._strategy = strategy
            self.changed.emit()

    def keep_settings(self, settings: Any) -> None:
        """What the form, or another part of the page, says now."""
        if settings != self.settings:
            self._settings[self._strategy] = settings
            self.settings_kept.emit()

    def copy_run(self, run: RunRow) -> None:
        """Take over how a run was trained.

        Raises:
            InputError: Its strategy or settings do not exist any more.
        """
        if run.strategy not in STRATEGIES:
            raise InputError(f"Nothing can be trained by “{run.strategy}” any more.", "Choose another run.")
        self._settings[run.strategy] = restore_settings(STRATEGIES[run.strategy], run.settings)
        self._strategy = run.strategy
        self.changed.emit()

    def _begin(self) -> None:
        """Another project: as it was trained last, or the defaults."""
        self._settings, self.weights = {}, None
        self._strategy = next(iter(self.strategies))
        try:
            if self._session.runs:
                self.copy_run(self._session.runs[0])
        except InputError:
            self._settings = {}
        self.changed.emit()

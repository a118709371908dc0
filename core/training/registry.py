"""The registry of strategies (ways to train): one line each, imported when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.errors import InputError
from core.jobs import JobContext, Unit
from core.runs.record import CROSS_VALIDATION, HELD_OUT
from core.settings import check_settings, describe
from core.text import Message

STRATEGIES: Mapping[str, str] = {
    "auto": "core.training.strategies.auto:AUTO",
    "transfer": "core.training.strategies.transfer:TRANSFER",
    "scratch": "core.training.strategies.scratch:SCRATCH",
    "fine-tune": "core.training.strategies.fine_tune:FINE_TUNE",
    "ensemble": "core.training.strategies.ensemble:ENSEMBLE",
    "zero-shot": "core.training.strategies.zero_shot:ZERO_SHOT",
}
"""Where each strategy is declared, in the order in which they are offered; the first is the default."""

LOADING = Message("jobs.loading")
DEFAULT = next(iter(STRATEGIES))


def find_strategy(name: str) -> Strategy:
    """The strategy of that name.

    Raises:
        InputError: There is none.
    """
    if name not in STRATEGIES:
        raise InputError("training.no_such_strategy", strategy=name, names=tuple(STRATEGIES))
    found: Strategy = load_object(STRATEGIES[name])
    return found


def strategy_with(names: Iterable[str]) -> str:
    """Of those that take seconds the first with all settings of these names; the default if none has them."""
    wanted = set(names)
    return next((strategy.name for strategy in list_strategies() if strategy.takes_seconds
                 and wanted <= {info.name for info in describe(strategy.settings)}), DEFAULT)


def list_strategies() -> tuple[Strategy, ...]:
    """All strategies, in the order in which they are offered."""
    return tuple(find_strategy(name) for name in STRATEGIES)


def strategy_of(settings: Any) -> Strategy:
    """The strategy that settings belong to.

    Raises:
        KeyError: They belong to none (a fault of the program).
    """
    return {strategy.settings: strategy for strategy in list_strategies()}[type(settings)]


def make_settings(strategy: str, chosen: Mapping[str, Any]) -> Any:
    """The settings of a strategy, with defaults for what nobody chose.

    Raises:
        InputError: No such strategy or setting, or a value out of its range.
    """
    settings_class = find_strategy(strategy).settings
    known = {info.name for info in describe(settings_class)}
    for name in chosen:
        if name not in known:
            raise InputError("training.no_such_setting", strategy=strategy, setting=name, names=tuple(sorted(known)))
    settings = settings_class(**chosen)
    check_settings(settings)
    return settings


if TYPE_CHECKING:
    from core.runs.record import RunRecord, TrainResult
    from core.training.job import PredictResult, PredictRunInput, TrainJob
    from core.training.trials import TimeTrainingInput

NO_LABELS = "no labels"
"""There is no accuracy: no image has a label."""


def kind_by_folds(settings: Any) -> str:
    """How the accuracy of a training by epochs is measured: by cross-validation if its settings ask for folds."""
    return CROSS_VALIDATION if settings.n_folds >= 2 else HELD_OUT


def load_object(place: str) -> Any:
    """The object that “module:object” names, imported now."""
    module_name, object_name = place.split(":")
    return getattr(import_module(module_name), object_name)


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to train. Importing its file costs nothing: what trains and predicts is imported when it is called.

    Attributes:
        name: As on the command line and in `run.json`.
        settings: A settings dataclass whose fields all have defaults; see `core.settings`.
        trainer: “module:function” of what trains, measures, predicts the unlabelled images and writes the run.
        predictor: “module:function” of what predicts images with a finished run.
        accuracy_kind: How the accuracy comes about with given settings: `CROSS_VALIDATION` …
        needs_labels: Whether it learns from labels; the others take every class and every image as it is.
        starts_from_run: Whether it can start from the weights of an earlier run, by the setting `start_from`.
        presets: By name the values that a preset sets; other settings stay as they are.
        estimator: “module:function” of what says how long a training takes; "" where it is over before one could ask.
        takes_seconds: Whether it is one of those that are over in seconds, among which settings may choose.
        counts: What an unfinished training counts that it has done.
    """

    name: str
    settings: type
    trainer: str
    predictor: str
    accuracy_kind: Callable[[Any], str]
    needs_labels: bool = True
    starts_from_run: bool = False
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    estimator: str = ""
    takes_seconds: bool = False
    counts: Unit = "epochs"

    @property
    def title(self) -> Message:
        """What it is called."""
        return Message(f"training.strategy.{self.name}.title")

    @property
    def sentence(self) -> Message:
        """What it does and when to take it."""
        return Message(f"training.strategy.{self.name}.sentence")

    def train(self, job: TrainJob, context: JobContext) -> TrainResult:
        """Train and write the run; raises what its trainer raises."""
        context.progress(0, 0, stage=LOADING, unit="")  # importing TensorFlow takes seconds
        result: TrainResult = load_object(self.trainer)(job, context)
        return result

    def predict(self, record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
        """Probabilities of every class for each image; raises what its predictor raises."""
        context.progress(0, 0, stage=LOADING, unit="")
        result: PredictResult = load_object(self.predictor)(record, inputs, context)
        return result

    def estimate_seconds(self, settings: Any, inputs: TimeTrainingInput, context: JobContext) -> float:
        """How long a training takes at most on this computer, from a few timed steps."""
        seconds: float = load_object(self.estimator)(settings, inputs, context)
        return seconds

    def apply_preset(self, settings: Any, name: str) -> Any:
        """The settings with those of a preset in place of their own.

        Raises:
            KeyError: No preset has that name (a fault of the program).
        """
        return replace(settings, **self.presets[name])

    def preset_of(self, settings: Any) -> str:
        """Name of the preset that the settings are; empty where they are the user's own."""
        return next((name for name in self.presets if self.apply_preset(settings, name) == settings), "")

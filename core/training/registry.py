"""The registry of strategies (ways to train): one line each, imported when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InputError
from core.settings import check_settings, describe
from core.training.strategy import Strategy, load_object

STRATEGIES: Mapping[str, str] = {
    "transfer": "core.training.strategies.transfer:TRANSFER",
    "scratch": "core.training.strategies.scratch:SCRATCH",
    "fine-tune": "core.training.strategies.fine_tune:FINE_TUNE",
    "zero-shot": "core.training.strategies.zero_shot:ZERO_SHOT",
}
"""Where each strategy is declared, in the order in which they are offered; the first is the default."""

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

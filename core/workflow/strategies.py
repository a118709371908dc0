"""The ways to train in the user's words, and their settings brought back from what a run remembers."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.errors import InputError
from core.settings import check_settings


@dataclass(frozen=True, slots=True)
class StrategyWords:
    """One way to train, for a person who does not know deep learning.

    Attributes:
        title: What it is called.
        sentence: What it does and when to take it.
        needs_labels: Whether it learns from labels; the others read the pictures as they are.
    """

    title: str
    sentence: str
    needs_labels: bool = True


STRATEGY_WORDS: Mapping[str, StrategyWords] = {
    "transfer": StrategyWords(
        "Learn from a network that knows photographs",
        "Best first choice: needs few labels and takes seconds.",
    ),
    "scratch": StrategyWords(
        "Learn from your pictures alone",
        "A network that has seen nothing else: needs many labels and takes minutes.",
    ),
    "fine-tune": StrategyWords(
        "Adapt a network to your pictures",
        "For fine differences and some hundred labels; takes minutes.",
    ),
    "zero-shot": StrategyWords(
        "Read the pictures without training",
        "Uses the thousand things that the network knows already; labels only measure it.",
        needs_labels=False,
    ),
    "ensemble": StrategyWords(
        "Let several runs vote",
        "Combines runs that you trained before; often right a little more often.",
    ),
}
"""By name of the strategy, in the order in which they are offered."""


def strategy_words(strategy: str) -> StrategyWords:
    """How a strategy is called; one that has no words yet is called by its name."""
    return STRATEGY_WORDS.get(strategy) or StrategyWords(strategy.replace("-", " ").capitalize(), "")


def nested_settings(settings_class: type) -> dict[str, type]:
    """Fields of a settings dataclass that are settings dataclasses themselves, by name; None may be allowed."""
    found = {name: _settings_type(hint) for name, hint in get_type_hints(settings_class).items()}
    return {field.name: kind for field in fields(settings_class) if (kind := found[field.name]) is not None}


def restore_settings(settings_class: type, values: Mapping[str, Any]) -> Any:
    """Settings from the JSON values of an earlier run; what is unknown by now is left out.

    Args:
        settings_class: A settings dataclass.
        values: Values by name; nested settings as mappings. Names that are missing get their defaults.

    Raises:
        InputError: A value is out of its range by now.
    """
    nested = nested_settings(settings_class)
    chosen = {
        field.name: _restore(values[field.name], nested.get(field.name))
        for field in fields(settings_class) if field.name in values
    }
    try:
        settings = settings_class(**chosen)
        check_settings(settings)
    except TypeError as error:
        raise InputError("The settings of this run do not fit any more.", "Choose the settings anew.") from error
    return settings


def _restore(value: Any, settings_class: type | None) -> Any:
    if settings_class is not None and isinstance(value, Mapping):
        return restore_settings(settings_class, value)
    if isinstance(value, Mapping):
        return {name: _restore(part, None) for name, part in value.items()}
    return tuple(_restore(part, None) for part in value) if isinstance(value, list) else value


def _settings_type(hint: Any) -> type | None:
    """The dataclass in `X` or `X | None`."""
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return next((option for option in options if isinstance(option, type) and is_dataclass(option)), None)

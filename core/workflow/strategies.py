"""The ways to train in the user's words, and their settings brought back from what a run remembers."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.errors import InputError
from core.settings import check_settings, describe


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


def parse_settings(settings_class: type, texts: Iterable[str]) -> dict[str, Any]:
    """Read “name=value” as the command line gives it.

    Args:
        settings_class: A settings dataclass; its defaults say what kind of value is meant.
        texts: Such as "n_epochs=10" or "network=lenet".

    Returns:
        Values by name, of the kind of the setting's default.

    Raises:
        InputError: No “=”, no such setting, or a value of another kind.
    """
    defaults = {info.name: info.default for info in describe(settings_class)}
    found = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or name not in defaults:
            raise InputError(f"“{text}” sets nothing.", f"Write name=value; the names are {', '.join(defaults)}.")
        found[name] = _parse(name, value, type(defaults[name]))
    return found


def _parse(name: str, text: str, kind: type) -> Any:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    try:
        return words[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError) as error:
        what = {bool: "yes or no", int: "a whole number", float: "a number"}.get(kind, "a text")
        raise InputError(f"The setting “{name}” cannot be “{text}”.", f"Give {what}.") from error


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

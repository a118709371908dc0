"""The declared settings of each job: type, default, range and a sentence, once.

The command line builds its options and the window its form from `describe()`, so a
setting exists in one place only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from core.errors import InputError


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """How one setting is shown and checked.

    Attributes:
        name: Field name in the settings dataclass.
        default: Value when nobody says otherwise.
        sentence: What it does, for a person who does not know deep learning.
        low, high: Inclusive bounds for numbers, or None.
        choices: Allowed values, or empty.
        is_advanced: Shown only on request.
    """

    name: str
    default: Any
    sentence: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    is_advanced: bool = False


def setting(
    default: Any, sentence: str, *, low: float | None = None, high: float | None = None,
    choices: tuple[Any, ...] = (), is_advanced: bool = False,
) -> Any:
    """Declare a dataclass field together with its range and sentence."""
    metadata = {"sentence": sentence, "low": low, "high": high, "choices": choices, "is_advanced": is_advanced}
    return field(default=default, metadata=metadata)


def describe(settings_class: type) -> tuple[SettingInfo, ...]:
    """The declared settings of a settings dataclass, in their order."""
    return tuple(SettingInfo(f.name, f.default, **f.metadata) for f in fields(settings_class) if f.metadata)


def check_settings(settings: Any) -> None:
    """Raise `InputError` for the first value outside its declared range or choices."""
    for info in describe(type(settings)):
        value = getattr(settings, info.name)
        if info.choices and value not in info.choices:
            allowed = ", ".join(str(c) for c in info.choices)
            raise InputError(f"The setting “{info.name}” cannot be {value!r}.", f"Choose one of: {allowed}.")
        if value is not None and not _is_of_kind(value, type(info.default)):
            raise InputError(f"The setting “{info.name}” cannot be {value!r}.", "Choose it anew.")
        if value is None or isinstance(value, bool | str):
            continue
        is_low, is_high = info.low is not None and value < info.low, info.high is not None and value > info.high
        if is_low or is_high or value != value:  # what is not a number is neither low nor high
            raise InputError(
                f"The setting “{info.name}” cannot be {value!r}.", f"Choose a value from {info.low} to {info.high}."
            )


def _is_of_kind(value: Any, kind: type) -> bool:
    """Settings of a run from elsewhere may be of any kind; those without a default of a plain kind are not judged."""
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not issubclass(kind, (str, bool)) or isinstance(value, str if issubclass(kind, str) else bool)


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """Settings of the strategy `transfer`."""

    backbone: str = setting("efficientnet-lite0", "The pretrained network that describes each picture.")
    seed: int = setting(0, "Start of the random numbers; the same seed gives the same result.", low=0, high=2**32 - 1)
    n_folds: int = setting(
        5, "In how many parts the labels are cut so that each picture is judged by a model that did not see it.",
        low=2, high=20, is_advanced=True,
    )
    twins: str = setting(
        "same picture",
        "Which pictures are never parted between learning and judging: copies of one file, also other versions "
        "of one picture, or also pictures that look nearly alike. What goes beyond copies takes a health check.",
        choices=("same file", "same picture", "near twin"), is_advanced=True,
    )
    class_weights: str = setting(
        "auto",
        "Whether images of small classes count more, so that all classes count alike: where that helps on images "
        "held back (auto), never (none), or always (balanced).",
        choices=("auto", "none", "balanced"), is_advanced=True,
    )

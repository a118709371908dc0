"""Settings declared once as dataclass fields: default, range, choices and words; checked, parsed and restored.

Command line, form and documentation are made from `describe()`, so a setting exists in one place only.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

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


def same_as(settings_class: type, name: str, *, default: Any = None) -> Any:
    """Declare a setting as another class does, with its default unless another is given."""
    info = next(i for i in describe(settings_class) if i.name == name)
    return setting(
        info.default if default is None else default, info.sentence, low=info.low, high=info.high,
        choices=info.choices, is_advanced=info.is_advanced,
    )


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

"""Settings declared once as dataclass fields: default, range, choices and words; checked, parsed and restored.

Command line, form and documentation are made from `describe()`, so a setting exists in one place only.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from core.errors import InputError
from core.text import Message
from core.text.catalogues import has_template


EARLIER_SETTINGS: Mapping[str, tuple[str, Mapping[Any, Any]]] = {
    "twins": ("groups", {"same picture": "duplicates", "near twin": "near duplicates"}),
}
"""By the name that a setting had: its name of today, and which values are called otherwise by now."""


LATER_SETTINGS: Mapping[str, Any] = {"group_table": "", "n_repeats": 1, "runs": ""}
"""Settings that earlier versions lacked, with the value that leaves a training as it was."""


def todays_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by the names and values of today; what was never called otherwise stays as it is."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        now, renamed = EARLIER_SETTINGS.get(name, (name, {}))
        found[now] = renamed.get(value, value) if renamed else value
    return found


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """How one setting is shown and checked.

    Attributes:
        default: Value when nobody says otherwise.
        owner: Which settings it is one of, such as “fine_tune”.
        low, high: Inclusive bounds for numbers, or None.
        choices: Allowed values, or empty.
        is_advanced: Shown only on request.
    """

    name: str
    default: Any
    owner: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    is_advanced: bool = False

    @property
    def title(self) -> Message:
        """What it is called."""
        return setting_title(self.owner, self.name)

    @property
    def help(self) -> Message:
        """What it does, for a person who does not know deep learning; empty where nobody wrote it."""
        return _find_words(self.owner, self.name, ".help") or Message("")


def setting(
    default: Any, *, low: float | None = None, high: float | None = None, choices: tuple[Any, ...] = (),
    is_advanced: bool = False,
) -> Any:
    """Declare a dataclass field together with its range; its words are in the catalogue `training`.

    They are `training.setting.<field>` and `….help`, or `training.setting.<owner>.<field>` where a settings class
    calls for words of its own.
    """
    metadata = {"low": low, "high": high, "choices": choices, "is_advanced": is_advanced}
    return field(default=default, metadata=metadata)


def describe(settings_class: type) -> tuple[SettingInfo, ...]:
    """The declared settings of a settings dataclass, in their order."""
    owner = owner_of(settings_class)
    return tuple(SettingInfo(f.name, f.default, owner, **f.metadata) for f in fields(settings_class) if f.metadata)


def owner_of(settings_class: type) -> str:
    """“fine_tune” for `FineTuneSettings`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", settings_class.__name__.removesuffix("Settings")).lower()


def setting_title(owner: str, name: str) -> Message:
    """What a field is called; “Some thing” for “n_some_thing” that has no words."""
    plain = name.removeprefix("n_").removeprefix("has_").removeprefix("is_").replace("_", " ").strip()
    return _find_words(owner, name) or Message(plain[:1].upper() + plain[1:])


def choice_title(value: object) -> Message:
    """A choice as it stands in a list."""
    name = {True: "yes", False: "no", None: "none", "": "none"}.get(value, str(value))  # type: ignore[call-overload]
    code = f"training.choice.{name.lower().replace(' ', '_')}"
    return Message(code) if has_template(code) else Message(str(value))


def _find_words(owner: str, name: str, ending: str = "") -> Message | None:
    codes = (f"training.setting.{owner}.{name}{ending}", f"training.setting.{name}{ending}")
    return next((Message(code) for code in codes if has_template(code)), None)


def same_as(settings_class: type, name: str, *, default: Any = None) -> Any:
    """Declare a setting as another class does, with its default unless another is given."""
    declared = next(f for f in fields(settings_class) if f.name == name)
    return field(default=declared.default if default is None else default, metadata=declared.metadata)


def check_settings(settings: Any) -> None:
    """Raise `InputError` for the first value outside its declared range or choices."""
    for info in describe(type(settings)):
        value = getattr(settings, info.name)
        if info.choices and value not in info.choices:
            raise InputError(
                "training.setting_not_a_choice", setting=info.name, value=repr(value),
                names=tuple(str(choice) for choice in info.choices),
            )
        if value is not None and not _is_of_kind(value, type(info.default)):
            raise InputError("training.setting_of_another_kind", setting=info.name, value=repr(value))
        if value is None or isinstance(value, bool | str):
            continue
        is_low, is_high = info.low is not None and value < info.low, info.high is not None and value > info.high
        if is_low or is_high or value != value:  # what is not a number is neither low nor high
            raise InputError(
                "training.setting_out_of_range", setting=info.name, value=repr(value), low=info.low, high=info.high)


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
        values: Values by name; nested settings as mappings. Names that are missing get their defaults.

    Raises:
        InputError: A value is out of its range by now.
    """
    nested, values = nested_settings(settings_class), todays_settings(values)
    chosen = {
        field.name: _restore(values[field.name], nested.get(field.name))
        for field in fields(settings_class) if field.name in values
    }
    try:
        settings = settings_class(**chosen)
        check_settings(settings)
    except TypeError as error:
        raise InputError("training.settings_do_not_fit") from error
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
        (name, value), = todays_settings({name: value}).items()
        if not equals or name not in defaults:
            raise InputError("training.sets_nothing", given=text, names=tuple(defaults))
        found[name] = _parse(name, value, type(defaults[name]))
    return found


def names_of(texts: Iterable[str]) -> list[str]:
    """Names of the settings in “name=value” as the command line gives it."""
    return [next(iter(todays_settings({text.partition("=")[0].strip(): ""}))) for text in texts]


def _parse(name: str, text: str, kind: type) -> Any:
    words = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    try:
        return words[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError) as error:
        kind_name = kind.__name__ if kind in (bool, int, float) else "str"
        raise InputError(f"training.setting_not_{kind_name}", setting=name, given=text) from error


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

"""Frozen dataclasses as JSON values and back, told by their type hints; no pickle, no code in the file."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from core.text import Message

T = TypeVar("T")


def from_plain(kind: type[T], value: Any) -> T:
    """A dataclass from the JSON values of `dataclasses.asdict`; values that it does not know are left out.

    Raises:
        KeyError, TypeError, ValueError: The values are not of that class.
    """
    restored: T = _restore(kind, value)
    return restored


def as_plain(value: Any) -> Any:
    """For `json.dumps`: a message as its code and parameters."""
    if isinstance(value, Message):
        return value.to_json()
    raise TypeError(f"{value!r} is no JSON value")


def _restore(hint: Any, value: Any) -> Any:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        chosen = next(part for part in parts if part is not type(None))
        return None if value is None else _restore(chosen, value)
    if hint is Message:
        return Message.from_json(value)
    if is_dataclass(hint) and isinstance(hint, type):
        return _restore_dataclass(hint, value)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"expected a list, received {value!r}")
        inner = [parts[0]] * len(value) if parts[-1] is Ellipsis else parts
        return tuple(_restore(part, item) for part, item in zip(inner, value, strict=True))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint is float and isinstance(value, int):
        return float(value)
    kind = dict if origin is Mapping else hint
    if isinstance(kind, type) and (not isinstance(value, kind) or kind is int and isinstance(value, bool)):
        raise TypeError(f"expected {kind.__name__}, received {value!r}")
    return value


def _restore_dataclass(kind: type, value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"expected the values of {kind.__name__}, received {value!r}")
    hints = _hints(kind)
    needed = [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    if missing := [name for name in needed if name not in value]:
        raise KeyError(missing[0])
    return kind(**{name: _restore(hint, value[name]) for name, hint in hints.items() if name in value})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)

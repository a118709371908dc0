"""A sentence as code and parameters; it crosses processes and lies in files without words of any language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

CODE = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+")
"""A code is a domain and at least one more part: “images.truncated”."""

MAX_NESTED = 8
"""Messages within messages; foreign files may claim more."""


class Message:
    """What is to be said, independent of the language.

    Args:
        code: Key in the catalogues, such as “images.truncated”; the part before the first dot is the domain.
        **params: What the words name in braces: texts, numbers, paths, moments, other messages or errors, or
            sequences of these. `n` decides between singular and plural.
    """

    __slots__ = ("code", "params")

    code: str
    params: Mapping[str, Any]

    def __init__(self, code: str, /, **params: Any) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "params", params)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Message cannot be changed ({name})")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.code, self.params) == (other.code, other.params)

    def __hash__(self) -> int:
        return hash((self.code, repr(sorted(self.params.items()))))

    def __repr__(self) -> str:
        return f"Message({self.code!r}, {', '.join(f'{name}={value!r}' for name, value in self.params.items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self.code, dict(self.params))

    def __str__(self) -> str:
        from core.text.render import render

        return render(self)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a file; `from_json` brings the message back."""
        return {"code": self.code, "params": {name: _plain(value) for name, value in self.params.items()}}

    @classmethod
    def from_json(cls, value: Any) -> Message:
        """A message from a file, which may be damaged or come from elsewhere.

        A text, as earlier versions wrote it, becomes a message that says just that.

        Raises:
            ValueError: It is neither.
        """
        return _restored(value, MAX_NESTED)


def _remade(code: str, params: dict[str, Any]) -> Message:
    return Message(code, **params)


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(getattr(value, "message", None), Message):  # an AppError
        return value.message.to_json()
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return str(value) if isinstance(value, Path) else value


def _restored(value: Any, depth: int) -> Message:
    if isinstance(value, str):
        return Message(value)
    if not depth or not isinstance(value, dict) or not isinstance(value.get("code"), str):
        raise ValueError("not a message")
    params = value.get("params", {})
    if not isinstance(params, dict) or not all(isinstance(name, str) for name in params):
        raise ValueError("not the parameters of a message")
    return Message(value["code"], **{name: _restored_param(part, depth - 1) for name, part in params.items()})


def _restored_param(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["at"]) if isinstance(value.get("at"), str) else _restored(value, depth)
    if isinstance(value, list):
        return tuple(_restored_param(part, depth) for part in value)
    return value

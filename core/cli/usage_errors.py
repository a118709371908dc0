"""What is wrong with a command line, in Catalejo's words instead of the argument parser's.

typer brings a click of its own since 0.25 and exports only some of its errors; they are told by the names of their
classes, which click has had since 2014. One that is not known keeps the parser's own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import typer

from core.errors import InputError
from core.text import Message

UsageError: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""The base of everything that the parser raises."""

_KINDS = {"int": "whole_number", "integer": "whole_number", "float": "number", "boolean": "boolean"}


def usage_in_words(error: Any) -> InputError:
    """A usage error as one sentence and one hint.

    Args:
        error: A `UsageError` as the parser raised it.
    """
    say = _BY_NAME.get(type(error).__name__, _other)
    return say(error)


def _no_such_option(error: Any) -> InputError:
    near = get_close_matches(error.option_name, _options(error), 1)
    hint = Message("cli.usage.did_you_mean", word=near[0]) if near else _see_help(error)
    return InputError("cli.usage.no_such_option", hint, command=_command(error), option=error.option_name)


def _bad_option(error: Any) -> InputError:
    code = "cli.usage.takes_no_value" if "not take" in error.message else "cli.usage.needs_value"
    return InputError(code, _see_help(error), option=error.option_name)


def _missing(error: Any) -> InputError:
    what = error.param
    is_option = what is not None and what.param_type_name == "option"
    name = f"{what.opts[-1]} {what.metavar or ''}".strip() if is_option else getattr(what, "metavar", None) or "…"
    return InputError("cli.usage.missing", _see_help(error), command=_command(error), name=name)


def _bad_value(error: Any) -> InputError:
    match = re.match(r"'(.*)' is not a valid (\w+)", error.message, re.DOTALL)
    if match is None or error.param is None:
        return _other(error)
    kind = _KINDS.get(match[2].lower(), "right_kind")
    return InputError(f"cli.usage.no_{kind}", _see_help(error), value=match[1], option=error.param.opts[-1])


def _other(error: Any) -> InputError:
    message = str(error.format_message())
    if match := re.fullmatch(r"No such command '(.*?)'\..*", message, re.DOTALL):
        return _no_such_command(error, match[1])
    if match := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)\.?", message, re.DOTALL):
        return InputError("cli.usage.extra_argument", command=_command(error), argument=match[1])
    return InputError(Message(message), _see_help(error))


def _no_such_command(error: Any, name: str) -> InputError:
    commands = ["open", *error.ctx.command.list_commands(error.ctx)]
    near = get_close_matches(name, commands, 1)
    hint = (Message("cli.usage.did_you_mean", word=near[0]) if near else
            Message("cli.usage.commands", commands=tuple(commands)))
    return InputError("cli.usage.no_such_command", hint, command=name)


def _command(error: Any) -> str:
    name = getattr(getattr(error.ctx, "command", None), "name", None) if error.ctx else None
    return str(name) if name and error.ctx.parent is not None else "main.py"


def _options(error: Any) -> list[str]:
    parameters = getattr(getattr(error.ctx, "command", None), "params", ()) if error.ctx else ()
    return [name for parameter in parameters for name in parameter.opts if name.startswith("--")]


def _see_help(error: Any) -> Message:
    command = _command(error)
    return Message("cli.usage.see_help", command="" if command == "main.py" else f"{command} ")


_BY_NAME: Mapping[str, Callable[[Any], InputError]] = {
    "NoSuchOption": _no_such_option, "BadOptionUsage": _bad_option, "MissingParameter": _missing,
    "BadParameter": _bad_value,
}

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

UsageError: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""The base of everything that the parser raises."""

_KINDS = {"int": "a whole number", "integer": "a whole number", "float": "a number", "boolean": "yes or no"}


def usage_in_words(error: Any) -> InputError:
    """A usage error as one sentence and one hint.

    Args:
        error: A `UsageError` as the parser raised it.
    """
    say = _BY_NAME.get(type(error).__name__, _other)
    return say(error)


def _no_such_option(error: Any) -> InputError:
    near = get_close_matches(error.option_name, _options(error), 1)
    hint = f"Did you mean “{near[0]}”?" if near else _see_help(error)
    return InputError(f"“{_command(error)}” has no option “{error.option_name}”.", hint)


def _bad_option(error: Any) -> InputError:
    needs = "takes no value" if "not take" in error.message else "needs a value after it"
    return InputError(f"The option “{error.option_name}” {needs}.", _see_help(error))


def _missing(error: Any) -> InputError:
    what = error.param
    is_option = what is not None and what.param_type_name == "option"
    name = f"{what.opts[-1]} {what.metavar or ''}".strip() if is_option else getattr(what, "metavar", None) or "more"
    return InputError(f"“{_command(error)}” needs {name}.", _see_help(error))


def _bad_value(error: Any) -> InputError:
    match = re.match(r"'(.*)' is not a valid (\w+)", error.message, re.DOTALL)
    if match is None or error.param is None:
        return _other(error)
    kind, option = _KINDS.get(match[2].lower(), "a value of the right kind"), error.param.opts[-1]
    return InputError(f"“{match[1]}” is not {kind}, as “{option}” needs it.", _see_help(error))


def _other(error: Any) -> InputError:
    message = str(error.format_message())
    if match := re.fullmatch(r"No such command '(.*?)'\..*", message, re.DOTALL):
        return _no_such_command(error, match[1])
    if match := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)\.?", message, re.DOTALL):
        sentence = f"“{_command(error)}” has no use for “{match[1]}”."
        return InputError(sentence, "Put names that contain spaces in quotes, or see --help.")
    return InputError(message, _see_help(error))


def _no_such_command(error: Any, name: str) -> InputError:
    commands = list(getattr(getattr(error.ctx, "command", None), "commands", None) or ()) + ["open"]
    near = get_close_matches(name, commands, 1)
    hint = f"Did you mean “{near[0]}”?" if near else f"The commands are: {', '.join(commands)}."
    return InputError(f"Catalejo has no command “{name}”.", hint)


def _command(error: Any) -> str:
    name = getattr(getattr(error.ctx, "command", None), "name", None) if error.ctx else None
    return str(name) if name and error.ctx.parent is not None else "main.py"


def _options(error: Any) -> list[str]:
    parameters = getattr(getattr(error.ctx, "command", None), "params", ()) if error.ctx else ()
    return [name for parameter in parameters for name in parameter.opts if name.startswith("--")]


def _see_help(error: Any) -> str:
    command = _command(error)
    return f"See what it takes with: main.py {'' if command == 'main.py' else command + ' '}--help"


_BY_NAME: Mapping[str, Callable[[Any], InputError]] = {
    "NoSuchOption": _no_such_option, "BadOptionUsage": _bad_option, "MissingParameter": _missing,
    "BadParameter": _bad_value,
}

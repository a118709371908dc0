"""Help pages, option `--lang` and usage errors of the terminal in the language in force, in place of typer's own.

typer takes help texts from the declaration of a command, when its module is imported, and prints its own words in
English. Here declarations name codes of sentences, and these classes put them into words when a command is built.

typer brings a click of its own since 0.25 and exports only some of its errors; they are told by the names of their
classes, which click has had since 2014. One that is not known keeps the parser's own sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from core.errors import InputError
from core.text import Message, text
from core.devices import CHOICES
from core.text.language import LANGUAGES


class _Spoken:
    """A command with a help page in the language in force; `help` and metavars are codes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        speak_parameters(self)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _write_usage(self, ctx, formatter)
        _write_options(self, ctx, formatter)


class SpokenCommand(_Spoken, TyperCommand):
    """One command."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, formatter)
        if self.name == "train":
            from core.cli.settings_help import write_settings

            write_settings(formatter)


class SpokenGroup(_Spoken, TyperGroup):
    """All commands, each built when it is asked for.

    A subclass says which there are by `list_commands` and `get_command`.
    """

    def format_help(self, ctx: Any, formatter: Any) -> None:
        super().format_help(ctx, formatter)
        names = ["open", *self.list_commands(ctx)]
        with formatter.section(text("cli.help.commands")):
            formatter.write_dl([(name, text(f"cli.{name}.help")) for name in names])


def build_command(name: str, act: Callable[..., object]) -> Any:
    """The parser's command of a function whose parameters declare the options.

    Args:
        name: As it is typed; `cli.<name>.help` says what it does.
        act: A function of one of the modules of commands.
    """
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, cls=SpokenCommand, help=f"cli.{name}.help")(act)
    return typer.main.get_command(app)


def speak_parameters(command: Any) -> None:
    """Put codes of help and metavars into words; add the options `--lang` and `--device`, taken out before."""
    command.help = text(command.help)
    command.params.append(TyperOption(
        param_decls=["--lang"], metavar="|".join(LANGUAGES), help="cli.help.lang", expose_value=False))
    command.params.append(TyperOption(
        param_decls=["--device"], metavar="|".join(CHOICES), help="cli.help.device", expose_value=False))
    for param in command.params:
        if param.help:
            param.help = text(param.help)
        if (param.metavar or "").startswith("cli.metavar."):
            param.metavar = text(param.metavar)


def _write_usage(command: Any, ctx: Any, formatter: Any) -> None:
    arguments = [piece.strip("{}") for param in command.get_params(ctx) for piece in param.get_usage_pieces(ctx)]
    last = [text("cli.help.command_metavar")] if isinstance(command, TyperGroup) else []
    formatter.write_usage(ctx.command_path, " ".join([text("cli.help.options_metavar"), *arguments, *last]),
                          prefix=f"{text('cli.help.usage')} ")
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(command.help)


def _write_options(command: Any, ctx: Any, formatter: Any) -> None:
    params = command.get_params(ctx)
    for kind in ("argument", "option"):
        rows = [_row(param, ctx) for param in params if param.param_type_name == kind and not param.hidden]
        if rows:
            with formatter.section(text(f"cli.help.{kind}s")):
                formatter.write_dl(rows)


def _row(param: Any, ctx: Any) -> tuple[str, str]:
    if param.param_type_name == "argument":
        return param.make_metavar(ctx), " ".join(_remarks(param.help, param))
    value = "" if param.is_flag else f" {param.make_metavar(ctx)}"
    is_help = param.name == "help"
    return (" / ".join((*param.opts, *param.secondary_opts)) + value,
            " ".join(_remarks(text("cli.help.help") if is_help else param.help, param)))


def _remarks(said: str | None, param: Any) -> Iterable[str]:
    if said:
        yield said
    default = param.show_default if isinstance(param.show_default, str) else param.default
    if default not in (None, "", False) and not callable(default):
        yield text("cli.help.default", value=default)
    if param.required and param.param_type_name == "option":
        yield text("cli.help.required")


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
    hint = Message("cli.usage.did_you_mean", word=near[0]) if near else \
        _see_help(error) if error.option_name.startswith("--") else Message("cli.usage.name_with_dash")
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

"""Commands of the terminal whose help page, option `--lang` and placeholders are in the language in force.

typer takes help texts from the declaration of a command, when its module is imported, and prints its own words in
English. Here declarations name codes of sentences, and these classes put them into words when a command is built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from core.cli.settings_help import write_settings
from core.text import text
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
    """Put codes of help and metavars into words, and add the option `--lang`, which was taken out before."""
    command.help = text(command.help)
    command.params.append(TyperOption(
        param_decls=["--lang"], metavar="|".join(LANGUAGES), help="cli.help.lang", expose_value=False))
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

"""The table of all commands of `main.py`, and how one of them is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core import __version__
from core.cli import console
from core.cli.command_help import SpokenGroup, UsageError, build_command, usage_in_words
from core.errors import InputError
from core.text.language import LANGUAGES, PSEUDO, set_language, take_language

if TYPE_CHECKING:
    from core.review.report_blocks import Report

COMMANDS: Mapping[str, str] = {
    "new": "core.cli.import_commands:new",
    "label": "core.cli.import_commands:label",
    "classes": "core.cli.import_commands:classes",
    "exclude": "core.cli.image_commands:exclude",
    "include": "core.cli.image_commands:include",
    "flag": "core.cli.tag_commands:flag",
    "tag": "core.cli.tag_commands:tag",
    "remove": "core.cli.image_commands:remove",
    "relocate": "core.cli.image_commands:relocate",
    "train": "core.cli.run_commands:train",
    "runs": "core.cli.run_commands:runs",
    "compare": "core.cli.compare_command:compare",
    "learning-curve": "core.cli.curve_command:learning_curve",
    "similar": "core.cli.similar_command:similar",
    "show": "core.cli.show_command:show",
    "mistakes": "core.cli.mistake_command:mistakes",
    "explain": "core.cli.explain_command:explain",
    "predict": "core.cli.output_commands:predict",
    "submit": "core.cli.output_commands:submit",
    "review": "core.cli.output_commands:review",
    "map": "core.cli.map_command:map_",
    "threshold": "core.cli.output_commands:threshold",
    "health": "core.cli.project_commands:health",
    "restore": "core.cli.project_commands:restore",
    "copy": "core.cli.project_commands:copy",
    "backbones": "core.cli.run_commands:backbones",
    "devices": "core.cli.run_commands:devices",
    "demo": "core.cli.project_commands:demo",
}
"""“module:function” by the name that is typed. A function's parameters declare the options; its help is
`cli.<name>.help`. A module of commands is imported when one of its commands is asked for."""


@dataclass(frozen=True, slots=True)
class WindowDoor:
    """What the commands may ask of the window, which core does not know.

    Attributes:
        open: Opens the window on a project's folder and stays until it is closed.
        take_pictures: Leaves pictures of each page of a project in a folder; returns their paths.
        write_pdf: Paints a report into a PDF file; needs no screen.
    """

    open: Callable[[Path], object]
    take_pictures: Callable[[Path, Path], list[Path]]
    write_pdf: Callable[[Report, Path], None]


def run_command(arguments: list[str], window: WindowDoor | None = None) -> int:
    """Run one command; the exit code is 0, 2 (foreseen error) or 130 (cancelled).

    Args:
        arguments: What follows the program's name.
        window: Needed by `demo`, where something is to be shown, and by `review` for a PDF.
    """
    try:
        return console.exit_code_of(lambda: _run(arguments, window))
    except typer.Abort:
        return console.EXIT_CANCELLED


def _run(arguments: list[str], window: WindowDoor | None) -> None:
    """Run one command; typer turns an interrupt into a returned 130, which must not pass for success."""
    asked, others = take_language(arguments)
    if asked is not None:
        if asked not in (*LANGUAGES, PSEUDO):
            raise InputError("cli.no_such_language", language=asked, languages=tuple(LANGUAGES))
        set_language(asked)
    app = typer.Typer(cls=_Commands, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                      help="cli.help.about")
    app.callback(invoke_without_command=True)(_about)
    try:
        ended = app(args=_name_the_latest(others), prog_name="catalejo", standalone_mode=False, obj=window)
    except UsageError as error:
        raise usage_in_words(error) from error
    if ended == console.EXIT_CANCELLED:
        raise KeyboardInterrupt


class _Commands(SpokenGroup):
    def list_commands(self, ctx: object) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        return build_command(cmd_name, getattr(import_module(module), function))


def _about(version: Annotated[bool, typer.Option("--version", help="cli.help.version")] = False) -> None:
    if version:
        print(f"Catalejo {__version__}")
        raise typer.Exit


def _name_the_latest(arguments: list[str]) -> list[str]:
    """`--resume` without a name means the latest training; typer cannot declare that."""
    named: list[str] = []
    for argument, following in zip(arguments, [*arguments[1:], "-"], strict=True):
        named += [argument, "latest"] if argument == "--resume" and following.startswith("-") else [argument]
    return named

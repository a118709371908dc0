"""The command `show`: one run in full, and what a person marks it with: star, note, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, say_accuracy
from core.cli.run_commands import say_run
from core.review.verdict import describe_end
from core.runs.environment import say_environment
from core.text import text


def show(
    project: ProjectArgument,
    run: Annotated[str | None, typer.Argument(metavar="cli.metavar.some_run", help="cli.option.run")] = None,
    star: Annotated[bool | None, typer.Option("--star/--no-star", help="cli.show.star")] = None,
    note: Annotated[str | None, typer.Option(metavar="cli.metavar.text", help="cli.show.note")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="cli.show.delete")] = False,
    restore: Annotated[bool, typer.Option("--restore", help="cli.show.restore")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import run_acts

    is_deleted = delete if delete or restore else None
    if (star, note, is_deleted) == (None, None, None):
        facts = run_acts.show_run(project, run)
        console.answer(facts, say_shown(facts), as_json=as_json)
        return
    changed = run_acts.change_run(
        project, run_acts.meant_run(project, run), is_starred=star, note=note, is_deleted=is_deleted)
    console.answer(changed, say_changed(changed), as_json=as_json)


def say_changed(facts: Mapping[str, Any]) -> str:
    """Star, name, note, and whether it is deleted."""
    code = "cli.show.deleted" if facts["deleted"] else "cli.show.kept"
    return lines_of(text(code, run=("★ " if facts["star"] else "") + facts["run"]), facts["user_note"])


def say_shown(facts: Mapping[str, Any]) -> str:
    """What was measured, how it was trained, the gap, the settings and the environment."""
    settings = [f"  {name}: {value}" for name, value in facts["settings"].items()
                if value is not None]
    return lines_of(
        ("★ " if facts["star"] else "") + facts["run"], facts["user_note"], facts["damage"],
        say_accuracy(facts) if "confusion" in facts else "", *(say_run(facts) if "seconds" in facts else ()),
        describe_end(facts), facts["gap"], *facts.get("notes", ()),
        text("cli.show.settings"), *settings,
        *say_environment(facts["environment"]), facts["folder"],
    )

"""The commands `exclude`, `include`, `remove` and `relocate`: which images take part, and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed
from core.text import text

Images = Annotated[list[str] | None, typer.Argument(metavar="cli.metavar.images", help="cli.exclude.images")]


def exclude(
    project: ProjectArgument, images: Images = None,
    reason: Annotated[str, typer.Option(metavar="cli.metavar.text", help="cli.exclude.reason")] = "",
    as_json: JsonOption = False,
) -> None:
    from core.workflow import image_acts

    facts = image_acts.exclude(project, images or (), reason=reason)
    lines = [say_touched("cli.exclude.done", facts)] if images else []
    if facts["changed_test"]:
        lines.append(text("cli.exclude.test_keeps_lines"))
    console.answer(facts, lines_of(*lines, say_excluded(facts)), as_json=as_json)


def include(
    project: ProjectArgument, images: Images = None,
    is_all: Annotated[bool, typer.Option("--all", help="cli.include.all")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import image_acts

    facts = image_acts.include(project, images or (), is_all=is_all)
    console.answer(facts, lines_of(say_touched("cli.include.done", facts), say_excluded(facts)), as_json=as_json)


def remove(
    project: ProjectArgument, images: Images = None,
    source: Annotated[Path | None, typer.Option(metavar="cli.metavar.dir", help="cli.remove.source")] = None,
    back: Annotated[bool, typer.Option("--back", help="cli.remove.back")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import image_acts

    facts = image_acts.remove(project, images or (), source=source, brings_back=back)
    done = text("cli.remove.returned", n=facts["returned"]) if back else (
        text("cli.remove.done", n=facts["removed"]) if images or source else "")
    n_out = len(facts["images"])
    console.answer(facts, lines_of(
        done, text("cli.remove.out", n=n_out) if n_out or not done else "",
        listed(facts["images"]) if n_out else ""), as_json=as_json)


def relocate(
    project: ProjectArgument,
    old: Annotated[Path, typer.Argument(metavar="cli.metavar.old", help="cli.relocate.old")],
    new: Annotated[Path, typer.Argument(metavar="cli.metavar.new", help="cli.relocate.new")],
    as_json: JsonOption = False,
) -> None:
    from core.workflow import image_acts

    with console.command_context(is_quiet=as_json) as context:
        facts = image_acts.relocate(project, old, new, context)
    missing = facts["missing"]
    console.answer(facts, lines_of(
        text("project.relocated", n=facts["found"]),
        text("project.relocated.missing", n=len(missing)) if missing else "", listed(missing) if missing else "",
        text("project.relocated.others", n=facts["others"]) if facts["others"] else ""), as_json=as_json)


def say_touched(code: str, facts: Mapping[str, Any]) -> str:
    """How many images changed, of training and test."""
    from core.workflow.touched import say_parts

    n, n_test = facts["changed"], min(facts["changed_test"], facts["changed"])
    return text(code, n=n, images=say_parts(n - n_test, n_test))


def say_excluded(facts: Mapping[str, Any]) -> str:
    """How many images are excluded now, and why each of them is."""
    rows = [text("cli.path_reason", path=row["path"], reason=row["reason"]) for row in facts["images"]]
    n = facts["excluded_unreadable"]
    return lines_of(text("cli.exclude.total", n=len(rows)), listed(rows) if rows else "",
                    text("cli.exclude.unreadable", n=n) if n else "")

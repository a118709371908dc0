"""The command `mistakes`: the lists of mistakes of a run, and the images of one list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, RunOption, lines_of, listed
from core.text import text
from core.text.numbers import format_confidence


def mistakes(
    project: ProjectArgument,
    name: Annotated[str | None, typer.Argument(metavar="cli.metavar.list", help="cli.mistakes.list")] = None,
    run: RunOption = None,
    part: Annotated[str, typer.Option("--part", metavar="cli.metavar.part", help="cli.mistakes.part")] = "judged",
    against: Annotated[str | None, typer.Option(
        "--against", metavar="cli.metavar.run", help="cli.mistakes.against")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="cli.metavar.file", help="cli.mistakes.out")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.files.user_files import require_one_result
    from core.workflow.list_export import show_mistakes

    if out is not None:
        require_one_result(out, as_json=as_json)
    facts = show_mistakes(project, run_id=run, part=part, name=name, against=against, out=out)
    console.answer(facts, say_mistakes(facts), as_json=as_json)


def say_mistakes(facts: Mapping[str, Any]) -> str:
    """The lists with their numbers, or the first images of one."""
    head = text("cli.mistakes.head", run=facts["run"], part=facts["part_title"])
    if "lists" in facts:
        rows = [text("cli.mistakes.row", name=row["name"], title=row["title"], n=row["images"])
                for row in facts["lists"]]
        return lines_of(head, *("  " + row for row in rows), "" if rows else text("cli.mistakes.none"))
    images = facts["images"]
    if facts["out"]:
        return lines_of(head, text("window_library.list_saved", n=len(images), path=facts["out"]))
    return lines_of(head, facts["title"], listed([_say_image(row) for row in images]))


def _say_image(row: Mapping[str, Any]) -> str:
    confidence = "" if row["confidence"] is None else format_confidence(row["confidence"])
    return text("cli.mistakes.image", path=row["path"], label=row["label"] or text("cli.mistakes.no_label"),
                prediction=row["prediction"] or "", confidence=confidence)

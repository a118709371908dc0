"""The commands `restore` and `demo`: a damaged project, and the sample project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, say_accuracy
from core.text import Message, text

if TYPE_CHECKING:
    from core.cli.commands import WindowDoor


def restore(project: ProjectArgument, as_json: JsonOption = False) -> None:
    from core.project.backups import restore_backup

    facts = restore_backup(project)
    console.answer(facts, say_restored(facts), as_json=as_json)


def demo(
    shared: typer.Context,
    out: Annotated[Path, typer.Option(metavar="cli.metavar.dir", help="cli.demo.out")] = Path("catalejo-demo"),
    headless: Annotated[bool, typer.Option("--headless", help="cli.demo.headless")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import demo as demo_act

    with console.command_context(is_quiet=as_json) as context:
        summary = demo_act.run_demo(out, context)
    window: WindowDoor | None = shared.obj
    if window is not None and headless:
        summary = {**summary, "screenshots": list(map(str, window.take_pictures(
            Path(summary["project"]), out / "screenshots")))}
    console.answer(summary, say_demo(summary), as_json=as_json)
    if window is not None and not headless:
        window.open(Path(summary["project"]))


def say_restored(facts: Mapping[str, Any]) -> str:
    """Of when the catalog is, and how much is in it."""
    return lines_of(
        text("cli.restore.restored", made_at=facts["made_at"], images=Message("text.images", n=facts["images"]),
             labels=Message("text.labels", n=facts["labels"]), runs=Message("text.runs", n=facts["runs"])),
        text("cli.restore.aside", folder=facts["aside"]) if facts["aside"] else "")


def say_demo(facts: Mapping[str, Any]) -> str:
    """The accuracy, and where everything lies."""
    return lines_of(say_accuracy(facts["train"]), text("cli.demo.where"), *(
        "  " + text(f"cli.demo.{what}", path=facts[what])
        for what in ("project", "report", "submission", "predictions")))

"""The commands `flag` and `tag`: what a person notes about images beside their label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed
from core.project.tag_names import FLAGS
from core.text import text

Images = Annotated[list[str] | None, typer.Argument(metavar="cli.metavar.images", help="cli.exclude.images")]
Names = list[str] | None


def flag(
    project: ProjectArgument, images: Images = None,
    set_: Annotated[Names, typer.Option("--set", metavar="cli.metavar.name", help="cli.flag.set")] = None,
    clear: Annotated[Names, typer.Option("--clear", metavar="cli.metavar.name", help="cli.flag.clear")] = None,
    having: Annotated[Names, typer.Option("--with", metavar="cli.metavar.name", help="cli.flag.with")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import tag_acts

    facts = tag_acts.flag(project, images or (), on=set_ or (), off=clear or (), having=having or ())
    console.answer(facts, say_tagged(facts, "flag", bool(set_ or clear)), as_json=as_json)


def tag(
    project: ProjectArgument, images: Images = None,
    add: Annotated[Names, typer.Option("--add", metavar="cli.metavar.name", help="cli.tag.add")] = None,
    remove: Annotated[Names, typer.Option("--remove", metavar="cli.metavar.name", help="cli.tag.remove")] = None,
    having: Annotated[Names, typer.Option("--with", metavar="cli.metavar.name", help="cli.tag.with")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import tag_acts

    facts = tag_acts.tag(project, images or (), on=add or (), off=remove or (), having=having or ())
    console.answer(facts, say_tagged(facts, "tag", bool(add or remove)), as_json=as_json)


def say_tagged(facts: Mapping[str, Any], kind: str, is_change: bool) -> str:
    """How many images changed, how many have each flag or tag, and the images of the list."""
    say = _name if kind == "flag" else str  # a tag of one's own may be called as a flag is
    counts = [text("cli.class_count", name=say(name), count=n) for name, n in facts[f"{kind}s"].items()]
    rows = [text("cli.path_reason", path=row["path"], reason=", ".join(
        (*map(_name, row["flags"]), *row["tags"])) or text("cli.tag.nothing")) for row in facts["images"]]
    return lines_of(
        text("cli.tag.changed", n=facts["changed"]) if is_change else "",
        text(f"cli.{kind}.counts", counts=counts) if counts else text(f"cli.{kind}.none"),
        listed(rows) if rows else "")


def _name(name: str) -> str:
    return text(f"project.flag.{name}") if name in FLAGS else name

"""The command `similar`: the images of a project most similar to an image in it, or to any file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed_reasons
from core.text import text


def similar(
    project: ProjectArgument,
    images: Annotated[list[str], typer.Argument(metavar="cli.metavar.images", help="cli.similar.images")],
    count: Annotated[int, typer.Option("-k", "--count", min=1, metavar="cli.metavar.number",
                                       help="cli.similar.count")] = 12,
    backbone: Annotated[str | None, typer.Option(metavar="cli.metavar.name", help="cli.similar.backbone")] = None,
    embed: Annotated[bool, typer.Option("--embed", help="cli.similar.embed")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow.similar import find_similar_images

    with console.command_context(is_quiet=as_json) as context:
        facts = find_similar_images(project, images, context, n_similar=count, backbone=backbone, embeds=embed)
    console.answer(facts, say_similar(facts), as_json=as_json)


def say_similar(facts: Mapping[str, Any]) -> str:
    """A line for each image, the most similar first; what was not compared, and what could not be used."""
    lines = [text("cli.similar.copy" if one["copy"] else "cli.similar.line", similarity=one["similarity"],
                  label=one["label"] or text("cli.similar.no_label"), path=one["path"]) for one in facts["similar"]]
    nothing = "" if lines else text("cli.similar.nothing")
    without = text("cli.similar.without", n=facts["n_without"])
    skipped = [text("cli.similar.skipped", n=len(facts["skipped"])), listed_reasons(facts["skipped"])]
    return lines_of(nothing, *lines, without if facts["n_without"] else "", *(skipped if facts["skipped"] else ()))

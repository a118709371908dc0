"""The command `explain`: heat maps, ImageNet readings and similar training images of single images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, RunOption, lines_of, listed_reasons
from core.text import Message, text

SHOWN = 3
"""Names and neighbours in a line; the JSON object has more."""


def explain(
    project: ProjectArgument,
    out: Annotated[Path, typer.Option("--out", metavar="cli.metavar.dir", help="cli.explain.out")],
    images: Annotated[list[str] | None, typer.Argument(
        metavar="cli.metavar.images", help="cli.explain.images")] = None,
    run: RunOption = None,
    is_by_occlusion: Annotated[bool, typer.Option("--occlusion", help="cli.explain.occlusion")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import explaining

    with console.command_context(is_quiet=as_json) as context:
        facts = explaining.explain(
            project, images or (), out, context, run_id=run, is_by_occlusion=is_by_occlusion)
    console.answer(facts, say_explained(facts), as_json=as_json)


def say_explained(facts: Mapping[str, Any]) -> str:
    """What the model finds in each image, and where the pictures are."""
    n_files = sum(len(image["heat"]) for image in facts["images"])
    skipped = facts["skipped"]
    return lines_of(
        *(line for image in facts["images"] for line in _say_image(image)),
        text("cli.explain.written", n=n_files, out=facts["out"], run=facts["run"]), *facts["notes"],
        *([text("cli.skipped.no_heat_map", n=len(skipped)), listed_reasons(skipped)] if skipped else ()))


def _say_image(image: Mapping[str, Any]) -> list[str]:
    label = image["label"] or text("cli.explain.no_label")
    said = [text("cli.explain.image", path=image["path"], predicted=image["predicted"],
                 confidence=image["confidence"], label=label)]
    said += ["  " + text("cli.explain.heat", name=one["class"], file=one["file"], share=one["border"],
                         method=Message(f"heat.method.{image['method']}")) for one in image["heat"]]
    names = [Message("cli.explain.reading", name=one["name"], p=one["p"]) for one in image["imagenet"][:SHOWN]]
    said.append("  " + (text("cli.explain.imagenet", names=tuple(names)) if names else str(image["reading_reason"])))
    return said

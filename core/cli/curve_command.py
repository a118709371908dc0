"""The command `learning-curve`: accuracy by number of labels, and what twice as many would bring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed_reasons
from core.settings import parse_settings
from core.text import text
from core.training.registry import find_strategy


def learning_curve(
    project: ProjectArgument,
    backbone: Annotated[str | None, typer.Option(metavar="cli.metavar.name", help="cli.train.backbone")] = None,
    chosen: Annotated[list[str] | None, typer.Option(
        "--set", metavar="cli.metavar.setting", help="cli.learning-curve.set")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow.learning import STRATEGY, measure_project

    wanted = parse_settings(find_strategy(STRATEGY).settings, chosen or ())
    with console.command_context(is_quiet=as_json) as context:
        facts = measure_project(project, wanted | ({"backbone": backbone} if backbone else {}), context)
    console.answer(facts, say_curve(facts), as_json=as_json)


def say_curve(facts: Mapping[str, Any]) -> str:
    """A line for each number of labels, then what more would bring."""
    lines = [text("cli.learning-curve.point", n=point["n_labels"], per_class=point["per_class"],
                  accuracy=point["accuracy"], low=point["interval"][0], high=point["interval"][1])
             for point in facts["points"]]
    skipped = [text("cli.train.skipped", n=len(facts["skipped"])), listed_reasons(facts["skipped"])]
    return lines_of(*lines, facts["sentence"], *facts["notes"], *(skipped if facts["skipped"] else ()))

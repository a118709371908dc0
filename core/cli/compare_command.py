"""The command `compare`: two runs beside each other on the images that both judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed
from core.text import text

MOST_MOVES = 5


def compare(
    project: ProjectArgument,
    before: Annotated[str, typer.Argument(metavar="cli.metavar.run", help="cli.compare.before")],
    after: Annotated[str, typer.Argument(metavar="cli.metavar.run", help="cli.compare.after")],
    as_json: JsonOption = False,
) -> None:
    from core.project.project import Project
    from core.workflow.two_runs import compare_two
    from core.workflow.two_runs_words import two_runs_as_json

    with Project.open(project, read_only=True) as opened:
        facts = two_runs_as_json(opened, compare_two(opened, before, after))
    console.answer(facts, say_compared(facts), as_json=as_json)


def say_compared(facts: Mapping[str, Any]) -> str:
    """Each set of images with its sentences and lists, one after the other, and what must be read with them."""
    from core.workflow.two_runs_words import SETS

    lines = [text("review.compare.title", before=facts["before"], after=facts["after"])]
    for name in SETS:
        if facts[name] is not None:
            lines += _say_set(facts[name])
    return lines_of(*lines, *facts["notes"])


def _say_set(facts: Mapping[str, Any]) -> list[str]:
    from core.workflow.two_runs_words import LISTS

    lines = list(facts["sentences"])
    moves = _moves(facts)
    if moves:
        lines += [text("review.compare.moves"), listed(moves)]
    for name in LISTS:
        if facts[name]:
            lines += [text(f"review.compare.list.{name}", n=len(facts[name])),
                      listed([text("review.compare.image", **row) for row in facts[name]])]
    return lines


def _moves(facts: Mapping[str, Any]) -> Sequence[str]:
    """What is confused more or less often than before, the largest differences first."""
    from core.workflow.two_runs_words import signed_count

    cells = [(count, label, prediction) for label, row in zip(facts["classes"], facts["confusion_difference"],
                                                              strict=True)
             for prediction, count in zip(facts["classes"], row, strict=True) if count and label != prediction]
    cells.sort(key=lambda cell: -abs(cell[0]))
    return [text("review.compare.move", label=label, prediction=prediction, count=signed_count(count))
            for count, label, prediction in cells[:MOST_MOVES]]

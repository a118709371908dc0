"""Options and arguments that several commands share, and parts of their answers: lists, accuracy, files left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from core.review.baseline import describe_baseline, describe_warning, standing_of_figures
from core.review.verdict import describe_accuracy, describe_doubt, say_as_trained, say_excluded, say_uncounted
from core.text import text
from core.text.render import shell_word

MAX_LISTED = 10
"""Longer lists are cut, and the rest is counted."""

ProjectArgument = Annotated[Path, typer.Argument(metavar="cli.metavar.project", help="cli.option.project")]
JsonOption = Annotated[bool, typer.Option("--json", help="cli.option.json")]
RunOption = Annotated[str | None, typer.Option("--run", metavar="cli.metavar.run", help="cli.option.run")]
SureOption = Annotated[str | None, typer.Option("--sure", metavar="cli.metavar.sure", help="cli.option.sure")]
NoneOption = Annotated[bool, typer.Option("--none-of-these", help="cli.option.none_of_these")]
CostsOption = Annotated[Path | None, typer.Option("--costs", metavar="cli.metavar.file", help="cli.option.costs")]
OutFile = Annotated[Path, typer.Option("--out", metavar="cli.metavar.file", help="cli.option.out")]


def lines_of(*said: object) -> str:
    """Sentences, a line each; None and empty ones are left out."""
    return "\n".join(str(line) for line in said if line is not None and str(line))


def listed(lines: Sequence[object], *, n: int | None = None) -> str:
    """Indented lines, cut after some; `n` is how many there are where `lines` are only the first of them.

    A line stays one, also where the name of a file in it has line breaks.
    """
    shown = ["  " + "\ufffd".join(str(line).splitlines()) for line in lines[:MAX_LISTED]]
    n_more = (n or len(lines)) - MAX_LISTED
    if n_more > 0:
        shown.append("  " + text("cli.more" if n else "cli.more_in_json", n=n_more))
    return "\n".join(shown)


def listed_reasons(rows: Sequence[Mapping[str, Any]]) -> str:
    """Files and why they were left out."""
    return listed([text("cli.path_reason", path=row["path"], reason=row["reason"]) for row in rows])


def say_counted(classes: Mapping[str, int]) -> str:
    """“pistol 391, smartphone 350”, cut after some."""
    shown = [text("cli.class_count", name=name, count=n) for name, n in classes.items()]
    more = [text("cli.more_classes", n=len(shown) - MAX_LISTED)] if len(shown) > MAX_LISTED else []
    return ", ".join(shown[:MAX_LISTED] + more)


def say_similar(facts: Mapping[str, Any]) -> list[str]:
    """Classes that are probably one, each with the command that joins them."""
    return [text("cli.similar_classes", names=group, project=shell_word(facts["project"]),
                 others=" ".join(map(shell_word, group[1:])), target=shell_word(group[0]))
            for group in facts.get("similar_classes", ())]


def say_accuracy(facts: Mapping[str, Any]) -> str:
    """The same sentences as in the report and the window; a warning stands on a line before the figure.

    So does the expected accuracy on images without labels where it is the lower one.
    """
    standing = standing_of_figures(facts)
    bounds = None if facts["accuracy"] is None else (facts["interval"][0], facts["interval"][1])
    n_right = sum(row[i] for i, row in enumerate(facts["confusion"]))
    then = facts.get("as_trained", {})
    as_trained = say_as_trained(then.get("accuracy"), then.get("interval"), bounds) if bounds else ""
    figure = describe_accuracy(
        n_right, facts["n_validation"], bounds, kind=facts["accuracy_kind"], is_changed=bool(as_trained))
    said = " ".join(filter(None, (
        figure, describe_baseline(standing), describe_doubt(bounds), as_trained,
        *((say_excluded(facts.get("excluded", 0)), say_uncounted(facts.get("uncounted", 0))) if as_trained else ()))))
    expected = facts.get("expected") or {"sentence": "", "is_lower": False}
    lines = [describe_warning(standing), said, *(facts["test"]["sentences"] if facts.get("test") else ())]
    return lines_of(*([expected["sentence"], *lines] if expected["is_lower"] else [*lines, expected["sentence"]]))


def say_changed_files(facts: Mapping[str, Any]) -> list[str]:
    """Which files changed without the project having been told."""
    names = facts.get("changed") or ()
    return [text("cli.predicted_changed", n=len(names)), listed(names)] if names else []


def say_unanswered(facts: Mapping[str, Any]) -> list[str]:
    """How many images got no answer and why, how many another one than the likeliest class, and which."""
    said: list[str] = []
    for reason in ("unsure", "none_of_these", "by_cost"):
        names = facts.get(reason) or ()
        if names:
            said += [text(f"cli.unanswered.{reason}", n=len(names), sure=facts["sure"]), listed(names)]
    return said

"""The commands `predict`, `submit`, `review` and `threshold`: what a run is asked to write, how sure it must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.checks.check import say_skipped
from core.cli import console
from core.cli.options import (
    CostsOption, JsonOption, NoneOption, OutFile, ProjectArgument, RunOption, SureOption, lines_of, listed,
    listed_reasons, say_accuracy, say_changed_files, say_unanswered,
)
from core.errors import InputError
from core.files.user_files import require_one_result
from core.review.verdict import say_changed_since, say_excluded
from core.text import Message, text

if TYPE_CHECKING:
    from core.cli.commands import WindowDoor


def predict(
    project: ProjectArgument, out: OutFile, run: RunOption = None,
    split: Annotated[str | None, typer.Option(metavar="train|test", help="cli.predict.split")] = None,
    sure: SureOption = None, costs: CostsOption = None, none_of_these: NoneOption = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import predicting
    from core.workflow.deciding import Wish

    require_one_result(out, as_json=as_json)
    with console.command_context(is_quiet=as_json) as context:
        summary = predicting.write_predictions(
            project, out, context, run_id=run, split=split, wish=Wish(sure, costs, none_of_these))
    console.answer(summary, say_predicted(summary), as_json=as_json, beside=out)


def submit(
    project: ProjectArgument, out: OutFile, run: RunOption = None,
    template: Annotated[Path | None, typer.Option(metavar="cli.metavar.file", help="cli.submit.template")] = None,
    map_: Annotated[str | None, typer.Option("--map", metavar="cli.metavar.codes", help="cli.submit.map")] = None,
    write: Annotated[str | None, typer.Option(
        "--write", metavar="class|probability|one-hot", help="cli.submit.write")] = None,
    missing: Annotated[str | None, typer.Option(metavar="fail|majority|mean", help="cli.submit.missing")] = None,
    sure: SureOption = None, costs: CostsOption = None, none_of_these: NoneOption = False,
    unsure: Annotated[str, typer.Option(metavar="cli.metavar.text", help="cli.submit.unsure")] = "",
    as_json: JsonOption = False,
) -> None:
    from core.workflow import predicting
    from core.workflow.deciding import Wish

    require_one_result(out, as_json=as_json)
    with console.command_context(is_quiet=as_json) as context:
        summary = predicting.write_submission(
            project, out, context, run_id=run, template=template, class_map=map_, wanted=write, missing=missing,
            wish=Wish(sure, costs, none_of_these), unsure=unsure)
    console.answer(summary, say_submitted(summary), as_json=as_json, beside=out)


def review(
    shared: typer.Context, project: ProjectArgument, out: OutFile, run: RunOption = None, as_json: JsonOption = False
) -> None:
    from core.workflow import review_page

    require_one_result(out, as_json=as_json)
    window: WindowDoor | None = shared.obj
    paint = None
    if out.suffix.lower() == ".pdf":
        if window is None:
            raise InputError("report.pdf_needs_the_window")
        paint = window.write_pdf
    with console.command_context(is_quiet=as_json) as context:
        summary = review_page.write_review(project, out, context, run_id=run, paint=paint)
    console.answer(summary, say_reviewed(summary), as_json=as_json, beside=out)


def threshold(
    project: ProjectArgument, run: RunOption = None,
    chosen: Annotated[str | None, typer.Option(
        "--set", metavar="cli.metavar.threshold", help="cli.threshold.set")] = None,
    is_dropped: Annotated[bool, typer.Option("--drop", help="cli.threshold.drop")] = False,
    most_errors: Annotated[float | None, typer.Option(
        "--errors", min=0, max=1, metavar="cli.metavar.share", help="cli.threshold.errors")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow.deciding import describe_thresholds

    facts = describe_thresholds(project, run_id=run, chosen=chosen, is_dropped=is_dropped, most_errors=most_errors)
    console.answer(facts, say_thresholds(facts), as_json=as_json)


def say_thresholds(facts: Mapping[str, Any]) -> str:
    """Coverage and errors at several thresholds, at the one that is kept, and at the one that was looked for."""
    lines = [text("cli.threshold.of_run", run=facts["run"]), listed([row["sentence"] for row in facts["rows"]])]
    if facts["most_errors"] is not None:
        lines.append(text("cli.threshold.none_found", errors=facts["most_errors"]) if facts["found"] is None else
                     text("cli.threshold.found", errors=facts["most_errors"], sentence=facts["found"]["sentence"]))
    costs = [text("cli.threshold.costs", n=len(facts["costs"]))] if facts["costs"] else []
    if facts["stored"] is None:
        return lines_of(*lines, text("cli.threshold.nothing_stored"), *costs)
    own = [text("cli.threshold.of_class", name=name, sure=sure)
           for name, sure in facts["stored"]["of_classes"].items()]
    return lines_of(*lines, text("cli.threshold.stored", sentence=facts["at_stored"]["sentence"]),
                    listed(own) if own else "", *costs)


def say_predicted(facts: Mapping[str, Any]) -> str:
    """How many predictions lie where, and which images have none."""
    return lines_of(text("cli.predict.written", n=facts["rows"], run=facts["run"], out=facts["out"]),
                    *say_changed_files(facts), *facts.get("notes", ()), _say_expected(facts), *say_unanswered(facts),
                    *_say_skipped("no_prediction", facts["skipped"]))


def _say_skipped(what: str, skipped: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which images were left out, and why."""
    return [text(f"cli.skipped.{what}", n=len(skipped)), listed_reasons(skipped)] if skipped else []


def _say_expected(facts: Mapping[str, Any]) -> str:
    """The expected accuracy on images without labels, where there is one."""
    return str(facts["expected"]["sentence"]) if facts.get("expected") else ""


def say_submitted(facts: Mapping[str, Any]) -> str:
    """What was written in which form, the map and where it comes from, and every image without a prediction."""
    codes = ", ".join(f"{name} = {code}" for name, code in facts["class_map"].items())
    lines = [text("cli.submit.written", n=facts["rows"], run=facts["run"], out=facts["out"]),
             text("cli.submit.form", form=facts["form"]),
             text("cli.submit.codes", codes=codes, reason=facts["map_reason"]),
             *facts["notes"], *say_changed_files(facts), _say_expected(facts), *say_unanswered(facts)]
    if facts["guessed"]:
        lines.append(text(f"cli.submit.guessed_{facts['missing']}", n=len(facts["guessed"]), names=facts["guessed"]))
        return lines_of(*lines, *_say_skipped("no_prediction", facts["skipped"]))
    lines += _say_skipped("no_line", facts["skipped"])
    return lines_of(*lines, text("cli.submit.missing_hint") if facts["skipped"] else "")


def say_reviewed(facts: Mapping[str, Any]) -> str:
    """The accuracy, and how many mistakes the page shows."""
    place = {"run": facts["run"], "out": facts["out"]}
    if facts.get("test"):
        line = text("cli.review.written_with_test", mistakes=Message("text.mistakes", n=facts["mistakes"]),
                    test_mistakes=Message("text.mistakes", n=len(facts["test"]["mistakes"])), **place)
    else:
        line = text("cli.review.written", mistakes=Message("text.mistakes", n=facts["mistakes"]), **place)
    skipped = [Path(row["path"]).name for row in facts.get("skipped", ())]
    since = (say_changed_since(facts.get("changed", 0)), say_excluded(facts.get("excluded", 0)))
    return lines_of(say_accuracy(facts), " ".join(filter(None, (line, *since))),
                    say_skipped(skipped) if skipped else "")

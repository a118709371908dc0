"""The commands `train`, `runs` and `backbones`: making runs, listing them, and the networks that they start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed_reasons, say_accuracy
from core.review.baseline import describe_briefly, standing_of_figures
from core.review.verdict import describe_end, percent
from core.settings import parse_settings
from core.tasks import run_here
from core.text import Message, text
from core.training.registry import DEFAULT, STRATEGIES, find_strategy


def train(
    project: ProjectArgument,
    strategy: Annotated[str | None, typer.Option(
        metavar="|".join(STRATEGIES), help="cli.train.strategy", show_default=DEFAULT)] = None,
    backbone: Annotated[str | None, typer.Option(metavar="cli.metavar.name", help="cli.train.backbone")] = None,
    seed: Annotated[int | None, typer.Option(
        metavar="cli.metavar.number", help="cli.train.seed", show_default="0")] = None,
    chosen: Annotated[list[str] | None, typer.Option(
        "--set", metavar="cli.metavar.setting", help="cli.train.set")] = None,
    weights: Annotated[Path | None, typer.Option(metavar="cli.metavar.file", help="cli.train.weights")] = None,
    allow_download: Annotated[bool, typer.Option("--allow-download", help="cli.train.allow_download")] = False,
    resume: Annotated[str | None, typer.Option(metavar="cli.metavar.some_run", help="cli.train.resume")] = None,
    start: Annotated[str | None, typer.Option(
        "--from", metavar="cli.metavar.run_or_file", help="cli.train.from")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import resuming

    strategy = strategy or resuming.meant_strategy(project, resume, start)
    wanted: dict[str, Any] = {"backbone": backbone} if backbone else {}
    wanted |= {"seed": seed} if seed is not None else {}
    wanted |= parse_settings(find_strategy(strategy).settings, chosen or ())
    with console.command_context(is_quiet=as_json) as context:
        figures = resuming.train_as_asked(
            project, strategy, wanted, context, resume=resume, start=start, allow_download=allow_download,
            weights=weights,
        )
    console.answer(figures, say_trained(figures), as_json=as_json)


def runs(
    project: ProjectArgument,
    record: Annotated[bool, typer.Option("--record", help="cli.runs.record")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow.runs import describe_runs

    facts = describe_runs(project, is_recording=record)
    going_on = [text("cli.runs.unfinished", run=row["run"], strategy=row["strategy"], done=row["done"])
                for row in facts["unfinished"]]
    cut_off = [text("cli.runs.left" if row["reason"] else "cli.runs.recordable", **row)
               for row in facts["not_recorded"]]
    console.answer(facts, lines_of(say_runs(facts["runs"]), *going_on, *cut_off), as_json=as_json)


def backbones(as_json: JsonOption = False) -> None:
    found = run_here("list-backbones", None)
    console.answer({"backbones": found}, say_backbones(found), as_json=as_json)


def say_trained(facts: Mapping[str, Any]) -> str:
    """The accuracy, the run, and what speaks against believing it."""
    lines = [say_accuracy(facts), *_say_run(facts), *facts.get("calibration_sentences", ())]
    lines += [describe_end(facts), *facts["notes"]]
    lines += [text("cli.train.concern", concern=concern) for concern in facts.get("concerns", ())]
    lines += [_say_finding(finding) for finding in facts["findings"]]
    if facts["skipped"]:
        lines += [text("cli.train.skipped", n=len(facts["skipped"])), listed_reasons(facts["skipped"])]
    return lines_of(*lines)


def _say_run(facts: Mapping[str, Any]) -> list[str]:
    """Which run it is, what it learnt from, how long it took, and how its accuracy was measured."""
    network = {"backbone": facts["backbone"]} if facts["backbone"] else {}
    code = "cli.train.run_on" if network else "cli.train.run"
    kind = facts["accuracy_kind"].replace(" ", "_")
    measures = ("cross-validation", "held_back", "untrained", "no_labels")
    return [
        text(code, run=facts["run"], strategy=facts["strategy"], seconds=facts["seconds"],
             learnt=_learnt_from(facts["n_train"]), **network),
        text(f"cli.train.measured.{kind}") if kind in measures else
        text("cli.train.measured_by", kind=facts["accuracy_kind"]),
    ]


def _learnt_from(n_labels: int) -> Message:
    return Message("text.labels", n=n_labels) if n_labels else Message("cli.train.nothing_learnt")


def _say_finding(finding: Mapping[str, Any]) -> str:
    said = " ".join(map(str, (finding["sentence"], *finding["details"][:1])))
    if finding["acknowledged"] is not None:
        return text("cli.train.accepted", finding=said, reason=finding["acknowledged"])
    return text("cli.train.concern", concern=said)


def say_runs(found: Sequence[Mapping[str, Any]]) -> str:
    """A line for each run."""
    return lines_of(*map(_say_row, found)) if found else text("cli.runs.none")


def _say_row(row: Mapping[str, Any]) -> str:
    is_measured = row["accuracy"] is not None
    accuracy = [_short_figure(row), describe_briefly(standing_of_figures(row))] if is_measured else ["–"]
    parts = [
        row["run"], row["backbone"] or "–", text("cli.runs.seed", seed=row["seed"]), _learnt_from(row["n_train"]),
        "; ".join(filter(None, map(str, (
            *accuracy, _short_test(row.get("test")), _short_expected(row.get("expected")))))),
        text("cli.runs.damaged", damage=row["damage"]) if row.get("damage") else "",
        text("cli.runs.changed", n=row["changed"]) if row.get("changed") else "",
    ]
    return "  ".join(filter(None, map(str, parts)))


def _short_figure(row: Mapping[str, Any]) -> str:
    """“98.4 % (97.2–99.1)”; without a mistake “all right (at least 99.5 %)”, for nobody is right always."""
    low, high = map(percent, row["interval"])
    if row["accuracy"] == 1:
        return text("cli.runs.all_right", low=low)
    return text("cli.runs.accuracy", accuracy=percent(row["accuracy"]), low=low, high=high)


def _short_test(test: Mapping[str, Any] | None) -> str:
    if not test:
        return ""
    if test["accuracy"] is None:
        return text("cli.runs.test_not_predicted", n=test["n_not_predicted"])
    low, high = map(percent, test["interval"])
    return text("cli.runs.test_accuracy", accuracy=percent(test["accuracy"]), low=low, high=high, n=test["n"])


def _short_expected(expected: Mapping[str, Any] | None) -> str:
    """“expect about 66 % (60–71) on 2,485 test images”, where that is clearly less than was measured."""
    if not expected or not expected["is_lower"]:
        return ""
    low, high = expected["interval"]
    return text(f"cli.runs.expected_{expected['split']}", expected=expected["accuracy"], low=low, high=high,
                n=expected["n_images"])


def say_backbones(found: Sequence[Mapping[str, Any]]) -> str:
    """A line for each network."""
    return lines_of(*(
        f"{row['name']:<28} " + (
            text("cli.backbones.here", side=row["side_px"], n=row["n_features"]) if row["is_here"] else
            text("cli.backbones.to_download", side=row["side_px"], n=row["n_features"], megabytes=row["download_mb"]))
        for row in found))

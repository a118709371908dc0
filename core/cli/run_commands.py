"""The commands `train`, `runs` and `backbones`: making runs, listing them, and the networks that they start from."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed_reasons, say_accuracy
from core.review.baseline import describe_briefly, standing_of_figures
from core.review.verdict import describe_end, percent
from core.devices import AUTO, CPU, TENSORFLOW, asked_device
from core.errors import InputError
from core.jobs import JobCancelled
from core.settings import names_of, parse_settings
from core.tasks import run_here
from core.text import Message, render, text
from core.training.strategies.auto import QUICK_SECONDS
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
    quick: Annotated[bool, typer.Option("--quick", help="cli.train.quick")] = False,
    best: Annotated[float | None, typer.Option(metavar="cli.metavar.minutes", help="cli.train.best")] = None,
    resume: Annotated[str | None, typer.Option(metavar="cli.metavar.some_run", help="cli.train.resume")] = None,
    start: Annotated[str | None, typer.Option(
        "--from", metavar="cli.metavar.run_or_file", help="cli.train.from")] = None,
    like: Annotated[str | None, typer.Option(metavar="cli.metavar.run", help="cli.train.like")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import resuming

    if like is not None:
        if any((strategy, backbone, seed is not None, chosen, resume, start, quick, best is not None)):
            raise InputError("training.like.takes_all", run=like)
        repeat(project, like, weights=weights, allow_download=allow_download, as_json=as_json)
        return
    wanted: dict[str, Any] = {"backbone": backbone} if backbone else {}
    wanted |= {"seed": seed} if seed is not None else {}
    wanted |= _time_wanted(quick, best)
    strategy = strategy or resuming.meant_strategy(
        project, resume, start, settings=(*wanted, *names_of(chosen or ()), *(["backbone"] if weights else [])))
    wanted |= parse_settings(find_strategy(strategy).settings, chosen or ())
    with console.command_context(is_quiet=as_json) as context:
        figures = resuming.train_as_asked(
            project, strategy, wanted, context, resume=resume, start=start, allow_download=allow_download,
            weights=weights,
        )
    console.answer(figures, say_trained(figures), as_json=as_json)
    _end_as_cancelled(figures)


def _end_as_cancelled(facts: Mapping[str, Any]) -> None:
    """A training that was cancelled ends as such, also where a run was made of what it had learnt."""
    if facts["cancelled"] is not None:
        raise JobCancelled(facts["cancelled"])


def _time_wanted(quick: bool, best: float | None) -> dict[str, float]:
    """The time that a training may take, as the setting of the strategy `auto`."""
    if quick and best is not None:
        raise InputError("training.quick_or_best")
    return {"seconds": QUICK_SECONDS} if quick else {"seconds": best * 60} if best is not None else {}


def repeat(folder: Path, run: str, *, weights: Path | None, allow_download: bool, as_json: bool) -> None:
    """Repeat a run; what is not as it was is said before anything is trained."""
    from core.workflow.repeating import repeat_run

    with console.command_context(is_quiet=as_json) as context:
        facts = repeat_run(
            folder, run, context, allow_download=allow_download, weights=weights,
            say=lambda note: None if as_json else print(render(note), file=sys.stderr))
    console.answer(facts, lines_of(say_trained(facts), *facts["like"]["sentences"]), as_json=as_json)
    _end_as_cancelled(facts)


def runs(
    project: ProjectArgument,
    words: Annotated[str, typer.Option("--filter", metavar="cli.metavar.text", help="cli.runs.filter")] = "",
    strategy: Annotated[str, typer.Option(metavar="|".join(STRATEGIES), help="cli.runs.strategy")] = "",
    starred: Annotated[bool, typer.Option("--starred", help="cli.runs.starred")] = False,
    order: Annotated[str, typer.Option("--sort", metavar="cli.metavar.column", help="cli.runs.sort")] = "when",
    is_reversed: Annotated[bool, typer.Option("--reverse", help="cli.runs.reverse")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="cli.runs.empty")] = False,
    record: Annotated[bool, typer.Option("--record", help="cli.runs.record")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow.run_filter import RunFilter
    from core.workflow.runs import describe_runs

    emptied = _empty(project) if empty else ()
    facts = {**describe_runs(
        project, is_recording=record, which=RunFilter(words, strategy, starred), order=order, is_reversed=is_reversed,
    ), "emptied": list(emptied)}
    going_on = [text("cli.runs.unfinished", run=row["run"], strategy=row["strategy"], done=row["done"])
                for row in facts["unfinished"]]
    cut_off = [text("cli.runs.left" if row["reason"] else "cli.runs.recordable", **row)
               for row in facts["not_recorded"]]
    n_left_out, n_deleted = facts["left_out"], len(facts["deleted"])
    listed = say_runs(facts["runs"]) if facts["runs"] or not n_left_out else ""
    console.answer(facts, lines_of(
        text("cli.runs.emptied", n=len(emptied)) if empty else "", listed,
        text("cli.runs.left_out", n=n_left_out) if n_left_out else "", *going_on, *cut_off,
        text("cli.runs.deleted", n=n_deleted) if n_deleted else ""), as_json=as_json)


def _empty(folder: Path) -> Sequence[str]:
    from core.project.project import Project
    from core.workflow.run_acts import empty_deleted

    with Project.open(folder) as project:
        return empty_deleted(project)


def backbones(as_json: JsonOption = False) -> None:
    found = run_here("list-backbones", None)
    console.answer({"backbones": found}, say_backbones(found), as_json=as_json)


def devices(as_json: JsonOption = False) -> None:
    found, asked = run_here("list-devices", None), asked_device()
    used = next((device for device in found if device.library == TENSORFLOW and asked in (AUTO, device.kind)), None) \
        or next((device for device in found if device.kind == (CPU if asked == AUTO else asked)), None)
    if used is None:
        raise InputError("jobs.device_missing", device=asked, found=tuple(device.title for device in found))
    rows = [{**asdict(device), "is_used": device is used} for device in found]
    console.answer({"devices": rows, "asked": asked}, lines_of(*(
        text("cli.devices.used" if row["is_used"] else "cli.devices.there", **row) for row in rows)), as_json=as_json)


def say_trained(facts: Mapping[str, Any]) -> str:
    """The accuracy, the run, and what speaks against believing it."""
    lines = [say_accuracy(facts), *say_run(facts), *facts.get("calibration_sentences", ())]
    lines += [describe_end(facts), *facts["notes"]]
    lines += [text("cli.train.concern", concern=concern) for concern in facts.get("concerns", ())]
    lines += [_say_finding(finding) for finding in facts["findings"]]
    if facts["skipped"]:
        lines += [text("cli.train.skipped", n=len(facts["skipped"])), listed_reasons(facts["skipped"])]
    return lines_of(*lines)


def say_run(facts: Mapping[str, Any]) -> list[str]:
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
    accuracy = [_short_figure(row), _short_as_trained(row), describe_briefly(standing_of_figures(row))] \
        if is_measured else ["–"]
    parts = [
        "★" if row.get("star") else "", row["run"], row["backbone"] or "–",
        text("cli.runs.seed", seed=row["seed"]), _learnt_from(row["n_train"]),
        "; ".join(filter(None, map(str, (
            _short_expected(row.get("expected")), *accuracy, _short_test(row.get("test")))))),
        text("cli.runs.damaged", damage=row["damage"]) if row.get("damage") else "",
        text("cli.runs.changed", n=row["changed"]) if row.get("changed") else "",
        text("cli.runs.excluded", n=row["excluded"]) if row.get("excluded") else "",
        text("cli.runs.uncounted", n=row["uncounted"] - row.get("changed", 0))
        if row.get("uncounted", 0) > row.get("changed", 0) else "",
        text("cli.runs.was_excluded", n=row["n_excluded"]) if row.get("n_excluded") else "",
        text("text.quoted", word=row["user_note"]) if row.get("user_note") else "",
    ]
    return "  ".join(filter(None, map(str, parts)))


def _short_figure(row: Mapping[str, Any]) -> str:
    """“98.4 % (97.2–99.1)”; without a mistake “all right (at least 99.5 %)”, for nobody is right always."""
    low, high = map(percent, row["interval"])
    if row["accuracy"] == 1:
        return text("cli.runs.all_right", low=low)
    return text("cli.runs.accuracy", accuracy=percent(row["accuracy"]), low=low, high=high)


def _short_as_trained(row: Mapping[str, Any]) -> str:
    """“66.9 % as trained”, where labels or exclusions since changed the figure."""
    then = row.get("as_trained", {})
    if then.get("accuracy") is None or then.get("interval") == row["interval"]:
        return ""
    return text("cli.runs.as_trained", accuracy=percent(then["accuracy"]))


def _short_test(test: Mapping[str, Any] | None) -> str:
    if not test:
        return ""
    if test["accuracy"] is None:
        return text("cli.runs.test_not_predicted", n=test["n_not_predicted"])
    low, high = map(percent, test["interval"])
    said = text("cli.runs.test_accuracy", accuracy=percent(test["accuracy"]), low=low, high=high, n=test["n"])
    return f"{said} {_short_leakage(test)}" if test.get("is_leaked") else said


def _short_leakage(test: Mapping[str, Any]) -> str:
    left = test["without_copies"]
    if left["accuracy"] is None:
        return text("cli.runs.only_leaked")
    return text("cli.runs.leaked", accuracy=percent(left["accuracy"]), n=test["n_copies"])


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

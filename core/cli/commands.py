"""The commands of `main.py`: each asks a module of `core.workflow` and says what came of it.

A command imports what it asks when it runs: all of them together would take longer to import than most take to run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from core import __version__

from core.cli import console

from core.cli import sentences
from core.files.user_files import require_one_result
from core.tasks import run_here
from core.cli.usage_errors import UsageError, usage_in_words
from core.workflow.strategies import STRATEGY_WORDS, parse_settings

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Catalejo: from a folder of photographs to a classifier that you have reason to trust. "
         "Without a command it opens its window.",
)

ProjectArgument = Annotated[Path, typer.Argument(metavar="PROJECT", help="The project's folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
RunOption = Annotated[str | None, typer.Option("--run", metavar="ID", help="A run; the latest by default.")]
OutFile = Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write; - for the standard output.")]


@dataclass(frozen=True, slots=True)
class WindowDoor:
    """What the commands may ask of the window, which core does not know.

    Attributes:
        open: Opens the window on a project's folder and stays until it is closed.
        take_pictures: Leaves pictures of each page of a project in a folder; returns their paths.
    """

    open: Callable[[Path], object]
    take_pictures: Callable[[Path, Path], list[Path]]


def run_command(arguments: list[str], window: WindowDoor | None = None) -> int:
    """Run one command; the exit code is 0, 2 (foreseen error) or 130 (cancelled).

    Args:
        arguments: What follows the program's name.
        window: Needed by `demo` alone; without it nothing is shown.
    """
    try:
        return console.exit_code_of(lambda: _run_typer(arguments, window))
    except typer.Abort:
        return console.EXIT_CANCELLED


def _run_typer(arguments: list[str], window: WindowDoor | None) -> None:
    """Run one command; typer turns an interrupt into a returned 130, which must not pass for success."""
    try:
        ended = app(args=_name_the_latest(arguments), prog_name="catalejo", standalone_mode=False, obj=window)
    except UsageError as error:
        raise usage_in_words(error) from error
    if ended == console.EXIT_CANCELLED:
        raise KeyboardInterrupt


def _name_the_latest(arguments: list[str]) -> list[str]:
    """`--resume` without a name means the latest training; typer cannot declare that."""
    named: list[str] = []
    for argument, following in zip(arguments, [*arguments[1:], "-"], strict=True):
        named += [argument, "latest"] if argument == "--resume" and following.startswith("-") else [argument]
    return named


@app.callback(invoke_without_command=True)
def about(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"Catalejo {__version__}")
        raise typer.Exit


@app.command()
def new(
    project: ProjectArgument,
    source: Annotated[Path, typer.Option("--from", metavar="DIR", help="Pictures, a folder a class.")],
    test: Annotated[Path | None, typer.Option(
        "--test", metavar="DIR", help="Test pictures; labelled where their folders are classes.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and write nothing.")] = False,
    classes_from: Annotated[str | None, typer.Option(
        metavar="auto|top|leaf|path|none", help="Which folder names the class.", show_default="auto")] = None,
    valid: Annotated[str | None, typer.Option(
        metavar="train|test|skip", help="What a folder “valid” beside “train” is used for.")] = None,
    splits: Annotated[bool | None, typer.Option(
        "--splits/--no-splits", help="Whether train, valid and test side by side are splits.")] = None,
    follow: Annotated[bool | None, typer.Option(
        "--follow-folders/--keep-labels", help="Settle labels that are not what their folders say.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a project from a folder of pictures, or add what is new in it."""
    from core.workflow import importing, layout_words, planning

    follows = {None: "safe", True: "all", False: "none"}[follow]
    wishes = planning.ImportWishes(classes_from, valid, splits, follow=follows)
    with console.command_context(is_quiet=as_json) as context:
        summary = importing.new_project(project, source, test, context, wishes=wishes, is_dry_run=dry_run)
    said = layout_words.say_plans(summary) if dry_run else sentences.say_import(summary)
    console.answer(summary, said, as_json=as_json)


@app.command()
def label(
    project: ProjectArgument,
    csv: Annotated[Path, typer.Option("--csv", metavar="FILE", help="CSV, a list, or an export of another tool.")],
    columns: Annotated[str | None, typer.Option(
        metavar="IMAGE,LABEL", help="Titles or numbers of the two columns, where they are unclear.")] = None,
    split: Annotated[str | None, typer.Option(
        metavar="train|test", help="Label images of this part only, where names stand in both.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take labels from a table."""
    from core.workflow import importing

    summary = importing.label_from_csv(project, csv, columns=columns, split=split)
    console.answer(summary, sentences.say_labelled(summary), as_json=as_json)


@app.command()
def classes(
    project: ProjectArgument,
    what: Annotated[str, typer.Argument(metavar="[list|add|rename|merge|delete]")] = "list",
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="OLD NEW for rename.")] = None,
    into: Annotated[str | None, typer.Option("--into", metavar="NAME", help="The class that merge keeps.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List, add, rename, merge or delete classes; the window can undo each."""
    from core.workflow import class_acts

    facts = class_acts.change_classes(project, what, names or (), into=into)
    console.answer(facts, class_acts.say_classes(facts), as_json=as_json)


@app.command()
def train(
    project: ProjectArgument,
    strategy: Annotated[str | None, typer.Option(
        help="How to train: " + ", ".join(STRATEGY_WORDS) + ".", show_default="transfer")] = None,
    backbone: Annotated[str | None, typer.Option(help="The pretrained network; see `backbones`.")] = None,
    seed: Annotated[int | None, typer.Option(help="Start of the random numbers.", show_default="0")] = None,
    chosen: Annotated[list[str] | None, typer.Option(
        "--set", metavar="NAME=VALUE", help="Any other setting of the strategy; may be given several times.")] = None,
    weights: Annotated[Path | None, typer.Option(metavar="FILE", help="Pretrained weights of your own.")] = None,
    allow_download: Annotated[bool, typer.Option("--allow-download", help="Fetch weights if needed.")] = False,
    resume: Annotated[str | None, typer.Option(
        metavar="[RUN]", help="Go on with a training that was stopped or killed; the latest without a name.")] = None,
    start: Annotated[str | None, typer.Option(
        "--from", metavar="RUN|FILE", help="Start from what a fine-tuned run or weights file has learnt.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Train on the labels and measure on pictures that the model did not see."""
    from core.workflow import resuming, training

    strategy = strategy or resuming.meant_strategy(project, resume, start)
    wanted: dict[str, Any] = {"backbone": backbone} if backbone else {}
    wanted |= {"seed": seed} if seed is not None else {}
    wanted |= parse_settings(training.find_strategy(strategy), chosen or ())
    with console.command_context(is_quiet=as_json) as context:
        figures = resuming.train_as_asked(
            project, strategy, wanted, context, resume=resume, start=start, allow_download=allow_download,
            weights=weights,
        )
    console.answer(figures, sentences.say_trained(figures), as_json=as_json)


@app.command()
def predict(
    project: ProjectArgument, out: OutFile, run: RunOption = None,
    split: Annotated[str | None, typer.Option(help="Only the pictures of this part: train or test.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a CSV with the prediction and every probability for each picture."""
    from core.workflow import predicting

    require_one_result(out, as_json=as_json)
    with console.command_context(is_quiet=as_json) as context:
        summary = predicting.write_predictions(project, out, context, run_id=run, split=split)
    console.answer(summary, sentences.say_predicted(summary), as_json=as_json, beside=out)


@app.command()
def submit(
    project: ProjectArgument, out: OutFile, run: RunOption = None,
    template: Annotated[Path | None, typer.Option(metavar="FILE", help="A file in the competition's format.")] = None,
    map_: Annotated[str | None, typer.Option(
        "--map", metavar="CLASS=CODE,…",
        help="Code of each class; or names, 0 or 1: their names, or numbers from there on.")] = None,
    write: Annotated[str | None, typer.Option(
        "--write", help="What to write if the template could want several: class, probability, one-hot.")] = None,
    missing: Annotated[str | None, typer.Option(
        help="What to write for images without a prediction: fail, majority (class) or mean (probability).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a submission (competition file) for the test images, read it back and compare."""
    from core.workflow import predicting

    require_one_result(out, as_json=as_json)
    with console.command_context(is_quiet=as_json) as context:
        summary = predicting.write_submission(
            project, out, context, run_id=run, template=template, class_map=map_, wanted=write, missing=missing)
    console.answer(summary, sentences.say_submitted(summary), as_json=as_json, beside=out)


@app.command()
def review(project: ProjectArgument, out: OutFile, run: RunOption = None, as_json: JsonOption = False) -> None:
    """Write a page with figures, confusion and the worst mistakes."""
    from core.workflow import review_page

    require_one_result(out, as_json=as_json)
    with console.command_context(is_quiet=as_json) as context:
        summary = review_page.write_review(project, out, context, run_id=run)
    console.answer(summary, sentences.say_reviewed(summary), as_json=as_json, beside=out)


@app.command()
def health(
    project: ProjectArgument,
    quick: Annotated[bool, typer.Option("--quick", help="Only what needs no network.")] = False,
    accept: Annotated[str | None, typer.Option(metavar="KEY", help="Accept a finding, with --reason.")] = None,
    reason: Annotated[str, typer.Option(help="Why it is accepted; kept in every run.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Say whether the data is sound: wrong labels, duplicates, leaks, shortcuts, broken and odd files, balance."""
    from core.workflow import health_answer

    if accept is not None:
        accepted = health_answer.acknowledge_finding(project, accept, reason)
        console.answer(accepted, f"Accepted: {accepted['reason']}", as_json=as_json)
        return
    with console.command_context(is_quiet=as_json) as context:
        findings = health_answer.check_health(project, context, is_quick=quick)
    console.answer(findings, sentences.say_health(findings), as_json=as_json)


@app.command()
def runs(
    project: ProjectArgument,
    record: Annotated[bool, typer.Option("--record", help="First record runs that were cut off before.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List every run with its settings and figures."""
    from core.workflow import resuming, run_list, training

    recorded = training.record_left_runs(project) if record else ()
    found, left = run_list.list_runs_with_damage(project), run_list.list_not_recorded(project)
    unfinished = resuming.list_unfinished(project)
    said = "\n".join([
        sentences.say_runs(found), *sentences.say_unfinished(unfinished), *sentences.say_not_recorded(left)])
    facts = {"runs": found, "unfinished": unfinished, "not_recorded": left, "recorded": list(recorded)}
    console.answer(facts, said, as_json=as_json)


@app.command()
def restore(project: ProjectArgument, as_json: JsonOption = False) -> None:
    """Put the newest sound copy in the place of a damaged catalog."""
    from core.workflow.restoring import restore_project

    facts = restore_project(project)
    console.answer(facts, sentences.say_restored(facts), as_json=as_json)


@app.command()
def backbones(as_json: JsonOption = False) -> None:
    """List the pretrained networks and whether their weights are on this computer."""
    found = run_here("list-backbones", None)
    console.answer({"backbones": found}, sentences.say_backbones(found), as_json=as_json)


@app.command()
def demo(
    shared: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the sample project goes.")] = Path("catalejo-demo"),
    headless: Annotated[bool, typer.Option("--headless", help="Do not open the window.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the sample project and do the whole job with it."""
    from core.workflow import demo as demo_act

    with console.command_context(is_quiet=as_json) as context:
        summary = demo_act.run_demo(out, context)
    window: WindowDoor | None = shared.obj
    if window is not None and headless:
        summary = {**summary, "screenshots": list(map(str, window.take_pictures(
            Path(summary["project"]), out / "screenshots")))}
    console.answer(summary, sentences.say_demo(summary), as_json=as_json)
    if window is not None and not headless:
        window.open(Path(summary["project"]))

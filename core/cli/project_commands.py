"""The commands `health`, `restore`, `copy` and `demo`: the data check, backups and copies of projects, the sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.checks.check import say_skipped
from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, lines_of, listed, listed_reasons, say_accuracy
from core.text import Message, text
from core.text.render import shell_word

if TYPE_CHECKING:
    from core.cli.commands import WindowDoor


SIGNS = {"serious": "!!", "warning": "! ", "note": "  "}


def health(
    project: ProjectArgument,
    quick: Annotated[bool, typer.Option("--quick", help="cli.health.quick")] = False,
    accept: Annotated[str | None, typer.Option(metavar="cli.metavar.key", help="cli.health.accept")] = None,
    reason: Annotated[str, typer.Option(metavar="cli.metavar.text", help="cli.health.reason")] = "",
    as_json: JsonOption = False,
) -> None:
    from core.workflow import health

    if accept is not None:
        accepted = health.acknowledge_finding(project, accept, reason)
        console.answer(accepted, text("cli.health.accepted", reason=accepted["reason"]), as_json=as_json)
        return
    with console.command_context(is_quiet=as_json) as context:
        findings = health.check_health(project, context, is_quick=quick)
    console.answer(findings, say_health(findings), as_json=as_json)


def restore(project: ProjectArgument, as_json: JsonOption = False) -> None:
    from core.project.backups import restore_backup

    facts = restore_backup(project)
    console.answer(facts, say_restored(facts), as_json=as_json)


def copy(
    project: ProjectArgument,
    folder: Annotated[Path, typer.Argument(metavar="cli.metavar.new", help="cli.copy.folder")],
    as_json: JsonOption = False,
) -> None:
    from core.project.copying import CopyInput
    from core.tasks import run_here

    with console.command_context(is_quiet=as_json) as context:
        found = run_here("copy-project", CopyInput(project, folder), context)
    facts = {"project": str(project), "copy": str(found.target), "files": found.n_files, "bytes": found.n_bytes,
             "left_out": list(found.left_out)}
    console.answer(facts, say_copied(facts), as_json=as_json)


def say_copied(facts: Mapping[str, Any]) -> str:
    """Where the copy is, and what is not in it."""
    names = facts["left_out"]
    return lines_of(text("project.copied", folder=facts["copy"], n=facts["files"]), text("project.copied.hint"),
                    text("project.copied.left_out", n=len(names)) if names else "", listed(names) if names else "")


def demo(
    shared: typer.Context,
    out: Annotated[Path, typer.Option(metavar="cli.metavar.dir", help="cli.demo.out")] = Path("catalejo-demo"),
    headless: Annotated[bool, typer.Option("--headless", help="cli.demo.headless")] = False,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import demo as demo_act

    with console.command_context(is_quiet=as_json) as context:
        summary = demo_act.run_demo(out, context)
    window: WindowDoor | None = shared.obj
    if window is not None and headless:
        summary = {**summary, "screenshots": list(map(str, window.take_pictures(
            Path(summary["project"]), out / "screenshots")))}
    console.answer(summary, say_demo(summary), as_json=as_json)
    if window is not None and not headless:
        window.open(Path(summary["project"]))


def say_health(facts: Mapping[str, Any]) -> str:
    """The classes, and every finding with its worst examples, gravest first."""
    counts = facts["balance"]["counts"]
    shown = ", ".join(text("cli.class_count", name=name, count=n) for name, n in counts.items())
    lines = [text("cli.health.classes", counts=shown) if counts else text("cli.health.no_classes")]
    if facts.get("excluded"):
        lines.append(text("cli.health.excluded", n=facts["excluded"]))
    for finding in facts["findings"]:
        lines += ["", text("cli.health.finding", sign=SIGNS[finding["level"]], title=finding["title"],
                           sentence=finding["sentence"])]
        lines += [f"   {detail}" for detail in finding["details"]]
        if finding["acknowledged"] is not None:
            lines.append("   " + text("cli.health.accepted", reason=finding["acknowledged"]))
        lines += _examples(finding, facts)
    if not facts["findings"]:
        lines.append(text("cli.health.nothing_found"))
    if keys := [finding["key"] for finding in facts["findings"] if finding["acknowledged"] is None]:
        lines += ["", text("cli.health.keys", keys=tuple(map(shell_word, keys)))]
    lines += [text("cli.health.unchecked", part=row["part"], reason=row["reason"]) for row in facts["unchecked"]]
    if facts["skipped"]:
        lines.append(str(say_skipped([row["path"] for row in facts["skipped"]])))
    return "\n".join(lines)


def _examples(finding: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """The worst files behind a finding, one a line."""
    if finding["kind"] == "unreadable":
        return [listed_reasons(facts["unreadable"])]
    if finding["kind"] == "outlier":
        return [listed_reasons(_by_image(facts["outliers"]))]
    is_near = finding["key"] == "leak:near"
    examples = {
        "label error": [text("cli.health.label_issue", path=row["path"], sentence=row["sentence"],
                             reason=row["reason"]) for row in facts["label_errors"]],
        "duplicate": [" = ".join(group["paths"]) for group in facts["duplicate_groups"]
                      if not group["has_two_labels"]],
        "two labels": [
            " = ".join(group["paths"]) for group in facts["duplicate_groups"] if group["has_two_labels"]
        ],
        "leak": [text(_LEAKS[row["kind"]], test=row["test"], train=row["train"])
                 for row in facts["leaks"] if (row["kind"] == "near twin") == is_near],
    }.get(finding["kind"], [])
    return [listed(examples)] if examples else []


_LEAKS = {
    "same file": "cli.health.leak", "same picture": "cli.health.leak_image", "near twin": "cli.health.leak_near",
}
"""What is said of a test image that is among the training images, by how they are alike."""


def _by_image(outliers: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """One row an image, with all its reasons: the finding counts images."""
    reasons: dict[str, list[str]] = {}
    for row in outliers:
        reasons.setdefault(row["path"], []).append(str(row["reason"]))
    return [{"path": path, "reason": " ".join(said)} for path, said in reasons.items()]


def say_restored(facts: Mapping[str, Any]) -> str:
    """Of when the catalog is, and how much is in it."""
    return lines_of(
        text("cli.restore.restored", made_at=facts["made_at"], images=Message("text.images", n=facts["images"]),
             labels=Message("text.labels", n=facts["labels"]), runs=Message("text.runs", n=facts["runs"])),
        text("cli.restore.aside", folder=facts["aside"]) if facts["aside"] else "")


def say_demo(facts: Mapping[str, Any]) -> str:
    """The accuracy, and where everything lies."""
    return lines_of(say_accuracy(facts["train"]), text("cli.demo.where"), *(
        "  " + text(f"cli.demo.{what}", path=facts[what])
        for what in ("project", "report", "submission", "predictions")))

"""The command `health`: findings of the data check, and accepting one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import JsonOption, ProjectArgument, listed
from core.text import text

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


def say_health(facts: Mapping[str, Any]) -> str:
    """The classes, and every finding with its worst examples, gravest first."""
    counts = facts["balance"]["counts"]
    shown = ", ".join(text("cli.class_count", name=name, count=n) for name, n in counts.items())
    lines = [text("cli.health.classes", counts=shown) if counts else text("cli.health.no_classes")]
    for finding in facts["findings"]:
        lines += ["", text("cli.health.finding", sign=SIGNS[finding["level"]], title=finding["title"],
                           sentence=finding["sentence"])]
        lines += [f"   {detail}" for detail in finding["details"]]
        if finding["acknowledged"] is not None:
            lines.append("   " + text("cli.health.accepted", reason=finding["acknowledged"]))
        lines += _examples(finding, facts)
    if not facts["findings"]:
        lines.append(text("cli.health.nothing_found"))
    lines += [text("cli.health.unchecked", part=row["part"], reason=row["reason"]) for row in facts["unchecked"]]
    return "\n".join(lines)


def _examples(finding: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """The worst files behind a finding, one a line."""
    is_near = finding["key"] == "leak:near"
    examples = {
        "label error": [text("cli.health.label_issue", path=row["path"], sentence=row["sentence"],
                             reason=row["reason"]) for row in facts["label_errors"]],
        "unreadable": [_because(row) for row in facts["unreadable"]],
        "duplicate": [" = ".join(group) for group in facts["duplicates"]],
        "two labels": [
            " = ".join(group["paths"]) for group in facts["duplicate_groups"] if group["has_two_labels"]
        ],
        "leak": [text("cli.health.leak_near" if is_near else "cli.health.leak", test=row["test"], train=row["train"])
                 for row in facts["leaks"] if (row["kind"] == "near twin") == is_near],
        "outlier": [_because(row) for row in facts["outliers"]],
    }.get(finding["kind"], [])
    return [listed(examples)] if examples else []


def _because(row: Mapping[str, Any]) -> str:
    return text("cli.path_reason", path=row["path"], reason=row["reason"])

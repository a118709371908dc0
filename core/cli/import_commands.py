"""The commands `new`, `label` and `classes`: images, labels and classes of a project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import console
from core.cli.options import (
    JsonOption, ProjectArgument, lines_of, listed, listed_reasons, say_counted, say_similar,
)
from core.text import Message, text


def new(
    project: ProjectArgument,
    source: Annotated[Path, typer.Option("--from", metavar="cli.metavar.dir", help="cli.new.from")],
    test: Annotated[Path | None, typer.Option(
        "--test", metavar="cli.metavar.dir", help="cli.new.test")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="cli.new.dry_run")] = False,
    classes_from: Annotated[str | None, typer.Option(
        metavar="auto|top|leaf|path|none", help="cli.new.classes_from", show_default="auto")] = None,
    valid: Annotated[str | None, typer.Option(metavar="train|test|skip", help="cli.new.valid")] = None,
    splits: Annotated[bool | None, typer.Option("--splits/--no-splits", help="cli.new.splits")] = None,
    follow: Annotated[bool | None, typer.Option("--follow-folders/--keep-labels", help="cli.new.follow")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import importing, planning

    follows = {None: "safe", True: "all", False: "none"}[follow]
    wishes = planning.ImportWishes(classes_from, valid, splits, follow=follows)
    with console.command_context(is_quiet=as_json) as context:
        summary = importing.new_project(project, source, test, context, wishes=wishes, is_dry_run=dry_run)
    said = say_plans(summary) if dry_run else say_import(summary)
    console.answer(summary, said, as_json=as_json)


def label(
    project: ProjectArgument,
    csv: Annotated[Path, typer.Option("--csv", metavar="cli.metavar.file", help="cli.label.csv")],
    columns: Annotated[str | None, typer.Option(
        metavar="cli.metavar.columns", help="cli.label.columns")] = None,
    split: Annotated[str | None, typer.Option(metavar="train|test", help="cli.label.split")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import importing

    summary = importing.label_from_csv(project, csv, columns=columns, split=split)
    console.answer(summary, say_labelled(summary), as_json=as_json)


def classes(
    project: ProjectArgument,
    what: Annotated[str, typer.Argument(metavar="[list|add|rename|merge|delete]")] = "list",
    names: Annotated[list[str] | None, typer.Argument(
        metavar="cli.metavar.names", help="cli.classes.names")] = None,
    into: Annotated[str | None, typer.Option(
        "--into", metavar="cli.metavar.name", help="cli.classes.into")] = None,
    as_json: JsonOption = False,
) -> None:
    from core.workflow import class_acts

    facts = class_acts.change_classes(project, what, names or (), into=into)
    console.answer(facts, say_classes(facts), as_json=as_json)


def say_plans(facts: Mapping[str, Any]) -> str:
    """All plans of a dry run, then what was decided."""
    lines = [line for plan in facts["plan"]
             for line in (f"{plan['folder']}:", *(f"  {_say_part(part)}" for part in plan["parts"]))]
    return lines_of(*lines, *facts["remarks"], *say_similar(facts), text("imports.nothing_written"))


def _say_part(part: Mapping[str, Any]) -> str:
    counted = [Message("imports.class_count", name=name, count=n) for name, n in part["classes"].items()]
    params = {"name": part["folder"] or Message("imports.all_images"), "n": part["images"]}
    if not counted:
        return text(f"imports.part_{part['use']}" + ("" if part["use"] == "skip" else "_without_labels"), **params)
    rest = "_and_unlabelled" if part["without_label"] else ""
    from core.workflow.plan_remarks import list_some

    return text(
        f"imports.part_{part['use']}_with_classes{rest}", classes=Message("text.classes", n=len(counted)),
        counts=list_some(counted), unlabelled=part["without_label"], **params,
    )


def say_import(facts: Mapping[str, Any]) -> str:
    """What came in, what changed, and what a person should look at."""
    n_moved = facts["moved"] - facts.get("moved_to_test", 0) - facts.get("moved_to_train", 0)
    unreadable = facts["unreadable"]
    counts = {"classes": facts["classes"], "test_classes": facts.get("test_classes") or {}}
    return lines_of(
        text("cli.new.summary", project=facts["project"], images=Message("text.images", n=facts["images"]),
             test_images=Message("text.test_images", n=facts["test_images"]), n=facts["added"]),
        *(text(f"cli.new.{key}", counts=say_counted(found)) for key, found in counts.items() if found),
        _count("found_again", n_moved),
        text("cli.new.unreadable", n=len(unreadable)) if unreadable else "", listed_reasons(unreadable),
        *_say_changed(facts),
        _count("came_back", facts.get("came_back")),
        *_list("missing", facts.get("missing")),
        *(_count(key, facts.get(key))
          for key in ("not_pictures", "no_longer_used", "removed_passed_over", "brought_back", "excluded")),
        *_say_refiled(facts),
        *_list("with_frames", facts.get("with_frames")),
        *facts.get("remarks", ()), *say_similar(facts),
        *(text("cli.new.skipped_folder", path=row["path"], reason=row["reason"]) for row in facts["skipped_folders"]),
        *facts.get("notes", ()),
    )


def _count(what: str, n: int | None) -> str:
    return text(f"cli.new.{what}", n=n) if n else ""


def _list(what: str, names: Any, *, n: int | None = None) -> list[str]:
    return [text(f"cli.new.{what}", n=n or len(names)), listed(names, n=n)] if names else []


def _say_changed(facts: Mapping[str, Any]) -> list[str]:
    """Which images show something else now, and which are in the other part of the project."""
    n = facts.get("changed")
    return [
        *(_list("changed", facts["changed_images"], n=n) if n else ()),
        *(_count(key, facts.get(key)) for key in ("earlier_labels", "moved_to_test", "moved_to_train")),
    ]


def _say_refiled(facts: Mapping[str, Any]) -> list[str]:
    """Which labels and classes followed their folders, and which did not."""
    found = facts.get("relabelled") or {"images": 0, "first": []}
    moved = [text("cli.new.label_became" if row["label"] else "cli.new.label_began", name=row["name"],
                  before=row["label"], after=row["folder"]) for row in found["first"]]
    return [
        *(text("cli.new.class_renamed", before=old, after=new_name)
          for old, new_name in facts.get("renamed_classes", {}).items()),
        *(_list("relabelled", moved, n=found["images"]) if found["images"] else ()),
        *(text("cli.new.class_made", name=name) for name in facts.get("made_classes", ())),
        *(text("cli.new.class_removed", name=name) for name in facts.get("removed_classes", ())),
        *_say_unsettled(facts),
    ]


def _say_unsettled(facts: Mapping[str, Any]) -> list[str]:
    """What every import says again until it is settled, and the options that settle it."""
    found = facts.get("kept_labels") or {"images": 0}
    if not found["images"]:
        return []
    rows = [text(f"cli.new.kept_{'label' if row['label'] else 'without'}{'_by_hand' if row['is_by_hand'] else ''}",
                 folder=row["folder"], n=row["n_images"], label=row["label"]) for row in found["folders"]]
    return [text("cli.new.kept", n=found["images"]), listed(rows), "  " + text("cli.new.kept_settle")]


def say_labelled(facts: Mapping[str, Any]) -> str:
    """How many labels a table gave, and which rows gave none."""
    from core.workflow.touched import say_parts

    n_test = facts["labelled_test"]
    lines = [text("cli.label.labelled", images=say_parts(facts["labelled"] - n_test, n_test), n=facts["labelled"]),
             text("cli.label.unchanged", n=facts["unchanged"])]
    if facts["tagged"]:
        lines.append(text("imports.tagged", n=facts["tagged"]))
    if facts["columns"] and facts["columns"] != ["path", "label"]:
        lines.append(text("cli.label.columns_used", columns=facts["columns"]))
    if facts["new_classes"]:
        lines.append(text("cli.label.new_classes", names=facts["new_classes"]))
    lines += [text(f"imports.{key}_by_table", n=facts[key]) for key in ("excluded", "included") if facts[key]]
    for key in ("unknown", "ambiguous", "several_labels", "without_label_rows", "contradicting", "not_excluded",
                "not_tagged", "other_part"):
        if facts[key]:
            lines += [text(f"cli.label.{key}", n=len(facts[key])), listed(facts[key])]
    return lines_of(*lines, *say_similar(facts), *facts.get("notes", ()))


def say_classes(facts: Mapping[str, Any]) -> str:
    """What was changed, and the classes as they are now."""
    tests = facts["test_classes"]
    rows = ["  " + (text("cli.classes.row_with_test", name=name, images=Message("text.images", n=n),
                         n=tests[name]) if tests.get(name) else
                    text("cli.classes.row", name=name, images=Message("text.images", n=n)))
            for name, n in facts["classes"].items()]
    return lines_of(facts["said"], *rows, "" if rows or facts["said"] else text("cli.classes.none"),
                    *say_similar(facts))

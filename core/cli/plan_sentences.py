"""The plan of an import as `new --dry-run` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.cli.sentences import say_similar
from core.text import Message, text
from core.workflow.plan_remarks import list_some


def say_plans(facts: Mapping[str, Any]) -> str:
    """All plans of a dry run, then what was decided."""
    lines = [say_plan(plan) for plan in facts["plan"]]
    return "\n".join([*lines, *map(str, facts["remarks"]), *say_similar(facts), text("imports.nothing_written")])


def say_plan(plan: Mapping[str, Any]) -> str:
    """The plan that `describe_layout` gave, a line a part."""
    return "\n".join([f"{plan['folder']}:", *(f"  {_say_part(part)}" for part in plan["parts"])])


def _say_part(part: Mapping[str, Any]) -> str:
    counted = [Message("imports.class_count", name=name, count=n) for name, n in part["classes"].items()]
    params = {"name": part["folder"] or Message("imports.all_images"), "n": part["images"]}
    if not counted:
        return text(f"imports.part_{part['use']}" + ("" if part["use"] == "skip" else "_without_labels"), **params)
    rest = "_and_unlabelled" if part["without_label"] else ""
    return text(
        f"imports.part_{part['use']}_with_classes{rest}", classes=Message("text.classes", n=len(counted)),
        counts=list_some(counted), unlabelled=part["without_label"], **params,
    )


def say_classes(facts: Mapping[str, Any]) -> str:
    """What `classes` changed, and the classes as they are now."""
    tests = facts["test_classes"]
    rows = [text("imports.class_row_with_test" if tests.get(name) else "imports.class_row", name=name,
                 images=Message("text.images", n=n), n=tests.get(name, 0)) for name, n in facts["classes"].items()]
    said = [str(facts["said"])] if facts["said"] else []
    return "\n".join([*said, *(f"  {row}" for row in rows), *([] if rows or said else [text("imports.no_class_yet")]),
                      *say_similar(facts)])

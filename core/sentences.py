"""The results of commands in plain sentences, for people who read a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.review.verdict import describe_accuracy, describe_doubt, percent

MAX_LISTED = 10
"""Longer lists are cut with "and n more"."""


JUDGED = {
    "cross-validation": "each picture was judged by a model that had not seen it (cross-validation)",
    "held back": "judged on pictures that were held back",
    "untrained": "nothing was learnt, so every labelled picture judges",
    "no labels": "no picture has a label to judge by",
}
"""What a figure comes from, by the `accuracy_kind` of a run."""


def plural(n: int, noun: str) -> str:
    """“1 picture”, “1,234 pictures”; nouns in -s and -ss get -es, in -y get -ies."""
    if n == 1:
        return f"1 {noun}"
    if noun.endswith("s"):
        return f"{n:,} {noun}es"
    return f"{n:,} {noun[:-1]}ies" if noun.endswith("y") else f"{n:,} {noun}s"


def interval(low: float, high: float) -> str:
    """“97.2–99.1”, in percent."""
    return f"{100 * low:.1f}–{100 * high:.1f}"


def listed(lines: Sequence[str], *, n: int | None = None) -> str:
    """Indented lines, cut after some; `n` is how many there are where `lines` are only the first of them."""
    shown = [f"  {line}" for line in lines[:MAX_LISTED]]
    if (n or len(lines)) > MAX_LISTED:
        where = "" if n else " (all of them with --json)"
        shown.append(f"  … and {(n or len(lines)) - MAX_LISTED:,} more{where}")
    return "\n".join(shown)


def say_import(facts: Mapping[str, Any]) -> str:
    classes = _counted(facts["classes"])
    found_again = f", {facts['moved']:,} found again at another place" if facts["moved"] else ""
    lines = [f"{facts['project']}: {plural(facts['images'], 'picture')}" + (f" ({classes})" if classes else "")
             + f", {plural(facts['test_images'], 'test picture')}; {facts['added']:,} new now{found_again}."]
    if facts["unreadable"]:
        lines.append(f"{plural(len(facts['unreadable']), 'file')} cannot be read:")
        lines.append(listed([f"{row['path']}: {row['reason']}" for row in facts["unreadable"]]))
    if facts.get("came_back"):
        lines.append(f"{plural(facts['came_back'], 'picture')} that had been gone came back, labels and all.")
    if facts.get("missing"):
        lines.append(f"{plural(len(facts['missing']), 'picture')} no longer there; their labels are kept, "
                     "and nothing is learnt from them until they come back:")
        lines.append(listed(facts["missing"]))
    lines += _say_refiled(facts)
    if facts.get("with_frames"):
        n, holds = len(facts["with_frames"]), "holds" if len(facts["with_frames"]) == 1 else "hold"
        lines.append(f"{plural(n, 'file')} {holds} several images; the first of each is used:")
        lines.append(listed(facts["with_frames"]))
    lines += [f"The folder {row['path']} was passed over: {row['reason']}" for row in facts["skipped_folders"]]
    lines += facts.get("notes", ())
    return "\n".join(lines)


def _say_refiled(facts: Mapping[str, Any]) -> list[str]:
    """Which labels followed a picture to another class folder, and which did not."""
    lines = []
    for key, said, shown in (
        ("relabelled", "now in the folder of another class took its label (Ctrl+Z in the window takes it back)",
         "{name}: “{label}” became “{folder}”"),
        ("kept_labels", "now in a folder of another name than the label; the label stays", "{name}: “{label}”"),
    ):
        found = facts.get(key) or {"images": 0, "first": []}
        if found["images"]:
            lines.append(f"{plural(found['images'], 'picture')} {said}:")
            lines.append(listed([shown.format(**row | {"label": row["label"] or "no label"})
                                 for row in found["first"]], n=found["images"]))
    return lines


def _counted(classes: Mapping[str, int]) -> str:
    """“pistol 391, smartphone 350”, cut after some."""
    shown = [f"{name} {n:,}" for name, n in classes.items()]
    more = [f"and {plural(len(shown) - MAX_LISTED, 'more class')}"] if len(shown) > MAX_LISTED else []
    return ", ".join(shown[:MAX_LISTED] + more)


def say_labelled(facts: Mapping[str, Any]) -> str:
    lines = [f"{plural(facts['labelled'], 'picture')} labelled, {facts['unchanged']:,} had the label already."]
    if facts["new_classes"]:
        lines.append(f"New classes: {', '.join(facts['new_classes'])}.")
    for key, noun, what in (
        ("unknown", "row", "no picture of the project has this name"),
        ("ambiguous", "row", "several pictures have this name"),
        ("contradicting", "picture", "labelled twice, differently; the last counts"),
    ):
        if facts[key]:
            lines.append(f"{plural(len(facts[key]), noun)} ({what}):")
            lines.append(listed(facts[key]))
    lines += facts.get("notes", ())
    return "\n".join(lines)


def say_restored(facts: Mapping[str, Any]) -> str:
    return (f"The catalog is as it was on {facts['made_at']}; labels and runs that came later are not in it.\n"
            f"The damaged one lies in {facts['aside']}.")


def say_accuracy(facts: Mapping[str, Any]) -> str:
    """The same sentence as in the report and the window; says so where nothing was measured."""
    bounds = None if facts["accuracy"] is None else (facts["interval"][0], facts["interval"][1])
    n_right = sum(row[i] for i, row in enumerate(facts["confusion"]))
    figure = describe_accuracy(n_right, facts["n_validation"], bounds, kind=facts["accuracy_kind"])
    return " ".join(filter(None, (f"{figure}.", describe_doubt(bounds))))


def say_trained(facts: Mapping[str, Any]) -> str:
    network = f" on {facts['backbone']}" if facts["backbone"] else ""
    judged = JUDGED.get(facts["accuracy_kind"], f"judged by {facts['accuracy_kind']}")
    lines = [say_accuracy(facts), f"Run {facts['run']}: {facts['strategy']}{network}, "
             f"{_learnt_from(facts['n_train'])}, {facts['seconds']:.1f} s; {judged}."]
    if facts.get("stop_reason"):
        lines.append(f"Ended after {plural(len(facts['history']), 'epoch')}: {facts['stop_reason']}.")
    lines += facts["notes"]
    lines += [_say_finding(finding) for finding in facts["findings"]]
    if facts["skipped"]:
        lines.append(f"{plural(len(facts['skipped']), 'picture')} could not be used:")
        lines.append(listed([f"{row['path']}: {row['reason']}" for row in facts["skipped"]]))
    return "\n".join(lines)


def _learnt_from(n_labels: int) -> str:
    return plural(n_labels, "label") if n_labels else "read without learning"


def _short_accuracy(row: Mapping[str, Any]) -> str:
    """“98.4 % (97.2–99.1)”; without a mistake “all right (at least 99.5 %)”, for nobody is right always."""
    low, high = map(percent, row["interval"])
    return f"all right (at least {low} %)" if row["accuracy"] == 1 else f"{percent(row['accuracy'])} % ({low}–{high})"


def _say_finding(finding: Mapping[str, Any]) -> str:
    said = " ".join((finding["sentence"], *finding["details"][:1]))
    if finding["acknowledged"] is not None:
        return f"Known: {said} Accepted: {finding['acknowledged']}"
    return f"Before you believe it: {said}"


def say_predicted(facts: Mapping[str, Any]) -> str:
    lines = [f"{plural(facts['rows'], 'prediction')} of run {facts['run']} in {facts['out']}."]
    if facts["skipped"]:
        lines.append(f"{plural(len(facts['skipped']), 'picture')} could not be predicted:")
        lines.append(listed([f"{row['path']}: {row['reason']}" for row in facts["skipped"]]))
    return "\n".join(lines)


def say_submitted(facts: Mapping[str, Any]) -> str:
    codes = ", ".join(f"{name} = {code}" for name, code in facts["class_map"].items())
    return f"{plural(facts['rows'], 'line')} of run {facts['run']} in {facts['out']} ({codes}); every id was checked."


def say_reviewed(facts: Mapping[str, Any]) -> str:
    return f"{plural(facts['mistakes'], 'mistake')} of run {facts['run']} in {facts['out']}."


def say_health(facts: Mapping[str, Any]) -> str:
    counts = facts["balance"]["counts"]
    lines = ["Classes: " + (", ".join(f"{name} {n:,}" for name, n in counts.items()) or "none yet") + "."]
    for finding in facts["findings"]:
        lines.append("")
        sign = {"serious": "!!", "warning": "! ", "note": "  "}[finding["level"]]
        lines.append(f"{sign} {finding['title']}: {finding['sentence']}")
        lines += [f"   {detail}" for detail in finding["details"]]
        if finding["acknowledged"] is not None:
            lines.append(f"   Accepted: {finding['acknowledged']}")
        lines += _examples(finding, facts)
    if not facts["findings"]:
        lines.append("Nothing was found that speaks against this data.")
    lines += [f"Not looked at ({row['part']}): {row['reason']}" for row in facts["unchecked"]]
    return "\n".join(lines)


def _examples(finding: Mapping[str, Any], facts: Mapping[str, Any]) -> list[str]:
    """The worst files behind a finding, one a line."""
    is_near = finding["key"] == "leak:near"
    examples = {
        "label error": [f"{row['path']}: {row['sentence']} {row['reason']}" for row in facts["label_errors"]],
        "unreadable": [f"{row['path']}: {row['reason']}" for row in facts["unreadable"]],
        "duplicate": [" = ".join(group) for group in facts["duplicates"]],
        "two labels": [
            " = ".join(group["paths"]) for group in facts["duplicate_groups"] if group["has_two_labels"]
        ],
        "leak": [f"{row['test']} = {row['train']} ({row['kind']})" for row in facts["leaks"]
                 if (row["kind"] == "near twin") == is_near],
        "outlier": [f"{row['path']}: {row['reason']}" for row in facts["outliers"]],
    }.get(finding["kind"], [])
    return [listed(examples)] if examples else []


def say_runs(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return "No run yet. Train one with: main.py train PROJECT"
    return "\n".join(
        f"{row['run']}  {row['backbone'] or '–'}  seed {row['seed']}  {_learnt_from(row['n_train'])}  "
        + (_short_accuracy(row) if row["accuracy"] is not None else "–")
        + (f"  damaged: {row['damage']}" if row.get("damage") else "")
        for row in found
    )


def say_unfinished(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{row['run']}  {row['strategy']}  broken off after {plural(row['epochs'], 'epoch')}; "
        f"go on with: main.py train PROJECT --resume {row['run']}" for row in found
    ]


def say_backbones(found: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(
        f"{row['name']:<28} {row['side_px']:>4} px  {row['n_features']:>5} features  "
        + ("on this computer" if row["is_here"] else f"download of {row['download_mb']:.0f} MB")
        for row in found
    )


def say_demo(facts: Mapping[str, Any]) -> str:
    return "\n".join([say_accuracy(facts["train"]), "Everything lies here:", *(
        f"  {what}: {facts[what]}" for what in ("project", "report", "submission", "predictions"))])

"""The results of commands in plain sentences, for people who read a terminal."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from core.review.baseline import describe_baseline, describe_briefly, describe_warning, standing_of_figures
from core.review.verdict import describe_accuracy, describe_doubt, percent, say_changed_since

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
    """Indented lines, cut after some; `n` is how many there are where `lines` are only the first of them.

    A line stays one, also where the name of a file in it has line breaks.
    """
    shown = ["  " + "\ufffd".join(line.splitlines()) for line in lines[:MAX_LISTED]]
    if (n or len(lines)) > MAX_LISTED:
        where = "" if n else " (all of them with --json)"
        shown.append(f"  … and {(n or len(lines)) - MAX_LISTED:,} more{where}")
    return "\n".join(shown)


def say_import(facts: Mapping[str, Any]) -> str:
    classes = _counted(facts["classes"])
    n_moved = facts["moved"] - facts.get("moved_to_test", 0) - facts.get("moved_to_train", 0)
    found_again = f", {n_moved:,} found again at another place" if n_moved else ""
    lines = [f"{facts['project']}: {plural(facts['images'], 'picture')}" + (f" ({classes})" if classes else "")
             + f", {plural(facts['test_images'], 'test picture')}{_say_test_classes(facts)}; "
             + f"{facts['added']:,} new now{found_again}."]
    if facts["unreadable"]:
        lines.append(f"{plural(len(facts['unreadable']), 'file')} cannot be read:")
        lines.append(listed([f"{row['path']}: {row['reason']}" for row in facts["unreadable"]]))
    lines += _say_changed(facts)
    if facts.get("came_back"):
        lines.append(f"{plural(facts['came_back'], 'picture')} that had been gone came back, labels and all.")
    if facts.get("missing"):
        lines.append(f"{plural(len(facts['missing']), 'picture')} no longer there; labels are kept, "
                     "and nothing is learnt from them until they come back:")
        lines.append(listed(facts["missing"]))
    if facts.get("no_longer_used"):
        lines.append(f"{plural(facts['no_longer_used'], 'image')} that an earlier import took from folders of "
                     "thumbnails or trash: not used any more.")
    lines += _say_refiled(facts)
    if facts.get("with_frames"):
        n, holds = len(facts["with_frames"]), "holds" if len(facts["with_frames"]) == 1 else "hold"
        lines.append(f"{plural(n, 'file')} {holds} several images; the first of each is used:")
        lines.append(listed(facts["with_frames"]))
    lines += [*facts.get("remarks", ()), *say_similar(facts)]
    lines += [f"The folder {row['path']} was passed over: {row['reason']}" for row in facts["skipped_folders"]]
    lines += facts.get("notes", ())
    return "\n".join(map(str, lines))


def _say_test_classes(facts: Mapping[str, Any]) -> str:
    counted = _counted(facts.get("test_classes") or {})
    return f" ({counted})" if counted else ""


def _say_changed(facts: Mapping[str, Any]) -> list[str]:
    """Which images show something else now, and which are in the other part of the project."""
    lines = []
    if n := facts.get("changed"):
        lines.append(f"{plural(n, 'image')} changed since the last import; predictions for "
                     f"{'it' if n == 1 else 'them'} are computed anew:")
        lines.append(listed(facts["changed_images"], n=n))
    if n := facts.get("earlier_labels"):
        lines.append(f"{plural(n, 'label')} of these {'was' if n == 1 else 'were'} given to an earlier version of "
                     "the file: kept, but not learnt from until given again.")
    for key, part in (("moved_to_test", "test"), ("moved_to_train", "training")):
        if n := facts.get(key):
            lines.append(f"{plural(n, 'image')} moved to the {part} images.")
    return lines


def _say_refiled(facts: Mapping[str, Any]) -> list[str]:
    """Which labels and classes followed their folders, and which did not."""
    lines = [f"The class “{old}” is now called “{new}”, as its folder is (Ctrl+Z in the window takes it back)."
             for old, new in facts.get("renamed_classes", {}).items()]
    found = facts.get("relabelled") or {"images": 0, "first": []}
    if found["images"]:
        lines.append(f"{plural(found['images'], 'picture')} now in the folder of another class took its label "
                     "(Ctrl+Z in the window takes it back):")
        lines.append(listed([f"{row['name']}: “{row['label'] or 'no label'}” became “{row['folder']}”"
                             for row in found["first"]], n=found["images"]))
    lines += [f"The folder “{name}” is a class of its own now." for name in facts.get("made_classes", ())]
    lines += [f"The class “{name}” has no image any more and was removed."
              for name in facts.get("removed_classes", ())]
    return lines + _say_unsettled(facts)


def _say_unsettled(facts: Mapping[str, Any]) -> list[str]:
    """What every import says again until it is settled, and the commands that settle it."""
    found = facts.get("kept_labels") or {"images": 0}
    if not found["images"]:
        return []
    given = {True: ", given by hand", False: ""}
    rows = [f"{row['folder']}/: {plural(row['n_images'], 'picture')} "
            + (f"with the label “{row['label']}”" if row["label"] else "without a label") + given[row["is_by_hand"]]
            for row in found["folders"]]
    return [f"{plural(found['images'], 'picture')} now in a folder of another name than the label; the label stays:",
            listed(rows),
            "  To take over what the folders say, repeat the command with --follow-folders; "
            "to settle it as it is, with --keep-labels."]


def say_similar(facts: Mapping[str, Any]) -> list[str]:
    """Classes that are probably one, each with the command that joins them."""
    return [f"The classes {', '.join(f'“{name}”' for name in group)} differ only in spelling; to make them one: "
            f"main.py classes {shell_word(facts['project'])} merge {' '.join(map(shell_word, group[1:]))} "
            f"--into {shell_word(group[0])}" for group in facts.get("similar_classes", ())]


def shell_word(text: str) -> str:
    """A word as a terminal takes it."""
    if re.fullmatch(r"[\w./:+@-]+", text):
        return text
    return shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'


def _counted(classes: Mapping[str, int]) -> str:
    """“pistol 391, smartphone 350”, cut after some."""
    shown = [f"{name} {n:,}" for name, n in classes.items()]
    more = [f"and {plural(len(shown) - MAX_LISTED, 'more class')}"] if len(shown) > MAX_LISTED else []
    return ", ".join(shown[:MAX_LISTED] + more)


def say_labelled(facts: Mapping[str, Any]) -> str:
    lines = [f"{say_labelled_parts(facts['labelled'], facts['labelled_test'])} labelled, "
             f"{facts['unchanged']:,} had the label already."]
    if facts["columns"] and facts["columns"] != ["path", "label"]:
        lines.append(f"Columns used: {', '.join(facts['columns'])}.")
    if facts["new_classes"]:
        lines.append(f"New classes: {', '.join(facts['new_classes'])}.")
    for key, noun, what in (
        ("unknown", "row", "no picture of the project has this name"),
        ("ambiguous", "row", "several pictures have this name"),
        ("several_labels", "row", "several labels; the row was left out"),
        ("without_label_rows", "row", "no label; the row was left out"),
        ("contradicting", "picture", "labelled twice, differently; the last counts"),
    ):
        if facts[key]:
            lines.append(f"{plural(len(facts[key]), noun)} ({what}):")
            lines.append(listed(facts[key]))
    lines += [*say_similar(facts), *facts.get("notes", ())]
    return "\n".join(map(str, lines))


def say_labelled_parts(n_labelled: int, n_test: int) -> str:
    """“24 training images”, “18 test images”, or both."""
    parts = [plural(n, f"{words} image") for n, words in ((n_labelled - n_test, "training"), (n_test, "test")) if n]
    return " and ".join(parts) or plural(0, "image")


def say_restored(facts: Mapping[str, Any]) -> str:
    aside = f"\nThe damaged one lies in {facts['aside']}." if facts["aside"] else ""
    return (f"The catalog is as it was on {facts['made_at']}, with {plural(facts['images'], 'image')}, "
            f"{plural(facts['labels'], 'label')} and {plural(facts['runs'], 'run')}; "
            f"what came later is not in it.{aside}")


def say_accuracy(facts: Mapping[str, Any]) -> str:
    """The same sentences as in the report and the window; a warning stands on a line before the figure."""
    standing = standing_of_figures(facts)
    bounds = None if facts["accuracy"] is None else (facts["interval"][0], facts["interval"][1])
    n_right = sum(row[i] for i, row in enumerate(facts["confusion"]))
    figure = describe_accuracy(n_right, facts["n_validation"], bounds, kind=facts["accuracy_kind"])
    said = " ".join(filter(None, (f"{figure}.", describe_baseline(standing), describe_doubt(bounds))))
    return "\n".join(filter(None, (describe_warning(standing), said, *say_test(facts))))


def say_test(facts: Mapping[str, Any]) -> Sequence[str]:
    """The test accuracy of a run, a sentence each; nothing where no test image has a label."""
    return facts["test"]["sentences"] if facts.get("test") else ()


def say_trained(facts: Mapping[str, Any]) -> str:
    network = f" on {facts['backbone']}" if facts["backbone"] else ""
    judged = JUDGED.get(facts["accuracy_kind"], f"judged by {facts['accuracy_kind']}")
    lines = [say_accuracy(facts), f"Run {facts['run']}: {facts['strategy']}{network}, "
             f"{_learnt_from(facts['n_train'])}, {facts['seconds']:.1f} s; {judged}."]
    if facts.get("stop_reason"):
        lines.append(f"Ended after {plural(len(facts['history']), 'epoch')}: {facts['stop_reason']}.")
    lines += facts["notes"]
    lines += [f"Before you believe it: {sentence}" for sentence in facts.get("concerns", ())]
    lines += [_say_finding(finding) for finding in facts["findings"]]
    if facts["skipped"]:
        lines.append(f"{plural(len(facts['skipped']), 'picture')} could not be used:")
        lines.append(listed([f"{row['path']}: {row['reason']}" for row in facts["skipped"]]))
    return "\n".join(lines)


def _learnt_from(n_labels: int) -> str:
    return plural(n_labels, "label") if n_labels else "read without learning"


def _short_accuracy(row: Mapping[str, Any]) -> str:
    """“98.4 % (97.2–99.1)”; without a mistake “all right (at least 99.5 %)”, for nobody is right always.

    Behind it what it is to be compared with, and the test accuracy where there is one.
    """
    beside = describe_briefly(standing_of_figures(row))
    return "; ".join(filter(None, (_short_figure(row), beside, _short_test(row.get("test")))))


def _short_figure(row: Mapping[str, Any]) -> str:
    low, high = map(percent, row["interval"])
    return f"all right (at least {low} %)" if row["accuracy"] == 1 else f"{percent(row['accuracy'])} % ({low}–{high})"


def _short_test(test: Mapping[str, Any] | None) -> str:
    if not test:
        return ""
    if test["accuracy"] is None:
        return f"test: {plural(test['n_not_predicted'], 'labelled image')} not predicted yet"
    low, high = map(percent, test["interval"])
    return f"test accuracy {percent(test['accuracy'])} % ({low}–{high}) on {plural(test['n'], 'image')}"


def _say_finding(finding: Mapping[str, Any]) -> str:
    said = " ".join((finding["sentence"], *finding["details"][:1]))
    if finding["acknowledged"] is not None:
        return f"Known: {said} Accepted: {finding['acknowledged']}"
    return f"Before you believe it: {said}"


def _say_changed_files(facts: Mapping[str, Any]) -> list[str]:
    """Which files changed without the project having been told."""
    lines = []
    if names := facts.get("changed"):
        lines.append(f"{plural(len(names), 'image')} changed since the last import, predicted as "
                     f"{'it is' if len(names) == 1 else 'they are'} now; run `new` again:")
        lines.append(listed(names))
    return lines


def say_predicted(facts: Mapping[str, Any]) -> str:
    lines = [f"{plural(facts['rows'], 'prediction')} of run {facts['run']} in {facts['out']}."]
    lines += [*_say_changed_files(facts), *facts.get("notes", ())]
    return "\n".join([*lines, *_say_skipped(facts["skipped"], "no prediction")])


def _say_skipped(skipped: Sequence[Mapping[str, str]], what: str) -> list[str]:
    """Which images were left out, and why."""
    if not skipped:
        return []
    has = "has" if len(skipped) == 1 else "have"
    return [f"{plural(len(skipped), 'image')} {has} {what}:",
            listed([f"{row['path']}: {row['reason']}" for row in skipped])]


def say_submitted(facts: Mapping[str, Any]) -> str:
    """What was written in which form, the map and where it comes from, and every image without a prediction."""
    codes = ", ".join(f"{name} = {code}" for name, code in facts["class_map"].items())
    lines = [f"{plural(facts['rows'], 'line')} of run {facts['run']} in {facts['out']}, read back and compared.",
             f"Form: {facts['form']}", f"Codes: {codes}. {facts['map_reason']}", *facts["notes"],
             *_say_changed_files(facts)]
    if facts["guessed"]:
        guess = {"majority": "the class with the most labels", "mean": "from the mean probability of all others"}
        has = "has" if len(facts["guessed"]) == 1 else "have"
        lines.append(f"{plural(len(facts['guessed']), 'line')} {has} a guess instead of a prediction, "
                     f"{guess[facts['missing']]}: {', '.join(facts['guessed'])}.")
    if facts["skipped"] and facts["guessed"]:
        return "\n".join([*lines, *_say_skipped(facts["skipped"], "no prediction")])
    lines += _say_skipped(facts["skipped"], "no line in the file")
    if facts["skipped"]:
        lines.append("If every test image needs a line: --missing majority or --missing mean writes one.")
    return "\n".join(lines)


def say_reviewed(facts: Mapping[str, Any]) -> str:
    n_test = len(facts["test"]["mistakes"]) if facts.get("test") else 0
    test = f" on training images and {plural(n_test, 'mistake')} on test images" if facts.get("test") else ""
    line = f"{plural(facts['mistakes'], 'mistake')}{test} of run {facts['run']} in {facts['out']}."
    said = " ".join(filter(None, (line, say_changed_since(facts.get("changed", 0)))))
    return "\n".join((say_accuracy(facts), said))


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
        + (_short_accuracy(row) if row["accuracy"] is not None else "; ".join(
            filter(None, ("–", _short_test(row.get("test"))))))
        + (f"  damaged: {row['damage']}" if row.get("damage") else "")
        + (f"  {plural(row['changed'], 'image')} changed since" if row.get("changed") else "")
        for row in found
    )


def say_unfinished(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{row['run']}  {row['strategy']}  broken off after {plural(row['epochs'], 'epoch')}; "
        f"go on with: main.py train PROJECT --resume {row['run']}" for row in found
    ]


def say_not_recorded(found: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"{row['run']}  not recorded: {row['reason']} It lies in {row['folder']}; delete it if you do not need it."
        if row["reason"] else
        f"{row['run']}  not recorded: it was cut off when it was complete; "
        "record it with: main.py runs PROJECT --record" for row in found
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

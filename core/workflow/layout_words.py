"""The plan of an import in plain sentences: what each part is, what was decided, and how to decide otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.project.folder_words import read_split_name
from core.project.layout import ImportLayout, LayoutPart
from core.sentences import plural, say_similar

MAX_NAMED = 6
"""Longer lists of names are cut with "and n more"."""

USE_WORDS = {"train": "for training", "test": "for testing", "skip": "left out"}


def describe_layout(layout: ImportLayout) -> dict[str, Any]:
    """The plan as plain values, for a command's answer."""
    return {
        "folder": str(layout.folder),
        "parts": [{"folder": part.name if part.folder else "", "kind": part.kind, "use": part.use,
                   "images": part.n_images, "classes": dict(part.classes), "without_label": part.n_unlabelled,
                   "naming": part.naming.as_json()} for part in layout.parts],
        "passed_over": dict(layout.foreign),
        "options": layout.options.as_json(),
        "remarks": list(say_remarks(layout)),
    }


def say_plans(facts: Mapping[str, Any]) -> str:
    """All plans of a dry run, then what was decided."""
    lines = [say_plan(plan) for plan in facts["plan"]]
    return "\n".join([*lines, *facts["remarks"], *say_similar(facts), "Nothing was written."])


def say_plan(plan: Mapping[str, Any]) -> str:
    """The plan that `describe_layout` gave, a line a part."""
    lines = [f"{plan['folder']}:"]
    for part in plan["parts"]:
        name = part["folder"] or "all images"
        lines.append(f"  {name}: {plural(part['images'], 'image')} {USE_WORDS[part['use']]}{_say_labels(part)}")
    return "\n".join(lines)


def _say_labels(part: Mapping[str, Any]) -> str:
    classes = [f"{name} {n:,}" for name, n in part["classes"].items()]
    if not classes:
        return "" if part["use"] == "skip" else ", without labels"
    rest = f"; {part['without_label']:,} without a label" if part["without_label"] else ""
    return f" ({plural(len(classes), 'class')}: {_some(classes)}{rest})"


def say_remarks(layout: ImportLayout) -> list[str]:
    """What was decided that a person may want otherwise, each with what to type then."""
    remarks = [_say_splits(layout), *_say_naming(layout), *map(_say_test_labels, layout.parts),
               *_say_left_out(layout), _say_foreign(layout)]
    return [remark for remark in remarks if remark]


def _say_splits(layout: ImportLayout) -> str:
    if not layout.has_splits:
        return _say_lone_split(layout)
    taken = [part for part in layout.parts if part.kind in ("train", "valid", "test", "unlabelled")]
    said = ", ".join(f"“{part.name}” {USE_WORDS[part.use]}" for part in taken)
    remark = f"Folders side by side were taken as splits: {said}; --no-splits takes them as classes instead."
    valid = [part for part in taken if part.kind == "valid"]
    if any(part.use == "train" for part in valid):
        remark += (" Validation images are used for training, for cross-validation holds out a part of its own; "
                   "--valid test keeps them apart as labelled test images, --valid skip leaves them out.")
    elif any(part.use == "test" for part in valid):
        remark += (" Without a test folder, the validation images are the test images; "
                   "--valid train uses them for training.")
    return remark


def _say_lone_split(layout: ImportLayout) -> str:
    """A class called test may be one; more often it is a slip."""
    names = [name for part in layout.parts if part.use == "train" and part.naming.by != "none"
             for name, _ in part.classes]
    lone = [name for name in names if (read := read_split_name(name)) is not None and not read.rest]
    below = {name for part in layout.parts if part.use == "train" for name in part.naming.batches}
    below = {name for name in below if read_split_name(name) is not None}
    if below:
        return (f"{_quoted(sorted(below))} below the class folders are used for training alike; to keep some for "
                "testing, put them side by side above the classes, as in train/disc and test/disc.")
    if lone and len(names) > 1:
        return (f"{_quoted(lone)} {'is' if len(lone) == 1 else 'are'} taken as {_a_class(lone)}; if these are images "
                f"for testing, use: --test \"{layout.folder / lone[0]}\"")
    return ""


def _say_naming(layout: ImportLayout) -> list[str]:
    named = [part for part in layout.parts if part.use == "train"]
    wrappers = {"/".join(part.naming.wrapper): None for part in named if part.naming.wrapper}
    remarks = []
    if any(not part.classes for part in named) and wrappers and not any(part.classes for part in named):
        remarks.append(f"All images lie in one folder, {_quoted(list(wrappers))}, so it names no class.")
    elif wrappers:
        remarks.append(f"{_quoted(list(wrappers))} lies around all classes and is no part of their names.")
    ways = {part.naming.by for part in named if part.classes}
    remarks += [_say_way(by, layout, named) for by in sorted(ways)]
    if layout.known and named and named[0].classes:
        first = next(name for part in named for name, _ in part.classes)
        remarks.append(f"Classes are named as the project knows them (“{first}”), for {layout.known}; "
                       "--classes-from top names them by the upper folder, and `classes … merge` joins what is one.")
    return remarks


def _say_way(by: str, layout: ImportLayout, named: Sequence[LayoutPart]) -> str:
    others = "--classes-from path makes each folder a class of its own"
    if layout.options.classes_from != "auto":
        return {"top": "The upper folder names the class, as chosen (--classes-from top).",
                "leaf": "The last folder names the class, as chosen (--classes-from leaf).",
                "path": "The whole path names the class, as chosen (--classes-from path)."}.get(by, "")
    batches = sorted({name for part in named for name in part.naming.batches})
    if by == "below":
        return f"{_quoted(batches)} inside the class folders were taken as batches of one class; {others}."
    if by == "above":
        return f"{_quoted(batches)} were taken as batches, and the folders inside them as classes; {others}."
    if by == "top":
        return (f"{_quoted(batches)} lie in several class folders alike and were taken as batches: the upper folder "
                f"names the class; --classes-from leaf takes the last folder, {others}.")
    nested = [name for part in named for name, _ in part.classes if "/" in name]
    return "" if not nested or layout.known else (
        f"Folders inside class folders are classes of their own ({_quoted(nested)}); if they are batches of one "
        "class, use --classes-from top.")


def _say_test_labels(part: LayoutPart) -> str:
    if part.use != "test" or not part.n_images:
        return ""
    where = f" in “{part.name}”" if part.folder else ""
    if part.classes:
        return (f"Every folder of test images{where} is a class of the training images, so they are labelled: "
                "accuracy is measured on them, and nothing is learnt from them.")
    if part.naming.by == "none" and part.has_folders:
        return (f"The folders of test images{where} are not all classes of the training images, so they give no "
                "labels.")
    return ""


def _say_left_out(layout: ImportLayout) -> list[str]:
    lines = []
    for part in layout.parts:
        if part.use != "skip" or not part.n_images:
            continue
        said = f"{plural(part.n_images, 'image')} {'is' if part.n_images == 1 else 'are'} left out"
        lines.append(f"{said} that lie in “{part.name}” beside the splits." if not part.folder else
                     f"{said} in “{part.name}”; to add them, use: --from \"{layout.folder / part.name}\"")
    return lines


def _say_foreign(layout: ImportLayout) -> str:
    if not layout.foreign:
        return ""
    said = ", ".join(f"{name} ({n:,})" if n > 1 else name for name, n in layout.foreign[:MAX_NAMED])
    more = f" and {len(layout.foreign) - MAX_NAMED} more" if len(layout.foreign) > MAX_NAMED else ""
    return f"Thumbnails, trash and the like were passed over: {said}{more}."


def _quoted(names: Sequence[str]) -> str:
    return _some([f"“{name}”" for name in names])


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - MAX_NAMED:,} more" if len(words) > MAX_NAMED else ""
    return ", ".join(words[:MAX_NAMED]) + more


def _a_class(names: Sequence[str]) -> str:
    return "a class" if len(names) == 1 else "classes"

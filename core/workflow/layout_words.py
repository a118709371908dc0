"""The plan of an import in plain sentences: what each part is, what was decided, and how to decide otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.project.folder_words import is_batch_name, read_split_name
from core.project.layout import ImportLayout, LayoutPart
from core.cli.sentences import plural, say_similar

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
        "remarks": [str(remark) for remark in say_remarks(layout)],
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


@dataclass(frozen=True, slots=True)
class Remark:
    """What was decided, and for a command line how to decide otherwise."""

    sentence: str
    otherwise: str = ""

    def __str__(self) -> str:
        return f"{self.sentence[:-1]}; {self.otherwise}." if self.otherwise else self.sentence


def say_remarks(layout: ImportLayout) -> list[Remark]:
    """What was decided that a person may want otherwise."""
    found = [*_say_splits(layout), *_say_wrappers(layout), *_say_naming(layout),
             *map(_say_test_labels, layout.parts), *_say_left_out(layout), _say_foreign(layout)]
    return [remark for remark in found if remark is not None]


def _say_splits(layout: ImportLayout) -> list[Remark | None]:
    if not layout.has_splits:
        return [_say_lone_split(layout)]
    taken = [part for part in layout.parts if part.kind in ("train", "valid", "test", "unlabelled")]
    said = ", ".join(f"“{part.name}” {USE_WORDS[part.use]}" for part in taken)
    splits = Remark(f"Folders side by side were taken as splits: {said}.",
                    "--no-splits takes them as classes instead")
    valid = {part.use for part in taken if part.kind == "valid"}
    if "train" in valid:
        return [splits, Remark(
            "Validation images are used for training, for cross-validation holds out a part of its own.",
            "--valid test keeps them apart as labelled test images, --valid skip leaves them out")]
    if "test" in valid and not any(part.kind == "test" for part in taken):
        return [splits, Remark("Without a test folder, the validation images are the test images.",
                               "--valid train uses them for training")]
    return [splits]


def _say_lone_split(layout: ImportLayout) -> Remark | None:
    """A class called test may be one; more often it is a slip."""
    train = [part for part in layout.parts if part.use == "train"]
    below = sorted({name for part in train for name in part.naming.batches if read_split_name(name) is not None})
    if below:
        return Remark(f"{_quoted(below)} below the class folders are used for training alike; to keep some for "
                      "testing, put them side by side above the classes, as in train/disc and test/disc.")
    names = [name for part in train for name, _ in part.classes]
    lone = [name for name in names if _is_split(name.partition("/")[0])]
    if not lone or len(names) < 2:
        return None
    upper = next(iter(train)).naming.wrapper
    folder = layout.folder.joinpath(*upper, lone[0].partition("/")[0])
    return Remark(f"{_quoted(lone)} {'is taken as a class' if len(lone) == 1 else 'are taken as classes'}.",
                  f"if these are images for testing, use: --test \"{folder}\"")


def _is_split(name: str) -> bool:
    read = read_split_name(name)
    return read is not None and not read.rest


def _say_wrappers(layout: ImportLayout) -> list[Remark]:
    train = [part for part in layout.parts if part.use == "train"]
    if layout.options.classes_from == "none":
        return [Remark("No folder names a class, as chosen.", "--classes-from auto decides by the names")]
    named = [part for part in train if part.classes]
    wrappers = list({"/".join(part.naming.wrapper): None for part in named or train if part.naming.wrapper})
    if not wrappers:
        return []
    lie = "lies" if len(wrappers) == 1 else "lie"
    if named:
        return [Remark(f"{_quoted(wrappers)} {lie} around all classes and is no part of their names.")]
    return [Remark(f"All images lie in one folder, {_quoted(wrappers)}, so it names no class.",
                   "--classes-from leaf makes it one")]


def _say_naming(layout: ImportLayout) -> list[Remark | None]:
    named = [part for part in layout.parts if part.use == "train" and part.classes]
    if layout.known and named:
        return [Remark(f"Classes are named as the project knows them (“{named[0].classes[0][0]}”): {layout.known}.",
                       "--classes-from top names them by the upper folder, --follow-folders takes that over")]
    return [_say_way(by, layout, named) for by in sorted({part.naming.by for part in named})]


def _say_way(by: str, layout: ImportLayout, named: Sequence[LayoutPart]) -> Remark | None:
    if layout.options.classes_from != "auto":
        way = {"top": "upper folder", "leaf": "last folder", "path": "whole path"}[layout.options.classes_from]
        return Remark(f"The {way} names the class, as chosen.", "--classes-from auto decides by the names")
    batches = sorted({name for part in named for name in part.naming.batches})
    whole = "--classes-from path makes each folder a class of its own"
    if by == "below":
        return Remark(f"{_quoted(batches)} inside the class folders were taken as batches of one class.", whole)
    if by == "above":
        return Remark(f"{_quoted(batches)} were taken as batches, and the folders inside them as classes.", whole)
    if by == "top":
        return Remark(f"{_quoted(batches)} lie in several class folders alike and were taken as batches: the upper "
                      "folder names the class.", f"--classes-from leaf takes the last folder, {whole}")
    nested = [name for part in named for name, _ in part.classes
              if "/" in name and not _is_split(name.partition("/")[0])]
    if not nested:
        return _say_batch_classes(named)
    return Remark(f"Folders inside class folders are classes of their own ({_quoted(nested)}).",
                  "if they are batches of one class, use --classes-from top")


def _say_batch_classes(named: Sequence[LayoutPart]) -> Remark | None:
    """Folders of a phone or of days are seldom classes; where nothing else could be one, a person decides."""
    names = [name for part in named for name, _ in part.classes]
    if not all(map(is_batch_name, names)):
        return None
    said = "is called like a batch of images, and taken as a class" if len(names) == 1 else (
        "are called like batches of images, and taken as classes")
    return Remark(f"{_quoted(names)} {said}.",
                  "if they are none, use --classes-from none: the images come without labels")


def _say_test_labels(part: LayoutPart) -> Remark | None:
    if part.use != "test" or not part.n_images:
        return None
    where = f" in “{part.name}”" if part.folder else ""
    if part.classes:
        return Remark(f"Every folder of test images{where} is a class of the training images, so they are labelled: "
                      "accuracy is measured on them, and nothing is learnt from them.")
    if part.naming.by == "none" and part.has_folders:
        return Remark(f"The folders of test images{where} are not all classes of the training images, so they give "
                      "no labels.")
    return None


def _say_left_out(layout: ImportLayout) -> list[Remark]:
    remarks = []
    for part in layout.parts:
        if part.use != "skip" or not part.n_images:
            continue
        said = f"{plural(part.n_images, 'image')} {'is' if part.n_images == 1 else 'are'} left out"
        remarks.append(
            Remark(f"{said} in “{part.name}”.", f"to add them, use: --from \"{layout.folder / part.name}\"")
            if part.folder else Remark(f"{said} directly in “{part.name}”, beside the splits."))
    return remarks


def _say_foreign(layout: ImportLayout) -> Remark | None:
    if not layout.foreign:
        return None
    said = ", ".join(f"{name} ({n:,})" if n > 1 else name for name, n in layout.foreign[:MAX_NAMED])
    more = f" and {len(layout.foreign) - MAX_NAMED} more" if len(layout.foreign) > MAX_NAMED else ""
    return Remark(f"Thumbnails, trash and the like were passed over: {said}{more}.")


def _quoted(names: Sequence[str]) -> str:
    return _some([f"“{name}”" for name in names])


def _some(words: Sequence[str]) -> str:
    more = f" and {len(words) - MAX_NAMED:,} more" if len(words) > MAX_NAMED else ""
    return ", ".join(words[:MAX_NAMED]) + more

"""Remarks on the plan of an import: what was decided, and with which option to decide otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.project.folder_tree import is_batch_name, read_split_name
from core.project.layout import ImportLayout, LayoutPart
from core.text import Message

MAX_NAMED = 6
"""Longer lists of names are cut with "and n more"."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What was decided, and for a command line how to decide otherwise."""

    sentence: Message
    otherwise: Message | None = None

    @property
    def whole(self) -> Message:
        """Both in one."""
        if self.otherwise is None:
            return self.sentence
        return Message("imports.remark", remark=self.sentence, otherwise=self.otherwise)


def describe_layout(layout: ImportLayout) -> dict[str, Any]:
    """The plan as plain values, for a command's answer."""
    return {
        "folder": str(layout.folder),
        "parts": [{"folder": part.name if part.folder else "", "kind": part.kind, "use": part.use,
                   "images": part.n_images, "classes": dict(part.classes), "without_label": part.n_unlabelled,
                   "naming": part.naming.as_json()} for part in layout.parts],
        "passed_over": dict(layout.foreign),
        "options": layout.options.as_json(),
        "remarks": [remark.whole for remark in list_remarks(layout)],
    }


def list_remarks(layout: ImportLayout) -> list[Remark]:
    """What was decided that a person may want otherwise."""
    found = [*_on_splits(layout), *_on_wrappers(layout), *_on_naming(layout),
             *map(_on_test_labels, layout.parts), *map(lambda part: _on_left_out(layout, part), layout.parts),
             _on_foreign(layout)]
    return [remark for remark in found if remark is not None]


def shorten(names: Sequence[str]) -> Message:
    """Names in quotation marks, cut after some."""
    return list_some([Message("text.quoted", word=name) for name in names])


def list_some(words: Sequence[str | Message], most: int = MAX_NAMED) -> Message:
    """A list, cut after some."""
    if len(words) <= most:
        return Message("imports.names", names=tuple(words))
    return Message("imports.names_and_more", names=tuple(words[:most]), n=len(words) - most)


def _remark(code: str, otherwise: str = "", **params: Any) -> Remark:
    """A remark, and what to do otherwise: the entry `otherwise` with the same parameters."""
    return Remark(Message(f"imports.{code}", **params),
                  Message(f"imports.{otherwise}", **params) if otherwise else None)


def _on_splits(layout: ImportLayout) -> list[Remark | None]:
    if not layout.has_splits:
        return [_on_lone_split(layout)]
    taken = [part for part in layout.parts if part.kind in ("train", "valid", "test", "unlabelled")]
    parts = tuple(Message(f"imports.split_for_{part.use}", name=part.name) for part in taken)
    splits = _remark("splits", "no_splits", parts=parts)
    valid = {part.use for part in taken if part.kind == "valid"}
    if "train" in valid:
        return [splits, _remark("valid_for_training", "valid_otherwise")]
    if "test" in valid and not any(part.kind == "test" for part in taken):
        return [splits, _remark("valid_for_testing", "valid_to_training")]
    return [splits]


def _on_lone_split(layout: ImportLayout) -> Remark | None:
    """A class called test may be one; more often it is a slip."""
    train = [part for part in layout.parts if part.use == "train"]
    below = sorted({name for part in train for name in part.naming.batches if read_split_name(name) is not None})
    if below:
        return _remark("splits_below_classes", names=shorten(below))
    names = [name for part in train for name, _ in part.classes]
    lone = [name for name in names if _is_split(name.partition("/")[0])]
    if not lone or len(names) < 2:
        return None
    upper = next(iter(train)).naming.wrapper
    folder = layout.folder.joinpath(*upper, lone[0].partition("/")[0])
    return _remark("split_as_class", "split_as_test", n=len(lone), names=shorten(lone), folder=folder)


def _is_split(name: str) -> bool:
    read = read_split_name(name)
    return read is not None and not read[1]


def _on_wrappers(layout: ImportLayout) -> list[Remark]:
    train = [part for part in layout.parts if part.use == "train"]
    if layout.options.classes_from == "none":
        return [_remark("classes_from_none", "classes_from_auto")]
    named = [part for part in train if part.classes]
    wrappers = list({"/".join(part.naming.wrapper): None for part in named or train if part.naming.wrapper})
    if not wrappers:
        return []
    if named:
        return [_remark("folders_around_classes", n=len(wrappers), names=shorten(wrappers))]
    return [_remark("one_folder", "one_folder_as_class", names=shorten(wrappers))]


def _on_naming(layout: ImportLayout) -> list[Remark | None]:
    named = [part for part in layout.parts if part.use == "train" and part.classes]
    if layout.known and named:
        return [_remark(f"named_by_project_{layout.known}", "named_otherwise", name=named[0].classes[0][0])]
    return [_on_way(by, layout, named) for by in sorted({part.naming.by for part in named})]


def _on_way(by: str, layout: ImportLayout, named: Sequence[LayoutPart]) -> Remark | None:
    if layout.options.classes_from != "auto":
        return _remark(f"classes_from_{layout.options.classes_from}", "classes_from_auto")
    batches = sorted({name for part in named for name in part.naming.batches})
    if by in ("below", "above"):
        return _remark(f"batches_{by}", "classes_from_path_instead", names=shorten(batches))
    if by == "top":
        return _remark("batches_alike", "classes_from_leaf_or_path", names=shorten(batches))
    nested = [name for part in named for name, _ in part.classes
              if "/" in name and not _is_split(name.partition("/")[0])]
    if nested:
        return _remark("nested_classes", "classes_from_top_instead", names=shorten(nested))
    return _on_batch_classes(named)


def _on_batch_classes(named: Sequence[LayoutPart]) -> Remark | None:
    """Folders of a phone or of days are seldom classes; where nothing else could be one, a person decides."""
    names = [name for part in named for name, _ in part.classes]
    if not all(map(is_batch_name, names)):
        return None
    return _remark("batches_as_classes", "classes_from_none_instead", n=len(names), names=shorten(names))


def _on_test_labels(part: LayoutPart) -> Remark | None:
    if part.use != "test" or not part.n_images:
        return None
    where = "_in_folder" if part.folder else ""
    if part.classes:
        return _remark(f"test_labelled{where}", name=part.name)
    if part.naming.by == "none" and part.has_folders:
        return _remark(f"test_without_labels{where}", name=part.name)
    return None


def _on_left_out(layout: ImportLayout, part: LayoutPart) -> Remark | None:
    if part.use != "skip" or not part.n_images:
        return None
    if part.folder:
        folder = layout.folder / part.name
        return _remark("folder_left_out", "add_the_folder", n=part.n_images, name=part.name, folder=folder)
    return _remark("images_left_out", n=part.n_images, name=part.name)


def _on_foreign(layout: ImportLayout) -> Remark | None:
    if not layout.foreign:
        return None
    found = [Message("imports.name_count", name=name, count=n) if n > 1 else name for name, n in layout.foreign]
    return _remark("passed_over", names=list_some(found))

"""Plans an import from the folder tree alone: which parts it has, and which class each folder names.

Splits side by side (train, valid, test) become parts of their own, folders around everything are taken off, and
batches of a class are told from classes. The catalog knows the splits train and test: validation images are for
training, where cross-validation makes validation parts of its own, or are the labelled test set where there is no
other. Nothing is read from the disk here, and nothing is written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.project.class_naming import ClassNaming, Parts, choose_naming, find_wrapper, folder_parts
from core.project.folder_tree import FolderListing, ForeignNames, read_split_name
from core.project.classes import class_key
from core.types import Skipped

USES = ("train", "test", "skip")
"""What a part can be used for; "skip" leaves it out."""


@dataclass(frozen=True, slots=True)
class LayoutOptions:
    """What a person wants of a plan; the defaults leave it to the program.

    Attributes:
        classes_from: One of `core.project.class_naming.WAYS`.
        valid: What validation images are used for: "auto", "train", "test" or "skip".
        with_splits: Whether train, valid and test side by side are splits rather than classes.
        uses: "train", "test" or "skip" by the readable relative folder of a part, where a person chose it.
    """

    classes_from: str = "auto"
    valid: str = "auto"
    with_splits: bool = True
    uses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def as_json(self) -> dict[str, Any]:
        return {"classes_from": self.classes_from, "valid": self.valid, "with_splits": self.with_splits,
                "uses": dict(self.uses)}


@dataclass(frozen=True, slots=True)
class LayoutPart:
    """One folder that is imported, or left out, as a whole.

    Attributes:
        folder: Relative to the planned folder, `os.fsencode`; empty for the folder itself.
        name: The same as readable text.
        kind: "all", or in a folder with splits "train", "valid", "test", "unlabelled" or "beside".
        use: "train", "test" or "skip".
        n_images: Files in it that promise an image.
        naming: Which class a sub-folder names.
        classes: Names and numbers of images of the classes that its folders name.
        has_folders: Whether images lie in several folders, or in one that is no mere wrapper.
    """

    folder: bytes
    name: str
    kind: str
    use: str
    n_images: int
    naming: ClassNaming = ClassNaming("none")
    classes: tuple[tuple[str, int], ...] = ()
    has_folders: bool = False

    @property
    def n_unlabelled(self) -> int:
        return self.n_images - sum(n for _, n in self.classes)


@dataclass(frozen=True, slots=True)
class ImportLayout:
    """What an import would do; see `core.project.layout_remarks` for it in words.

    Attributes:
        folder: The planned folder, absolute.
        parts: By kind, so that another use does not change their order.
        foreign, skipped: See `FolderListing`.
        excluded: Sub-folders that are not part of it, relative; they are imported on their own.
        known: Why the catalog decided how classes are named, "whole" or "labels"; empty where the tree did.
    """

    folder: Path
    parts: tuple[LayoutPart, ...]
    options: LayoutOptions
    foreign: ForeignNames = ()
    skipped: tuple[Skipped, ...] = ()
    excluded: tuple[bytes, ...] = ()
    known: str = ""

    @property
    def imported(self) -> tuple[LayoutPart, ...]:
        """Parts that are not left out, in the order of import: training brings the classes that testing needs."""
        return tuple(part for use in ("train", "test") for part in self.parts if part.use == use)

    @property
    def has_splits(self) -> bool:
        return any(part.kind not in ("all", "beside") for part in self.parts)


_KINDS = ("all", "train", "valid", "unlabelled", "test", "beside")
_Tree = Mapping[bytes, Mapping[Parts, int]]
"""Images directly in each folder, by part."""


def plan_layout(
    listing: FolderListing, options: LayoutOptions | None = None, *, use: str = "train",
    known_classes: Collection[str] = (), namings: Mapping[bytes, ClassNaming] = MappingProxyType({}),
) -> ImportLayout:
    """Plan the import of a folder.

    Args:
        use: "train", or "test" where the whole folder is of test images.
        known_classes: Classes that the project has already.
        namings: By relative folder, namings that the catalog knows and that stay.
    """
    options = options or LayoutOptions()
    kinds = _find_splits(listing) if options.with_splits and use == "train" else {}
    tree = _divide(listing, kinds or {b"": "all"})
    uses = {folder: _choose_use(folder, kinds, options, default=use) for folder in tree}
    is_labelled = {folder: kinds.get(folder) != "unlabelled" and bool(folder or not kinds) for folder in tree}
    train = [folder for folder in tree if uses[folder] == "train" and is_labelled[folder]]
    found = _name_training(tree, train, options, known_classes)
    found |= {folder: naming for folder, naming in namings.items() if folder in train}
    train_parts = [_part(listing, tree, f, kinds, uses[f], found.get(f)) for f in tree if uses[f] == "train"]
    classes = {name for part in train_parts for name, _ in part.classes} | set(known_classes)
    parts = []
    for folder in tree:
        naming = found.get(folder)
        if uses[folder] != "train":
            naming = _name_test(tree[folder], classes, found, options)
        parts.append(_part(listing, tree, folder, kinds, uses[folder], naming))
    parts.sort(key=lambda part: (_KINDS.index(part.kind), not part.folder))
    return ImportLayout(listing.folder, tuple(parts), options, listing.foreign, listing.skipped,
                        listing.excluded)


def _find_splits(listing: FolderListing) -> dict[bytes, str]:
    """Kind of each folder on the level of the splits; empty where the tree has none."""
    folders = [folder for folder, _ in listing.counts if folder]
    depth = len(find_wrapper([folder_parts(folder) for folder in folders]))
    level: dict[bytes, list[bytes]] = defaultdict(list)
    for folder in folders:
        parts = folder.split(b"/")
        if len(parts) > depth:
            level[b"/".join(parts[: depth + 1])].append(folder)
    read = {folder: read_split_name(folder_parts(folder)[-1]) for folder in level}
    named = {folder: name for folder, name in read.items() if name is not None}
    kinds = {kind for kind, _ in named.values()}
    if "train" not in kinds or len(kinds) < 2 or len({rest for _, rest in named.values()}) > 1:
        return {}
    is_flat = all(level[f] == [f] for f, (kind, _) in named.items() if kind == "train")
    if len(named) < len(level) and is_flat:
        return {}  # among other folders of images, train may be a railway
    return {folder: named[folder][0] if folder in named else "beside" for folder in level}


def _divide(listing: FolderListing, kinds: Mapping[bytes, str]) -> _Tree:
    """The images of each part by their folder below it; what lies beside the splits goes to the empty folder."""
    tree: dict[bytes, dict[Parts, int]] = {folder: {} for folder in kinds}
    for folder, n in listing.counts:
        own = next((top for top in kinds if not top or folder == top or folder.startswith(top + b"/")), b"")
        below = tree.setdefault(own, {})
        parts = folder_parts(folder[len(own):].lstrip(b"/"))
        below[parts] = below.get(parts, 0) + n  # one readable name may be spelt in several ways
    return tree


def _choose_use(folder: bytes, kinds: Mapping[bytes, str], options: LayoutOptions, *, default: str) -> str:
    chosen = options.uses.get("/".join(folder_parts(folder)))
    if chosen in USES:
        return str(chosen)
    kind = kinds.get(folder, "beside" if kinds else "all")
    if kind == "valid":
        has_test = "test" in kinds.values()
        return options.valid if options.valid in USES else "train" if has_test else "test"
    return {"all": default, "test": "test", "beside": "skip"}.get(kind, "train")


def _name_training(
    tree: _Tree, folders: Sequence[bytes], options: LayoutOptions, known_classes: Collection[str]
) -> dict[bytes, ClassNaming]:
    """One way of naming for all training parts, each without the folders around it.

    A single folder of images is a wrapper, unless it is called like a class or the person chose how to name classes.
    """
    wrappers = {folder: find_wrapper(list(tree[folder])) for folder in folders}
    tops = [parts[len(wrapper)] for folder, wrapper in wrappers.items()
            for parts in tree[folder] if len(parts) > len(wrapper)]
    keys = {class_key(name) for name in (*tops, *known_classes)}
    for folder, wrapper in wrappers.items():
        is_class = options.classes_from != "auto" or class_key("".join(wrapper[-1:])) in keys
        if wrapper and wrapper in tree[folder] and is_class:
            wrappers[folder] = wrapper[:-1]
    below = [parts[len(wrapper):] for folder, wrapper in wrappers.items()
             for parts in tree[folder] if parts[: len(wrapper)] == wrapper]
    naming = choose_naming(below, classes_from=options.classes_from)
    return {folder: replace(naming, wrapper=wrapper) for folder, wrapper in wrappers.items()}


def _name_test(
    folders: Mapping[Parts, int], classes: Collection[str], found: Mapping[bytes, ClassNaming], options: LayoutOptions
) -> ClassNaming:
    """A naming by which every folder of test images is a class of the training images, or "none"."""
    keys = {class_key(name) for name in classes}
    deepest = find_wrapper(list(folders))
    ways = [*found.values(), choose_naming(folders, classes_from=options.classes_from), ClassNaming("path")]
    for depth in range(len(deepest), -1, -1):
        for way in ways:
            naming = replace(way, wrapper=deepest[:depth])
            names = {naming.name(parts) for parts in folders} - {""}
            if names and all(class_key(name) in keys for name in names):
                return naming
    return ClassNaming("none", deepest)


def _part(
    listing: FolderListing, tree: _Tree, folder: bytes, kinds: Mapping[bytes, str], use: str,
    naming: ClassNaming | None,
) -> LayoutPart:
    naming = naming or ClassNaming("none")
    counts: Counter[str] = Counter()
    for parts, n in tree[folder].items():
        counts[naming.name(parts)] += n
    del counts[""]
    name = "/".join(folder_parts(folder)) or listing.folder.name
    kind = kinds.get(folder, "beside" if kinds else "all")
    return LayoutPart(folder, name, kind, use, sum(tree[folder].values()), naming, tuple(counts.items()),
                      has_folders=len(tree[folder].keys() - {()}) > 1)

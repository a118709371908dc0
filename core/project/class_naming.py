"""Which class a folder names: the whole path below a wrapping folder, its top, its last part, or all but batches.

`ClassNaming()` is the plain rule, "guns/pistol" for guns/pistol/a.jpg; `core.project.layout` finds the one that
suits a folder tree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.project.folder_tree import is_batch_name, is_long_number, is_numbered_name
from core.project.paths import folder_text

WAYS = ("auto", "top", "leaf", "path", "none")
"""What a person may ask for: the program decides, the upper folder, the last folder, the whole path, or no class."""


@dataclass(frozen=True, slots=True)
class ClassNaming:
    """How a relative path becomes the name of a class.

    Attributes:
        by: "path", "top", "leaf", "none" (folders name no class), or the path without `batches`: "below" where they
            lie below the class folders, "above" where they lie above.
        wrapper: Folders around all classes, that are no part of their names; readable text of each.
        batches: Names of folders that only divide the images of a class; readable text.
    """

    by: str = "path"
    wrapper: tuple[str, ...] = ()
    batches: frozenset[str] = frozenset()

    def class_of(self, path: bytes) -> str:
        """The class that the folder of a file names; empty where it names none.

        Args:
            path: Relative path of the file, `os.fsencode`, parts joined by "/".
        """
        return self.class_of_folder(path.rpartition(b"/")[0])

    def class_of_folder(self, folder: bytes) -> str:
        """The class that a relative folder names; empty where it names none."""
        return self.name(folder_parts(folder))

    def name(self, parts: Sequence[str]) -> str:
        """The class that a folder names, from the readable text of its parts."""
        inner = [part for part in parts[self._n_wrapping(parts):] if part.strip()]
        return "/".join(" ".join(part.split()) for part in self._choose(inner))

    def _choose(self, inner: list[str]) -> list[str]:
        """The parts that name the class, of those without the wrapper."""
        if self.by in ("below", "above"):
            n_kept = int(self.by == "below")
            return [*inner[:n_kept], *(part for part in inner[n_kept:] if part not in self.batches)] or inner
        return {"none": [], "top": inner[:1], "leaf": inner[-1:]}.get(self.by, inner)

    def _n_wrapping(self, parts: Sequence[str]) -> int:
        n = 0
        while n < min(len(parts), len(self.wrapper)) and parts[n] == self.wrapper[n]:
            n += 1
        return n

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a command's answer."""
        return {"by": self.by, "wrapper": "/".join(self.wrapper), "batches": sorted(self.batches)}


def folder_parts(folder: bytes) -> tuple[str, ...]:
    """Readable text of each part of a relative folder; () for the folder itself."""
    return tuple(folder_text(part) for part in folder.split(b"/")) if folder else ()


Parts = tuple[str, ...]
"""A relative folder, as the readable text of each of its parts."""


def find_wrapper(folders: Collection[Parts]) -> Parts:
    """The folders around everything: as far down as there is one sub-folder and no image.

    Images that lie directly in the folder itself or in one around all others, as a cover does, do not count, but then
    a folder of images is never a wrapper.

    Args:
        folders: All folders that directly hold images.
    """
    inner = [parts for parts in folders if parts]
    if not inner:
        return ()
    common = _shared_beginning(inner)
    has_stray = len(inner) < len(folders)
    if common not in inner:
        return common
    deeper = _shared_beginning([parts for parts in inner if parts != common] or inner)
    if len(deeper) > len(common) and deeper not in inner:
        return deeper
    return common[:-1] if has_stray else common


def _shared_beginning(folders: Sequence[Parts]) -> Parts:
    common = folders[0]
    for parts in folders:
        n_shared = min(len(common), len(parts))
        common = common[: next((i for i in range(n_shared) if common[i] != parts[i]), n_shared)]
    return common


def choose_naming(folders: Iterable[Parts], *, classes_from: str = "auto") -> ClassNaming:
    """The naming for the folders that directly hold images.

    Args:
        folders: Without the wrapper.
        classes_from: One of `WAYS`.
    """
    inner = [parts for parts in folders if parts]
    if classes_from != "auto":
        return ClassNaming(classes_from)
    if all(len(parts) == 1 for parts in inner):
        return ClassNaming("path")
    if _are_batches_above(inner):
        names = {part for parts in inner for part in parts if is_batch_name(part)} | {parts[0] for parts in inner}
        return ClassNaming("above", batches=frozenset(names))
    batches = _batches_below(inner)
    bare = [(parts[0], *(part for part in parts[1:] if part not in batches)) for parts in inner]
    if _is_crossed(bare):
        return ClassNaming("top", batches=frozenset(part for parts in inner for part in parts[1:]))
    return ClassNaming("below", batches=batches) if batches else ClassNaming("path")


def _are_batches_above(folders: Sequence[Parts]) -> bool:
    """Whether every upper folder is called like a batch, and what lies in them is not."""
    if not all(is_batch_name(parts[0]) or is_long_number(parts[0]) for parts in folders):
        return False
    bare = [(parts[0], *(part for part in parts[1:] if not is_batch_name(part))) for parts in folders]
    lowest = {parts[-1] for parts in bare if len(parts) > 1}
    return bool(lowest) and (not any(map(is_numbered_name, lowest)) or _is_shared(bare))


def _is_shared(folders: Sequence[Parts]) -> bool:
    """Whether each lowest name lies in several upper folders: as classes do below batches, 0 … 9 among them."""
    uppers: dict[str, set[str]] = defaultdict(set)
    for parts in folders:
        uppers[parts[-1]].add(parts[0])
    return all(len(found) > 1 for found in uppers.values())


def _batches_below(folders: Sequence[Parts]) -> frozenset[str]:
    """Names below the upper folders that are batches: called so, or numbers wherever there is a lower folder."""
    lower = {part for parts in folders for part in parts[1:]}
    batches = {part for part in lower if is_batch_name(part)}
    rest = lower - batches
    if rest and all(is_numbered_name(part) for part in rest):
        batches |= rest
    return frozenset(batches)


def _is_crossed(folders: Sequence[Parts]) -> bool:
    """Whether at least half of the lower names lie under several upper folders."""
    uppers: dict[str, set[str]] = defaultdict(set)
    for parts in folders:
        if len(parts) > 1:
            uppers[parts[1]].add(parts[0])
    n_shared = sum(len(found) > 1 for found in uppers.values())
    return bool(uppers) and 2 * n_shared >= len(uppers)

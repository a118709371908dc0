"""Chooses how the folders of a tree name classes: tells batches of a class from classes inside a class.

Batches are told by their names (dates, camera cards, "batch_1"), or by lying under several upper folders alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from core.project.class_naming import ClassNaming
from core.project.folder_names import is_batch_name, is_long_number, is_numbered_name

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


def choose_naming(folders: Iterable[Parts], *, classes_from: str = "auto", wrapper: Parts = ()) -> ClassNaming:
    """The naming for the folders that directly hold images.

    Args:
        folders: Without the wrapper.
        classes_from: One of `core.project.class_naming.WAYS`.
        wrapper: Part of the answer.
    """
    inner = [parts for parts in folders if parts]
    if classes_from != "auto":
        return ClassNaming(classes_from, wrapper)
    if all(len(parts) == 1 for parts in inner):
        return ClassNaming("path", wrapper)
    if _are_batches_above(inner):
        names = {part for parts in inner for part in parts if is_batch_name(part)} | {parts[0] for parts in inner}
        return ClassNaming("above", wrapper, frozenset(names))
    batches = _batches_below(inner)
    bare = [(parts[0], *(part for part in parts[1:] if part not in batches)) for parts in inner]
    if _is_crossed(bare):
        return ClassNaming("top", wrapper, frozenset(part for parts in inner for part in parts[1:]))
    return ClassNaming("below", wrapper, batches) if batches else ClassNaming("path", wrapper)


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

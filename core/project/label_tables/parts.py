"""Finds the images of a whole table, and decides once whether it is of the training or of the test part.

File names often repeat in both parts (train/1.png, test/1.png). A table speaks of the training part unless
its place, its rows as a whole or its name say that it is of the test part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InputError
from core.project.label_tables.finder import SPLITS, ImageFinder, Match, names_of_splits
from core.text import Message

OTHER = {"train": "test", "test": "train"}
HINT = Message("tables.say_which_split")

Key = tuple[str, str]
"""What a table calls an image, and the part that it says the image is of, or nothing."""

Matches = Mapping[str, Match]
"""What a cell may mean in each part."""


class SplitUnclear(InputError):
    """A table names training images as well as test images, and nothing says which are meant."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the cells of a table mean.

    Attributes:
        matches: By `LabelRow.key`; rows that name no image are missing.
        split: The part that was chosen where names stand in both; None if that was no question.
        n_in_other: Cells that name images of the other part only, and were left out for that.
        n_loose: Images that were found although letters, zeros or the ending differ.
        others: Cells that name no image of the part that was asked for, but images of the other one.
    """

    matches: Mapping[Key, Match]
    split: str | None = None
    n_in_other: int = 0
    n_loose: int = 0
    others: frozenset[Key] = frozenset()


def find_images(keys: Iterable[Key], finder: ImageFinder, table: Path, *, split: str | None = None) -> Found:
    """Find the images of a whole table.

    Args:
        keys: The images of the table.
        finder: Over the project's images; its first folder is that of the table.
        table: The file; its place and name may tell the part.
        split: "train" or "test" if the user said so; only this part is looked at.

    Raises:
        SplitUnclear: Nothing tells whether training or test images are meant.
    """
    found: dict[Key, Matches] = {}
    for cell, said in dict.fromkeys(keys):
        matches = finder.find(cell, (split,) if split else SPLITS)
        singles = [match for match in matches.values() if len(match.ids) == 1 and not match.is_loose]
        if len(matches) == len(singles) == 1:
            found[cell, said] = matches
        elif (file := finder.find_file(cell)) is not None and split in (None, finder.split_of[file]):
            found[cell, said] = {finder.split_of[file]: Match((file,), is_whole=True)}
        else:
            nearest = (not singles and _beside_user(cell, finder, split)) or _nearest(matches)
            found[cell, said] = {said: nearest[said]} if said in nearest else nearest
    closed = _close(found, finder, table)
    if split is None:
        return closed
    lost = [key for key, matches in found.items() if not matches]
    return replace(closed, others=frozenset(key for key in lost if finder.find(key[0], (OTHER[split],))))


def _beside_user(cell: str, finder: ImageFinder, split: str | None) -> Matches:
    """The image that a cell names from where the user stands."""
    found = finder.find_file(cell, n_folders=99)
    where = finder.split_of[found] if found is not None else ""
    return {where: Match((found,), is_whole=True)} if found is not None and split in (None, where) else {}


def _nearest(matches: Matches) -> Matches:
    """The parts that a cell fits best: by a longer tail, or letter by letter where the other needs more liberty."""
    if len(matches) < 2:
        return matches
    best = max((not m.is_loose, m.n_shared, -m.level if m.is_loose else 0) for m in matches.values())
    return {s: m for s, m in matches.items()
            if (not m.is_loose, m.n_shared, -m.level if m.is_loose else 0) == best}


def _close(cells: Mapping[Key, Matches], finder: ImageFinder, table: Path) -> Found:
    """Choose the part for the cells that fit both, and leave out what then belongs to the other."""
    both = [matches for matches in cells.values() if len(matches) > 1]
    split = _choose(both, cells.values(), finder, table) if both else None
    found = {cell: matches.get(split or "") or next(iter(matches.values()))
             for cell, matches in cells.items() if matches}
    strangers = [cell for cell, matches in cells.items() if matches and split and split not in matches]
    n_in_other = len(strangers) if len(strangers) < len(both) else 0
    for cell in strangers if n_in_other else ():
        del found[cell]
    _drop_weaker(found)
    return Found(found, split, n_in_other, sum(match.is_loose for match in found.values()))


def _choose(both: Collection[Matches], everything: Iterable[Matches], finder: ImageFinder, table: Path) -> str:
    """The part that a table is of, by its place, its rows as a whole, and its name."""
    place = finder.split_around(table.parent)
    if place:
        return place
    only = Counter(next(iter(matches)) for matches in everything if len(matches) == 1)
    n_only = {s: only[s] for s in SPLITS}
    n_whole = {s: sum(matches[s].is_whole for matches in both) for s in SPLITS}
    for counts in (n_only, n_whole):
        if counts["train"] != counts["test"]:
            return max(SPLITS, key=counts.__getitem__)
    named = names_of_splits(table.name)
    if len(named) == 1:
        return named[0]
    n_images = Counter(finder.split_of.values())
    if len(both) == n_images["test"] < n_images["train"] and not any(n_only.values()):
        raise SplitUnclear(Message("tables.split_unclear", n=len(both), name=table.name), HINT)
    return "train"


def _drop_weaker(found: dict[Key, Match]) -> None:
    """Of cells that name one image, those go that do so less exactly than another: their own image is not there."""
    cells: dict[int, list[Key]] = {}
    for cell, match in found.items():
        if len(match.ids) == 1:
            cells.setdefault(match.ids[0], []).append(cell)
    for same in cells.values():
        if len(same) < 2:
            continue
        is_sure = any(not found[cell].is_loose for cell in same)
        longest = max(found[cell].n_shared + 1_000 * found[cell].is_whole for cell in same)
        for cell in same:
            match = found[cell]
            is_shorter = match.rest and not match.is_whole and match.n_shared < longest
            if (match.is_loose and is_sure) or is_shorter:
                del found[cell]

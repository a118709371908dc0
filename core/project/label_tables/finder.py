"""Finds the images that a cell of a label table may mean, by the longest tail of their paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from core.project.label_tables import spelling
from core.project.label_tables.spelling import normal, readable, reduced, spellings, tail_of, without_ending
from core.project.project import Project

SPLITS = ("train", "test")

Change = Callable[[str], str]


def _same(text: str) -> str:
    return text


_LEVELS: tuple[tuple[Change, Change], ...] = (
    (_same, _same),
    (without_ending, _same),
    (str.casefold, str.casefold),
    (lambda path: without_ending(path).casefold(), str.casefold),
    (reduced, reduced),
)
"""How paths of images and cells are compared, the most exact way first: by name, by name without ending (an id),
both without capitals, and without all that gets lost on the way."""

N_EXACT = 2
"""So many levels compare letter by letter."""


@dataclass(frozen=True, slots=True)
class Match:
    """Images of one part that a cell may mean.

    Attributes:
        ids: Their ids, at least one; several if nothing tells them apart.
        level: How they were compared, 0 for the most exact way.
        n_shared: How many last parts of the path they share with the cell, whatever the capitals.
        is_whole: Whether the cell has the whole path relative to the source.
        rest: What the cell has before these parts.
    """

    ids: tuple[int, ...]
    level: int = 0
    n_shared: int = 0
    is_whole: bool = False
    rest: str = ""

    @property
    def is_loose(self) -> bool:
        """Whether letters, zeros or the ending differ."""
        return self.level >= N_EXACT


@dataclass(slots=True)
class _Part:
    """The images of one split.

    Attributes:
        ids: Their ids.
        paths: Their absolute paths as normal text.
        relative: The places of the images by their path relative to the source.
        places: Paths relative to the source, as normal text.
    """

    ids: list[int] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    relative: dict[str, list[int]] = field(default_factory=dict)
    indices: dict[int, TailIndex] = field(default_factory=dict)

    def add(self, image_id: int, root: str, relative: str) -> None:
        self.relative.setdefault(relative, []).append(len(self.ids))
        self.ids.append(image_id)
        self.paths.append(f"{root}/{relative}")
        self.places.append(relative)

    def folders(self, place: int) -> list[str]:
        """The folders of an image up to its source, without capitals."""
        path, relative = self.paths[place], self.places[place]
        return [path[: -len(relative) - 1].rpartition("/")[2].casefold(), *relative.casefold().split("/")[:-1]]

    def index(self, level: int) -> TailIndex:
        if level not in self.indices:
            self.indices[level] = TailIndex([_LEVELS[level][0](path) for path in self.paths])
        return self.indices[level]


class ImageFinder:
    """Finds images by what a table may call them.

    Attributes:
        split_of: The part that each image belongs to, by its id.
        code_page: Of the bytes of a table that are not UTF-8.

    Args:
        folders: Folders that paths may be relative to, besides the sources; absolute, the first counts most.
    """

    def __init__(self, project: Project, folders: Iterable[Path] = ()) -> None:
        self._bases = [os.fsencode(folder) for folder in folders]
        self._rows = project.catalog.rows(
            "SELECT i.id, i.split, s.path, i.path FROM image i JOIN source s ON s.id = i.source_id ORDER BY i.id")
        self.split_of: dict[int, str] = {row[0]: row[1] for row in self._rows}
        self._real: dict[bytes, bytes] = {}
        self.code_page = spelling.WESTERN[0]
        self._parts = {split: _Part() for split in SPLITS}
        self._folders: set[str] = set()
        roots = {root: normal(os.fsdecode(_plain(root))).rstrip("/") for root in {row[2] for row in self._rows}}
        for image_id, split, root, relative in self._rows:
            self._parts[split].add(image_id, roots[root], normal(os.fsdecode(relative)))
        for folder in {place.rpartition("/")[0] for part in self._parts.values() for place in part.places}:
            self._folders.update(folder.casefold().split("/"))
        self._folders.update(root.rpartition("/")[2].casefold() for root in roots.values())

    def fit(self, cell: str) -> int:
        """2 if a cell names an image by its file name, 1 by its name without the ending, else 0."""
        found = self.find(cell, may_be_loose=False).values()
        return 2 - min(match.level for match in found) if found else 0

    def find(self, cell: str, splits: Sequence[str] = SPLITS, *, may_be_loose: bool = True) -> dict[str, Match]:
        """The images that a cell may mean in each part that has some.

        The most exact way of comparing that leaves one image decides, and of the spellings the first.
        """
        first: dict[str, Match] = {}
        for levels in (range(N_EXACT), range(N_EXACT, len(_LEVELS) if may_be_loose else N_EXACT)):
            for text in spellings(cell, self.code_page) if levels else ():
                found = {s: match for s in splits if (match := self._find_spelling(text, self._parts[s], levels))}
                if any(len(match.ids) == 1 for match in found.values()):
                    return found
                first = first or found
        return first

    def _find_spelling(self, text: str, part: _Part, levels: range) -> Match | None:
        """The first level that leaves one image; else the first that leaves any."""
        text = normal(text)
        whole = part.relative.get(text.removeprefix("./"), ()) if levels.start == 0 else ()
        if len(whole) == 1:
            return Match((part.ids[whole[0]],), 0, text.removeprefix("./").count("/") + 1, True)
        path, best = tail_of(text), None
        for level in levels if path else ():
            match = self._search(_LEVELS[level][1](path), part, level)
            if match is not None and len(match.ids) == 1:
                return match
            best = best or match
        return best

    def _search(self, path: str, part: _Part, level: int) -> Match | None:
        n_shared, found = part.index(level).find(path)
        if not found:
            return None
        parts = path.split("/")
        rest = parts[:-n_shared]
        if rest and rest[-1].casefold() in self._folders:
            # the folder that the cell names is another one: the image that it means is not there
            found = [i for i in found if rest[-1].casefold() in part.folders(i)]
        change = _LEVELS[level][0]
        if rest and len(found) == 1:
            n_shared = n_shared_parts(change(part.paths[found[0]]).casefold(), path.casefold())
        whole = [i for i in found if change(part.places[i]) == path] if len(found) > 1 or not rest else []
        chosen = whole if len(whole) == 1 else found
        if not chosen:
            return None
        return Match(tuple(part.ids[i] for i in chosen), level, n_shared, bool(whole), "/".join(rest))

    def find_file(self, cell: str, *, n_folders: int = 1) -> int | None:
        """The image at a path that is absolute or relative to one of the first folders."""
        for text in spellings(cell, self.code_page):
            for base in self._bases[:n_folders]:
                try:
                    place = _plain(os.path.join(base, os.fsencode(text)))
                    folder, _, name = place.rpartition(b"/")
                    found = self._absolute.get(place) or self._absolute.get(self._without_links(folder) + b"/" + name)
                except ValueError:
                    continue  # signs that no path can have
                if found is not None:
                    return found
        return None

    def _without_links(self, folder: bytes) -> bytes:
        if folder not in self._real:
            self._real[folder] = _plain(os.path.realpath(folder))
        return self._real[folder]

    @cached_property
    def _absolute(self) -> dict[bytes, int]:
        """Images by absolute path; a source may be named with links in its path, and without."""
        roots = {root: {_plain(root), _plain(os.path.realpath(root))} for root in {row[2] for row in self._rows}}
        return {prefix.rstrip(b"/") + b"/" + relative: image_id
                for image_id, _, root, relative in self._rows for prefix in roots[root]}

    def readable(self, cell: str) -> str:
        """A cell for people to read."""
        return readable(cell, self.code_page)

    def split_around(self, folder: Path) -> str | None:
        """The part whose source folder a folder lies in, if it is one part only."""
        places = {_plain(os.fsencode(folder)), _plain(os.path.realpath(os.fsencode(folder)))}
        found = {split for split, root in {(row[1], row[2]) for row in self._rows}
                 if any((place + b"/").startswith(_plain(root).rstrip(b"/") + b"/") for place in places)}
        return found.pop() if len(found) == 1 else None


def _plain(path: bytes) -> bytes:
    """Without “..” and doubled separators, parts joined by "/"."""
    return os.path.normpath(path).replace(os.fsencode(os.sep), b"/")


def names_of_splits(name: str) -> Sequence[str]:
    """The parts that a file's name speaks of: “test_labels.csv” of the test part."""
    words = "".join(letter if letter.isalpha() else " " for letter in name.casefold()).split()
    return [split for split in SPLITS if split in words]


class TailIndex:
    """Paths by their last part, their last two parts and so on, made as deep as they are asked for.

    Args:
        paths: Parts joined by "/".
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._by_depth: list[dict[str, list[int]]] = [{}]
        self._deepen(range(len(paths)))

    def find(self, path: str) -> tuple[int, list[int]]:
        """How many last parts the longest shared tail has, and the places of the paths that share it, ascending."""
        found = self._by_depth[0].get(path[path.rfind("/") + 1:])
        if not found:
            return 0, []
        if len(found) == 1:
            return n_shared_parts(self._paths[found[0]], path), found
        parts, depth = path.split("/"), 1
        while depth < len(parts) and len(found) > 1:
            deeper = self._at(depth).get("/".join(parts[-depth - 1:]))
            if not deeper:
                break
            found, depth = deeper, depth + 1
        return (n_shared_parts(self._paths[found[0]], path) if len(found) == 1 else depth), found

    def _at(self, depth: int) -> dict[str, list[int]]:
        """Paths by `depth` + 1 last parts; only those that share fewer with another."""
        while len(self._by_depth) <= depth:
            shared = [i for places in self._by_depth[-1].values() if len(places) > 1 for i in places]
            self._by_depth.append({})
            self._deepen(shared)
        return self._by_depth[depth]

    def _deepen(self, places: Iterable[int]) -> None:
        index, n_parts = self._by_depth[-1], len(self._by_depth)
        for place in places:
            parts = self._paths[place].rsplit("/", n_parts)
            if n_parts == 1 or len(parts) > n_parts or parts[0]:
                index.setdefault("/".join(parts[-n_parts:]), []).append(place)


def n_shared_parts(path: str, other: str) -> int:
    """How many last parts two paths have in common."""
    n = 0
    for part, like in zip(reversed(path.split("/")), reversed(other.split("/")), strict=False):
        if part != like:
            break
        n += 1
    return n

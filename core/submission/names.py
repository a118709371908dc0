"""Names of classes and images in their spellings, and which test image each id of a template means.

An id may be written with or without folders, endings and leading zeros.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

from core.errors import InputError
from core.images.formats import has_image_extension
from core.project.label_tables import spelling
from core.text import Message

N_SHOWN = 3
"""Names given as examples in a sentence."""

_GAPS = re.compile(r"[\s_\-]+")


def readable(text: str) -> str:
    """Text in NFC, without surrogates: bytes that are not UTF-8 are read as Windows-1252, which Excel writes."""
    return text if text.isascii() else spelling.normal(spelling.readable(text))


def loose(name: str) -> str:
    """A name without what people write differently: case, and whether a gap is a space, “_” or “-”."""
    return _GAPS.sub(" ", readable(name).strip().casefold())


def exact(name: str) -> str:
    """A name as it is written, in NFC and without spaces around it."""
    return readable(name).strip()


def find_name(text: str, names: Sequence[str]) -> int | None:
    """Which of the names a text means: as it is written, loosely, or as the last part of a path; None if unclear.

    Args:
        text: What a person or a table wrote.
        names: All names; a class path such as “guns/pistol” is also found as “pistol”.
    """
    for same in (exact, loose, lambda name: loose(name.rpartition("/")[2])):
        wanted = exact(text) if same is exact else loose(text)
        found = [i for i, name in enumerate(names) if same(name) == wanted]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def shown(names: Iterable[str]) -> Message:
    """“a”, “b”, “c” and 4 more."""
    return cut([Message("text.quoted", word=name) for name in names])


def cut(parts: Sequence[Message]) -> Message:
    """The first parts of a list, and how many more there are."""
    if len(parts) <= N_SHOWN:
        return Message("submission.list", parts=tuple(parts))
    return Message("submission.list_and_more", parts=tuple(parts[:N_SHOWN]), n=len(parts) - N_SHOWN)


Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What an id may mean.

    Attributes:
        images: Places of the images that fit best; one if the id is clear, none if no image fits.
        effort: Which way of comparing found them; 0 is the file's very name.
        n_folders: How many folders before the name agree, the name included.
    """

    images: tuple[int, ...] = ()
    effort: int = 0
    n_folders: int = 0


NOTHING = Found()


class ImageFinder:
    """Finds images by what a table may call them.

    Of several images with the name, the one with the longest common tail of the path is meant.

    Args:
        paths: Path of each image, parts joined by "/" or "\\\\"; the more folders the better.
        n_preferred: Of two images that fit alike, one of the first `n_preferred` is meant.
    """

    def __init__(self, paths: Sequence[str], n_preferred: int) -> None:
        self._parts = [_parts(path) for path in paths]
        self._n_preferred = n_preferred
        self._folders = [{part.casefold() for part in parts[:-1]} for parts in self._parts]
        self._all_folders = frozenset[str]().union(*self._folders)
        self._places: list[defaultdict[str, list[int]]] = []
        for of_image, _ in _WAYS:
            places: defaultdict[str, list[int]] = defaultdict(list)
            for place, parts in enumerate(self._parts):
                if key := of_image(parts[-1]):
                    places[key].append(place)
            self._places.append(places)

    def find(self, cell: str) -> Found:
        """The images that a cell may mean."""
        for text in _spellings(cell):
            parts = _parts(text)
            for effort, ((_, of_id), places) in enumerate(zip(_WAYS, self._places, strict=True)):
                if found := self._in_folder(parts, places.get(of_id(parts[-1]), ())):
                    return self._nearest(parts, found, effort)
        return NOTHING

    def _in_folder(self, parts: Parts, places: Sequence[int]) -> Sequence[int]:
        """Without images of other folders, where the id names a folder that some image lies in."""
        folder = parts[-2].casefold() if len(parts) > 1 else ""
        is_known = folder in self._all_folders
        return [place for place in places if folder in self._folders[place]] if is_known else places

    def _nearest(self, parts: Parts, places: Sequence[int], effort: int) -> Found:
        tails = {place: _n_common(parts, self._parts[place]) for place in places}
        longest = max(tails.values())
        nearest = [place for place in places if tails[place] == longest]
        preferred = [place for place in nearest if place < self._n_preferred]
        return Found(tuple(preferred or nearest), effort, longest)


def match_ids(ids: Sequence[str], finder: ImageFinder) -> list[int | None]:
    """The image of each id; None where no image of the project fits.

    Raises:
        InputError: An id that may mean several images, or several ids of one image.
    """
    _refuse(doubled(list(map(readable, ids))), "submission.id_twice")
    found = [finder.find(i) for i in ids]
    _refuse([i for i, f in zip(ids, found, strict=True) if len(f.images) > 1],
            "submission.id_of_two_images")
    return _without_rivals(ids, found)


def _without_rivals(ids: Sequence[str], found: Sequence[Found]) -> list[int | None]:
    """Of several ids that found one image, the one that fits best keeps it."""
    rivals: defaultdict[int, list[int]] = defaultdict(list)
    for line, f in enumerate(found):
        if f.images:
            rivals[f.images[0]].append(line)
    images: list[int | None] = [f.images[0] if f.images else None for f in found]
    for lines in rivals.values():
        best = max((-found[line].effort, found[line].n_folders) for line in lines)
        winners = [line for line in lines if (-found[line].effort, found[line].n_folders) == best]
        _refuse([ids[line] for line in winners] if len(winners) > 1 else [],
                "submission.ids_of_one_image")
        for line in set(lines) - set(winners):
            images[line] = None
    return images


def doubled(names: Sequence[str]) -> list[str]:
    """Names that occur more than once."""
    return [name for name, n in Counter(names).items() if n > 1]


def _refuse(names: Sequence[str], code: str) -> None:
    if names:
        raise InputError(code, names=shown(map(readable, names)))


def _spellings(cell: str) -> Iterator[str]:
    """A cell as it stands, without spaces around it, and with %20 for a space."""
    text = readable(cell)
    yield text
    if text != text.strip():
        yield text.strip()
    if "%" in text:
        yield readable(unquote(text.strip()))


def _parts(path: str) -> Parts:
    parts = tuple(part for part in readable(path).replace("\\", "/").split("/") if part not in ("", "."))
    return parts or ("",)


def _n_common(one: Parts, other: Parts) -> int:
    """How many parts agree from the end; the names themselves count as agreeing."""
    n = 1
    for a, b in zip(reversed(one[:-1]), reversed(other[:-1]), strict=False):
        if a.casefold() != b.casefold():
            break
        n += 1
    return n


def _same(name: str) -> str:
    return name


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _image_stem(name: str) -> str:
    """The name without an ending of images, in small letters; empty without one."""
    return _stem(name).casefold() if has_image_extension(name) else ""


def _bare(name: str) -> str:
    """The name in small letters, without an ending of images."""
    return _image_stem(name) or name.casefold()


def _number(name: str) -> str:
    """A name that is a whole number, without leading zeros; empty for others."""
    stem = _bare(name)
    stem = stem.removesuffix(".0")  # as pandas writes ids beside an empty cell
    return stem.lstrip("0") or "0" if stem.isascii() and stem.isdecimal() else ""


_WAYS: tuple[tuple[Callable[[str], str], Callable[[str], str]], ...] = (
    (_same, _same), (_stem, _same), (str.casefold, str.casefold), (_bare, str.casefold), (_bare, _image_stem),
    (_number, _number),
)
"""Ways to compare the name of an image with that of an id, from the most exact: the name; without its ending; both
in any case; with another ending (“7.tif” for 7.jpg); as a number (“7” or “7.0” for 0007.jpg)."""

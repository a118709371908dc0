"""Finds images that belong together: by subfolder, series of file names, capture time, table, and near-duplicates.

Each source gives one grouping or several, the coarsest first; which of them makes sense is for
`core.training.groups` to judge.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embeddings.similar_pairs import group_ids, similar_pairs, unit_rows
from core.jobs import JobContext
from core.training.capture_times import CaptureTimes

Ints = NDArray[np.int64]

TIME_GAPS_S = (1800.0, 300.0, 60.0)
"""A longer pause of one camera begins a new group; the coarsest that makes sense is taken."""

NEAR_AT_LEAST = (0.95, 0.97)
"""Cosine of two embeddings from which on they are near-duplicates."""

MOST_COMPARED = 20_000
"""With more images, near-duplicates should not be sought: all pairs take longer than the training."""

GAP_OF_MEDIAN = 3
"""A step in the numbers of a series that is this many times the usual one begins a new series."""

_EXPORTED = re.compile(r"_(?:jpe?g|png|webp|bmp)\.rf\.[0-9a-f]{16,}$", re.IGNORECASE)
"""What Roboflow appends to the changed copies of one image."""

_NUMBERED = re.compile(r"(?P<stem>.*?)(?P<number>\d{1,9})$", re.DOTALL)
_NAMES_SERIES = re.compile(r"\d|(?<![a-z])(?:frame|video|clip|burst|take)(?![a-z])", re.IGNORECASE)


def folder_groups(paths: Sequence[Path], labels: Ints, classes: Sequence[str]) -> Iterator[Ints]:
    """Groups by the folder of each image, then by the same without the folder that names its class.

    Args:
        paths: Of each image.
        labels: Index into `classes` of each, (n_images,) int64.

    Yields:
        (n_images,) int64, equal within a group.
    """
    yield _number([path.parent for path in paths])
    own = [classes[label] for label in labels.tolist()]
    yield _number([tuple(part for part in path.parent.parts if part != name)
                   for path, name in zip(paths, own, strict=True)])


def series_groups(paths: Sequence[Path]) -> Iterator[Ints]:
    """Groups by numbered file names: “video3_frame017” by its stem, “IMG_0001 … IMG_0040” by gaps in the numbers.

    First series may reach across folders, for frames of one film are sorted into the folders of several classes;
    then each folder has series of its own. A stem without a number that is numbered without any gap (“cat.1 …
    cat.500”) tells of a collection and not of a series: these images stay single. Copies that Roboflow exported of
    one image are one group.

    Yields:
        (n_images,) int64, equal within a group.
    """
    copies: dict[int, object] = {}
    numbered: dict[int, tuple[str, int]] = {}
    for at, path in enumerate(paths):
        plain = _EXPORTED.sub("", path.stem)
        found = _NUMBERED.match(path.stem)
        if plain != path.stem:
            copies[at] = (path.parent, plain)
        elif found:
            numbered[at] = (found["stem"], int(found["number"]))
    folders = [path.parent for path in paths]
    for places in (_one_place(folders, numbered), folders):
        keys: dict[int, object] = dict(enumerate(range(len(paths)))) | copies | _series_keys(places, numbered)
        yield _number([keys[at] for at in range(len(paths))])


def _one_place(folders: Sequence[Path], numbered: Mapping[int, tuple[str, int]]) -> list[Path]:
    """One place for all images of a stem whose numbers occur once; where they repeat, each folder counts anew."""
    times = Counter(numbered.values())
    repeating = {stem for (stem, _), n in times.items() if n > 1}
    return [Path() if at in numbered and numbered[at][0] not in repeating else folder
            for at, folder in enumerate(folders)]


def _series_keys(places: Sequence[Path], numbered: Mapping[int, tuple[str, int]]) -> dict[int, object]:
    """The series of each image that is in one."""
    members: dict[tuple[Path, str], list[tuple[int, int]]] = defaultdict(list)
    for at, (stem, number) in numbered.items():
        members[places[at], stem].append((number, at))
    n_in_place = Counter(places[at] for at in numbered)
    keys: dict[int, object] = {}
    for (place, stem), numbers in members.items():
        is_named = bool(_NAMES_SERIES.search(stem)) and 2 * len(numbers) <= n_in_place[place]
        runs = [[at for _, at in numbers]] if is_named else _runs(numbers)
        if is_named or len(runs) > 1:
            keys |= {at: (place, stem, number) for number, run in enumerate(runs) for at in run}
    return keys


def named_groups(names: Sequence[str]) -> Iterator[Ints]:
    """Groups of images with the same name of a group; images without one stay single.

    Yields:
        (n_images,) int64, equal within a group.
    """
    yield _number([name or at for at, name in enumerate(names)])


def time_groups(taken: CaptureTimes) -> Iterator[Ints]:
    """Groups of images that one camera took without a long pause; images without a time stay single.

    Yields:
        (n_images,) int64, equal within a group, for each of `TIME_GAPS_S`.
    """
    known = np.flatnonzero(~np.isnan(taken.seconds))
    if not len(known):
        return
    order = known[np.lexsort((taken.seconds[known], taken.cameras[known]))]
    is_other_camera = taken.cameras[order][1:] != taken.cameras[order][:-1]
    pauses = np.diff(taken.seconds[order])
    for gap in TIME_GAPS_S:
        groups = np.arange(len(taken.seconds)) + len(order)
        groups[order] = np.concatenate(([0], np.cumsum((pauses > gap) | is_other_camera)))
        yield groups


def near_groups(vectors: NDArray[np.float32], context: JobContext) -> Iterator[Ints]:
    """Groups of images whose embeddings are nearly equal, also through a third one.

    Args:
        vectors: (n_images, n_features) float32.

    Yields:
        (n_images,) int64, equal within a group, for each of `NEAR_AT_LEAST`.
    """
    units = unit_rows(vectors)
    found = similar_pairs(units, units, at_least=min(NEAR_AT_LEAST), context=context, is_same_set=True)
    for at_least in NEAR_AT_LEAST:
        is_near = found.likeness >= at_least
        yield group_ids(len(vectors), found.left[is_near], found.right[is_near])


def _runs(numbers: list[tuple[int, int]]) -> list[list[int]]:
    """Images in the order of their numbers, cut where a step is several times the usual one."""
    numbers = sorted(numbers)
    steps = np.diff([number for number, _ in numbers])
    usual = max(1.0, float(np.median(steps))) if len(steps) else 1.0
    cuts = np.flatnonzero(steps > GAP_OF_MEDIAN * usual) + 1
    return [[at for _, at in numbers[start:stop]]
            for start, stop in zip([0, *cuts], [*cuts, len(numbers)], strict=True)]


def _number(keys: Sequence[object]) -> Ints:
    seen: dict[object, int] = {}
    return np.fromiter((seen.setdefault(key, len(seen)) for key in keys), np.int64, len(keys))

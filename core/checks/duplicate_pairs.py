"""Finds pairs of duplicates and near-duplicates: same file, same image, or embeddings that are nearly equal.

Three degrees: **the same file** (content hash), **the same image** in another size or quality, cut or mirrored
(`core.checks.same_image`), and **near-duplicates**, whose embeddings are nearly equal (cosine above 0.95): the same
object moments later, or an image cut more strongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from core.checks.check import CheckData, Floats, Ints
from core.checks.cues import CueTable
from core.checks.same_image import find_same_images
from core.embeddings.similar_pairs import similar_pairs, unit_rows
from core.jobs import JobContext

NEAR_AT_LEAST = 0.95


class Match(StrEnum):
    """How two images are alike, closest first; the values are those of files and of `health --json`."""

    SAME_FILE = "same file"
    SAME_IMAGE = "same picture"
    NEAR = "near twin"


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two images that are alike.

    Attributes:
        left, right: Rows, left < right.
        match: How they are alike.
        likeness: 0 … 1.
        cut: Share of a side that one lacks at each edge.
        is_mirrored: Whether one is the mirror image of the other.
    """

    left: int
    right: int
    match: Match
    likeness: float
    cut: float = 0.0
    is_mirrored: bool = False


@dataclass(frozen=True, slots=True)
class DuplicatePairs:
    """All links: `close` of the same file or image, `near` of near-duplicates.

    Attributes:
        is_complete: False if so many images are alike that some pairs were left out.
    """

    close: tuple[DuplicatePair, ...]
    near: tuple[DuplicatePair, ...]
    is_complete: bool = True

    @property
    def all(self) -> tuple[DuplicatePair, ...]:
        return (*self.close, *self.near)


def pairs_of(data: CheckData, context: JobContext) -> DuplicatePairs:
    """The pairs among all images of a check, found once.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    hashes = [image.content_hash for image in data.job.images]
    return data.once("duplicate pairs", lambda: find_pairs(hashes, data.cues, data.vectors, context))


def find_pairs(
    hashes: Sequence[bytes], cues: CueTable, embeddings: Floats | None, context: JobContext
) -> DuplicatePairs:
    """Find all images that are there more than once.

    Args:
        hashes: Content hash of each image.
        cues: From `measure_cues`, for the same images.
        embeddings: (n_images, n_features) float with rows of NaN where there is none, or None: then no
            near-duplicates are sought.
        context: Progress counts images.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    rows = _one_of_each(hashes, cues)
    found, has_all_same = find_same_images(cues.grey[rows], cues.chroma[rows], context=context)
    same = [DuplicatePair(int(rows[a]), int(rows[b]), Match.SAME_IMAGE, *found[a, b]) for a, b in sorted(found)]
    close = (*_same_files(hashes), *same)
    near, has_all_near = _near(rows, embeddings, {(p.left, p.right) for p in close}, context)
    return DuplicatePairs(close, tuple(near), has_all_same and has_all_near)


def spread_same_files(pairs: Sequence[DuplicatePair]) -> list[DuplicatePair]:
    """Links of a file also hold for its copies, which are linked with the first of them only."""
    copies: dict[int, list[int]] = {}
    for pair in pairs:
        if pair.match is Match.SAME_FILE:
            copies.setdefault(pair.left, [pair.left]).append(pair.right)
    spread: list[DuplicatePair] = []
    for pair in pairs:
        lefts, rights = copies.get(pair.left, [pair.left]), copies.get(pair.right, [pair.right])
        if pair.match is Match.SAME_FILE:
            rights = [pair.right]
        spread += [replace(pair, left=min(a, b), right=max(a, b)) for a in lefts for b in rights if a != b]
    return spread


def _one_of_each(hashes: Sequence[bytes], cues: CueTable) -> Ints:
    """First row of each content that could be read."""
    first: dict[bytes, int] = {}
    for row, content in enumerate(hashes):
        if cues.is_read[row]:
            first.setdefault(content, row)
    return np.array(list(first.values()), np.int64)


def _same_files(hashes: Sequence[bytes]) -> list[DuplicatePair]:
    """Each repeated file linked with its first occurrence."""
    first: dict[bytes, int] = {}
    return [
        DuplicatePair(first[content], row, Match.SAME_FILE, 1.0)
        for row, content in enumerate(hashes) if first.setdefault(content, row) != row
    ]


def _near(
    rows: Ints, embeddings: Floats | None, known: set[tuple[int, int]], context: JobContext
) -> tuple[list[DuplicatePair], bool]:
    rows = rows[np.isfinite(embeddings[rows, 0])] if embeddings is not None else rows[:0]
    if embeddings is None or len(rows) < 2:
        return [], True
    units = unit_rows(embeddings[rows])
    found = similar_pairs(units, units, at_least=NEAR_AT_LEAST, context=context, is_same_set=True)
    pairs = zip(rows[found.left].tolist(), rows[found.right].tolist(), found.likeness.tolist(), strict=True)
    near = [DuplicatePair(a, b, Match.NEAR, min(s, 1.0)) for a, b, s in pairs if (a, b) not in known]
    return near, found.is_complete

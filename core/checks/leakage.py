"""Check `leakage`: test images that are among the training images as well.

A duplicate across the line makes the figures too good, for the model has seen the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.check import CatalogState, Check, CheckData, Finding, Note, count_figure
from core.checks.duplicate_pairs import DuplicatePair, Match, pairs_of, spread_same_files
from core.embeddings.similar_pairs import unit_rows
from core.jobs import JobContext
from core.text import Message


@dataclass(frozen=True, slots=True)
class Leak:
    """A test image and its closest duplicate among the training images; similarity 0 … 1."""

    test_id: int
    train_id: int
    match: Match
    similarity: float


@dataclass(frozen=True, slots=True)
class Leakage:
    """The leaks among `n_test` test images, worst first."""

    leaks: tuple[Leak, ...]
    n_test: int


def find_leaks(pairs: Sequence[DuplicatePair], is_test: NDArray[np.bool_]) -> tuple[tuple[int, DuplicatePair], ...]:
    """Rows of leaked test images, each with its closest pair: the same file, the same image, then nearest first.

    Args:
        pairs: From `find_pairs` over all images.
        is_test: (n_images,) bool.
    """
    best: dict[int, DuplicatePair] = {}
    for pair in spread_same_files(pairs):
        if is_test[pair.left] == is_test[pair.right]:
            continue
        row = pair.left if is_test[pair.left] else pair.right
        if row not in best or _badness(pair) < _badness(best[row]):
            best[row] = pair
    return tuple(sorted(best.items(), key=lambda item: (_badness(item[1]), item[0])))


def _badness(pair: DuplicatePair) -> tuple[int, float]:
    return list(Match).index(pair.match), -pair.likeness


class LeakageCheck(Check[Leakage]):
    """Compares test images with training images by the pairs of `duplicates`."""

    name = "leakage"
    evidence = Leakage
    no_facts = {"leaks": ()}

    def run(self, data: CheckData, context: JobContext) -> Leakage:
        leaks = [
            Leak(int(data.ids[row]), int(data.ids[p.right if row == p.left else p.left]), p.match,
                 _similarity(data, p))
            for row, p in find_leaks(pairs_of(data, context).all, data.is_test)
        ]
        order = list(Match).index
        return Leakage(
            tuple(sorted(leaks, key=lambda leak: (order(leak.match), -leak.similarity))), int(data.is_test.sum()))

    def findings(self, evidence: Leakage, now: CatalogState) -> Iterator[Finding]:
        for is_near in (False, True):
            leaks = tuple(leak for leak in evidence.leaks if (leak.match is Match.NEAR) == is_near)
            if leaks:
                yield leak_finding(leaks, evidence.n_test, is_near=is_near)

    def notes(self, finding: Finding) -> Mapping[int, Note]:
        return {leak.test_id: Note((Message(f"checks.leak.{leak.match.name.lower()}"),)) for leak in finding.evidence}

    def facts(self, evidence: Leakage, now: CatalogState) -> Mapping[str, Any]:
        return {"leaks": [
            {"test": now.path(leak.test_id), "train": now.path(leak.train_id), "kind": str(leak.match),
             "similarity": leak.similarity}
            for leak in evidence.leaks
        ]}


def leak_finding(leaks: tuple[Leak, ...], n_test: int, *, is_near: bool) -> Finding:
    """The finding for leaks by duplicates, or by near-duplicates."""
    n, share = len(leaks), 2 * len(leaks) / max(n_test, 1)
    name = "near" if is_near else "same"
    ids = dict.fromkeys(i for leak in leaks for i in (leak.test_id, leak.train_id))
    return Finding(
        f"leak:{name}", LeakageCheck.name, "leak", min(0.8, 0.45 + share) if is_near else min(0.88, 0.7 + share),
        Message(f"checks.title.leak_{name}"), Message(f"checks.leaked_{name}", n=n), count_figure(n),
        image_ids=tuple(ids), evidence=leaks, remedies=("exclude",),
    )


def _similarity(data: CheckData, pair: DuplicatePair) -> float:
    """The larger of how alike the images are and the cosine of their embeddings, where they have any."""
    rows = [pair.left, pair.right]
    if data.vectors is None or not data.has_vector[rows].all():
        return pair.likeness
    a, b = unit_rows(data.vectors[rows])
    return max(pair.likeness, min(float(a @ b), 1.0))

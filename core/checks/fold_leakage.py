"""Check `fold_leakage`: the accuracy of a run with and without images that have a duplicate in another fold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.check import CatalogState, Check, CheckData, Finding, Ints, count_figure
from core.checks.duplicate_pairs import DuplicatePair, pairs_of, spread_same_files
from core.jobs import JobContext
from core.runs.predictions import OUT_OF_FOLD, read_predictions
from core.text import Message


@dataclass(frozen=True, slots=True)
class FoldLeakage:
    """How much the duplicates in other folds flatter a run.

    Attributes:
        run: Id of the run.
        n_images, n_duplicates: Judged images, and those with a duplicate in another fold.
        accuracy, accuracy_without: 0 … 1, of all and of the others; `accuracy_without` is None where nothing is left.
        image_ids: The images with a duplicate in another fold.
    """

    run: str
    n_images: int
    n_duplicates: int
    accuracy: float
    accuracy_without: float | None
    image_ids: tuple[int, ...]

    @property
    def sentence(self) -> Message:
        if not self.n_duplicates:
            return Message("checks.no_duplicates_across_folds")
        if self.accuracy_without is None:
            return Message("checks.only_duplicates_across_folds")
        return Message("checks.duplicates_across_folds", n=self.n_duplicates, accuracy=self.accuracy,
                       without=self.accuracy_without)


def rows_with_duplicates(folds: Ints, pairs: Sequence[DuplicatePair]) -> NDArray[np.bool_]:
    """Which images have a duplicate in another fold, (n_images,) bool.

    Args:
        folds: (n_images,) int64.
        pairs: Over the same rows.
    """
    has_one = np.zeros(len(folds), bool)
    for pair in spread_same_files(pairs):
        if folds[pair.left] != folds[pair.right]:
            has_one[[pair.left, pair.right]] = True
    return has_one


class FoldLeakageCheck(Check[FoldLeakage]):
    """Needs a run that was trained on the very labels and tells its folds."""

    name = "fold_leakage"
    evidence = FoldLeakage
    no_facts = {"twins_in_folds": None}

    def run(self, data: CheckData, context: JobContext) -> FoldLeakage | None:
        run = data.job.run
        if run is None or not run.is_current:
            return None
        stored = read_predictions(run.folder)
        if stored.folds is None:
            return None
        row_of = {image_id: row for row, image_id in enumerate(data.ids.tolist())}
        judged = [i for i in np.flatnonzero(stored.kinds == OUT_OF_FOLD) if int(stored.image_ids[i]) in row_of]
        rows = np.array([row_of[int(stored.image_ids[i])] for i in judged], np.int64)
        class_of = np.array([data.job.class_ids.index(i) for i in run.class_ids], np.int64)
        is_right = class_of[stored.probabilities[judged].argmax(axis=1)] == data.labels[rows]
        place = {int(row): at for at, row in enumerate(rows)}
        pairs = [
            replace(p, left=place[p.left], right=place[p.right])
            for p in pairs_of(data, context).all if p.left in place and p.right in place
        ]
        folds = stored.folds[judged].astype(np.int64)
        has_one = rows_with_duplicates(folds, pairs)
        crossing = sorted({row for p in pairs if folds[p.left] != folds[p.right] for row in (p.left, p.right)})
        return FoldLeakage(
            run.id, len(rows), int(has_one.sum()), float(is_right.mean()) if len(rows) else float("nan"),
            float(is_right[~has_one].mean()) if not has_one.all() else None, data.ids_of(rows[crossing]),
        )

    def findings(self, evidence: FoldLeakage, now: CatalogState) -> Iterator[Finding]:
        if not evidence.n_duplicates:
            return
        loss = evidence.accuracy - evidence.accuracy_without if evidence.accuracy_without is not None else 1.0
        yield Finding(
            "folds", self.name, "twins in folds", min(0.75, 0.3 + max(0.0, 10 * loss)),
            Message("checks.title.fold_leakage"), evidence.sentence, count_figure(evidence.n_duplicates),
            image_ids=evidence.image_ids,
        )

    def facts(self, evidence: FoldLeakage, now: CatalogState) -> Mapping[str, Any]:
        return {"twins_in_folds": {
            "run": evidence.run, "twins": evidence.n_duplicates, "accuracy": evidence.accuracy,
            "accuracy_without": evidence.accuracy_without, "sentence": evidence.sentence,
        }}

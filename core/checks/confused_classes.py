"""Check `confused_classes`: pairs of classes that out-of-fold predictions take for each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.check import CatalogState, Check, CheckData, Finding, count_figure
from core.checks.label_issues import out_of_fold
from core.errors import AppError
from core.jobs import JobContext
from core.review.metrics import confusion_matrix
from core.text import Message

CONFUSED_SHARE = 0.25
"""Two classes are hard to tell apart if this share of both together is taken for the other one."""

MOST_LISTED = 3


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two classes that the model cannot tell apart.

    Attributes:
        first, second: Names.
        n_confused, n_images: Images of both that were taken for the other one, and all of both.
        image_ids: Those that were taken for the other one.
    """

    first: str
    second: str
    n_confused: int
    n_images: int
    image_ids: tuple[int, ...] = ()

    @property
    def sentence(self) -> Message:
        return Message("checks.confused_classes", first=self.first, second=self.second, count=self.n_confused,
                       total=self.n_images)


@dataclass(frozen=True, slots=True)
class ConfusedClasses:
    """Pairs, worst first."""

    pairs: tuple[ConfusedPair, ...]


def find_confused(confusion: NDArray[np.int64], classes: Sequence[str]) -> tuple[ConfusedPair, ...]:
    """Pairs of classes that are taken for each other, in both directions, worst first.

    Args:
        confusion: (n_classes, n_classes) int64, rows are labels, columns out-of-fold predictions.
        classes: Names.
    """
    both, totals = confusion + confusion.T, confusion.sum(axis=1)
    pairs = []
    for a, b in zip(*np.nonzero(np.triu(both, 1)), strict=True):
        n_images, n_confused = int(totals[a] + totals[b]), int(both[a, b])
        if n_confused >= CONFUSED_SHARE * n_images and min(confusion[a, b], confusion[b, a]) > 0:
            pairs.append(ConfusedPair(classes[a], classes[b], n_confused, n_images))
    return tuple(sorted(pairs, key=lambda p: -p.n_confused / p.n_images))


class ConfusedClassesCheck(Check[ConfusedClasses]):
    """Asks the same predictions as `label_issues`, which says why where there are none."""

    name = "confused_classes"
    evidence = ConfusedClasses
    no_facts = {"alike_classes": ()}

    def run(self, data: CheckData, context: JobContext) -> ConfusedClasses | None:
        try:
            asked = out_of_fold(data)
        except AppError:
            return None
        names = [data.job.classes[i] for i in asked.used]
        predicted = asked.probabilities.argmax(axis=1)
        pairs = []
        for pair in find_confused(confusion_matrix(asked.labels, predicted, len(names)), names):
            places = {names.index(pair.first), names.index(pair.second)}
            is_of_both = np.isin(asked.labels, list(places)) & np.isin(predicted, list(places))
            ids = data.ids_of(asked.rows[is_of_both & (asked.labels != predicted)])
            pairs.append(replace(pair, image_ids=ids))
        return ConfusedClasses(tuple(pairs))

    def findings(self, evidence: ConfusedClasses, now: CatalogState) -> Iterator[Finding]:
        for pair in evidence.pairs[:MOST_LISTED]:
            yield Finding(
                f"alike:{pair.first}:{pair.second}", self.name, "alike classes", 0.38,
                Message("checks.title.confused_classes"), pair.sentence, count_figure(pair.n_confused),
                image_ids=pair.image_ids,
            )

    def facts(self, evidence: ConfusedClasses, now: CatalogState) -> Mapping[str, Any]:
        return {"alike_classes": [
            {"classes": [p.first, p.second], "confused": p.n_confused, "images": p.n_images, "sentence": p.sentence}
            for p in evidence.pairs
        ]}

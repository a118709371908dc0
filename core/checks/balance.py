"""Check `balance`: how many labels each class has, and whether they are enough and about equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks.check import MOST_NAMED, CatalogState, Check, CheckData, Finding, class_counts, count_figure
from core.jobs import JobContext
from core.text import Message

FEW_LABELS = 20
UNEQUAL = 5.0


@dataclass(frozen=True, slots=True)
class ClassSize:
    """How many labels a class has."""

    class_id: int
    name: str
    n_labels: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Labels of each class.

    Attributes:
        classes: In their order.
        n_unlabelled: Training images without a label.
        n_test: Test images.
    """

    classes: tuple[ClassSize, ...]
    n_unlabelled: int
    n_test: int

    @property
    def ratio(self) -> float:
        """Largest to smallest class among those that have labels; 1 where they are equal."""
        some = [c.n_labels for c in self.classes if c.n_labels]
        return max(some) / min(some) if some else 1.0

    @property
    def few(self) -> tuple[ClassSize, ...]:
        """Classes with too few labels, the smallest first."""
        return tuple(sorted((c for c in self.classes if c.n_labels < FEW_LABELS), key=lambda c: c.n_labels))

    @property
    def sentence(self) -> Message:
        if len(self.few) == 1:
            code = "checks.class_has_few_labels" if self.few[0].n_labels else "checks.class_has_no_labels"
            return Message(code, name=self.few[0].name, n=self.few[0].n_labels, enough=FEW_LABELS)
        if self.few:
            counts = class_counts([(c.name, c.n_labels) for c in self.few])
            return Message("checks.classes_have_few_labels", count=len(self.few), enough=FEW_LABELS, classes=counts)
        if self.ratio > UNEQUAL:
            ordered = sorted(self.classes, key=lambda c: c.n_labels)
            return Message("checks.classes_unequal", large=ordered[-1].name, times=round(self.ratio),
                           small=ordered[0].name)
        return Message("checks.classes_balanced")


def count_labels(
    labels: NDArray[np.int64], classes: Sequence[str], class_ids: Sequence[int]
) -> tuple[ClassSize, ...]:
    """Labels of every class.

    Args:
        labels: (n_images,) int64, −1 where there is none.
        classes, class_ids: Names and rows.
    """
    counts = np.bincount(labels[labels >= 0], minlength=len(classes)).tolist()
    return tuple(ClassSize(i, name, n) for i, name, n in zip(class_ids, classes, counts, strict=True))


class BalanceCheck(Check[Balance]):
    """Counts labels; never fails."""

    name = "balance"
    evidence = Balance

    def run(self, data: CheckData, context: JobContext) -> Balance:
        sizes = count_labels(data.train_labels, data.job.classes, data.job.class_ids)
        return Balance(sizes, int((~data.is_test & (data.labels < 0)).sum()), int(data.is_test.sum()))

    def findings(self, evidence: Balance, now: CatalogState) -> Iterator[Finding]:
        if not evidence.few and evidence.ratio <= UNEQUAL:
            return
        few, smallest = evidence.few, min(c.n_labels for c in evidence.classes)
        all_few = class_counts([(c.name, c.n_labels) for c in few], limit=None)
        yield Finding(
            "balance", self.name, "balance", 0.45 if few else 0.4,
            Message("checks.title.few_labels" if few else "checks.title.unequal_classes"), evidence.sentence,
            count_figure(smallest),
            (Message("checks.all_small_classes", classes=all_few),) if len(few) > MOST_NAMED else (),
        )

    def facts(self, evidence: Balance, now: CatalogState) -> Mapping[str, Any]:
        counts = {c.name: c.n_labels for c in evidence.classes}
        return {"balance": {
            "counts": counts, "smallest": min(counts.values(), default=0), "largest": max(counts.values(), default=0),
            "ratio": evidence.ratio, "unlabelled": evidence.n_unlabelled, "test_images": evidence.n_test,
            "sentence": evidence.sentence,
        }}

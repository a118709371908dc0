"""Check `coverage`: test images unlike all training images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.checks.balance import FEW_LABELS
from core.checks.check import CatalogState, Check, CheckData, Finding, Floats, count_figure
from core.checks.outliers import FAR_Z, neighbour_distances, robust_z
from core.jobs import JobContext
from core.text import Message


@dataclass(frozen=True, slots=True)
class Coverage:
    """Test images unlike all training images, farthest first, of `n_test`."""

    image_ids: tuple[int, ...]
    n_test: int


def find_uncovered(train: Floats, test: Floats, context: JobContext) -> tuple[int, ...]:
    """Rows of test images that lie far from all training images, measured by how far those lie from each other.

    Args:
        train: (n_train, n_features) embeddings, at least 20 for anything to be found.
        test: (n_test, n_features).
        context: Progress counts images.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    if len(train) < FEW_LABELS or len(test) == 0:
        return ()
    usual = neighbour_distances(train, context=context)
    distances = neighbour_distances(test, context=context, among=train)
    # on the scale of the training images: many strange test images must not make each other usual
    z = robust_z(distances, reference=usual)
    far = np.flatnonzero(z > FAR_Z)
    return tuple(far[np.argsort(-z[far], kind="stable")].tolist())


class CoverageCheck(Check[Coverage]):
    """Compares embeddings of test images with those of labelled training images."""

    name = "coverage"
    evidence = Coverage
    no_facts = {"uncovered": ()}
    needs_embeddings = True

    def run(self, data: CheckData, context: JobContext) -> Coverage | None:
        assert data.vectors is not None
        test = np.flatnonzero(data.is_test & data.has_vector)
        train = np.flatnonzero((data.train_labels >= 0) & data.has_vector)
        if not len(test):
            return None
        found = find_uncovered(data.vectors[train], data.vectors[test], context)
        return Coverage(data.ids_of(test[list(found)]), int(data.is_test.sum()))

    def findings(self, evidence: Coverage, now: CatalogState) -> Iterator[Finding]:
        if evidence.image_ids:
            n = len(evidence.image_ids)
            yield Finding(
                "coverage", self.name, "coverage", min(0.6, 0.2 + 2 * n / max(evidence.n_test, 1)),
                Message("checks.title.coverage"), Message("checks.test_images_uncovered", n=n), count_figure(n),
                image_ids=evidence.image_ids,
            )

    def facts(self, evidence: Coverage, now: CatalogState) -> Mapping[str, Any]:
        return {"uncovered": now.paths_of(evidence.image_ids)}

"""What all parts of the check look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.checks.inputs import HealthJob
from core.checks.cues import CueTable

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class HealthData:
    """What all parts look at; rows are those of the job's images.

    Attributes:
        job: The images and labels.
        cues: Measurements.
        vectors: Embeddings, (n_images, n_features) float32 with rows of NaN, or None.
        key: Names backbone, weights and recipe of the embeddings.
    """

    job: HealthJob
    cues: CueTable
    vectors: Floats | None
    key: str = ""

    @cached_property
    def ids(self) -> Ints:
        return np.array([image.id for image in self.job.images], np.int64)

    @cached_property
    def labels(self) -> Ints:
        return np.array(self.job.labels, np.int64)

    @cached_property
    def is_test(self) -> NDArray[np.bool_]:
        return np.array(self.job.is_test, bool)

    @cached_property
    def is_described(self) -> NDArray[np.bool_]:
        n = len(self.job.images)
        return np.zeros(n, bool) if self.vectors is None else np.isfinite(self.vectors[:, 0])

    @cached_property
    def train_labels(self) -> Ints:
        """Labels of training images, −1 for all others."""
        return np.where(self.is_test, -1, self.labels)

    def ids_of(self, rows: Sequence[int] | Ints) -> tuple[int, ...]:
        """Image ids of rows."""
        return tuple(self.ids[np.asarray(rows, np.int64)].tolist())

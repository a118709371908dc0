"""A linear head that votes beside a fine-tuned network, on embeddings of published networks.

The two err on different images, so the mean of their probabilities is more accurate than either. Like the network,
the head that is judged has not seen the images that judge it; the one that is kept has learnt from what the network
has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.embeddings.embedded import Embedded
from core.engine.adapted import AdaptedPlan
from core.engine.tail import transfer_head
from core.errors import RunError
from core.jobs import JobContext
from core.runs.head import Head, read_head, write_head
from core.runs.sums import require_sound
from core.training.auto import Candidate
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.labelled import Labelled

FEATURES = Candidate(("efficientnet-lite0", "efficientnet-lite2"), "two views")
HEAD_NAME = "companion.weights.h5"


@dataclass(frozen=True, slots=True)
class Companion:
    """The labelled images as the head sees them.

    Attributes:
        embedded: Of the labelled images, in their order.
    """

    job: TrainJob
    labelled: Labelled
    embedded: Embedded

    def learn(self, rows: NDArray[np.int64]) -> Head:
        """The head that learns from these labelled images; it takes a moment, also after a cancelled training."""
        return transfer_head(
            self._read(rows), self.labelled.labels[rows], self.labelled.groups[rows],
            n_classes=len(self.job.classes), seed=self.job.settings.seed, context=JobContext(),
            weighting="auto" if self.job.settings.has_class_weights else "none")

    def join(
        self, probabilities: NDArray[np.float32], learnt: NDArray[np.int64], rows: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        """What network and head say together of some labelled images, with a head that learnt from others."""
        return (probabilities + self.learn(learnt).probabilities(self._read(rows))) / np.float32(2)

    def _read(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.embedded.store.read(self.embedded.rows[rows])


def open_companion(job: TrainJob, labelled: Labelled, context: JobContext) -> Companion | None:
    """Embed the labelled images; None where none is wanted, or an image changed meanwhile and has no embedding.

    Raises:
        AppError: See `embed`.
    """
    if not job.settings.has_companion:
        return None
    embedded = FEATURES.embed(replace(job, images=labelled.images), context)
    return Companion(job, labelled, embedded) if (embedded.rows >= 0).all() else None


def predict_beside(
    found: PredictResult, head: Head, key: str, job: TrainJob | PredictRunInput, context: JobContext,
) -> PredictResult:
    """The network's predictions joined with the head's; an image without an embedding is left out, with its reason.

    Args:
        found: What the network says.
        key: Of the embeddings that the head learnt from.

    Raises:
        RunError: The weights of the published networks are others now.
    """
    if not found.images:
        return found
    embedded = FEATURES.embed(replace(job, images=tuple(found.images)), context)
    if embedded.key != key:
        raise RunError("training.other_backbone_weights", folder=getattr(job, "run_folder", job.embeddings),
                       backbone=" + ".join(FEATURES.backbones))
    has_one = np.flatnonzero(embedded.rows >= 0)
    said = head.probabilities(embedded.store.read(embedded.rows[has_one]))
    return replace(
        found, images=tuple(found.images[i] for i in has_one),
        probabilities=(found.probabilities[has_one] + said) / np.float32(2),
        skipped=tuple(dict.fromkeys((*found.skipped, *embedded.skipped))))


def write_companion(folder: Path, head: Head) -> None:
    """Write the head into the folder of a run."""
    write_head(folder / HEAD_NAME, head)


def read_companion(folder: Path, plan: AdaptedPlan) -> Head | None:
    """The head of a run; None where the network speaks alone.

    Raises:
        RunError: It is missing or damaged.
    """
    if not plan.companion:
        return None
    require_sound(folder / HEAD_NAME)
    return read_head(folder / HEAD_NAME)

"""What became of an ensemble: votes, weights, gain and error correlation, as JSON values and in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.review.metrics import log_loss
from core.text import Message
from core.training.ensemble import GUARDED, Ensemble, Gain, correlate_errors, measure_gain, put_together


class Judged(Protocol):
    """A member that was judged out of fold: a head on a backbone, or a finished run.

    Attributes:
        name: What it is called in sentences.
        probabilities: (n_images, n_classes) float32, rows sum to 1; NaN for images in no fold.
        not_better: Ending of the code of the sentence for an ensemble that is not better than this member.
    """

    @property
    def name(self) -> str: ...

    @property
    def probabilities(self) -> NDArray[np.float32]: ...

    @property
    def not_better(self) -> str: ...

    def to_json(self) -> Mapping[str, Any]:
        """As `run.json` keeps it."""


@dataclass(frozen=True, slots=True)
class EnsembleOutcome:
    """What became of the members together.

    Attributes:
        way: How they were put together, one of `core.training.strategies.ensemble.WAYS`.
        said: Of the judged images out of fold, (n_members, n_images, n_classes).
        labels: Of these images, (n_images,) int64.
        correlation: Of the members' errors, (n_members, n_members); see `correlate_errors`.
    """

    members: Sequence[Judged]
    way: str
    said: NDArray[np.float32]
    labels: NDArray[np.int64]
    voted: Ensemble
    gain: Gain
    correlation: NDArray[np.float64]

    def to_json(self) -> dict[str, Any]:
        """What `run.json` keeps of it."""
        gain, voted = self.gain, self.voted
        return {
            "voting": self.way, "n_folds": len(voted.fold_weights), "members": [
                dict(one.to_json()) | {
                    "weight": voted.weights[at].item(), "fold_weights": voted.fold_weights[:, at].tolist(),
                    "accuracy": accuracy_of(self.said[at], self.labels),
                    "log_loss": log_loss(self.said[at], self.labels)}
                for at, one in enumerate(self.members)],
            "best_member": self.members[gain.best].name, "gain": gain.difference,
            "gain_interval": list(gain.interval), "error_correlation": [
                [value if np.isfinite(value) else None for value in row] for row in self.correlation.tolist()],
        }

    @property
    def notes(self) -> tuple[Message, ...]:
        """Who votes with which weight, whether that was worth it, and how alike the members fail."""
        gain, listed = self.gain, tuple(
            Message("training.ensemble.member", name=one.name, weight=self.voted.weights[at].item(),
                    accuracy=accuracy_of(self.said[at], self.labels))
            for at, one in enumerate(self.members))
        best = self.members[gain.best]
        code = "better" if gain.is_sure else "perhaps_better" if gain.difference > 0 else best.not_better
        pairs = self.correlation[np.triu_indices(len(self.correlation), 1)]
        pairs = pairs[np.isfinite(pairs)]
        return (
            Message("training.ensemble.members", members=listed),
            *((Message("training.ensemble.all_alike"),)
              if self.way in GUARDED and not np.ptp(self.voted.weights) else ()),
            Message(f"training.ensemble.{code}", name=best.name, accuracy=gain.accuracy,
                    best=gain.best_accuracy, points=100 * gain.difference, low=100 * gain.interval[0],
                    high=100 * gain.interval[1]),
            *((Message("training.ensemble.errors", low=float(pairs.min()), high=float(pairs.max())),)
              if len(pairs) else ()),
        )


def judge_members(
    members: Sequence[Judged], judged: NDArray[np.int64], labels: NDArray[np.int64], folds: NDArray[np.int64], *,
    way: str, seed: int,
) -> EnsembleOutcome:
    """Put members together, and measure that on the images that were judged.

    Args:
        judged: Rows of the members' probabilities that are out of fold, (n_judged,) int64.
        labels, folds: Of these, (n_judged,) int64.
        way, seed: See `put_together`.
    """
    said = np.stack([one.probabilities[judged] for one in members])
    voted = put_together(said, labels, folds, way=way, seed=seed)
    gain = measure_gain(voted.probabilities, said, labels)
    return EnsembleOutcome(members, way, said, labels, voted, gain, correlate_errors(said, labels))


def accuracy_of(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of images whose likeliest class is their label, 0 … 1."""
    return float((probabilities.argmax(axis=1) == labels).mean())

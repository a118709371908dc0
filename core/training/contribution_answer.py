"""What is asked and answered about contributions of training images; costs nothing to import.

See `core.training.rank_contributions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.types import ImageRef, Skipped

LINEAR = ("transfer", "auto")
"""Strategies whose runs are one linear head on embeddings."""

NEAR = 0.02
"""A model is the run's where its probabilities are on the mean no farther than this from those on record; the run's
own fit stopped a little earlier."""


@dataclass(frozen=True, slots=True)
class ContributionInput:
    """Which prediction is asked about.

    Attributes:
        project: The project's folder; its catalog is read, never written.
        run: Folder of a finished run.
        image: The image that it predicted.
        embeddings: The project's folder of embedding stores; what is missing is made.
        toward: Name of the class as the run knows it; "" for the one that it predicts.
        n_shown: At most so many images, at least 1.
    """

    project: Path
    run: Path
    image: ImageRef
    embeddings: Path
    toward: str = ""
    n_shown: int = 48


@dataclass(frozen=True, slots=True)
class Contribution:
    """One training image.

    Attributes:
        image_id: The image that shows its content now.
        value: What it adds to the logit of the class, before any temperature.
        share: Of all that is added to it, 0 … 1.
        label: Name of the class that it was learnt as.
    """

    image_id: int
    value: float
    share: float
    label: str


@dataclass(frozen=True, slots=True)
class ContributionResult:
    """What was found.

    Attributes:
        toward: Name of the class that is asked about.
        found: The largest contributions first, none of them negative.
        is_out_of_fold: Whether the model had not seen the image although it had a label.
        difference: Mean distance of the probabilities of the fitted model from those on record, 0 … 1.
        n_train: Images that the model learnt from.
        skipped: Training images that cannot be embedded any more, so that the model was fitted without them.
        n_not_here: Of the largest contributions those of images that the project does not have any more.
    """

    image_id: int
    toward: str
    found: tuple[Contribution, ...]
    is_out_of_fold: bool
    difference: float
    n_train: int
    skipped: tuple[Skipped, ...] = ()
    n_not_here: int = 0

    @property
    def is_same_model(self) -> bool:
        """Whether the fitted model says what the run says."""
        return self.difference <= NEAR

"""The images whose prediction is not their label, worst first."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.project.paths import display_text
from core.review.metrics import true_probabilities
from core.types import ImageRef


@dataclass(frozen=True, slots=True)
class Mistake:
    """One image that was taken for something else.

    Attributes:
        image_id: Row in the catalog.
        path: Where the file was last seen.
        name: Its file name, readable.
        label: What a person said.
        prediction: What the model said.
        p_label: Probability that the model gave to the label, 0 … 1; the worst mistakes have the least. None where
            the model does not know the label, or its probabilities are not at hand.
        p_prediction: Probability that it gave to its own prediction, 0 … 1.
        reading: How the plain ImageNet network reads it ("window screen 0.41"), or "".
        content_hash: What the model saw; None where nobody asks.
    """

    image_id: int
    path: Path
    name: str
    label: str
    prediction: str
    p_label: float | None
    p_prediction: float
    reading: str = ""
    content_hash: bytes | None = None


def find_mistakes(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], *, images: Sequence[ImageRef],
    classes: Sequence[str], readings: Mapping[int, str] | None = None,
) -> tuple[Mistake, ...]:
    """The mistakes, by the probability of their label, least first (that is, by loss).

    Args:
        probabilities: (n_images, n_classes) float32, each row by a model that had not seen the image.
        labels: (n_images,) int64 in 0 … n_classes − 1.
        images: The same images in the same order.
        classes: Names of the columns.
        readings: ImageNet reading by image id, for those that have one.
    """
    predicted = probabilities.argmax(axis=1)
    p_label = true_probabilities(probabilities, labels)
    wrong = np.flatnonzero(predicted != labels)
    known = readings or {}
    return tuple(
        Mistake(
            images[i].id, images[i].path, readable_name(images[i].path), classes[labels[i]],
            classes[predicted[i]], float(p_label[i]), float(probabilities[i, predicted[i]]),
            known.get(images[i].id, ""), images[i].content_hash,
        )
        for i in wrong[np.argsort(p_label[wrong], kind="stable")]
    )


def readable_name(path: Path) -> str:
    """The name of a file for people."""
    return display_text(os.fsencode(path.name))

"""The head that a fine-tuning starts from: the transfer solution on the training pictures alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.engine.adapted import AdaptedNetwork
from core.training.logistic import fit_transfer
from core.jobs import JobCancelled, JobContext
from core.project.splits import assign_folds
from core.runs.head import Head

N_FOLDS = 5
BATCH = 64


def feature_function(net: AdaptedNetwork) -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """The tail without its head, compiled: (n, …) activations → (n, n_features) float32."""
    body = net.body
    compiled = tf.function(lambda batch: body(batch, training=False), reduce_retracing=True)

    def features(activations: NDArray[Any]) -> NDArray[np.float32]:
        parts = [
            np.asarray(compiled(tf.convert_to_tensor(activations[start:start + BATCH], tf.float32)))
            for start in range(0, len(activations), BATCH)
        ]
        return np.concatenate(parts)

    return features


def transfer_head(
    features: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64], *, n_classes: int,
    seed: int, context: JobContext, weighting: str = "none",
) -> Head:
    """The best linear head on features, its strength chosen by cross-validation on these same images.

    Args:
        features: (n_images, n_features) float32, of the training images alone.
        labels: (n_images,) int64.
        groups: Equal numbers mark exact duplicates, (n_images,) int64.
        n_classes: At least 2; each has at least one image.
        seed: The same seed gives the same head.
        context: See `silent`.
        weighting: See `fit_transfer`.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    rarest = int(np.bincount(labels, minlength=n_classes).min())
    folds = assign_folds(labels, groups, n_folds=max(2, min(N_FOLDS, rarest)), seed=seed)
    return fit_transfer(
        features, labels, folds=folds, n_classes=n_classes, context=context, weighting=weighting,
    ).head


def silent(context: JobContext) -> JobContext:
    """A context that ends with the other one and tells nothing."""
    def is_cancelled() -> bool:
        try:
            context.check()
        except JobCancelled:
            return True
        return False

    return JobContext(is_cancelled=is_cancelled)

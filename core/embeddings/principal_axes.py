"""Principal component analysis (PCA) of embeddings by a randomised subspace iteration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

N_SPARE = 10
"""Random directions beside the axes asked for (Halko, Martinsson and Tropp 2011, section 4.2)."""

N_TURNS = 4
"""Power iterations: the first axes are then exact to about five digits where the variances fall at all."""


def principal_coordinates(
    vectors: NDArray[np.float32], n_axes: int, *, seed: int = 0, check: Callable[[], None] = lambda: None,
) -> NDArray[np.float32]:
    """Coordinates on the axes of largest variance; the largest coordinate on each is positive.

    With at most `n_axes + N_SPARE` images or features the result is exact; else the algorithm is that of Halko,
    Martinsson and Tropp (2011), “Finding structure with randomness”, 4.4 with 5.1, which needs no (n_features,
    n_features) matrix.

    Args:
        vectors: (n_images, n_features) float32, finite.
        n_axes: ≥ 1; axes that do not exist are columns of 0.
        check: Called between passes over the vectors; may raise to end the work.

    Returns:
        (n_images, n_axes) float32, the largest variance first.
    """
    n_images, n_features = vectors.shape
    centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32) if n_images else vectors
    n_kept = min(n_axes + N_SPARE, n_images, n_features)
    coordinates = np.zeros((n_images, n_axes), np.float32)
    if n_kept == 0:
        return coordinates
    random = np.random.default_rng(seed).standard_normal((n_features, n_kept)).astype(np.float32)
    basis = _orthonormal(centred @ random)
    for _ in range(N_TURNS):
        check()
        basis = _orthonormal(centred @ _orthonormal(centred.T @ basis))
    check()
    small = (basis.T @ centred).astype(np.float64)
    strengths, left = np.linalg.eigh(small @ small.T)  # ascending; of few rows, where an SVD has all features
    scaled = left[:, ::-1] * np.sqrt(np.maximum(strengths[::-1], 0))
    found = (basis @ scaled.astype(np.float32))[:, :n_axes]
    found *= np.where(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])] < 0, -1, 1).astype(np.float32)
    coordinates[:, :found.shape[1]] = found
    return coordinates


def _orthonormal(columns: NDArray[np.float32]) -> NDArray[np.float32]:
    basis: NDArray[np.float32] = np.linalg.qr(columns)[0]
    return basis

"""Neighbour embedding in two dimensions: t-SNE by openTSNE, the one module that imports it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from core.processors import n_processors

PERPLEXITY = 30
"""About so many neighbours count (van der Maaten and Hinton 2008); of few images a third of them."""

N_EARLY, N_LATE = 150, 250
"""Iterations with early exaggeration and after it; twice as many keep no more neighbours."""

EXAGGERATION = 12.0
START_SPREAD = 1e-4
"""Standard deviation of the first axis at the start (Kobak and Berens 2019: PCA scaled down)."""

FOURIER_FROM = 8_000
"""From so many points on repulsion is interpolated (FIt-SNE, Linderman et al. 2019); below, a tree is faster."""

CELL, OPENING = 2.0, 0.8
"""Side of a cell of that interpolation, opening angle of that tree. With 1 and 0.5, as openTSNE has them, a map takes
two to four times as long and keeps no more neighbours."""

PARAMETERS = (PERPLEXITY, N_EARLY, N_LATE, EXAGGERATION, FOURIER_FROM, CELL, OPENING)
"""What a map depends on besides its points and its seed."""

THREADS_FROM = 2_000
"""Fewer points are no work for threads, which would wait for each other; the result does not depend on them."""

LOOK_EVERY = 2
"""Iterations between two looks whether the job is cancelled."""

N_ITERATIONS = N_EARLY + N_LATE
Look = Callable[[int, NDArray[np.float64]], None]
"""Hears how many iterations are done and where the points are, (n_points, 2); may raise to end the work."""


def is_here() -> bool:
    """Whether the library is installed: it has no wheel for some computers."""
    return find_spec("openTSNE") is not None


def n_neighbours_for(n_points: int) -> int:
    """How many neighbours of each point `embed_neighbours` needs, for at least 4 points."""
    return min(3 * PERPLEXITY, n_points - 1)


def embed_neighbours(
    neighbours: NDArray[np.int64], distances: NDArray[np.float32], start: NDArray[np.float32], *, seed: int,
    look: Look = lambda done, points: None,
) -> NDArray[np.float32]:
    """A t-SNE layout from nearest neighbours; bit-equal for equal inputs on one computer.

    Args:
        neighbours: Places of each point's neighbours, (n_points, n_neighbours_for(n_points)) int64.
        distances: To them, of the same shape.
        start: Principal coordinates to begin with, (n_points, 2) float32.

    Returns:
        (n_points, 2) float32, around 0.
    """
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    n_points = len(start)
    n_jobs = n_processors() if n_points >= THREADS_FROM else 1
    affinities = PerplexityBasedNN(
        perplexity=min(PERPLEXITY, neighbours.shape[1] / 3), n_jobs=n_jobs,
        knn_index=PrecomputedNeighbors(neighbours, distances))
    layout = TSNEEmbedding(
        _scaled(start, seed), affinities, negative_gradient_method="fft" if n_points >= FOURIER_FROM else "bh",
        ints_in_interval=CELL, theta=OPENING, n_jobs=n_jobs, random_state=seed)
    for done, n_iter, how in (
        (0, N_EARLY, {"exaggeration": EXAGGERATION, "momentum": 0.5}), (N_EARLY, N_LATE, {"momentum": 0.8}),
    ):
        def on_iteration(at: int, error: float, points: NDArray[np.float64], before: int = done) -> bool:
            look(before + at, points)
            return False

        layout = layout.optimize(
            n_iter, callbacks=[on_iteration], callbacks_every_iters=LOOK_EVERY, inplace=True, **how)
    return np.asarray(layout, np.float32)


def _scaled(start: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """The start at its small spread, with a thousandth of noise, without which equal points would never part."""
    spread = float(start[:, 0].std())
    noise = np.random.default_rng(seed).standard_normal(start.shape) * START_SPREAD
    if spread <= 0 or not np.isfinite(spread):
        return np.asarray(noise)
    return np.asarray(start * (START_SPREAD / spread) + noise / 1000, np.float64)

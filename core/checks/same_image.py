"""Finds the same image in two versions: in another size or quality, cut at the edges, or mirrored.

Two steps. A **fingerprint** of 144 numbers (the low frequencies of the 32×32 grey image, with
the sign of those dropped that mirroring turns round) finds candidates among all pairs by matrix
products, also against the same image cut by 2.5, 5 and 7.5 % a side. Each candidate is then
compared **finely**: the slopes of both grey images must agree as a whole, in every part of
the image that shows anything, and in colour. Photographs of different phones on white agree in
outline but not in every part; they are what the second step is for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.checks.cue_measures import CHROMA_PX, SKETCH_PX
from core.embeddings.similar_pairs import Floats, Ints, similar_pairs, unit_rows
from core.jobs import JobContext

Bytes = NDArray[np.uint8]

CUTS = (0.0, 0.025, 0.05, 0.075)
"""Shares of a side that are cut off at each edge before comparing."""

GRID_PX = 32
N_FREQUENCIES = 12
CANDIDATE_AT_LEAST = 0.95
"""Planted copies (JPEG 40, half size, cut by 5 % a side, mirrored) of 150 photographs had at least 0.983."""

WHOLE_AT_LEAST = 0.93
PART_AT_LEAST = 0.70
N_PARTS = 3
PART_WITH_CONTENT = 0.3
"""A part is compared if it holds this share of the slopes that it would hold if they were spread evenly."""

COLOUR_AT_MOST = 10.0
"""Mean difference of chroma (0 … 255) above which two images show things of different colour."""

BLANK_SPREAD = 4.0
"""Images whose grey values spread less than this show nothing that could be compared."""

BATCH = 4_096
PART = 256

Same = tuple[float, float, bool]
"""Agreement of the slopes (0 … 1), share of a side cut off from one of one at each edge, whether one is mirrored."""


def find_same_images(
    grey: Bytes, chroma: Bytes, *, context: JobContext
) -> tuple[dict[tuple[int, int], Same], bool]:
    """Find all pairs that are one image in two versions.

    Args:
        grey: (n_images, 48, 48) uint8 sketches.
        chroma: (n_images, 2, 8, 8) uint8 sketches.
        context: Progress counts images, once for each cut.

    Returns:
        How alike they are by (left, right), left < right; False if so many are alike that pairs were left out.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    spreads = [part.std(axis=(1, 2), dtype=np.float32) for part in _parts(grey)]
    shown = np.flatnonzero(np.concatenate(spreads or [np.empty(0)]) >= BLANK_SPREAD)
    if len(shown) < 2:
        return {}, True
    whole = _fingerprints(grey[shown], 0.0)
    best: dict[tuple[int, int], Same] = {}
    is_complete = True
    for cut in CUTS:
        cut_prints = whole if cut == 0 else _fingerprints(grey[shown], cut)
        pairs = similar_pairs(
            cut_prints, whole, at_least=CANDIDATE_AT_LEAST, context=context, is_same_set=cut == 0
        )
        apart = pairs.left != pairs.right
        left, right = shown[pairs.left[apart]], shown[pairs.right[apart]]
        is_complete &= pairs.is_complete
        for pair, same in _verify(grey, chroma, left=left, right=right, cut=cut, context=context):
            best[pair] = max(best.get(pair, same), same, key=lambda known: known[0])
    return best, is_complete


def is_same(
    grey: Bytes, chroma: Bytes, *, left: Ints, right: Ints, cut: float, is_mirrored: bool
) -> tuple[NDArray[np.bool_], Floats]:
    """The fine comparison of pairs: left, cut at its edges, against right, perhaps mirrored.

    Returns:
        Whether each pair is the same image (n_pairs,) bool, and its likeness (n_pairs,) float32.
    """
    turn = -1 if is_mirrored else 1
    a = _slopes(_cut(grey[left], cut))
    b = _slopes(_cut(grey[right][:, :, ::turn], 0.0))
    products, energy_a, energy_b = _by_part(a * b), _by_part(a * a), _by_part(b * b)
    whole = _agreement(products.sum(axis=1), energy_a.sum(axis=1), energy_b.sum(axis=1))
    parts = _agreement(products, energy_a, energy_b)
    energy = np.maximum(energy_a, energy_b)
    share = energy / np.maximum(energy.sum(axis=1, keepdims=True), 1e-9)
    parts[share < PART_WITH_CONTENT / N_PARTS**2] = 1.0
    colour_weights = _area_weights(cut, CHROMA_PX, CHROMA_PX)
    cut_chroma = colour_weights @ chroma[left].astype(np.float32) @ colour_weights.T
    colour = np.abs(cut_chroma - chroma[right][:, :, :, ::turn]).mean(axis=(1, 2, 3))
    same = (whole >= WHOLE_AT_LEAST) & (parts.min(axis=1) >= PART_AT_LEAST) & (colour <= COLOUR_AT_MOST)
    return same, whole


def _fingerprints(grey: Bytes, cut: float) -> Floats:
    return np.concatenate([_fingerprints_of(part, cut) for part in _parts(grey)])


def _parts(grey: Bytes) -> Iterator[Bytes]:
    """As many images at a time as stay in the processor's cache as float32."""
    return (grey[start:start + PART] for start in range(0, len(grey), PART))


def _fingerprints_of(grey: Bytes, cut: float) -> Floats:
    from scipy.fft import dctn  # takes time, and kept results are read without it

    low = dctn(_cut(grey, cut), axes=(1, 2), norm="ortho")[:, :N_FREQUENCIES, :N_FREQUENCIES].copy()
    low[:, 0, 0] = 0.0
    # mirroring turns the sign of the odd horizontal frequencies
    low[:, :, 1::2] = np.abs(low[:, :, 1::2])
    return unit_rows((np.sign(low) * np.sqrt(np.abs(low))).reshape(len(low), -1))


def _verify(
    grey: Bytes, chroma: Bytes, *, left: Ints, right: Ints, cut: float, context: JobContext
) -> Iterator[tuple[tuple[int, int], Same]]:
    for start in range(0, len(left), BATCH):
        context.check()
        a, b = left[start:start + BATCH], right[start:start + BATCH]
        for is_mirrored in (False, True):
            same, likeness = is_same(grey, chroma, left=a, right=b, cut=cut, is_mirrored=is_mirrored)
            for k in np.flatnonzero(same):
                first, second = sorted((int(a[k]), int(b[k])))
                yield (first, second), (float(likeness[k]), float(np.float32(cut)), is_mirrored)


def _cut(grey: Bytes, cut: float) -> Floats:
    """The sketch without `cut` of each side, averaged to 32×32."""
    weights = _area_weights(cut, SKETCH_PX, GRID_PX)
    small: Floats = weights @ grey.astype(np.float32) @ weights.T
    return small


def _area_weights(cut: float, n_pixels: int, n_cells: int) -> Floats:
    """(n_cells, n_pixels) float32: how much each pixel counts for each cell, rows sum to 1."""
    edges = np.linspace(cut * n_pixels, (1 - cut) * n_pixels, n_cells + 1)
    pixel = np.arange(n_pixels)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    weights = np.clip(overlap, 0.0, None)
    rows: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return rows


def _slopes(small: Floats) -> Floats:
    """Differences to the right and downward, (n, 2, 31, 31) float32; even light drops out."""
    across = small[:, :-1, 1:] - small[:, :-1, :-1]
    down = small[:, 1:, :-1] - small[:, :-1, :-1]
    return np.stack([across, down], axis=1)


def _by_part(values: Floats) -> Floats:
    """Sums over a 3×3 division of the image, (n, 9)."""
    edges = np.linspace(0, GRID_PX - 1, N_PARTS + 1).astype(int)[:-1]
    rows = np.add.reduceat(values.sum(axis=1), edges, axis=1)
    parts: Floats = np.add.reduceat(rows, edges, axis=2)
    return parts.reshape(len(values), -1)


def _agreement(products: Floats, energy_a: Floats, energy_b: Floats) -> Floats:
    agreement: Floats = products / np.sqrt(np.maximum(energy_a * energy_b, 1e-9))
    return agreement

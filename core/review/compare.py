"""Two runs on the same images: what the later one mended, what it broke, what both get wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RunComparison:
    """How a run differs from one before it; ids are in the order of the images given.

    Attributes:
        n_images: Images that both judged.
        fixed: Ids of images that were wrong and are right now, (n_fixed,) int64.
        broken: Ids of images that were right and are wrong now, (n_broken,) int64.
        still_wrong: Ids of images that are wrong in both, (n_still_wrong,) int64.
    """

    n_images: int
    fixed: Ids
    broken: Ids
    still_wrong: Ids

    @property
    def n_wrong_before(self) -> int:
        return len(self.fixed) + len(self.still_wrong)

    @property
    def n_wrong_after(self) -> int:
        return len(self.broken) + len(self.still_wrong)


def compare_runs(image_ids: Ids, labels: Ids, *, before: Ids, after: Ids) -> RunComparison:
    """Compare what two runs say of the same images.

    Args:
        image_ids: (n_images,) int64.
        labels: Class of each image, (n_images,) int64.
        before, after: Class that each run predicts for each image, (n_images,) int64.

    Raises:
        ValueError: The arrays are of different lengths.
    """
    lengths = {len(image_ids), len(labels), len(before), len(after)}
    if len(lengths) > 1:
        raise ValueError(f"expected arrays of one length, received {sorted(lengths)}")
    was_wrong, is_wrong = before != labels, after != labels
    return RunComparison(
        len(image_ids), fixed=image_ids[was_wrong & ~is_wrong], broken=image_ids[~was_wrong & is_wrong],
        still_wrong=image_ids[was_wrong & is_wrong],
    )


def describe_change(comparison: RunComparison) -> str:
    """ “3 fixed, 1 broken, 4 still wrong, of 741 pictures that both judged”."""
    if not comparison.n_images:
        return "The two runs judged no picture in common"
    parts = [
        f"{len(ids):,} {word}"
        for ids, word in (
            (comparison.fixed, "fixed"), (comparison.broken, "broken"), (comparison.still_wrong, "still wrong"),
        )
    ]
    return f"{', '.join(parts)}, of {comparison.n_images:,} pictures that both judged"

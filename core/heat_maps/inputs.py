"""Inputs and results of the job `explain`; imports no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import ImageRef, Skipped

LIKELIEST = -1
"""In place of a class: the one that the final model of the run finds likeliest."""


@dataclass(frozen=True, slots=True)
class ExplainInput:
    """Images that heat maps are wanted of.

    Attributes:
        images: The images; those that changed or cannot be read are skipped.
        columns: For each image the classes of the run that are asked for, as places in its record, or `LIKELIEST`.
        run_folder: Folder of a finished run; must exist.
        is_by_occlusion: Cover parts of the images instead of looking into the model.
        classes: What the classes of the run are called now; empty for their names of then.
    """

    images: tuple[ImageRef, ...]
    columns: tuple[tuple[int, ...], ...]
    run_folder: Path
    is_by_occlusion: bool = False
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """Where in an image the evidence for a class lies.

    Attributes:
        column: Place of the class in the record of the run.
        cells: (GRID, GRID) float32 over the whole image, see `core.heat_maps.grid`; positive cells speak for
            the class.
    """

    column: int
    cells: NDArray[np.float32]

    @property
    def score(self) -> float:
        """The sum of the map: logit of the class less the mean logit where the model is linear in its maps."""
        return float(self.cells.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Heat maps of one image.

    Attributes:
        image: The image, with the content that was looked at.
        maps: One for each class that was asked for, in that order.
        probabilities: What the final model of the run gives each class now, (n_classes,) float32; it may have learnt
            from this very image, unlike the model that judged it out of fold.
        method: One of `core.heat_maps.sight.METHODS`.
    """

    image: ImageRef
    maps: tuple[HeatMap, ...]
    probabilities: NDArray[np.float32]
    method: str


@dataclass(frozen=True, slots=True)
class ExplainResult:
    """What the model of a run looks at.

    Attributes:
        explained: In the order of the images, without those that were skipped.
        classes: Of the run, as `ExplainInput` calls them.
    """

    explained: tuple[Explained, ...]
    classes: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()

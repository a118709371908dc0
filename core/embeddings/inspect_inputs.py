"""What the engine is asked about one picture, and what it answers; imports no engine library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.types import ImageRef


@dataclass(frozen=True, slots=True)
class InspectInput:
    """One picture to look at closely.

    Attributes:
        image: The picture.
        project: The project's folder; its catalog is read, never written.
        backbone: Whose eyes to look with; one that is no pretrained network means the usual one.
        n_names: How many ImageNet names, 1 … 1000.
        n_neighbours: At most so many nearest training images, ≥ 0.
    """

    image: ImageRef
    project: Path
    backbone: str
    n_names: int = 5
    n_neighbours: int = 12


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled training image that looks like the picture.

    Attributes:
        image_id: Its row in the catalog; of exact duplicates the first.
        similarity: Cosine of the two embeddings, −1 … 1.
    """

    image_id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class InspectResult:
    """What the engine sees in one picture.

    Attributes:
        image_id: The picture.
        reading: ImageNet names and probabilities (0 … 1), best first; empty if `reading_reason` says why.
        neighbours: The most similar first; neither the picture itself nor exact duplicates of it.
        n_searched: Embeddings that were compared with; 0 before anything was embedded.
        reading_reason: Why there is no reading, one sentence; empty if there is one.
        neighbours_reason: Why there are no neighbours, one sentence; empty if there are some.
    """

    image_id: int
    reading: tuple[tuple[str, float], ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    n_searched: int = 0
    reading_reason: str = ""
    neighbours_reason: str = ""

"""The job `inspect`: the ImageNet reading of one image, and the labelled images most similar to it.

The engine keeps what it opened – network, classifier, unit vectors – for the next image,
for a person who looks through their images asks this several times a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.backbones.registry import DEFAULT, find_backbone
from core.imagenet.readings import name_best
from core.backbones.weights import classifier_weights
from core.embeddings.one_image import embed_one, kept_index, kept_store
from core.embeddings.similar import best_first
from core.embeddings.store import EmbeddingStore
from core.errors import ImageUnreadable, InputError, RunError, WeightsError
from core.jobs import JobContext
from core.project.rows import labelled_with_content
from core.review.novelty import Novelty, stored_novelty
from core.project.project import Project
from core.text import Message
from core.types import ImageRef


@dataclass(frozen=True, slots=True)
class InspectInput:
    """One image to look at closely.

    Attributes:
        project: The project's folder; its catalog is read, never written.
        backbone: Whose eyes to look with; one that is no pretrained network means the usual one.
        n_names: How many ImageNet names, 1 … 1000.
        n_neighbours: At most so many nearest training images, ≥ 0.
        run: Folder of the run whose training images it is compared with, or None.
    """

    image: ImageRef
    project: Path
    backbone: str
    n_names: int = 5
    n_neighbours: int = 12
    run: Path | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A labelled training image that looks like the image.

    Attributes:
        image_id: Its row in the catalog; of exact duplicates the first.
        similarity: Cosine of the two embeddings, −1 … 1.
    """

    image_id: int
    similarity: float


@dataclass(frozen=True, slots=True)
class InspectResult:
    """What the engine sees in one image.

    Attributes:
        reading: ImageNet names and probabilities (0 … 1), best first; empty if `reading_reason` says why.
        neighbours: The most similar first; neither the image itself nor exact duplicates of it.
        reading_reason: Why there is no reading; None if there is one.
        neighbours_reason: Why there are no neighbours; None if there are some.
        is_unlike: Whether it is unlike all images that the run learnt from; false too where that cannot be told.
    """

    image_id: int
    reading: tuple[tuple[str, float], ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    reading_reason: Message | None = None
    neighbours_reason: Message | None = None
    is_unlike: bool = False


def inspect_image(inputs: InspectInput, context: JobContext) -> InspectResult:
    """Read one image with ImageNet and find the labelled training images most like it.

    Whatever cannot be had is a reason in the result: one image without an answer is nothing to
    stop for.

    Raises:
        JobCancelled: The caller asked the job to end.
        ProjectError, StorageError: The catalog cannot be read.
        EngineError: The network failed.
    """
    context.check()
    backbone = _backbone(inputs.backbone)
    try:
        store = kept_store(backbone.name, inputs.project / "embeddings")
        vector = embed_one(inputs.image.path, inputs.image.content_hash, backbone.name, store)
    except (WeightsError, ImageUnreadable) as error:
        return InspectResult(inputs.image.id, reading_reason=error.message, neighbours_reason=error.message)
    context.check()
    reading, reading_reason = _read(vector, backbone.name, inputs.n_names)
    neighbours = _neighbours(inputs, vector, store, context)
    no_neighbours = None if neighbours else Message(
        "embeddings.nothing_labelled" if store.n_rows else "embeddings.nothing_embedded")
    return InspectResult(inputs.image.id, reading, neighbours, reading_reason, no_neighbours,
                         _is_unlike(inputs.run, vector, store, backbone))


def _backbone(name: str) -> Backbone:
    """The network of that name; a run that was trained from scratch has none, and the usual one helps out."""
    try:
        return find_backbone(name)
    except InputError:
        return find_backbone(DEFAULT)


@lru_cache(maxsize=1)
def _classifier(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return classifier_weights(find_backbone(name))


def _is_unlike(run: Path | None, vector: NDArray[np.float32], store: EmbeddingStore, backbone: Backbone) -> bool:
    """Whether it is unlike all images that the run learnt from; false too where that cannot be told."""
    try:
        novelty = None if run is None else _novelty(run, store.folder, backbone.name, store.n_rows)
    except RunError:
        return False
    return novelty is not None and bool(novelty.distances(vector[None])[0] > novelty.limit)


@lru_cache(maxsize=1)
def _novelty(run: Path, folder: Path, name: str, n_rows: int) -> Novelty | None:
    """What a run learnt from; anew once the store has more rows."""
    backbone = find_backbone(name)
    return stored_novelty(run, EmbeddingStore(folder, backbone.n_stored, backbone.n_features))


def _read(
    vector: NDArray[np.float32], backbone: str, n_names: int,
) -> tuple[tuple[tuple[str, float], ...], Message | None]:
    """The ImageNet reading, and why there is none."""
    try:
        return name_best(vector[None], _classifier(backbone), top=n_names)[0], None
    except WeightsError as error:
        return (), error.message


def _neighbours(
    inputs: InspectInput, vector: NDArray[np.float32], store: EmbeddingStore, context: JobContext,
) -> tuple[Neighbour, ...]:
    """The nearest contents that a labelled training image has, without the image's own."""
    if not store.n_rows or not inputs.n_neighbours:
        return ()
    index = kept_index(store, context.check)
    similarities = index.similarities(vector, check=context.check)
    found: list[Neighbour] = []
    with Project.open(inputs.project, read_only=True) as project:
        for rows in best_first(similarities):
            context.check()
            hashes = store.hashes_of(rows)
            image_ids = labelled_with_content(project, [h for h in hashes if h != inputs.image.content_hash])
            found += [Neighbour(image_ids[h], float(similarities[row]))
                      for h, row in zip(hashes, rows.tolist(), strict=True) if h in image_ids]
            if len(found) >= inputs.n_neighbours:
                break
    return tuple(found[:inputs.n_neighbours])

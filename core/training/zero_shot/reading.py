"""The strategy `zero-shot`: what the backbone's own ImageNet classifier makes of each picture, untrained.

Works from embeddings, which are the inputs of that classifier: one matrix product, no
network. The probabilities of the ImageNet classes that stand for a class are added; what is
left over is the share of "none of these".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.imagenet.class_map import ClassMap
from core.imagenet.tree import N_IMAGENET_CLASSES, imagenet_names
from core.embeddings.store import EmbeddingStore
from core.errors import TrainingDataError, WeightsDamaged
from core.jobs import JobContext
from core.text import Message
from core.types import ImageRef, Skipped

CHUNK = 4096
"""Images read at once: 16 MB of probabilities."""

N_TOP = 5
LEAST_SUM = 1e-12
NOT_DESCRIBED = "The network has not described it, probably because it cannot be read."
STAGE = Message("jobs.reading_imagenet")


@dataclass(frozen=True, slots=True)
class ZeroShotInput:
    """What to read with which classifier.

    Attributes:
        images: Images to read.
        labels: Index into the map's classes for each image, −1 = unlabelled; () where nobody labelled.
        embeddings: Folder of the embedding store of the backbone.
        n_features: Length of an embedding.
        kernel: (n_features, 1000) float32, the backbone's ImageNet classifier.
        bias: (1000,) float32.
        class_map: Which ImageNet classes stand for which class; at least two classes.
    """

    images: tuple[ImageRef, ...]
    labels: tuple[int, ...]
    embeddings: Path
    n_features: int
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    class_map: ClassMap


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of a class's table: what its pictures are read as.

    Attributes:
        index: ImageNet class, 0 … 999.
        name: Its name.
        class_name: Class that it stands for, or "" for none of these.
        n_images: Pictures with this as the likeliest ImageNet class.
        share: Of the class's pictures, 0 … 1.
        image_ids: These pictures, the surest first.
    """

    index: int
    name: str
    class_name: str
    n_images: int
    share: float
    image_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ZeroShotResult:
    """What ImageNet says of every picture.

    Attributes:
        images: Those that were read, in the order given.
        classes: Names in the order of the columns.
        probabilities: (n_images, n_classes) float32, rows sum to 1: the class sums as shares of each other.
        none_of_these: (n_images,) float32, 0 … 1: probability of all ImageNet classes that stand for none.
        top: (n_images, 5) int16, the likeliest ImageNet classes, the likeliest first.
        top_probabilities: (n_images, 5) float32.
        tables: For each class what its labelled pictures are read as, the most frequent first.
        accuracy: Share of labelled pictures whose likeliest class is the label, or None without labels.
        skipped: Images without an embedding.
    """

    images: tuple[ImageRef, ...]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float32]
    none_of_these: NDArray[np.float32]
    top: NDArray[np.int16]
    top_probabilities: NDArray[np.float32]
    tables: tuple[tuple[Reading, ...], ...]
    accuracy: float | None
    skipped: tuple[Skipped, ...]


def read_zero_shot(inputs: ZeroShotInput, context: JobContext) -> ZeroShotResult:
    """Read every image with the backbone's ImageNet classifier.

    Raises:
        TrainingDataError: Fewer than two classes have an ImageNet class that stands for them.
        WeightsDamaged: The classifier does not fit the embeddings.
        RunError: The store does not fit.
        JobCancelled: The caller asked the job to end.
    """
    _require_usable(inputs)
    store = EmbeddingStore(inputs.embeddings, inputs.n_features)
    rows = store.rows_of([image.content_hash for image in inputs.images])
    described = np.flatnonzero(rows >= 0)
    parts = []
    for start in range(0, len(described), CHUNK):
        context.progress(start, len(described), stage=STAGE)
        vectors = store.read(rows[described[start:start + CHUNK]])
        parts.append(_read_chunk(imagenet_probabilities(vectors, inputs.kernel, inputs.bias), inputs.class_map))
    context.progress(len(described), len(described), stage=STAGE)
    return _assemble(inputs, described, _Columns.joined(parts, len(inputs.class_map.classes)))


def imagenet_probabilities(
    vectors: NDArray[np.float32], kernel: NDArray[np.float32], bias: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Softmax of the ImageNet classifier, (n_images, 1000) float32, rows sum to 1."""
    logits = vectors.astype(np.float32) @ kernel + bias
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    probabilities: NDArray[np.float32] = logits / logits.sum(axis=1, keepdims=True)
    return probabilities


@dataclass(frozen=True, slots=True)
class _Columns:
    """The arrays of a `ZeroShotResult`."""

    probabilities: NDArray[np.float32]
    none_of_these: NDArray[np.float32]
    top: NDArray[np.int16]
    top_probabilities: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence[_Columns], n_classes: int) -> _Columns:
        empty = cls(np.empty((0, n_classes), np.float32), np.empty(0, np.float32), np.empty((0, N_TOP), np.int16),
                    np.empty((0, N_TOP), np.float32))
        return cls(*(np.concatenate([getattr(part, f.name) for part in (empty, *parts)]) for f in fields(cls)))


def _read_chunk(probabilities: NDArray[np.float32], class_map: ClassMap) -> _Columns:
    sums = probabilities @ class_map.matrix()
    total = sums.sum(axis=1, keepdims=True)
    # a class without any ImageNet class keeps 0; a picture without any class at all is undecided
    shares = np.where(total > LEAST_SUM, sums / np.maximum(total, LEAST_SUM), 1 / sums.shape[1])
    top = np.argsort(-probabilities, axis=1, kind="stable")[:, :N_TOP]
    return _Columns(
        shares.astype(np.float32), np.clip(1 - total[:, 0], 0, 1).astype(np.float32), top.astype(np.int16),
        np.take_along_axis(probabilities, top, axis=1),
    )


def _assemble(inputs: ZeroShotInput, described: NDArray[np.int64], columns: _Columns) -> ZeroShotResult:
    images = tuple(inputs.images[i] for i in described)
    labels = np.array(inputs.labels or [-1] * len(inputs.images), np.int64)[described]
    is_labelled = labels >= 0
    is_right = columns.probabilities.argmax(axis=1) == labels
    missing = np.setdiff1d(np.arange(len(inputs.images)), described)
    return ZeroShotResult(
        images, inputs.class_map.classes, columns.probabilities, columns.none_of_these, columns.top,
        columns.top_probabilities,
        tables=tuple(_table(np.flatnonzero(labels == i), images, columns, inputs.class_map)
                     for i in range(len(inputs.class_map.classes))),
        accuracy=float(is_right[is_labelled].mean()) if is_labelled.any() else None,
        skipped=tuple(Skipped(inputs.images[i].path, Message(NOT_DESCRIBED)) for i in missing),
    )


def _table(
    members: NDArray[np.int64], images: Sequence[ImageRef], columns: _Columns, class_map: ClassMap,
) -> tuple[Reading, ...]:
    """What the pictures of one class are read as, the most frequent first."""
    stands_for = {link.index: name for name, links in zip(class_map.classes, class_map.links, strict=True)
                  for link in links}
    found: dict[int, list[int]] = defaultdict(list)
    for row in members[np.argsort(-columns.top_probabilities[members, 0], kind="stable")]:
        found[int(columns.top[row, 0])].append(images[row].id)
    most_first = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(
        Reading(
            index, imagenet_names()[index], stands_for.get(index, ""), len(ids), len(ids) / len(members), tuple(ids),
        )
        for index, ids in most_first
    )


def _require_usable(inputs: ZeroShotInput) -> None:
    class_map = inputs.class_map
    if len(class_map.classes) - len(class_map.unmatched) < 2:
        missing = ", ".join(f"“{name}”" for name in class_map.unmatched)
        raise TrainingDataError(
            f"ImageNet has nothing like {missing}." if missing else "Reading needs at least two classes.",
            "Choose the ImageNet classes that stand for them yourself, or train on your labels instead.",
        )
    if inputs.kernel.shape != (inputs.n_features, N_IMAGENET_CLASSES) or inputs.bias.shape != (N_IMAGENET_CLASSES,):
        raise WeightsDamaged(
            "The network's ImageNet classifier does not fit its features.", "Install or fetch its weights again.",
        )

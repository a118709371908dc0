"""The job that turns images into embeddings: decoding in threads while the network computes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.backbones.registry import find_backbone
from core.engine.network import Network, network_key, open_located
from core.embeddings.store import EmbeddingStore, EmbeddingWriter
from core.backbones.weights import locate_weights
from core.images.decode import DECODER_VERSION
from core.images.reading import WHOLE, View, read_or_skip
from core.images.recipe import Recipe
from core.jobs import JobCancelled, JobContext
from core.text import Message
from core.types import ImageRef, Skipped

STAGE = Message("jobs.reading_images")
ROWS_PER_WRITE = 256
"""So many embeddings are written at once; a killed process loses no more than these."""

N_AHEAD, N_AT_FIRST = 32, 128
"""So many images are decoded ahead: more would leave the processor's cache before the network takes them, which
made the whole a twentieth slower with 128. While the network is being opened at first, nothing else is to be done."""

FIT = "stretch"
"""How an image becomes square."""

VIEWS = {
    "whole": WHOLE, "centre": View(0.75), "top-left": View(0.7, 0, 0), "top-right": View(0.7, 1, 0),
    "bottom-left": View(0.7, 0, 1), "bottom-right": View(0.7, 1, 1),
    **{f"tile-{row}-{column}": View(0.4, column / 2, row / 2) for row in range(3) for column in range(3)},
}
"""What of each image the network sees, by the name that is part of the store's."""

RECIPE_FORMAT = DECODER_VERSION
"""Part of the key: other pixels of the same content must not meet embeddings of the former ones."""


@dataclass(frozen=True, slots=True)
class EmbedInput:
    """What to embed.

    Attributes:
        images: Images; those of equal content share an embedding.
        folder: `embeddings` of the project; made if missing.
        weights: A weights file of the user's own; None for the published one.
        view: What of each image is embedded; see `VIEWS`.
    """

    images: tuple[ImageRef, ...]
    backbone: str
    folder: Path
    weights: Path | None = None
    allow_download: bool = False
    view: str = "whole"


@dataclass(frozen=True, slots=True)
class EmbedResult:
    """What was embedded.

    Attributes:
        key: Names backbone, weights and recipe; the store is `folder / key`.
        n_stored: Length of an embedding as it is stored; `n_features` are what the backbone's classifier sees.
        n_new: Images whose embedding was computed now.
        n_present: Images that had one already, or share it with another of the list.
        n_mended: Stored embeddings that were found damaged; those of the images were made anew.
    """

    key: str
    n_features: int
    n_stored: int
    n_new: int
    n_present: int
    skipped: tuple[Skipped, ...]
    n_mended: int = 0

    @property
    def notes(self) -> tuple[Message, ...]:
        """What the user should read."""
        return (Message("embeddings.mended", n=self.n_mended),) if self.n_mended else ()


@dataclass(frozen=True, slots=True)
class _Decoded:
    """One content: its pixels, or None where no file of that content could be used."""

    content_hash: bytes
    n_images: int
    pixels: NDArray[np.uint8] | None
    skipped: tuple[Skipped, ...]


def embed_images(inputs: EmbedInput, context: JobContext) -> EmbedResult:
    """Embed all images that have no embedding yet.

    Raises:
        JobCancelled: The caller asked for it; what was embedded is kept.
        InputError: There is no such backbone.
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: The network cannot be had.
        ProjectLocked, ProjectReadOnly, StorageError: The embeddings cannot be written.
        EngineError: The network failed.
    """
    backbone = find_backbone(inputs.backbone)
    located = locate_weights(
        backbone, weights=inputs.weights, allow_download=inputs.allow_download, context=context,
    )
    key = embedding_key(network_key(backbone, located), backbone, inputs.view)
    n_new, skipped = 0, tuple[Skipped, ...]()
    with EmbeddingWriter(inputs.folder / key, backbone.n_stored) as store:
        n_mended = store.forget_damaged([image.content_hash for image in inputs.images])
        groups = _missing(inputs.images, store)
        if groups:
            with _decode_ahead(groups, embedding_recipe(backbone.side_px), VIEWS[inputs.view]) as images:
                network = open_located(backbone, located, context=context)
                run = _Run(network, store, context, len(inputs.images), sum(map(len, groups)))
                run.embed(images)
            n_new, skipped = run.n_new, tuple(run.skipped)
    context.progress(len(inputs.images), len(inputs.images), stage=STAGE)
    n_present = len(inputs.images) - n_new - len(skipped)
    return EmbedResult(key, backbone.n_features, backbone.n_stored, n_new, n_present, skipped, n_mended)


def embedding_key(network: str, backbone: Backbone, view: str = "whole") -> str:
    """Name of the store for embeddings by the network of that key."""
    parts = [network, f"{backbone.side_px}px", FIT, str(RECIPE_FORMAT)]
    parts += ["stages"] if backbone.n_stage_features else []
    return "-".join(parts + ([view] if view != "whole" else []))


def embedding_recipe(side_px: int) -> Recipe:
    """How images are prepared for a network of that input."""
    return Recipe(width_px=side_px, height_px=side_px, fit=FIT)


def _missing(images: tuple[ImageRef, ...], store: EmbeddingStore) -> list[list[ImageRef]]:
    """Images without embedding, those of equal content together."""
    rows = store.rows_of([image.content_hash for image in images])
    groups: dict[bytes, list[ImageRef]] = {}
    for image, row in zip(images, rows, strict=True):
        if row < 0:
            groups.setdefault(image.content_hash, []).append(image)
    return list(groups.values())


class _Run:
    """One pass over the missing images; counts as it goes."""

    def __init__(
        self, network: Network, store: EmbeddingWriter, context: JobContext, total: int, missing: int,
    ) -> None:
        self._network = network
        self._store = store
        self._context = context
        self._total = total
        self._done = total - missing
        self._hashes: deque[bytes] = deque()
        self._vectors: list[NDArray[np.float32]] = []
        self._cancelled: JobCancelled | None = None
        self.n_new = 0
        self.skipped: list[Skipped] = []

    def embed(self, images: Iterable[_Decoded]) -> None:
        self._context.progress(self._done, self._total, stage=STAGE)
        try:
            for features in self._network.embed_stream(self._batches(images)):
                self._vectors.append(features)
                if sum(map(len, self._vectors)) >= ROWS_PER_WRITE:
                    self._write()
        finally:
            self._write()
        if self._cancelled:
            raise self._cancelled

    def _batches(self, images: Iterable[_Decoded]) -> Iterator[NDArray[np.uint8]]:
        """Decoded images, `batch_size` at a time; the last batch may be smaller."""
        batch: list[NDArray[np.uint8]] = []
        for decoded in images:
            if not self._tell(decoded):
                return
            if decoded.pixels is None:
                continue
            self._hashes.append(decoded.content_hash)
            batch.append(decoded.pixels)
            if len(batch) == self._network.batch_size:
                yield np.stack(batch)
                batch = []
        if batch:
            yield np.stack(batch)

    def _tell(self, decoded: _Decoded) -> bool:
        """Count what was decoded; false once the job is to end, for the network still has batches to hand in."""
        self.skipped.extend(decoded.skipped)
        self._done += decoded.n_images
        try:
            self._context.progress(min(self._done, self._total - 1), self._total, stage=STAGE)
        except JobCancelled as cancelled:
            self._cancelled = cancelled
        return self._cancelled is None

    def _write(self) -> None:
        if not self._vectors:
            return
        vectors, self._vectors = np.concatenate(self._vectors), []
        self._store.append([self._hashes.popleft() for _ in vectors], vectors)
        self.n_new += len(vectors)


@contextmanager
def _decode_ahead(groups: list[list[ImageRef]], recipe: Recipe, view: View) -> Iterator[Iterator[_Decoded]]:
    """Decodes in threads, in order; begins at once, while the network is still being opened."""
    pool = ThreadPoolExecutor(decoding_threads(), thread_name_prefix="catalejo-decode")
    begun = (pool.submit(_decode, group, recipe, view) for group in groups)
    waiting = deque(islice(begun, N_AT_FIRST))

    def decoded() -> Iterator[_Decoded]:
        while waiting:
            found = waiting.popleft().result()
            if len(waiting) < N_AHEAD:
                waiting.extend(islice(begun, 1))
            yield found

    try:
        yield decoded()
    finally:
        pool.shutdown(cancel_futures=True)


def decoding_threads() -> int:
    """As many as there are CPUs for this process; Pillow computes without holding the interpreter."""
    has_affinity = hasattr(os, "sched_getaffinity")
    return max(2, len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 2)


def _decode(group: list[ImageRef], recipe: Recipe, view: View) -> _Decoded:
    """The pixels of the first usable file among those of equal content."""
    skipped: list[Skipped] = []
    for image in group:
        found = read_or_skip(image, recipe, view=view)
        if not isinstance(found, Skipped):
            return _Decoded(image.content_hash, len(group), found, tuple(skipped))
        skipped.append(found)
    return _Decoded(group[0].content_hash, len(group), None, tuple(skipped))

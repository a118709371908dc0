"""The job `map-images`: an embedding map, images as points of a plane with similar ones near each other.

Positions belong to contents. A kept t-SNE map is taken up again: contents that it has keep their places, new ones are
placed by their nearest neighbours, those that no image has any more are left out. A PCA is made anew each time, for
it costs less than reading the embeddings.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from core.backbones.backbone import Backbone
from core.backbones.registry import find_backbone
from core.backbones.weights import locate_weights
from core.embeddings.embed import EmbedInput, embed_images, embedding_key
from core.embeddings.kept_map import MOST_FITTED, N_AXES, PCA, TSNE, KeptMap, map_path, read_map, write_map
from core.embeddings.nearest import nearest_neighbours, place_among
from core.embeddings.principal_axes import principal_coordinates
from core.embeddings.similar import unit_vectors
from core.embeddings.store import EmbeddingStore
from core.engine import neighbour_embedding as tsne
from core.engine.network import network_key
from core.errors import AppError
from core.jobs import JobContext
from core.processors import n_processors
from core.text import Message
from core.types import ImageRef, Skipped

LEAST_FITTED = 10
"""Fewer have no neighbourhoods to speak of."""

MOST_PLACED = 0.5
"""Share of contents that may be placed in a kept map; with more new ones it is made anew."""

SMALL, PUBLISH_EVERY_S = 2_000, 0.4

NOT_EMBEDDED = Message("embeddings.map.not_embedded")
EMPTY_EMBEDDING = Message("embeddings.map.empty_embedding")


@dataclass(frozen=True, slots=True)
class MapInput:
    """What to map.

    Attributes:
        images: Images; those of equal content share a point.
        embeddings: `embeddings` of the project.
        folder: Where maps are kept; None to keep none.
        method: One of `core.embeddings.kept_map.METHODS`.
        seed: Of all chance; equal inputs give equal maps.
        is_anew: Make the map anew also where a kept one could be taken up.
        embeds: Embed what has no embedding yet; else it is left out.
    """

    images: tuple[ImageRef, ...]
    backbone: str
    embeddings: Path
    folder: Path | None = None
    method: str = TSNE
    seed: int = 0
    is_anew: bool = False
    embeds: bool = True


@dataclass(frozen=True, slots=True)
class MapLayout:
    """Points of images, published while they settle and as part of the result.

    Attributes:
        image_ids: (n_images,) int64.
        xy: (n_images, 2) float32; NaN for an image that has no point.
    """

    image_ids: NDArray[np.int64]
    xy: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MapResult:
    """A map.

    Attributes:
        layout: A point for each image that was asked for.
        method: By which it was made, which may be simpler than what was asked for; see `notes`.
        n_points: Images that have a point.
        placed_ids: Images that were placed by the nearest neighbours of their contents, int64.
        n_gone: Contents of the kept map that no image has any more.
        skipped: Images without a point, and why.
        notes: What the user should read.
        is_kept: It was taken from the project as it was.
    """

    layout: MapLayout
    method: str
    n_points: int
    placed_ids: NDArray[np.int64]
    n_gone: int = 0
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[Message, ...] = ()
    is_kept: bool = False

    @property
    def n_placed(self) -> int:
        """How many images were placed by their neighbours."""
        return len(self.placed_ids)


def map_images(inputs: MapInput, context: JobContext) -> MapResult:
    """Map images by their embeddings; principal coordinates are published at once, then the points as they settle.

    Raises:
        JobCancelled: The caller asked for it; new embeddings are kept, and so is the map that was there.
        InputError: There is no such backbone.
        WeightsError: The network cannot be had.
        ProjectLocked, ProjectReadOnly, StorageError: New embeddings, or the map, cannot be written.
        EngineError: The network failed.
    """
    return _Mapping(inputs, context).make()


class _Mapping:
    """One pass of the job: contents, their vectors, their places."""

    def __init__(self, inputs: MapInput, context: JobContext) -> None:
        self._inputs, self._context = inputs, context
        self._ids = np.array([image.id for image in inputs.images], np.int64)
        self._contents = tuple(dict.fromkeys(image.content_hash for image in inputs.images))
        self._last_s, self._notes = 0.0, list[Message]()

    def make(self) -> MapResult:
        key, store, skipped = self._embedded()
        rows = store.rows_of(self._contents)
        vectors = unit_vectors(store.read(rows[rows >= 0]))
        is_good = np.isfinite(vectors).all(axis=1) & (vectors != 0).any(axis=1)
        reasons = {content: NOT_EMBEDDED for content, row in zip(self._contents, rows, strict=True) if row < 0}
        there = [content for content in self._contents if content not in reasons]
        reasons |= {c: EMPTY_EMBEDDING for c, good in zip(there, is_good, strict=True) if not good}
        self._hashes = tuple(c for c in there if c not in reasons)
        self._is_sampled = len(self._hashes) > MOST_FITTED
        self._place = {content: at for at, content in enumerate(self._hashes)}
        made = self._arrange(key, vectors[is_good])
        told = {one.path for one in skipped}
        skipped += tuple(Skipped(image.path, reasons[image.content_hash]) for image in self._inputs.images
                         if image.content_hash in reasons and image.path not in told)
        return replace(made, skipped=skipped, notes=tuple(self._notes))

    def _embedded(self) -> tuple[str, EmbeddingStore, tuple[Skipped, ...]]:
        """Key and store of the embeddings, and images that could not be read; nothing is written if all are there."""
        inputs, backbone = self._inputs, find_backbone(self._inputs.backbone)
        key = _key_of(backbone, self._context)
        store = EmbeddingStore(inputs.embeddings / key, backbone.n_stored, backbone.n_features)
        if not inputs.embeds or (store.rows_of(self._contents) >= 0).all():
            return key, store, ()
        done = embed_images(EmbedInput(inputs.images, backbone.name, inputs.embeddings), self._context)
        self._notes += done.notes
        return key, EmbeddingStore(inputs.embeddings / done.key, backbone.n_stored, backbone.n_features), done.skipped

    def _arrange(self, key: str, vectors: NDArray[np.float32]) -> MapResult:
        kept = self._kept(key)
        if kept is not None and all(content in kept for content in self._hashes):
            xy = np.array([kept[content][0] for content in self._hashes], np.float32).reshape(-1, 2)
            is_placed = np.array([kept[content][1] for content in self._hashes], bool)
            return self._result(TSNE, xy, is_placed, n_gone=len(kept) - len(self._hashes), is_kept=True)
        stage = Message("embeddings.map.principal_axes")
        self._context.progress(0, 1, stage=stage, unit="steps")
        # of few images OpenBLAS's threads would wait for each other longer than they compute
        with threadpool_limits(limits=1 if len(vectors) < SMALL else n_processors(), user_api="blas"):
            axes = principal_coordinates(vectors, N_AXES, seed=self._inputs.seed, check=self._context.check)
        self._context.progress(1, 1, stage=stage, unit="steps")
        self._publish(axes[:, :2])
        if not self._has_neighbours(len(vectors)):
            return self._result(PCA, axes[:, :2], np.zeros(len(axes), bool))
        return self._take_up(key, kept, axes) if kept is not None else self._make_anew(key, axes)

    def _kept(self, key: str) -> dict[bytes, tuple[NDArray[np.float32], bool]] | None:
        """Places in the kept map by content; None where it cannot be taken up."""
        inputs = self._inputs
        if inputs.folder is None or inputs.is_anew or inputs.method != TSNE:
            return None
        found = read_map(map_path(inputs.folder, inputs.backbone, TSNE, inputs.seed))
        if found is None or found.key != key:
            return None
        places = dict(zip(found.hashes, zip(found.xy, found.is_placed.tolist(), strict=True), strict=True))
        n_fitted = sum(content in places and not places[content][1] for content in self._hashes)
        return places if n_fitted and n_fitted >= (1 - MOST_PLACED) * min(len(self._hashes), MOST_FITTED) else None

    def _has_neighbours(self, n: int) -> bool:
        """Whether a neighbour embedding is wanted and can be had; a note says why not."""
        if self._inputs.method == PCA:
            return False
        if n < LEAST_FITTED:
            self._notes.append(Message("embeddings.map.too_few", n=LEAST_FITTED))
        elif not tsne.is_here():
            self._notes.append(Message("embeddings.map.no_library"))
        return n >= LEAST_FITTED and tsne.is_here()

    def _take_up(
        self, key: str, kept: dict[bytes, tuple[NDArray[np.float32], bool]], axes: NDArray[np.float32],
    ) -> MapResult:
        """New contents are placed among those that made the map."""
        is_known = np.array([content in kept for content in self._hashes])
        is_fitted = np.array([content in kept and not kept[content][1] for content in self._hashes])
        xy = np.zeros((len(axes), 2), np.float32)
        xy[is_known] = [kept[content][0] for content in self._hashes if content in kept]
        xy[~is_known] = self._placed(axes[~is_known], axes[is_fitted], xy[is_fitted])
        n_gone = sum(content not in self._place for content in kept)
        return self._keep(key, xy, ~is_fitted, n_gone=n_gone)

    def _make_anew(self, key: str, axes: NDArray[np.float32]) -> MapResult:
        n, seed = len(axes), self._inputs.seed
        is_fitted = np.ones(n, bool)
        if n > MOST_FITTED:
            is_fitted = np.zeros(n, bool)
            is_fitted[np.random.default_rng(seed).permutation(n)[:MOST_FITTED]] = True
        fitted = axes[is_fitted]
        n_around = tsne.n_neighbours_for(len(fitted))
        neighbours, distances = nearest_neighbours(
            fitted, fitted, n_around, is_same=True, progress=self._counted("embeddings.map.neighbours"))
        stage, xy = Message("embeddings.map.settling"), np.full((n, 2), np.nan, np.float32)

        def look(done: int, points: NDArray[np.float64]) -> None:
            self._context.progress(done, tsne.N_ITERATIONS, stage=stage, unit="steps")
            if time.monotonic() - self._last_s >= PUBLISH_EVERY_S:
                xy[is_fitted] = points
                self._publish(xy)

        xy[is_fitted] = tsne.embed_neighbours(neighbours, distances, fitted[:, :2], seed=seed, look=look)
        self._context.progress(tsne.N_ITERATIONS, tsne.N_ITERATIONS, stage=stage, unit="steps")
        xy[~is_fitted] = self._placed(axes[~is_fitted], fitted, xy[is_fitted])
        return self._keep(key, xy, ~is_fitted)

    def _placed(
        self, points: NDArray[np.float32], known: NDArray[np.float32], layout: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        return place_among(points, known, layout, progress=self._counted("embeddings.map.placing"))

    def _counted(self, code: str) -> Callable[[int, int], None]:
        return partial(self._context.progress, stage=Message(code))

    def _keep(self, key: str, xy: NDArray[np.float32], is_placed: NDArray[np.bool_], *, n_gone: int = 0) -> MapResult:
        folder = self._inputs.folder
        if folder is not None:
            path = map_path(folder, self._inputs.backbone, TSNE, self._inputs.seed)
            try:
                write_map(path, KeptMap(key, self._hashes, xy, is_placed))
            except AppError as error:  # the map is there all the same, and made anew next time
                self._notes.append(Message("embeddings.map.not_kept", reason=error.message))
        return self._result(TSNE, xy, is_placed, n_gone=n_gone)

    def _result(
        self, method: str, xy: NDArray[np.float32], is_placed: NDArray[np.bool_], *, n_gone: int = 0,
        is_kept: bool = False,
    ) -> MapResult:
        places = self._places_of_images()
        placed_ids = self._ids[np.append(is_placed, False)[places]]
        if len(placed_ids):
            code = "embeddings.map.sampled" if self._is_sampled else "embeddings.map.placed"
            self._notes.append(Message(code, n=len(placed_ids), fitted=MOST_FITTED))
        return MapResult(self._layout(xy), method, int((places >= 0).sum()), placed_ids, n_gone, is_kept=is_kept)

    def _layout(self, xy: NDArray[np.float32]) -> MapLayout:
        """The points of contents as points of images."""
        padded = np.vstack([xy, np.full((1, 2), np.nan, np.float32)]).astype(np.float32)
        return MapLayout(self._ids, padded[self._places_of_images()])

    def _places_of_images(self) -> NDArray[np.int64]:
        """Of their contents, (n_images,) int64; −1 for those without a point."""
        return np.array([self._place.get(image.content_hash, -1) for image in self._inputs.images], np.int64)

    def _publish(self, xy: NDArray[np.float32]) -> None:
        self._context.publish(self._layout(xy))
        self._last_s = time.monotonic()


def _key_of(backbone: Backbone, context: JobContext) -> str:
    """Of the store of a backbone with its published weights."""
    located = locate_weights(backbone, context=context)
    return embedding_key(network_key(backbone, located), backbone)

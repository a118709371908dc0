"""What the frozen trunk makes of each image, in several views, computed once and kept on the disk.

One file for each view, `view-00.f16` (the plain images), `view-01.f16` …: raw little-endian
float16. Each is written beside its place and renamed when whole, so the folder is valid at
every moment, and a later training goes on where a killed one was. Files are written by plain
writes and only read as a mapping: a full disk ends a mapped write with the whole process.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray

from core.engine.augment import build_augmenter
from core.engine.network import Network
from core.errors import EngineError, InputError, StorageError
from core.files.writing import open_to_write
from core.jobs import JobContext
from core.text import Message
from core.training.settings import AugmentSettings

STAGE = Message("jobs.computing_views")
UNIT: Final = "views"
LARGEST_FLOAT16 = 65504.0
GIGABYTE = 10**9

N_CHANGED = 64
"""Images that are changed at once; a multiple of every trunk's batch."""


@dataclass(frozen=True, slots=True)
class CachePlan:
    """What is to be kept, and where.

    Attributes:
        folder: Of the files; made if missing.
        shape: Of one image's activations.
        n_images: Images that are seen plainly.
        learn_rows: Which of them are also seen changed, (n_learn,) int64.
        n_variants: Views of those, the plain one included; at least 1.
        augment: How the others are changed.
    """

    folder: Path
    shape: tuple[int, ...]
    n_images: int
    learn_rows: NDArray[np.int64]
    n_variants: int
    augment: AugmentSettings
    seed: int

    @property
    def n_bytes(self) -> int:
        """What all views take."""
        return estimate_cache_bytes(self.shape, self.n_images, len(self.learn_rows), self.n_variants)

    @property
    def n_views(self) -> int:
        """Images that the trunk looks at in all."""
        return self.n_images + (self.n_variants - 1) * len(self.learn_rows)

    def path(self, variant: int) -> Path:
        """File of one view."""
        return self.folder / f"view-{variant:02d}.f16"

    def rows(self, variant: int) -> NDArray[np.int64]:
        """Images that are in the file of one view."""
        return np.arange(self.n_images) if variant == 0 else self.learn_rows


def estimate_cache_bytes(shape: Sequence[int], n_images: int, n_learn: int, n_variants: int) -> int:
    """Bytes that the views of a training take: all images plainly, those learnt from in `n_variants` views."""
    return 2 * prod(shape) * (n_images + (n_variants - 1) * n_learn)


def fit_variants(
    shape: Sequence[int], n_images: int, n_learn: int, n_variants: int, *, most_gb: float,
) -> tuple[int, tuple[Message, ...]]:
    """As many views as fit, and a note where these are fewer than asked for.

    Raises:
        InputError: Not even the plain views fit.
    """
    most = int(most_gb * GIGABYTE)
    plain = estimate_cache_bytes(shape, n_images, n_learn, 1)
    if plain > most:
        raise InputError("training.views_too_large", needed=plain / GIGABYTE, gigabytes=most_gb)
    each = estimate_cache_bytes(shape, 0, n_learn, 2)
    possible = min(n_variants, 1 + (most - plain) // max(each, 1))
    if possible == n_variants:
        return n_variants, ()
    note = Message("training.fewer_views", n_possible=possible, n_wanted=n_variants, gigabytes=most_gb)
    return possible, (note,)


class TrunkCache:
    """The views, read from the disk as they are needed."""

    def __init__(self, plan: CachePlan) -> None:
        self.plan = plan
        self._views = [
            np.memmap(plan.path(k), "<f2", "r", shape=(len(plan.rows(k)), *plan.shape))
            for k in range(plan.n_variants)
        ]
        self._place = np.full(plan.n_images, -1, np.int64)
        self._place[plan.learn_rows] = np.arange(len(plan.learn_rows))

    def plain(self, rows: NDArray[np.int64]) -> NDArray[np.float16]:
        """(n_rows, …) float16: the plain views of some images."""
        found: NDArray[np.float16] = self._views[0][rows]
        return found

    def views(self, rows: NDArray[np.int64], variants: NDArray[np.int64]) -> NDArray[np.float16]:
        """(n_rows, …) float16: of each row the view of that number; rows must be among `learn_rows`."""
        found = np.empty((len(rows), *self.plan.shape), np.float16)
        for variant in np.unique(variants):
            chosen = variants == variant
            places = rows[chosen] if variant == 0 else self._place[rows[chosen]]
            found[chosen] = self._views[variant][places]
        return found


def fill_cache(plan: CachePlan, trunk: Network, pixels: NDArray[np.uint8], context: JobContext) -> TrunkCache:
    """Let the trunk look at every view that is not on the disk yet.

    Args:
        pixels: (n_images, side, side, 3) uint8, in the order of the plan's rows.
        context: Told the views done; cancels within a few batches.

    Raises:
        JobCancelled: Cancelled; views that are whole are kept.
        StorageError: The disk is full, or the folder cannot be written.
        EngineError: The trunk gave values that are no numbers.
    """
    try:
        plan.folder.mkdir(parents=True, exist_ok=True)
        missing = [k for k in range(plan.n_variants) if not _is_whole(plan, k)]
        _require_room(plan, missing)
        done = plan.n_views - sum(len(plan.rows(k)) for k in missing)
        for variant in missing:
            context.progress(done, plan.n_views, stage=STAGE, unit=UNIT)
            for n_seen in _write_view(plan, variant, trunk, pixels):
                done += n_seen
                # the last word belongs to the whole, once the files are in place
                context.progress(min(done, plan.n_views - 1), plan.n_views, stage=STAGE, unit=UNIT)
        context.progress(plan.n_views, plan.n_views, stage=STAGE, unit=UNIT)
        return TrunkCache(plan)
    except (OSError, StorageError) as error:
        raise _cannot_write(plan.folder, error) from error


def _is_whole(plan: CachePlan, variant: int) -> bool:
    path = plan.path(variant)
    return path.is_file() and path.stat().st_size == 2 * prod(plan.shape) * len(plan.rows(variant))


def _require_room(plan: CachePlan, missing: Sequence[int]) -> None:
    needed = sum(2 * prod(plan.shape) * len(plan.rows(k)) for k in missing)
    if shutil.disk_usage(plan.folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _write_view(plan: CachePlan, variant: int, trunk: Network, pixels: NDArray[np.uint8]) -> Iterator[int]:
    """Write the file of a view; yields how many images each batch had."""
    with open_to_write(plan.path(variant)) as file:
        for found in trunk.embed_stream(_batches(plan, variant, trunk.batch_size, pixels)):
            if not np.isfinite(found).all():
                raise EngineError("training.not_finite_values")
            file.write(np.clip(found, -LARGEST_FLOAT16, LARGEST_FLOAT16).astype("<f2").tobytes())
            yield len(found)


def _batches(
    plan: CachePlan, variant: int, batch_size: int, pixels: NDArray[np.uint8],
) -> Iterator[NDArray[np.uint8]]:
    """The images of a view, changed by an augmenter of its own, so that each view depends on its number alone."""
    rows = plan.rows(variant)
    seed = int(np.random.default_rng((plan.seed, variant)).integers(2**31))
    augmenter = build_augmenter(plan.augment, seed) if variant else None
    for start in range(0, len(rows), N_CHANGED):
        some = pixels[rows[start:start + N_CHANGED]]
        changed = some if augmenter is None else _changed(augmenter, some)
        yield from (changed[at:at + batch_size] for at in range(0, len(changed), batch_size))


def _changed(augmenter: keras.Layer, batch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    found = np.asarray(augmenter(batch.astype(np.float32), training=True))
    changed: NDArray[np.uint8] = np.rint(found).clip(0, 255).astype(np.uint8)
    return changed


def _cannot_write(folder: Path, error: OSError | StorageError) -> StorageError:
    """A full disk has a remedy of its own here: fewer views."""
    cause = error.__cause__ if isinstance(error, StorageError) else error
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageError("training.views_no_room", path=folder.parent)
    if isinstance(error, StorageError):
        return error
    return StorageError("training.views_not_written", reason=error.strerror)

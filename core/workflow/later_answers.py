"""What a run said of images that came after its training, kept by content beside the catalog.

    health/answers-<run>.npz    hashes (n_images, 32) uint8, probabilities (n_images, n_classes) float32

The arrays of a run are written once and the catalog keeps the best class alone; the expected accuracy needs all
probabilities. The file may be deleted at any time: what it held is predicted again when it is asked for.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import AppError
from core.files.foreign import is_run_id
from core.files.stored_arrays import open_arrays
from core.files.writing import write_arrays
from core.project.project import Project

MOST_KEPT = 100_000_000
"""Probabilities that are kept of a run (400 MB); beyond them the latest are not."""

LaterAnswers = dict[bytes, NDArray[np.float32]]
"""Probabilities (n_classes,) by content hash."""


def keep_later(project: Project, run_id: str, hashes: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> None:
    """Add answers to those that are kept; where nothing can be written they are not, and nothing else depends on it.

    Args:
        hashes: (n_images, 32) uint8.
        probabilities: (n_images, n_classes) float32; those that are no numbers are left out.
    """
    path = _path(project, run_id)
    if path is None or project.is_read_only:
        return
    is_fit = np.isfinite(probabilities).all(axis=1)
    found = read_later(project, run_id, probabilities.shape[1])
    found |= {h.tobytes(): p for h, p in zip(hashes[is_fit], probabilities[is_fit], strict=True)}
    kept = dict(list(found.items())[:max(MOST_KEPT // max(probabilities.shape[1], 1), 1)])
    if not kept:
        return
    with suppress(AppError, OSError):
        path.parent.mkdir(exist_ok=True)
        write_arrays(path, hashes=np.frombuffer(b"".join(kept), np.uint8).reshape(len(kept), -1),
                     probabilities=np.stack(list(kept.values())).astype(np.float32))


def read_later(project: Project, run_id: str, n_classes: int) -> LaterAnswers:
    """What is kept for a run; nothing where the file is missing, damaged, or of other classes."""
    path = _path(project, run_id)
    if path is None or not path.is_file():
        return {}
    with suppress(OSError, ValueError, KeyError), open_arrays(path) as stored:
        hashes, probabilities = stored["hashes"], stored["probabilities"]
        if _are_sound(hashes, probabilities, n_classes):
            return {h.tobytes(): p for h, p in zip(hashes, probabilities, strict=True)}
    return {}


def _path(project: Project, run_id: str) -> Path | None:
    return project.health_path / f"answers-{run_id}.npz" if is_run_id(run_id) else None


def _are_sound(hashes: NDArray[np.generic], probabilities: NDArray[np.generic], n_classes: int) -> bool:
    return (hashes.dtype == np.uint8 and hashes.ndim == 2 and hashes.shape[1] == 32
            and probabilities.dtype == np.float32 and probabilities.shape == (len(hashes), n_classes)
            and bool(np.isfinite(probabilities).all()))

"""Groups of duplicates and near-duplicates by content hash, as the last check of the data kept them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from core.checks.duplicate_pairs import Match
from core.files.stored_arrays import open_arrays
from core.project.project import Project
from core.training.strategies.transfer import NEAR
from core.types import ImageRef

TWINS_NAME = "twins.npz"
SAME_IMAGE, NEAR_DUPLICATE = "same_picture", "near_twin"
"""Columns of that file: duplicates, and these together with near-duplicates."""


def known_groups(project: Project, column: str) -> Mapping[bytes, int]:
    """Number of its group by content hash; empty where no check was made, or its file cannot be read.

    Args:
        column: `SAME_IMAGE` or `NEAR_DUPLICATE`.
    """
    path = project.health_path / TWINS_NAME
    try:
        return _read(path, column, path.stat().st_mtime_ns)
    except (OSError, KeyError, ValueError, TypeError):
        return {}


@lru_cache(maxsize=4)
def _read(path: Path, column: str, _: int) -> Mapping[bytes, int]:
    """Kept, for the window asks after each label."""
    with open_arrays(path) as file:
        return MappingProxyType(
            {row.tobytes(): int(group) for row, group in zip(file["hashes"], file[column], strict=True)})


def duplicate_groups(project: Project, images: Sequence[ImageRef], kind: str) -> tuple[int, ...]:
    """Numbers that are equal for images that a check found to be alike; empty where nothing is known.

    Args:
        kind: The setting `groups`. Near-duplicates include duplicates, and “same file” gives nothing, for exact
            copies stay together anyway.
    """
    known = {} if kind == Match.SAME_FILE else known_groups(project, NEAR_DUPLICATE if kind == NEAR else SAME_IMAGE)
    if not known:
        return ()
    unknown = {h: -1 - at for at, h in enumerate(dict.fromkeys(i.content_hash for i in images)) if h not in known}
    _, groups = np.unique(
        np.array([known.get(i.content_hash, unknown.get(i.content_hash, 0)) for i in images], np.int64),
        return_inverse=True,
    )
    return tuple(groups.tolist())

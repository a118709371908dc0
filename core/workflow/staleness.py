"""Which images show something else than what a run saw of them."""

from __future__ import annotations

import numpy as np

from core.errors import RunError
from core.project.project import Project
from core.runs.folder import NO_HASH, OUT_OF_FOLD, read_predictions


def contents_now(project: Project) -> dict[int, bytes]:
    """Content hash of each image by its id, as the last import saw it."""
    return dict(project.catalog.rows("SELECT id, content_hash FROM image WHERE content_hash IS NOT NULL"))


def count_changed_since(project: Project, run_id: str, *, contents: dict[int, bytes] | None = None) -> int:
    """How many of the images that a run was judged by show something else now; 0 where its files do not tell.

    Args:
        project: An open project.
        run_id: A run.
        contents: From `contents_now`, for whoever asks of many runs.
    """
    try:
        said = read_predictions(project.run_path(run_id))
    except RunError:
        return 0
    now = contents_now(project) if contents is None else contents
    assert said.hashes is not None, "a run that was read has hashes"
    is_known = (said.kinds == OUT_OF_FOLD) & (said.hashes != np.frombuffer(NO_HASH, np.uint8)).any(axis=1)
    judged = said.choose(is_known)
    is_here = np.fromiter((i in now for i in judged.image_ids.tolist()), bool, len(judged.image_ids))
    return int((is_here & ~judged.of_contents(now)).sum())

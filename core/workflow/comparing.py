"""What changed: from one run to the next, and in labels and files since a run was trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.project.journal import marked_ids
from core.project.catalog import as_json
from core.project.project import Project
from core.project.runs import run_number
from core.runs.predictions import NO_HASH, OUT_OF_FOLD, read_predictions
from core.text import text
from core.training.job import TrainJob

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RunComparison:
    """How a run differs from one before it; ids are in the order of the images given.

    Attributes:
        n_images: Images that both judged.
        fixed: Ids of images that were wrong and are right now, (n_fixed,) int64.
        broken: Ids of images that were right and are wrong now, (n_broken,) int64.
        still_wrong: Ids of images that are wrong in both, (n_still_wrong,) int64.
    """

    n_images: int
    fixed: Ids
    broken: Ids
    still_wrong: Ids


def compare_runs(image_ids: Ids, labels: Ids, *, before: Ids, after: Ids) -> RunComparison:
    """Compare what two runs say of the same images.

    Args:
        image_ids: (n_images,) int64.
        labels: Class of each image, (n_images,) int64.
        before, after: Class that each run predicts for each image, (n_images,) int64.
    """
    was_wrong, is_wrong = before != labels, after != labels
    return RunComparison(
        len(image_ids), fixed=image_ids[was_wrong & ~is_wrong], broken=image_ids[~was_wrong & is_wrong],
        still_wrong=image_ids[was_wrong & is_wrong],
    )


def describe_change(comparison: RunComparison) -> str:
    """“3 fixed, 1 broken, 4 still wrong, of 741 images that both runs predict”."""
    if not comparison.n_images:
        return text("review.no_images_in_common")
    return text("review.change", fixed=len(comparison.fixed), broken=len(comparison.broken),
                still_wrong=len(comparison.still_wrong), n=comparison.n_images)


def compare_recorded(project: Project, before: str, after: str) -> RunComparison:
    """Compare two runs on the images that both judged without having seen them, by the labels as they are now.

    Raises:
        RunError: There is no such run.
    """
    db = project.catalog.db
    rows = project.catalog.rows(
        "SELECT b.image_id, i.class_id, b.class_id, a.class_id FROM prediction b "
        "JOIN prediction a ON a.image_id = b.image_id AND a.run_number = ? JOIN image i ON i.id = b.image_id "
        "WHERE b.run_number = ? AND a.kind = ? AND b.kind = ? AND i.class_id IS NOT NULL "
        "AND i.excluded IS NULL ORDER BY b.image_id",
        (run_number(db, after), run_number(db, before), OUT_OF_FOLD, OUT_OF_FOLD),
    )
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return compare_runs(columns[0], columns[1], before=columns[2], after=columns[3])


def labels_of_job(job: TrainJob) -> dict[int, int | None]:
    """Class in the catalog by image id, as a training was given it; None for unlabelled images."""
    return {
        image.id: job.class_ids[label] if label >= 0 else None
        for image, label in zip(job.images, job.labels, strict=True)
    }


def find_changed_labels(
    project: Project, labels_then: Mapping[int, int | None], among: Sequence[int] | NDArray[np.int64] | None = None
) -> frozenset[int]:
    """Ids of the images for training whose label is not what it was then; images that came since count if labelled.

    A label that was given to an earlier version of its file counts as none, and so does that of an excluded image.

    Args:
        labels_then: Class by image id, None for unlabelled ones.
        among: Look at these images only; None for all.
    """
    which = "" if among is None else " AND id IN (SELECT value FROM json_each(?))"
    rows = project.catalog.rows(
        "SELECT id, CASE WHEN excluded IS NULL THEN class_id END FROM image "
        f"WHERE split = 'train' AND status = 'ok'{which}",
        () if among is None else (as_json(among),),
    )
    marked = marked_ids(project)
    now = ((image_id, None if image_id in marked else class_id) for image_id, class_id in rows)
    return frozenset(image_id for image_id, class_id in now if labels_then.get(image_id) != class_id)


def contents_now(project: Project) -> dict[int, bytes]:
    """Content hash of each image by its id, as the last import saw it."""
    return dict(project.catalog.rows("SELECT id, content_hash FROM image WHERE content_hash IS NOT NULL"))


def count_changed_since(project: Project, run_id: str, *, contents: dict[int, bytes] | None = None) -> int:
    """How many of the images that a run was judged by show something else now; 0 where its files do not tell.

    Args:
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

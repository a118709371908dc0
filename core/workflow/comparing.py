"""What changed: between two recorded runs, and in the labels since a training took its snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.project.label_marks import marked_ids
from core.project.labels import as_json
from core.project.predictions import OUT_OF_FOLD
from core.project.project import Project
from core.project.runs import run_number
from core.review.compare import RunComparison, compare_runs
from core.training.job import TrainJob


def compare_recorded(project: Project, before: str, after: str) -> RunComparison:
    """Compare two runs on the images that both judged without having seen them, by the labels as they are now.

    Raises:
        RunError: There is no such run.
    """
    db = project.catalog.db
    rows = project.catalog.rows(
        "SELECT b.image_id, i.class_id, b.class_id, a.class_id FROM prediction b "
        "JOIN prediction a ON a.image_id = b.image_id AND a.run_number = ? JOIN image i ON i.id = b.image_id "
        "WHERE b.run_number = ? AND a.kind = ? AND b.kind = ? AND i.class_id IS NOT NULL ORDER BY b.image_id",
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

    A label that was given to an earlier version of its file counts as none.

    Args:
        project: An open project.
        labels_then: Class by image id, None for unlabelled ones.
        among: Look at these images only; None for all.
    """
    which = "" if among is None else " AND id IN (SELECT value FROM json_each(?))"
    rows = project.catalog.rows(
        f"SELECT id, class_id FROM image WHERE split = 'train' AND status = 'ok'{which}",
        () if among is None else (as_json(among),),
    )
    marked = marked_ids(project)
    now = ((image_id, None if image_id in marked else class_id) for image_id, class_id in rows)
    return frozenset(image_id for image_id, class_id in now if labels_then.get(image_id) != class_id)

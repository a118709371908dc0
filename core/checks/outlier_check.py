"""Pictures that are odd, and test pictures unlike all that the model learns from."""

from __future__ import annotations

import numpy as np

from core.checks.data import HealthData
from core.jobs import JobContext
from core.checks.balance import judge_coverage
from core.checks.health_result import OddPicture, UncoveredTest
from core.checks.outliers import find_far, find_odd_files


def odd_pictures(data: HealthData, context: JobContext) -> tuple[OddPicture, ...]:
    """Pictures unlike all others, then odd files.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    described = np.flatnonzero(data.is_described)
    far = () if data.vectors is None else find_far(data.vectors[described], context)
    odd = find_odd_files(data.cues, data.job.names) if len(data.job.images) else ()
    return (
        *(OddPicture(int(data.ids[described[o.row]]), str(o.oddity), o.strength, o.sentence) for o in far),
        *(OddPicture(int(data.ids[o.row]), str(o.oddity), o.strength, o.sentence) for o in odd),
    )


def coverage(data: HealthData, context: JobContext) -> UncoveredTest | None:
    """Test pictures unlike all training pictures; None without test pictures.

    Raises:
        JobCancelled: The caller asked the job to end.
    """
    assert data.vectors is not None
    test = np.flatnonzero(data.is_test & data.is_described)
    train = np.flatnonzero((data.train_labels >= 0) & data.is_described)
    if not len(test):
        return None
    found = judge_coverage(data.vectors[train], data.vectors[test], context)
    return UncoveredTest(data.ids_of(test[list(found.rows)]), found.sentence)

"""How many labels there are, how much they would bring, and which files are broken."""

from __future__ import annotations

import numpy as np

from core.checks.data import HealthData
from core.images.files import CHANGED
from core.checks.balance import class_balance, estimate_learning_curve
from core.checks.health_result import BrokenFile, ClassSize, MoreLabels, Sizes


def sizes(data: HealthData) -> Sizes:
    """How many labels each class has."""
    job, found = data.job, class_balance(data.train_labels, data.job.classes)
    classes = tuple(
        ClassSize(i, c.name, c.n_labels, c.sentence) for i, c in zip(job.class_ids, found.counts, strict=True)
    )
    n_unlabelled = int((~data.is_test & (data.labels < 0)).sum())
    return Sizes(classes, found.ratio, n_unlabelled, int(data.is_test.sum()), found.sentence)


def broken_files(data: HealthData) -> tuple[BrokenFile, ...]:
    """Files that the catalog knows to be broken, and those that cannot be read now; not those that changed since."""
    reasons = {skipped.path: skipped.reason for skipped in data.cues.skipped}
    unread = [data.job.images[row] for row in np.flatnonzero(~data.cues.is_read)]
    images = [image for image in unread if image.path not in reasons or reasons[image.path].code != CHANGED]
    return data.job.broken + tuple(BrokenFile(i.id, str(reasons.get(i.path, ""))) for i in images)


def more_labels(data: HealthData) -> MoreLabels | None:
    """What twice the labels would bring; None with fewer than two classes."""
    assert data.vectors is not None
    rows = np.flatnonzero((data.train_labels >= 0) & data.is_described)
    used, labels = np.unique(data.train_labels[rows], return_inverse=True)
    if len(used) < 2:
        return None
    classes = [data.job.classes[i] for i in used]
    found = estimate_learning_curve(data.vectors[rows], labels, classes=classes)
    return MoreLabels(found.n_labels, found.accuracies, found.expected, found.sentence)

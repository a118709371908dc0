"""Labels that models doubt which did not see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingDataError
from core.checks.data import HealthData
from core.checks.neighbour_labels import nearest_labels
from core.checks.balance import propose_merges
from core.checks.colours import colour_shares
from core.checks.health_result import AlikeClasses, SuspectLabel, WrongLabels
from core.checks.label_errors import LabelErrorInput, Suspect, find_label_errors
from core.review.metrics import confusion_matrix
from core.checks.leave_one_out import leave_one_out_scores, prepare_leave_one_out, to_probabilities
from core.runs.predictions import OUT_OF_FOLD, read_predictions

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LEAVE_ONE_OUT = "leave-one-out"
MOST_NEIGHBOURS_FOR = 2_000
"""For so many suspects the reason is looked up; nobody goes through more."""


@dataclass(frozen=True)
class Opinion:
    """What models think that did not see a label.

    Attributes:
        rows: Labelled images, (n,) int64.
        used: Classes that have labels, indices into the job's classes.
        labels: Index into `used`, (n,) int64.
        probabilities: (n, len(used)) float32.
        source: A run's id, or `LEAVE_ONE_OUT`.
        accuracy: 0 … 1.
    """

    rows: Ints
    used: Ints
    labels: Ints
    probabilities: Floats
    source: str
    accuracy: float


def form_opinion(data: HealthData) -> Opinion:
    """What the run says of labels that it did not see, or a model in closed form where no run fits.

    Raises:
        TrainingDataError: Fewer than two classes have labels, or nothing describes the pictures.
        RunError: The run's predictions cannot be read.
    """
    labelled = np.flatnonzero(data.train_labels >= 0)
    used, _ = np.unique(data.train_labels[labelled], return_inverse=True)
    if len(used) < 2:
        raise TrainingDataError("Wrong labels cannot be found yet.", "Label pictures of at least two classes.")
    found = _ask_run(data, labelled, used)
    if found is not None:
        return found
    if data.vectors is None:
        raise TrainingDataError("Wrong labels cannot be found without a trained model.", "Train, then check again.")
    rows = labelled[data.is_described[labelled]]
    labels = np.searchsorted(used, data.train_labels[rows])
    if len(np.unique(labels)) < len(used):
        raise TrainingDataError("Wrong labels cannot be found yet.", "Label more pictures of each class.")
    scores = leave_one_out_scores(prepare_leave_one_out(data.vectors[rows]), labels, len(used))
    return _opinion(rows, used, labels, to_probabilities(scores, labels), LEAVE_ONE_OUT)


def _ask_run(data: HealthData, labelled: Ints, used: Ints) -> Opinion | None:
    run = data.job.run
    if run is None or not run.is_current:
        return None
    wanted = {data.job.class_ids[i] for i in used}
    if set(run.class_ids) != wanted:
        return None
    said = read_predictions(run.folder)
    place = {int(i): at for at, i in enumerate(said.image_ids) if said.kinds[at] == OUT_OF_FOLD}
    rows = np.array([row for row in labelled if int(data.ids[row]) in place], np.int64)
    if len(rows) < len(labelled) - len(data.cues.skipped) or not len(rows):
        return None
    columns = [run.class_ids.index(data.job.class_ids[i]) for i in used]
    chosen = [place[int(data.ids[row])] for row in rows]
    probabilities = said.probabilities[chosen][:, columns]
    return _opinion(rows, used, np.searchsorted(used, data.train_labels[rows]), probabilities, run.id)


def _opinion(rows: Ints, used: Ints, labels: Ints, probabilities: Floats, source: str) -> Opinion:
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    return Opinion(rows, used, labels, probabilities, source, accuracy)


def wrong_labels(data: HealthData, opinion: Opinion) -> dict[str, Any]:
    """Labels that are probably wrong, and how many.

    Raises:
        TrainingDataError: See `find_label_errors`.
    """
    classes = [data.job.classes[i] for i in opinion.used]
    described = data.is_described[opinion.rows]
    has_vectors = data.vectors is not None and bool(described.all())
    vectors = data.vectors[opinion.rows] if data.vectors is not None and has_vectors else None
    colours = colour_shares(data.cues.grey[opinion.rows], data.cues.chroma[opinion.rows])
    found = find_label_errors(
        LabelErrorInput(opinion.probabilities, opinion.labels, tuple(classes), vectors, colours)
    )
    reasons = []
    if vectors is not None:
        hashes = [data.job.images[row].content_hash for row in opinion.rows]
        chosen = [s.row for s in found.suspects[:MOST_NEIGHBOURS_FOR]]
        reasons = list(nearest_labels(chosen, vectors, labels=opinion.labels, classes=classes, hashes=hashes))
    suspects = tuple(
        _suspect(data, opinion, s, reasons[i].sentence if i < len(reasons) else "",
                 reasons[i].rows if i < len(reasons) else ())
        for i, s in enumerate(found.suspects)
    )
    wrong = WrongLabels(found.wrong.expected, found.wrong.low, found.wrong.high, len(opinion.rows), found.sentence)
    return {"label_errors": suspects, "wrong_labels": wrong, "label_source": opinion.source}


def _suspect(
    data: HealthData, opinion: Opinion, found: Suspect, reason: str, neighbours: Sequence[int]
) -> SuspectLabel:
    job, row = data.job, int(opinion.rows[found.row])
    label, suggested = int(opinion.used[found.label]), int(opinion.used[found.suggested])
    return SuspectLabel(
        job.images[row].id, job.images[row].content_hash.hex(), job.class_ids[label], job.class_ids[suggested],
        job.classes[label], job.classes[suggested], found.confidence, found.trust, found.is_confident, found.sentence,
        reason, data.ids_of(opinion.rows[list(neighbours)]),
    )


def alike_classes(data: HealthData, opinion: Opinion) -> tuple[AlikeClasses, ...]:
    """Classes that are taken for each other."""
    said = opinion.probabilities.argmax(axis=1)
    names = [data.job.classes[i] for i in opinion.used]
    found = propose_merges(confusion_matrix(opinion.labels, said, len(names)), names)
    return tuple(
        AlikeClasses(
            names[m.first], names[m.second], m.n_confused, m.n_images, m.sentence,
            data.ids_of(opinion.rows[_confused(opinion.labels, said, m.first, m.second)]),
        )
        for m in found
    )


def _confused(labels: Ints, said: Ints, first: int, second: int) -> NDArray[np.bool_]:
    is_confused: NDArray[np.bool_] = ((labels == first) & (said == second)) | ((labels == second) & (said == first))
    return is_confused

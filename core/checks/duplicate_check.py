"""Pictures that are there twice: among themselves, across train and test, across folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.checks.data import HealthData
from core.checks.duplicates import Duplicates, TwinGroup, TwinKind
from core.checks.health_result import LeakedImage, TwinSet, TwinsInFolds
from core.checks.leaks import Leak, accuracy_without_twins, find_leaks
from core.checks.similar_pairs import unit_rows
from core.runs.predictions import OUT_OF_FOLD, read_predictions


def twin_parts(data: HealthData, twins: Duplicates) -> dict[str, Any]:
    """Duplicates, near twins and leaks."""
    kinds, found = list(TwinKind), find_leaks(twins.pairs, data.is_test)
    leaks = sorted(
        ((leak, _similarity(data, leak)) for leak in found), key=lambda row: (kinds.index(row[0].kind), -row[1])
    )
    return {
        "duplicates": _twin_sets(data, twins.groups), "near_twins": _twin_sets(data, twins.near_groups),
        "duplicates_sentence": twins.sentence,
        "leaks": tuple(
            LeakedImage(
                int(data.ids[leak.judged]), int(data.ids[leak.trained]), str(leak.kind), similarity, leak.sentence,
            )
            for leak, similarity in leaks
        ),
    }


def _similarity(data: HealthData, leak: Leak) -> float:
    """The larger of how alike the pictures are and the cosine of their embeddings, where they have any."""
    rows = [leak.judged, leak.trained]
    if data.vectors is None or not data.is_described[rows].all():
        return leak.likeness
    a, b = unit_rows(data.vectors[rows])
    return max(leak.likeness, min(float(a @ b), 1.0))


def _twin_sets(data: HealthData, groups: Sequence[TwinGroup]) -> tuple[TwinSet, ...]:
    sets = [
        TwinSet(
            data.ids_of(g.rows), str(g.kind), g.has_two_labels, len(set(data.is_test[list(g.rows)].tolist())) > 1,
            g.differences, g.sentence,
        )
        for g in groups
    ]
    return tuple(sorted(sets, key=lambda s: (not s.has_two_labels, not s.is_on_both_sides)))


def fold_twins(data: HealthData, twins: Duplicates) -> TwinsInFolds | None:
    """The run's accuracy with and without twins in other folds; None without a run that tells its folds."""
    run = data.job.run
    if run is None or not run.is_current:
        return None
    said = read_predictions(run.folder)
    if said.folds is None:
        return None
    row_of = {image_id: row for row, image_id in enumerate(data.ids.tolist())}
    judged = [i for i in np.flatnonzero(said.kinds == OUT_OF_FOLD) if int(said.image_ids[i]) in row_of]
    rows = np.array([row_of[int(said.image_ids[i])] for i in judged], np.int64)
    class_of = np.array([data.job.class_ids.index(i) for i in run.class_ids], np.int64)
    is_right = class_of[said.probabilities[judged].argmax(axis=1)] == data.labels[rows]
    place = {int(row): at for at, row in enumerate(rows)}
    pairs = [
        type(p)(place[p.left], place[p.right], p.kind, p.likeness)
        for p in twins.pairs if p.left in place and p.right in place
    ]
    folds = said.folds[judged].astype(np.int64)
    found = accuracy_without_twins(is_right, folds, pairs)
    crossing = sorted({row for p in pairs if folds[p.left] != folds[p.right] for row in (p.left, p.right)})
    without = found.accuracy_without if found.n_images > found.n_twins else None
    return TwinsInFolds(
        run.id, found.n_images, found.n_twins, found.accuracy, without, found.sentence, data.ids_of(rows[crossing])
    )

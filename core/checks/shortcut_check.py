"""What tells the labels and should not matter, and whether the model lives from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import TrainingDataError
from core.checks.data import HealthData
from core.jobs import JobContext
from core.checks.counter import COUNTER_FOR_CUE, counter_result
from core.checks.health_result import CounterTest, FoundShortcut
from core.checks.shortcuts import Shortcut, ShortcutInput, find_shortcuts
from core.checks.engine_inputs import CounterTestInput, CounterTestResult
from core.tasks import run_here

Ints = NDArray[np.int64]

N_COUNTER_TEST = 200
"""Pictures of a counter-test: enough for an interval of a few per cent, and over in a few seconds."""

ENOUGH_TEST = 50
"""From so many test pictures on the counter-test asks about them alone, for the model has not seen them."""


def shortcuts(
    data: HealthData, model_accuracy: float | None, context: JobContext
) -> tuple[tuple[FoundShortcut, ...], str]:
    """What tells the labels and should not matter, and the whole in one sentence.

    Raises:
        TrainingDataError: Fewer than two classes have enough labels.
        JobCancelled: The caller asked the job to end.
    """
    names = tuple(name.rpartition("/")[2] for name in data.job.names)
    inputs = ShortcutInput(data.cues, names, data.train_labels, data.job.classes, model_accuracy)
    found = find_shortcuts(inputs, context)
    return tuple(_shortcut(data, s) for s in found.found), found.sentence


def _shortcut(data: HealthData, found: Shortcut) -> FoundShortcut:
    score = found.score
    return FoundShortcut(
        score.cue, str(score.kind), score.accuracy, score.interval, score.majority, int(found.severity),
        found.rule.sentence(data.job.classes), found.sentences, data.ids_of(found.rule.rows),
    )


def has_counter_test(found: Sequence[FoundShortcut]) -> bool:
    """Whether any of the cues can be taken away from the pixels."""
    return any(s.cue in COUNTER_FOR_CUE for s in found)


def counter_test(data: HealthData, found: Sequence[FoundShortcut], context: JobContext) -> CounterTest:
    """Take the gravest cue away and see whether the model still says the same.

    Raises:
        RunError, WeightsError, EngineError: The model or the network cannot be had.
        TrainingDataError: There are too few labels for a model.
        JobCancelled: The caller asked the job to end.
    """
    assert data.vectors is not None
    cue = next(s.cue for s in found if s.cue in COUNTER_FOR_CUE)
    known = np.flatnonzero((data.train_labels >= 0) & data.is_described)
    used, labels = np.unique(data.train_labels[known], return_inverse=True)
    if len(used) < 2:
        raise TrainingDataError("There is no model to test.", "Label pictures of at least two classes.")
    rows, run = _counter_rows(data, known), data.job.run
    run = run if run is not None and run.weights == data.key else None
    inputs = CounterTestInput(
        tuple(data.job.images[row] for row in rows), data.vectors[rows], COUNTER_FOR_CUE[cue], data.job.backbone,
        run.folder if run is not None else None, data.vectors[known], labels, len(used),
    )
    asked: CounterTestResult = run_here("counter-test", inputs, context)
    result = counter_result(asked.before, asked.after)
    changed = asked.before.argmax(axis=1) != asked.after.argmax(axis=1)
    return CounterTest(
        cue, inputs.transform, result.n_images, result.n_changed, result.interval,
        f"run {run.id}" if run is not None else "a model trained in passing", result.sentence,
        data.ids_of(rows[asked.rows[changed]]),
    )


def _counter_rows(data: HealthData, known: Ints) -> Ints:
    """Test pictures where there are enough, else labelled ones; a sample of them."""
    test = np.flatnonzero(data.is_test & data.is_described)
    among = test if len(test) >= ENOUGH_TEST else known
    n = min(N_COUNTER_TEST, len(among))
    return np.sort(np.random.default_rng(0).choice(among, n, replace=False))

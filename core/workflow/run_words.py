"""A recorded run in plain words: how right it is, how that was measured, how it compares."""

from __future__ import annotations

from dataclasses import dataclass

from core.project.runs import RunRow
from core.review.verdict import describe_accuracy, describe_doubt

MEASURES = {
    "cross-validation": "Each picture was judged by a model that had not learnt from it ({n:,} pictures).",
    "held back": "Judged on {n:,} pictures that took no part in the training.",
    "untrained": "Judged on all {n:,} labelled pictures; none of them was learnt from.",
}
"""How an accuracy came about, by `RunRecord.accuracy_kind`."""


@dataclass(frozen=True, slots=True)
class RunWords:
    """What is said of a run.

    Attributes:
        verdict: “Right for 99.3 of 100 new pictures (98.4–99.7); 5 of 741 wrong”.
        doubt: A sentence where the figure cannot be relied on, else "".
        measure: How it was measured, one sentence, or "".
        notes: What the training wants to be read.
        n_judged, n_wrong: Pictures that the figure comes from, as their labels were then.
    """

    verdict: str
    doubt: str
    measure: str
    notes: tuple[str, ...]
    n_judged: int
    n_wrong: int


def describe_recorded(run: RunRow) -> RunWords:
    """A run in words."""
    confusion = run.figures.get("confusion") or []
    n = int(run.figures.get("n_validation") or 0)
    n_right = sum(row[i] for i, row in enumerate(confusion))
    if run.accuracy is None or run.low is None or run.high is None or not n:
        interval, n, n_right = (0.0, 1.0), 0, 0
    else:
        interval = run.low, run.high
    return RunWords(
        describe_accuracy(n_right, n, interval), describe_doubt(interval) if n else "", _describe_measure(run, n),
        tuple(run.figures.get("notes") or ()), n, n - n_right,
    )


def _describe_measure(run: RunRow, n: int) -> str:
    kind = str(run.figures.get("accuracy_kind", ""))
    if not n:
        return ""
    return MEASURES[kind].format(n=n) if kind in MEASURES else f"Judged by {kind} ({n:,} pictures)."

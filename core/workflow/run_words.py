"""A recorded run in plain words: how right it is, how that was measured, how it compares."""

from __future__ import annotations

from dataclasses import dataclass

from core.project.runs import RunRow
from core.review.verdict import describe_accuracy, describe_doubt, describe_measure


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
    interval, kind = _interval(run), str(run.figures.get("accuracy_kind", ""))
    n, n_right = (n, n_right) if interval else (0, 0)
    return RunWords(
        describe_accuracy(n_right, n, interval, kind=kind), describe_doubt(interval) if n else "",
        describe_measure(kind, n), tuple(run.figures.get("notes") or ()), n, n - n_right,
    )


def _interval(run: RunRow) -> tuple[float, float] | None:
    return None if run.accuracy is None or run.low is None or run.high is None else (run.low, run.high)

"""A recorded run in plain words: how right it is, how that was measured, how it compares."""

from __future__ import annotations

from dataclasses import dataclass

from core.project.runs import RunRow
from core.review.baseline import describe_baseline, describe_warning, standing_of_figures
from core.review.verdict import describe_accuracy, describe_doubt, describe_measure
from core.cli.sentences import plural
from core.training.settings import StopReason


@dataclass(frozen=True, slots=True)
class RunWords:
    """What is said of a run.

    Attributes:
        warning: What must be read before the verdict, or "": see `describe_warning`.
        verdict: “Right for 99.3 of 100 new pictures (98.4–99.7); 5 of 741 wrong”.
        baseline: What the verdict is to be compared with, one sentence, or "".
        doubt: A sentence where the figure cannot be relied on, else "".
        measure: How it was measured, one sentence, or "".
        end: How many epochs it took and why it ended, one sentence, or "" where there are none.
        notes: What the training wants to be read.
        n_judged, n_wrong: Pictures that the figure comes from, as their labels were then.
    """

    warning: str
    verdict: str
    baseline: str
    doubt: str
    measure: str
    end: str
    notes: tuple[str, ...]
    n_judged: int
    n_wrong: int


def describe_recorded(run: RunRow) -> RunWords:
    """A run in words."""
    standing = standing_of_figures(run.figures)
    interval, kind = _interval(run), str(run.figures.get("accuracy_kind", ""))
    n, n_right = (standing.n_images, standing.n_right) if interval else (0, 0)
    return RunWords(
        describe_warning(standing), describe_accuracy(n_right, n, interval, kind=kind), describe_baseline(standing),
        describe_doubt(interval) if n else "",
        describe_measure(kind, n), _describe_end(run), tuple(run.figures.get("notes") or ()), n, n - n_right,
    )


def _interval(run: RunRow) -> tuple[float, float] | None:
    return None if run.accuracy is None or run.low is None or run.high is None else (run.low, run.high)


_ENDS = {
    StopReason.COMPLETED: "all epochs were done", StopReason.NO_IMPROVEMENT: "nothing improved any more",
    StopReason.STOPPED: "you stopped it", StopReason.NOT_FINITE: "the loss was no longer a number",
    StopReason.OUT_OF_MEMORY: "the memory was full",
}


def _describe_end(run: RunRow) -> str:
    """“Ended after 23 of at most 40 epochs: nothing improved any more. The best one was 11.”"""
    history, reason = run.figures.get("history") or (), run.figures.get("stop_reason")
    if not history or reason not in set(StopReason):
        return ""
    sentence = f"Ended after {len(history):,} of at most {plural(int(history[-1]['n_epochs']), 'epoch')}"
    best = run.figures.get("best_epoch")
    return f"{sentence}: {_ENDS[StopReason(reason)]}." + (f" Kept is what epoch {best} had learnt." if best else "")

"""A run in words: its accuracy, how that was measured, what it is compared with, and why a training ended."""

from __future__ import annotations

from dataclasses import dataclass

from core.project.runs import RunRow
from core.review.baseline import describe_baseline, describe_warning, standing_of_figures
from core.review.verdict import describe_accuracy, describe_doubt, describe_end, describe_measure, shown_share
from core.text import Message, text
from core.workflow.confusion import Confusion


@dataclass(frozen=True, slots=True)
class RunWords:
    """What is said of a run; an empty text says nothing.

    Attributes:
        warning: What must be read before the verdict: see `describe_warning`.
        verdict: “Accuracy 94.4 % (95 % CI 89.7–97.0) – of 100 new images like these, about 94 …”
        baseline: What the verdict is to be compared with.
        doubt: A sentence where the figure cannot be relied on.
        measure: How it was measured.
        as_trained: The accuracy by the labels that it was trained on, where those of now give another.
        end: How many epochs it took and why it ended.
        notes: What the training wants to be read.
        n_judged, n_wrong: Images that the figure comes from.
    """

    warning: str
    verdict: str
    baseline: str
    doubt: str
    measure: str
    as_trained: str
    end: str
    notes: tuple[str, ...]
    n_judged: int
    n_wrong: int


def describe_recorded(run: RunRow, confusion: Confusion | None = None) -> RunWords:
    """A run in words.

    Args:
        run: As the catalog has it.
        confusion: Its confusion matrix by the labels as they are now; None speaks of those that it was trained on.
    """
    trained = None if run.accuracy is None or run.low is None or run.high is None else (run.low, run.high)
    kind = str(run.figures.get("accuracy_kind", ""))
    if confusion is not None and confusion.n_total:
        standing = confusion.standing
        interval, n, n_right = standing.interval, standing.n_images, standing.n_right
    else:
        standing, interval = standing_of_figures(run.figures), trained
        n, n_right = (standing.n_images, standing.n_right) if interval else (0, 0)
    return RunWords(
        describe_warning(standing), describe_accuracy(n_right, n, interval, kind=kind), describe_baseline(standing),
        describe_doubt(interval) if n else "", describe_measure(kind, n),
        _say_as_trained(run.accuracy, trained, interval), describe_end(run.figures),
        tuple(str(Message.from_json(note)) for note in run.figures.get("notes") or ()), n, n - n_right,
    )


def _say_as_trained(
    accuracy: float | None, trained: tuple[float, float] | None, now: tuple[float, float] | None
) -> str:
    if accuracy is None or trained is None or trained == now:
        return ""
    return text("review.as_trained", accuracy=shown_share(accuracy), low=shown_share(trained[0]),
                high=shown_share(trained[1]))

"""The accuracy of a run in words: figure, confidence interval, how it was measured, and whether it can be relied on.

The same sentences stand in the review page, the window and the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.runs.record import CROSS_VALIDATION, HELD_OUT, UNTRAINED
from core.text import text
from core.text.catalogues import has_template
from core.text.numbers import format_float

TOO_WIDE = 0.15
"""An interval wider than this is too wide to rely on."""

_MEASURES = {CROSS_VALIDATION: "review.measured_by_cross_validation", HELD_OUT: "review.measured_on_held_out",
             UNTRAINED: "review.measured_untrained"}


@dataclass(frozen=True, slots=True)
class RunWords:
    """What is said of a run, or of its predictions of labelled test images; an empty text says nothing.

    Attributes:
        warning: What must be read before the verdict: see `core.review.baseline.describe_warning`.
        verdict: “Accuracy 94.4 % (95 % CI 89.7–97.0) – of 100 new images like these, about 94 …”.
        baseline: What the verdict is to be compared with.
        notes: What else is to be read: of the training, or images that do not count.
        doubt: A sentence where the figure cannot be relied on.
        measure: How it was measured.
        as_trained: The accuracy by the labels that it was trained on, where those of now give another.
        end: How many epochs it took and why it ended.
        n_wrong: Mistakes among the images that the figure comes from.
    """

    warning: str = ""
    verdict: str = ""
    baseline: str = ""
    notes: tuple[str, ...] = ()
    doubt: str = ""
    measure: str = ""
    as_trained: str = ""
    end: str = ""
    n_wrong: int = 0

    @property
    def lines(self) -> tuple[str, ...]:
        """Warning, figure with its baseline, and notes, a line each."""
        figure = " ".join(filter(None, (self.verdict, self.baseline)))
        return tuple(filter(None, (self.warning, figure, *self.notes)))


def describe_measure(kind: str, n_judged: int) -> str:
    """One sentence of how an accuracy was measured.

    Args:
        kind: Such as `CROSS_VALIDATION`.
        n_judged: Images that it comes from; 0 gives "".
    """
    if not n_judged:
        return ""
    return text(_MEASURES.get(kind, "review.measured_otherwise"), n=n_judged, kind=kind)


def shown_share(share: float) -> float:
    """A share that is shown with one decimal: 100.0 % and 0.0 % only where nothing is rounded away."""
    value = round(share * 100, 1)
    if value >= 100 and share < 1:
        return 0.999
    return 0.001 if value <= 0 and share > 0 else share


def percent(share: float) -> str:
    """A share as a percentage with one decimal, without the sign; see `shown_share`."""
    return format_float(100 * shown_share(share), ".1f")


def describe_accuracy(
    n_right: int, n_total: int, interval: tuple[float, float] | None, *, kind: str = "", is_changed: bool = False,
) -> str:
    """“Accuracy 94.4 % (95 % CI 89.7–97.0) – of 100 new images like these, about 94 are classified correctly.”

    Args:
        n_right, n_total: Images that the model was not trained on.
        interval: 95 % confidence interval of the accuracy, 0 … 1; None if there is no figure.
        kind: How it was measured, such as `CROSS_VALIDATION`.
        is_changed: Whether labels or exclusions since the training changed it: it then says of when it is.
    """
    if n_total == 0 or interval is None:
        return text("review.no_accuracy")
    low, high = map(shown_share, interval)
    if n_right == n_total:
        code = "review.all_labelled_right" if kind == UNTRAINED else "review.all_held_out_right"
        return text(code, n=n_total, low=low, high=high)
    about = min(max(round(100 * n_right / n_total), 1 if n_right else 0), 99)
    code = "review.accuracy_now" if is_changed else "review.accuracy"
    return text(code, accuracy=shown_share(n_right / n_total), low=low, high=high, about=about)


def describe_doubt(interval: tuple[float, float] | None) -> str:
    """A sentence where the interval is too wide to rely on, else ""."""
    if interval is None or interval[1] - interval[0] <= TOO_WIDE:
        return ""
    return text("review.too_few_labels", low=shown_share(interval[0]), high=shown_share(interval[1]))


def describe_end(figures: Mapping[str, Any]) -> str:
    """“Early stopping after 23 of 40 epochs: the validation loss no longer improved. Epoch 11 was kept.”

    Args:
        figures: `stop_reason`, `history` and `best_epoch` as recorded; "" for a training without epochs.
    """
    history, reason = figures.get("history") or (), str(figures.get("stop_reason")).replace(" ", "_")
    code = f"review.ended.{reason}"
    if not history or not has_template(code):
        return ""
    said, best = text(code, done=len(history), n=int(history[-1]["n_epochs"])), figures.get("best_epoch")
    return f"{said} {text('review.best_epoch', best=best)}" if best else said


def say_as_trained(
    accuracy: float | None, trained: Sequence[float] | None, now: Sequence[float] | None
) -> str:
    """The accuracy and interval of the record, where those of now are others; else ""."""
    if accuracy is None or trained is None or now is not None and tuple(trained) == tuple(now):
        return ""
    return text("review.as_trained", accuracy=shown_share(accuracy), low=shown_share(trained[0]),
                high=shown_share(trained[1]))


def say_changed_since(n_images: int) -> str:
    """One sentence for predictions that no longer count; empty if nothing changed."""
    return text("review.changed_since", n=n_images) if n_images else ""


def say_excluded(n_images: int) -> str:
    """One sentence for images that judged a run and are excluded now; empty without any."""
    return text("review.excluded_not_counted", n=n_images) if n_images else ""


def say_uncounted(n_images: int) -> str:
    """One sentence for images that judged a run and are gone, without a label or others now; empty without any."""
    return text("review.uncounted", n=n_images) if n_images else ""

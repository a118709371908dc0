"""Accuracy beside its baseline: the largest class alone, balanced accuracy, and classes with a low recall.

All of it comes from one confusion matrix, and from nowhere else: command line, report and window ask
`judge_confusion`. numpy only, so that the window may compute it between two frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.review.metrics import class_figures, wilson_interval
from core.types import ClassFigures
from core.review.verdict import shown_share
from core.text import text
from core.text.names import short_name

WEAK_RECALL = 0.5
"""A class of which fewer images than this share are found is named beside the accuracy."""

WORTH_SAYING = 0.02
"""Where balanced accuracy differs from accuracy by less than this, a short listing leaves it out."""

MAX_NAMED, MAX_WEAK = 10, 3
"""So many names stand in a sentence, and so many weak classes; the others are counted."""


MOST_ALIKE = 1e6
"""A larger design effect is damage."""


@dataclass(frozen=True, slots=True)
class WeakClass:
    """A class that a model misses.

    Attributes:
        name: The class.
        recall: Share of its images that was found, 0 … 1, below `WEAK_RECALL` unless it was never predicted.
        n_images: Images with this label.
        is_never_predicted: Whether the model never says it.
    """

    name: str
    recall: float
    n_images: int
    is_never_predicted: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """An accuracy with what it is to be compared with.

    Attributes:
        n_images: Images judged.
        n_right: Those whose prediction is their label.
        accuracy: Share that is right, 0 … 1, or None without an image.
        interval: 95 % confidence interval of the accuracy (Wilson), or None.
        majority_class: The class with most judged images; the first of several; "" without an image.
        baseline_accuracy: Accuracy of always saying it, or None.
        balanced_accuracy: Mean recall of the classes that have judged images, or None.
        weak_classes: Classes with a recall below `WEAK_RECALL` or never predicted, in the order of the classes.
    """

    n_images: int
    n_right: int
    accuracy: float | None
    interval: tuple[float, float] | None
    majority_class: str
    baseline_accuracy: float | None
    balanced_accuracy: float | None
    weak_classes: tuple[WeakClass, ...]

    @property
    def is_no_better(self) -> bool:
        """Whether always saying the largest class is right as often, or the interval cannot tell them apart.

        Never where all images are of one class: saying it is no way to tell classes apart, nor a failure to.
        """
        if self.interval is None or self.baseline_accuracy is None or self.is_of_one_class:
            return False
        return self.interval[0] <= self.baseline_accuracy

    @property
    def is_of_one_class(self) -> bool:
        """Whether all judged images have the same label."""
        return self.baseline_accuracy == 1.0

    @property
    def is_grave(self) -> bool:
        """Whether the accuracy must not be read without what stands beside it."""
        return self.is_no_better or bool(self.weak_classes)


def judge_confusion(
    confusion: NDArray[np.integer] | Sequence[Sequence[int]], classes: Sequence[str], *, design_effect: float = 1.0,
) -> Standing:
    """What an accuracy is worth.

    Args:
        confusion: (n_classes, n_classes) counts; rows are labels, columns predictions.
        classes: Their names.
        design_effect: See `core.review.metrics.wilson_interval`.
    """
    counts = np.asarray(confusion, np.int64).reshape(len(classes), len(classes))
    labelled, n, n_right = counts.sum(axis=1), int(counts.sum()), int(np.trace(counts))
    figures = class_figures(counts, tuple(classes))
    if not n:
        return Standing(0, 0, None, None, "", None, None, ())
    largest = int(labelled.argmax())
    recalls = [f.recall for f in figures if f.recall is not None]
    return Standing(
        n, n_right, n_right / n, wilson_interval(n_right, n, design_effect=design_effect),
        classes[largest], int(labelled[largest]) / n,
        sum(recalls) / len(recalls), tuple(_weak(figures)),
    )


def standing_of_figures(figures: Mapping[str, Any]) -> Standing:
    """The same of the recorded figures of a run, `confusion` and `classes`; without them nothing was judged."""
    confusion, classes = figures.get("confusion") or [], figures.get("classes") or ()
    if len(classes) != len(confusion):
        classes = [f"#{i + 1}" for i in range(len(confusion))]
    return judge_confusion(confusion, classes, design_effect=design_effect_of(figures))


def design_effect_of(figures: Mapping[str, Any]) -> float:
    """By how much groups of images that are alike widen the interval of a run, out of its figures; 1 or more."""
    groups = figures.get("groups")
    effect = groups.get("design_effect") if isinstance(groups, Mapping) else None
    return float(effect) if isinstance(effect, (int, float)) and 1 <= effect <= MOST_ALIKE else 1.0


def standing_as_json(standing: Standing) -> dict[str, Any]:
    """What stands beside an accuracy as JSON values: `baseline_accuracy, majority_class, …`."""
    return {
        "baseline_accuracy": standing.baseline_accuracy, "majority_class": standing.majority_class or None,
        "balanced_accuracy": standing.balanced_accuracy,
        "weak_classes": [
            {"name": w.name, "recall": w.recall, "n": w.n_images, "never_predicted": w.is_never_predicted}
            for w in standing.weak_classes
        ],
    }


def describe_warning(standing: Standing) -> str:
    """What must be read before the accuracy: not above the baseline, classes with a low recall; or ""."""
    return " ".join(filter(None, (_say_no_better(standing), *_say_weak(standing.weak_classes))))


def describe_baseline(standing: Standing) -> str:
    """What an accuracy is to be compared with; "" without a figure."""
    if standing.baseline_accuracy is None or standing.balanced_accuracy is None:
        return ""
    if standing.is_of_one_class:
        return text("review.one_class", name=short_name(standing.majority_class))
    balanced = shown_share(standing.balanced_accuracy)
    if standing.is_no_better:  # the warning has said the rest
        return text("review.balanced_accuracy", balanced=balanced)
    return text("review.baseline", name=short_name(standing.majority_class),
                baseline=shown_share(standing.baseline_accuracy), balanced=balanced)


def describe_briefly(standing: Standing) -> str:
    """The same in a few words for one line of a list; "" where there is nothing to add to the accuracy."""
    if standing.balanced_accuracy is None or standing.accuracy is None or standing.baseline_accuracy is None:
        return ""
    words = []
    if abs(standing.balanced_accuracy - standing.accuracy) >= WORTH_SAYING or standing.is_grave:
        words.append(text("review.briefly_balanced", balanced=shown_share(standing.balanced_accuracy)))
    code = "review.briefly_no_better" if standing.is_no_better else "review.briefly_baseline"
    words.append(text(code, baseline=shown_share(standing.baseline_accuracy)))
    for is_never, code in ((True, "review.briefly_never"), (False, "review.briefly_seldom")):
        names = [text("text.quoted", word=w.name) for w in standing.weak_classes
                 if w.is_never_predicted is is_never]
        words += [text(code, names=listed(names))] if names else []
    return ", ".join(words)


def listed(names: Sequence[str], *, limit: int = MAX_NAMED) -> str:
    """“a, b and c”, cut after `limit` names with “and 7 more”."""
    if len(names) > limit:
        return text("review.and_more", names=", ".join(names[:limit]), n=len(names) - limit)
    return text("text.list_and", first=", ".join(names[:-1]), last=names[-1]) if len(names) > 1 else "".join(names)


def _weak(figures: Sequence[ClassFigures]) -> list[WeakClass]:
    return [
        WeakClass(f.name, f.recall, f.n_images, not f.n_predicted)
        for f in figures if f.recall is not None and (f.recall < WEAK_RECALL or not f.n_predicted)
    ]


def _say_no_better(standing: Standing) -> str:
    if not standing.is_no_better or standing.accuracy is None or standing.baseline_accuracy is None:
        return ""
    is_clear = standing.accuracy <= standing.baseline_accuracy
    code = "review.not_better" if is_clear else "review.not_clearly_better"
    return text(code, name=short_name(standing.majority_class),
                baseline=shown_share(standing.baseline_accuracy))


def _say_weak(weak: Sequence[WeakClass]) -> list[str]:
    never = [text("review.weak_never", name=short_name(w.name), n=w.n_images) for w in weak if w.is_never_predicted]
    seldom = [text("review.weak_recall", name=short_name(w.name), recall=shown_share(w.recall), n=w.n_images)
              for w in weak if not w.is_never_predicted]
    said = [text("review.never_predicted", classes=listed(never, limit=MAX_WEAK))] if never else []
    return said + ([text("review.low_recall", classes=listed(seldom, limit=MAX_WEAK))] if seldom else [])

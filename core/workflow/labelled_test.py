"""Test accuracy: what a run says of labelled test images, by the labels as they are now.

Always computed from the catalog, never stored, so that labels which come after a training count at once.
Images that the run has learnt from do not count, even where they were moved into the test set since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.project.project import Project
from core.project.rows import image_rows, path_names
from core.project.runs import RunRow, run_number
from core.review.baseline import describe_baseline, describe_warning, listed, standing_as_json
from core.review.verdict import percent
from core.runs.folder import SNAPSHOT_NAME, read_snapshot
from core.workflow.confusion import Confusion, lay_out

_LABELLED = (
    "SELECT i.id, i.class_id, i.content_hash, p.class_id, p.confidence FROM image i "
    "LEFT JOIN prediction p ON p.run_number = ? AND p.image_id = i.id "
    "WHERE i.split = 'test' AND i.class_id IS NOT NULL AND i.label_content IS NULL AND i.status = 'ok' "
    "ORDER BY i.sort_key, i.id"
)

LEAST_TO_BELIEVE = 5
"""On fewer test images nobody is told to believe their figure rather than the one on training images."""

SAYS = {
    "cross-validation": "cross-validation on the training images says", "held back": "the held-back images say",
    "untrained": "all labelled training images say",
}
"""What the other figure comes from, by the `accuracy_kind` of a run."""


@dataclass(frozen=True, slots=True)
class LabelledTest:
    """The labelled test images that a run has predicted and not learnt from.

    Attributes:
        image_ids: In the order of names, (n_images,) int64.
        label_ids, predicted_ids: Rows of the classes in the catalog, (n_images,) int64.
        confidences: Probability of the predicted class, (n_images,) float64, 0 … 1.
        confusion: Over all of them.
        unpredicted_ids: Labelled test images that the run has not predicted yet, (n,) int64.
        unpredicted_labels: Their labels, rows of the classes in the catalog, (n,) int64.
        n_learnt: Labelled test images that the run has learnt from; they are left out.
        n_copies: Those among the judged ones that are exact copies of images it has learnt from.
        n_changed: Labelled test images whose files changed since the last import; they are left out.
    """

    image_ids: NDArray[np.int64]
    label_ids: NDArray[np.int64]
    predicted_ids: NDArray[np.int64]
    confidences: NDArray[np.float64]
    confusion: Confusion
    unpredicted_ids: NDArray[np.int64]
    unpredicted_labels: NDArray[np.int64]
    n_learnt: int = 0
    n_copies: int = 0
    n_changed: int = 0

    @property
    def mistakes(self) -> NDArray[np.int64]:
        """Places of the mistakes, those that the run is surest of first, (n_mistakes,) int64."""
        wrong = np.flatnonzero(self.label_ids != self.predicted_ids)
        return wrong[np.argsort(-self.confidences[wrong], kind="stable")]


@dataclass(frozen=True, slots=True)
class LabelledTestWords:
    """What is said of it; an empty text says nothing.

    Attributes:
        warning: What must be read before the figure.
        verdict: “Test accuracy 83.3 % (95 % CI 60.8–94.2) on 18 labelled test images; cross-validation …”.
        baseline: What the figure is to be compared with.
        notes: Unknown classes, images that do not count or were not predicted yet.
    """

    warning: str
    verdict: str
    baseline: str
    notes: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The same, a line each."""
        figure = " ".join(filter(None, (self.verdict, self.baseline)))
        return tuple(filter(None, (self.warning, figure, *self.notes)))


def read_labelled_test(project: Project, run: RunRow) -> LabelledTest | None:
    """What a run says of the labelled test images; None where no test image has a label.

    Raises:
        RunError: There is no such run.
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    rows = project.catalog.rows(_LABELLED, (run_number(project.catalog.db, run.id),))
    if not rows:
        return None
    learnt_ids, learnt_hashes = _learnt_from(project, run)
    n_before = len(rows)
    rows = [row for row in rows if row[0] not in learnt_ids]
    judged, others = [row for row in rows if row[3] is not None], [row for row in rows if row[3] is None]
    counts = Counter((label, predicted) for _, label, _, predicted, _ in judged)
    counts.update({(row[1], row[1]): 0 for row in others})  # a line for each label, counted or not
    columns = np.array([(row[0], row[1], row[3]) for row in judged], np.int64).reshape(-1, 3).T
    return LabelledTest(
        columns[0], columns[1], columns[2], np.array([row[4] for row in judged], np.float64),
        lay_out(project, run.id, counts), np.array([row[0] for row in others], np.int64),
        np.array([row[1] for row in others], np.int64), n_learnt=n_before - len(rows),
        n_copies=sum(row[2] in learnt_hashes for row in judged),
    )


def add_predictions(
    test: LabelledTest, image_ids: NDArray[np.int64], predicted_ids: NDArray[np.int64],
    confidences: NDArray[np.floating],
) -> LabelledTest:
    """The same with predictions that the catalog does not have yet; those of other images are ignored.

    Args:
        test: As read.
        image_ids: What was predicted, (n,) int64.
        predicted_ids: Rows of the classes in the catalog, (n,) int64.
        confidences: Probabilities of these classes, (n,).
    """
    place = {int(i): at for at, i in enumerate(image_ids)}
    lines = {c.class_id for c in test.confusion.classes}
    is_new = np.array([int(i) in place and int(predicted_ids[place[int(i)]]) in lines for i in test.unpredicted_ids],
                      bool)
    at = np.array([place[int(i)] for i in test.unpredicted_ids[is_new]], np.int64)
    line_of = {c.class_id: line for line, c in enumerate(test.confusion.classes)}
    counts = test.confusion.counts.copy()
    for label, predicted in zip(test.unpredicted_labels[is_new], predicted_ids[at], strict=True):
        counts[line_of[int(label)], line_of[int(predicted)]] += 1
    return replace(
        test, image_ids=np.concatenate([test.image_ids, test.unpredicted_ids[is_new]]),
        label_ids=np.concatenate([test.label_ids, test.unpredicted_labels[is_new]]),
        predicted_ids=np.concatenate([test.predicted_ids, predicted_ids[at]]),
        confidences=np.concatenate([test.confidences, confidences[at].astype(np.float64)]),
        confusion=Confusion(test.confusion.classes, counts), unpredicted_ids=test.unpredicted_ids[~is_new],
        unpredicted_labels=test.unpredicted_labels[~is_new],
    )


def leave_out(test: LabelledTest, changed_ids: Collection[int]) -> LabelledTest:
    """The same without the images whose files changed since the last import: neither label nor prediction hold."""
    changed = np.fromiter(changed_ids, np.int64, len(changed_ids))
    is_judged, is_kept = ~np.isin(test.image_ids, changed), ~np.isin(test.unpredicted_ids, changed)
    line_of = {c.class_id: line for line, c in enumerate(test.confusion.classes)}
    counts = test.confusion.counts.copy()
    for label, predicted in zip(test.label_ids[~is_judged], test.predicted_ids[~is_judged], strict=True):
        counts[line_of[int(label)], line_of[int(predicted)]] -= 1
    return replace(
        test, image_ids=test.image_ids[is_judged], label_ids=test.label_ids[is_judged],
        predicted_ids=test.predicted_ids[is_judged], confidences=test.confidences[is_judged],
        confusion=Confusion(test.confusion.classes, counts), unpredicted_ids=test.unpredicted_ids[is_kept],
        unpredicted_labels=test.unpredicted_labels[is_kept], n_changed=int((~is_judged).sum() + (~is_kept).sum()),
    )


def _learnt_from(project: Project, run: RunRow) -> tuple[frozenset[int], frozenset[bytes]]:
    """Ids and content hashes of the images that a run has learnt from; of a reading none."""
    if not run.n_train:
        return frozenset(), frozenset()
    folder = project.run_path(run.id)
    try:
        return _read_learnt(folder, (folder / SNAPSHOT_NAME).stat().st_mtime_ns)
    except (RunError, OSError):  # its folder is gone: what was judged out of fold was learnt from by the other folds
        sql = "SELECT image_id FROM prediction WHERE run_number = ? AND kind = 0"
        ids = project.catalog.rows(sql, (run_number(project.catalog.db, run.id),))
        return frozenset(i for i, in ids), frozenset()


@lru_cache(maxsize=8)
def _read_learnt(folder: Path, _: int) -> tuple[frozenset[int], frozenset[bytes]]:
    """The same from the run's folder; kept, for the window asks after each label."""
    snapshot = read_snapshot(folder)
    return frozenset(row.image_id for row in snapshot), frozenset(row.content_hash for row in snapshot)


def describe_test(test: LabelledTest, run: RunRow) -> LabelledTestWords:
    """What is said of a test accuracy, beside the figure on training images."""
    standing = test.confusion.standing
    notes = (_say_difference(test, run), _say_unknown(test), *_say_left_out(test))
    if standing.accuracy is None or standing.interval is None:
        return LabelledTestWords("", "", "", tuple(filter(None, notes)))
    images = "1 labelled test image" if standing.n_images == 1 else f"{standing.n_images:,} labelled test images"
    verdict = f"Test accuracy {_figure(standing.accuracy, standing.interval, has_ci=True)} on {images}"
    other = run.accuracy is not None and run.low is not None and run.high is not None
    if other:
        says = SAYS.get(str(run.figures.get("accuracy_kind", "")), "the training images say")
        verdict += f"; {says} {_figure(run.accuracy or 0.0, (run.low or 0.0, run.high or 0.0))}"
    warning = describe_warning(standing)
    return LabelledTestWords(
        f"On the test images: {warning[0].lower()}{warning[1:]}" if warning else "", f"{verdict}.",
        describe_baseline(standing), tuple(filter(None, notes)),
    )


def labelled_test_as_json(
    project: Project, run: RunRow, test: LabelledTest | None = None
) -> dict[str, Any] | None:
    """The test accuracy of a run as JSON values; None where no test image has a label.

    Args:
        project: An open project.
        run: The run.
        test: What was read of it, or None to read it.

    Returns:
        `n, accuracy, interval, baseline_accuracy, majority_class, balanced_accuracy, weak_classes, confusion,
        classes, mistakes` (`path, label, prediction, confidence`, surest first), `n_not_predicted, n_learnt_from,
        n_copies, sentences`.

    Raises:
        RunError: There is no such run.
    """
    test = test or read_labelled_test(project, run)
    if test is None:
        return None
    standing = test.confusion.standing
    name = {c.class_id: c.name for c in test.confusion.classes}
    wrong = test.mistakes
    paths = path_names(image_rows(project, test.image_ids[wrong]))
    return {
        "n": standing.n_images, "accuracy": standing.accuracy,
        "interval": None if standing.interval is None else list(standing.interval), **standing_as_json(standing),
        "confusion": test.confusion.counts.tolist(), "classes": [c.name for c in test.confusion.classes],
        "mistakes": [
            {"path": path, "label": name[int(test.label_ids[at])], "prediction": name[int(test.predicted_ids[at])],
             "confidence": float(test.confidences[at])}
            for at, path in zip(wrong, paths, strict=True)
        ],
        "n_not_predicted": len(test.unpredicted_ids), "n_learnt_from": test.n_learnt, "n_copies": test.n_copies,
        "sentences": list(describe_test(test, run).lines),
    }


def _figure(accuracy: float, interval: tuple[float, float], *, has_ci: bool = False) -> str:
    return f"{percent(accuracy)} % ({'95 % CI ' if has_ci else ''}{percent(interval[0])}–{percent(interval[1])})"


def _say_difference(test: LabelledTest, run: RunRow) -> str:
    """Where the two intervals lie apart, which of them to believe."""
    found = test.confusion.standing.interval
    if found is None or run.low is None or run.high is None:
        return ""
    if found[1] < run.low and test.confusion.standing.n_images < LEAST_TO_BELIEVE:
        return "The test accuracy is lower, but there are too few labelled test images to say more."
    if found[1] < run.low:
        return ("The test accuracy is clearly lower: believe it rather than the figure on the training images, and "
                "look how the test images differ from those.")
    return "The test accuracy is clearly higher: the test images are easier." if found[0] > run.high else ""


def _say_unknown(test: LabelledTest) -> str:
    totals = test.confusion.counts.sum(axis=1)
    unknown = [(c.name, int(n)) for c, n in zip(test.confusion.classes, totals, strict=True) if c.is_new and n]
    if not unknown:
        return ""
    n = sum(count for _, count in unknown)
    names = listed([f"“{name}”" for name, _ in unknown])
    labels = "this label" if len(unknown) == 1 else "these labels"
    return (f"The run does not know {names}: {_images(n)} with {labels} "
            f"{'counts as a mistake' if n == 1 else 'count as mistakes'}.")


def _say_left_out(test: LabelledTest) -> list[str]:
    said = []
    if n := len(test.unpredicted_ids):
        said.append(f"{_images(n, 'labelled test image')} {'is' if n == 1 else 'are'} not predicted yet by this run.")
    if test.n_learnt:
        said.append(f"{_images(test.n_learnt, 'labelled test image')} that the run has learnt from "
                    f"{'does' if test.n_learnt == 1 else 'do'} not count.")
    if n := test.n_changed:
        said.append(f"{_images(n, 'labelled test image')} changed since the last import and "
                    f"{'is' if n == 1 else 'are'} left out; run `new` again.")
    if n := test.n_copies:
        are = "is an exact copy" if n == 1 else "are exact copies"
        said.append(f"{_images(n, 'test image')} {are} of images that the run has learnt from, which flatters the "
                    "figure.")
    return said


def _images(n: int, noun: str = "image") -> str:
    return f"1 {noun}" if n == 1 else f"{n:,} {noun}s"

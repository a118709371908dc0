"""Test accuracy: predictions of a run for labelled test images against the labels as they are now.

Always computed from the catalog, never stored, so that labels which come after a training count at once.
Images that the run was trained on do not count, even where they were moved into the test set since.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from core.review.baseline import Standing, describe_baseline, describe_warning, listed, standing_as_json
from core.review.verdict import RunWords, shown_share
from core.runs.record import CROSS_VALIDATION, HELD_OUT, UNTRAINED
from core.text import text
from core.runs.snapshot import SNAPSHOT_NAME, read_snapshot
from core.workflow.confusion import Judged, judged_of_rows
from core.workflow.known_duplicates import SAME_IMAGE, known_groups

_LABELLED = (
    "SELECT i.id, i.class_id, i.content_hash, p.class_id, p.confidence FROM image i "
    "LEFT JOIN prediction p ON p.run_number = ? AND p.image_id = i.id "
    "WHERE i.split = 'test' AND i.class_id IS NOT NULL AND i.label_content IS NULL AND i.status = 'ok' "
    "AND i.excluded IS NULL "
    "ORDER BY i.sort_key, i.id"
)

_EXCLUDED = (
    "SELECT count(*) FROM image WHERE excluded IS NOT NULL AND split = 'test' AND class_id IS NOT NULL "
    "AND status = 'ok'"
)

LEAST_TO_BELIEVE = 5
"""On fewer test images nobody is told to believe their figure rather than the one on training images."""

_BESIDE = {CROSS_VALIDATION: "review.beside_cross_validation", HELD_OUT: "review.beside_held_out",
           UNTRAINED: "review.beside_untrained"}
"""What the other figure comes from, by the `accuracy_kind` of a run."""


@dataclass(frozen=True, slots=True)
class LabelledTest(Judged):
    """The labelled test images that a run has predicted and was not trained on, in the order of names.

    Attributes:
        unpredicted_ids: Labelled test images that the run has not predicted yet, (n,) int64.
        unpredicted_labels: Their labels, rows of the classes in the catalog, (n,) int64.
        n_learnt: Labelled test images that the run was trained on; they are left out.
        copy_ids: Labelled test images that it was trained on under another name: the same file, or a duplicate that
            the last check of the data found.
        n_changed: Labelled test images whose files changed since the last import; they are left out.
        n_excluded: Labelled test images that are excluded; they are left out.
    """

    unpredicted_ids: NDArray[np.int64]
    unpredicted_labels: NDArray[np.int64]
    n_learnt: int = 0
    copy_ids: frozenset[int] = frozenset()
    n_changed: int = 0
    n_excluded: int = 0

    @property
    def n_copies(self) -> int:
        """How many of those that the figure comes from are among the training images as well."""
        return len(self.copy_ids.intersection(self.image_ids.tolist()))

    @property
    def standing_without_copies(self) -> Standing:
        """The figure on images that the run has never seen."""
        return self.without(self.copy_ids).confusion.standing


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
    found = judged_of_rows(
        project, run.id, [(row[0], row[1], row[3], row[4]) for row in judged], labels={row[1] for row in others})
    return LabelledTest(
        found.image_ids, found.label_ids, found.predicted_ids, found.confidences, found.classes,
        np.array([row[0] for row in others], np.int64), np.array([row[1] for row in others], np.int64),
        n_learnt=n_before - len(rows), copy_ids=_find_copies(project, rows, learnt_hashes),
        n_excluded=int(project.catalog.rows(_EXCLUDED)[0][0]),
    )


def _find_copies(
    project: Project, rows: Sequence[tuple[int, int, bytes, int, float]], learnt: frozenset[bytes]
) -> frozenset[int]:
    """Those of the rows of `_LABELLED` that show what was learnt from."""
    group_of = known_groups(project, SAME_IMAGE) if learnt else {}
    groups = {group_of[content] for content in learnt if content in group_of}
    return frozenset(row[0] for row in rows if row[2] in learnt or group_of.get(row[2]) in groups)


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
    lines = {c.class_id for c in test.classes}
    is_new = np.array([int(i) in place and int(predicted_ids[place[int(i)]]) in lines for i in test.unpredicted_ids],
                      bool)
    at = np.array([place[int(i)] for i in test.unpredicted_ids[is_new]], np.int64)
    return replace(
        test, image_ids=np.concatenate([test.image_ids, test.unpredicted_ids[is_new]]),
        label_ids=np.concatenate([test.label_ids, test.unpredicted_labels[is_new]]),
        predicted_ids=np.concatenate([test.predicted_ids, predicted_ids[at]]),
        confidences=np.concatenate([test.confidences, confidences[at].astype(np.float64)]),
        unpredicted_ids=test.unpredicted_ids[~is_new], unpredicted_labels=test.unpredicted_labels[~is_new],
    )


def leave_out(test: LabelledTest, changed_ids: Collection[int]) -> LabelledTest:
    """The same without the images whose files changed since the last import: neither label nor prediction hold."""
    kept = test.without(changed_ids)
    is_kept = ~np.isin(test.unpredicted_ids, np.fromiter(changed_ids, np.int64, len(changed_ids)))
    return replace(
        kept, unpredicted_ids=test.unpredicted_ids[is_kept], unpredicted_labels=test.unpredicted_labels[is_kept],
        n_changed=len(test.image_ids) - len(kept.image_ids) + int((~is_kept).sum()),
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


def describe_test(test: LabelledTest, run: RunRow) -> RunWords:
    """What is said of a test accuracy, beside the figure on training images."""
    standing = test.confusion.standing
    notes = tuple(filter(None, (_say_difference(test, run), _say_unknown(test), *_say_left_out(test))))
    if standing.accuracy is None or standing.interval is None:
        return RunWords(notes=notes)
    low, high = map(shown_share, standing.interval)
    verdict = text("review.test_accuracy", accuracy=shown_share(standing.accuracy), low=low, high=high,
                   n=standing.n_images)
    if run.accuracy is not None and run.low is not None and run.high is not None:
        code = _BESIDE.get(str(run.figures.get("accuracy_kind", "")), "review.beside_training")
        verdict += " " + text(code, accuracy=shown_share(run.accuracy), low=shown_share(run.low),
                              high=shown_share(run.high))
    warning = describe_warning(standing)
    warnings = (describe_leakage(test), text("review.test_warning", warning=warning) if warning else "")
    return RunWords(" ".join(filter(None, warnings)), verdict, describe_baseline(standing), notes)


def describe_leakage(test: LabelledTest) -> str:
    """That test images are among the training images, and the accuracy without them; empty where none is."""
    if not test.n_copies:
        return ""
    left = test.standing_without_copies
    said = text("review.test_copies", n=test.n_copies)
    if left.accuracy is None or left.interval is None:
        return f"{said} {text('review.test_only_copies')}"
    low, high = map(shown_share, left.interval)
    return f"{said} " + text("review.test_without_copies", accuracy=shown_share(left.accuracy), low=low, high=high,
                             n=left.n_images)


def labelled_test_as_json(
    project: Project, run: RunRow, test: LabelledTest | None = None
) -> dict[str, Any] | None:
    """The test accuracy of a run as JSON values; None where no test image has a label.

    Args:
        test: What was read of it, or None to read it.

    Returns:
        `n, accuracy, interval, baseline_accuracy, majority_class, balanced_accuracy, weak_classes, confusion,
        classes, mistakes` (`path, label, prediction, confidence`, surest first), `n_not_predicted, n_learnt_from,
        n_copies, sentences`; `is_leaked`, whether there are such copies among the training images, and then
        `without_copies` (`n, accuracy, interval`, both None where no other image is left), else None.

    Raises:
        RunError: There is no such run.
    """
    test = test or read_labelled_test(project, run)
    if test is None:
        return None
    standing = test.confusion.standing
    name = {c.class_id: c.name for c in test.classes}
    wrong = test.mistakes
    paths = path_names(image_rows(project, test.image_ids[wrong]))
    return {
        "n": standing.n_images, "accuracy": standing.accuracy,
        "interval": None if standing.interval is None else list(standing.interval), **standing_as_json(standing),
        "confusion": test.confusion.counts.tolist(), "classes": [c.name for c in test.classes],
        "mistakes": [
            {"path": path, "label": name[int(test.label_ids[at])], "prediction": name[int(test.predicted_ids[at])],
             "confidence": float(test.confidences[at])}
            for at, path in zip(wrong, paths, strict=True)
        ],
        "n_not_predicted": len(test.unpredicted_ids), "n_learnt_from": test.n_learnt,
        "n_copies": test.n_copies, "is_leaked": test.n_copies > 0,
        "without_copies": _without_copies_as_json(test), "sentences": list(describe_test(test, run).lines),
    }


def _without_copies_as_json(test: LabelledTest) -> dict[str, Any] | None:
    """The figure on images that are not among the training images; None where none is."""
    if not test.n_copies:
        return None
    left = test.standing_without_copies
    return {"n": left.n_images, "accuracy": left.accuracy,
            "interval": None if left.interval is None else list(left.interval)}


def _say_difference(test: LabelledTest, run: RunRow) -> str:
    """Where the two intervals lie apart, which of them to believe."""
    found = test.confusion.standing.interval
    if found is None or run.low is None or run.high is None:
        return ""
    if found[1] < run.low:
        is_few = test.confusion.standing.n_images < LEAST_TO_BELIEVE
        return text("review.test_lower_on_few" if is_few else "review.test_lower")
    return text("review.test_higher") if found[0] > run.high else ""


def _say_unknown(test: LabelledTest) -> str:
    totals = test.confusion.counts.sum(axis=1)
    unknown = [(c.name, int(n)) for c, n in zip(test.classes, totals, strict=True) if c.is_new and n]
    if not unknown:
        return ""
    names = listed([text("text.quoted", word=name) for name, _ in unknown])
    return text("review.test_unknown_classes", names=names, n=sum(n for _, n in unknown))


def _say_left_out(test: LabelledTest) -> list[str]:
    counts = {
        "review.test_not_predicted": len(test.unpredicted_ids), "review.test_trained_on": test.n_learnt,
        "review.test_changed": test.n_changed, "review.test_excluded": test.n_excluded,
    }
    return [text(code, n=n) for code, n in counts.items() if n]

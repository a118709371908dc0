"""The confusion matrix and the mistakes of a run, always by the labels as they are now.

Window, review page and command line all ask here: `read_confusion` counts, `read_judged` names the images behind the
counts, `mistakes_of` is the filter behind every list of mistakes. How accurate the run was by the labels that it was
trained on is in its record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.project.classes import list_classes
from core.project.catalog import as_json
from core.project.predictions import count_confusion
from core.runs.predictions import OUT_OF_FOLD
from core.project.project import Project
from core.project.queries import ImageFilter
from core.project.runs import RunRow, find_run, run_number
from core.review.baseline import Standing, design_effect_of, judge_confusion
from core.review.class_report import ClassScores, report_classes
from core.review.metrics import Confused, confusion_matrix, most_confused
from core.runs.snapshot import read_snapshot


@dataclass(frozen=True, slots=True)
class JudgedClass:
    """One line of the matrix.

    Attributes:
        class_id: Row in the catalog.
        name: As it is called now, or was when it was deleted.
        is_gone: It was deleted or merged into another since.
        is_new: The run does not know it.
    """

    class_id: int
    name: str
    is_gone: bool = False
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Confusion:
    """A confusion matrix over images that the run was not trained on.

    Attributes:
        classes: Its lines: those of the project in their order, then those that are gone.
        counts: (n_classes, n_classes) int64; rows are labels, columns predictions.
        design_effect: By how much groups of images that are alike widen the interval; see `design_effect_of`.
    """

    classes: tuple[JudgedClass, ...]
    counts: NDArray[np.int64]
    design_effect: float = 1.0

    @property
    def n_total(self) -> int:
        return int(self.counts.sum())

    @property
    def n_wrong(self) -> int:
        return self.n_total - int(np.trace(self.counts))

    @property
    def shares(self) -> NDArray[np.float64]:
        """Each count as a share of its row, (n_classes, n_classes) float64, 0 … 1."""
        return np.asarray(self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1))

    @property
    def standing(self) -> Standing:
        """Its accuracy beside what that is to be compared with."""
        return judge_confusion(
            self.counts, [c.name for c in self.classes], design_effect=self.design_effect)

    @property
    def per_class(self) -> tuple[ClassScores, ...]:
        """Recall, precision and F1 of each line, with their intervals."""
        return report_classes(self.counts, [c.name for c in self.classes], design_effect=self.design_effect)

    def pairs(self, limit: int) -> tuple[Confused, ...]:
        """What was confused most, at most `limit` pairs, most first, by the ids of the classes."""
        return tuple(
            replace(p, label=self.classes[p.label].class_id, prediction=self.classes[p.prediction].class_id)
            for p in most_confused(self.counts, limit)
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """Labelled images that a run predicts without having been trained on them.

    Attributes:
        image_ids: (n_images,) int64.
        label_ids, predicted_ids: Rows of the classes in the catalog, (n_images,) int64.
        confidences: Probability of the predicted class, (n_images,) float64, 0 … 1.
        classes: The lines of their matrix.
    """

    image_ids: NDArray[np.int64]
    label_ids: NDArray[np.int64]
    predicted_ids: NDArray[np.int64]
    confidences: NDArray[np.float64]
    classes: tuple[JudgedClass, ...]

    @property
    def confusion(self) -> Confusion:
        """Over all of them."""
        line_of = {c.class_id: line for line, c in enumerate(self.classes)}
        labels, predicted = (np.array([line_of[i] for i in ids.tolist()], np.int64)
                             for ids in (self.label_ids, self.predicted_ids))
        return Confusion(self.classes, confusion_matrix(labels, predicted, len(self.classes)))

    @property
    def mistakes(self) -> NDArray[np.int64]:
        """Places of the mistakes, those with the highest confidence first, (n_mistakes,) int64."""
        wrong = np.flatnonzero(self.label_ids != self.predicted_ids)
        return wrong[np.argsort(-self.confidences[wrong], kind="stable")]

    def without(self, image_ids: Collection[int]) -> Self:
        """The same without some images."""
        is_kept = ~np.isin(self.image_ids, np.fromiter(image_ids, np.int64, len(image_ids)))
        return replace(
            self, image_ids=self.image_ids[is_kept], label_ids=self.label_ids[is_kept],
            predicted_ids=self.predicted_ids[is_kept], confidences=self.confidences[is_kept],
        )


def mistakes_of(run_id: str) -> ImageFilter:
    """The mistakes of a run by the labels as they are now: one filter for every count and every list of them.

    Only images that it judged without having seen them, and no excluded ones; those whose file is gone are counted
    too, as in the matrix.
    """
    return ImageFilter(status=None, run_id=run_id, is_mistake=True, kind=OUT_OF_FOLD, is_excluded=False)


def read_confusion(project: Project, run_id: str) -> Confusion:
    """The matrix of a run by the labels as they are now.

    Raises:
        RunError: There is no such run.
    """
    found = lay_out(project, run_id, count_confusion(project, run_id))
    return replace(found, design_effect=design_effect_of(find_run(project, run_id).figures))


def count_excluded_judged(project: Project, run_id: str) -> int:
    """How many labelled images judged a run and do not count any more, because they are excluded by now.

    Raises:
        RunError: There is no such run.
    """
    sql = ("SELECT count(*) FROM image i JOIN prediction p ON p.image_id = i.id AND p.run_number = ? AND p.kind = ? "
           "WHERE i.excluded IS NOT NULL AND i.class_id IS NOT NULL")
    return int(project.catalog.rows(sql, (run_number(project.catalog.db, run_id), OUT_OF_FOLD))[0][0])


def count_uncounted(project: Project, run: RunRow) -> int:
    """How many other images judged a run and do not count any more: removed, without a label, or changed."""
    sql = ("SELECT count(*) FROM image i JOIN prediction p ON p.image_id = i.id AND p.run_number = ? AND p.kind = ? "
           "WHERE i.class_id IS NOT NULL")
    n_left = int(project.catalog.rows(sql, (run_number(project.catalog.db, run.id), OUT_OF_FOLD))[0][0])
    return max(int(run.figures.get("n_validation", 0)) - n_left, 0)


def has_judged(project: Project, run_id: str) -> bool:
    """Whether the catalog has any prediction of a run on images that it was not trained on.

    Raises:
        RunError: There is no such run.
    """
    sql = "SELECT 1 FROM prediction WHERE run_number = ? AND kind = ? LIMIT 1"
    return bool(project.catalog.rows(sql, (run_number(project.catalog.db, run_id), OUT_OF_FOLD)))


def read_judged(project: Project, run_id: str) -> Judged:
    """The images behind `read_confusion`.

    Raises:
        RunError: There is no such run.
    """
    return judged_of_rows(project, run_id, project.catalog.rows(
        "SELECT i.id, i.class_id, p.class_id, p.confidence FROM prediction p JOIN image i ON i.id = p.image_id "
        "WHERE p.run_number = ? AND p.kind = ? AND i.class_id IS NOT NULL AND i.excluded IS NULL ORDER BY i.id",
        (run_number(project.catalog.db, run_id), OUT_OF_FOLD),
    ))


def judged_of_rows(
    project: Project, run_id: str, rows: Sequence[tuple[int, int, int, float]], *, labels: Collection[int] = (),
) -> Judged:
    """Images and their matrix of rows (image id, class id of the label, class id of the prediction, confidence).

    Args:
        labels: Classes that have a line of the matrix in any case.

    Raises:
        RunError: There is no such run.
    """
    counts = Counter((label, predicted) for _, label, predicted, _ in rows)
    counts.update({(label, label): 0 for label in labels})
    columns = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3).T
    confidences = np.array([row[3] for row in rows], np.float64)
    return Judged(columns[0], columns[1], columns[2], confidences, lay_out(project, run_id, counts).classes)


def lay_out(project: Project, run_id: str, found: Mapping[tuple[int, int], int]) -> Confusion:
    """A matrix of counts by (class id of the label, class id of the prediction), its lines as people know them.

    Raises:
        RunError: There is no such run.
    """
    known, counted = set(run_class_ids(project, run_id)), {class_id for pair in found for class_id in pair}
    names = dict(project.catalog.rows("SELECT id, name FROM class"))
    here = [row.id for row in list_classes(project)]
    gone = sorted(counted - set(here))
    lines = [*(i for i in here if i in known | counted), *gone]
    place = {class_id: at for at, class_id in enumerate(lines)}
    counts = np.zeros((len(lines), len(lines)), np.int64)
    for (label, predicted), n in found.items():
        counts[place[label], place[predicted]] = n
    return Confusion(
        tuple(JudgedClass(i, names.get(i, "?"), is_gone=i in gone, is_new=i not in known) for i in lines), counts
    )


def run_class_ids(project: Project, run_id: str) -> tuple[int, ...]:
    """The classes that a run was trained on, as rows of the catalog, in the order of its outputs.

    A run of an earlier version knows them by name alone: 0 stands for one that no class is called any more.

    Raises:
        RunError: There is no such run.
    """
    figures = find_run(project, run_id).figures
    if "class_ids" in figures:
        return tuple(figures["class_ids"])
    by_name = dict(project.catalog.rows("SELECT name, id FROM class ORDER BY deleted DESC"))
    return tuple(by_name.get(name, 0) for name in figures.get("classes", ()))


def labels_of_run(project: Project, run_id: str) -> dict[int, int | None]:
    """Class in the catalog by image id, as the run was trained on it.

    Raises:
        RunError: The run is missing or its snapshot damaged.
    """
    return {image_id: class_id for image_id, (class_id, _) in learnt_by_run(project, run_id).items()}


def learnt_by_run(project: Project, run_id: str) -> dict[int, tuple[int | None, bytes]]:
    """Class in the catalog and content by image id, as the run was trained on them.

    Raises:
        RunError: The run is missing or its snapshot damaged.
    """
    names = find_run(project, run_id).figures.get("classes", ())
    ids = dict(zip(names, run_class_ids(project, run_id), strict=False))
    snapshot = read_snapshot(project.run_path(run_id))
    return {row.image_id: (ids.get(row.label) or None, row.content_hash) for row in snapshot}


def predicted_classes(
    project: Project, run_id: str, image_ids: Sequence[int] | NDArray[np.int64]
) -> NDArray[np.int64]:
    """The class that a run predicts for each image, (n_images,) int64; 0 where it says nothing.

    Raises:
        RunError: There is no such run.
    """
    rows = project.catalog.rows(
        "SELECT coalesce(p.class_id, 0) FROM json_each(?) j "
        "LEFT JOIN prediction p ON p.run_number = ? AND p.image_id = j.value ORDER BY j.key",
        (as_json(image_ids), run_number(project.catalog.db, run_id)),
    )
    return np.fromiter((row[0] for row in rows), np.int64, len(rows))


def find_corrected(project: Project, before: str, after: str) -> NDArray[np.int64]:
    """Images that were mistakes of a run and are none of a later one because their label changed, (n_images,) int64.

    Only images that both runs judged without having seen them. What the later run says differently is
    not among them: that is what `compare_recorded` finds.

    Raises:
        RunError: A run is missing or the snapshot of the first damaged.
    """
    db = project.catalog.db
    then = labels_of_run(project, before)
    rows = project.catalog.rows(
        "SELECT b.image_id, b.class_id FROM prediction b JOIN prediction a ON a.image_id = b.image_id "
        "AND a.run_number = ? JOIN image i ON i.id = b.image_id WHERE b.run_number = ? AND a.kind = ? AND b.kind = ? "
        "AND a.class_id = i.class_id AND b.class_id = i.class_id AND i.excluded IS NULL ORDER BY b.image_id",
        (run_number(db, after), run_number(db, before), OUT_OF_FOLD, OUT_OF_FOLD),
    )
    found = [image_id for image_id, said in rows if image_id in then and then[image_id] != said]
    return np.array(found, np.int64)

"""Going through images to label them: which ones in which order, how far one is, what a model may answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from core.project.catalog import as_json
from core.project.exclusion import TAKES_PART
from core.runs.predictions import OUT_OF_FOLD
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import run_number


_TAKES_PART = TAKES_PART.format("i.id")


class Scope(StrEnum):
    """What to go through."""

    UNLABELLED = "unlabelled"
    TRAIN = "train"
    TEST = "test"

    @property
    def split_name(self) -> str:
        """Test images are a matter of their own: whoever labels for training does not see them."""
        return "test" if self is Scope.TEST else "train"


class Order(StrEnum):
    """What comes first; all but the names need a run."""

    NAME = "name"
    UNSURE = "unsure"
    SURE = "sure"
    MISTAKES = "mistakes"

    @property
    def column(self) -> str:
        """What the catalog orders by; one of `core.project.queries.ORDERS`."""
        return _BY_PREDICTION.get(self, "name")


_BY_PREDICTION = {Order.UNSURE: "uncertainty", Order.SURE: "confidence", Order.MISTAKES: "loss"}


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """How many good images there are, and how many of them have a label."""

    n_labelled: int
    n_images: int


@dataclass(frozen=True, slots=True, eq=False)
class Suggestions:
    """What a run says of images without a label, the surest first.

    Attributes:
        image_ids: (n_images,) int64.
        class_ids: (n_images,) int64.
        confidences: (n_images,) float64, 0 … 1, descending.
    """

    image_ids: np.ndarray
    class_ids: np.ndarray
    confidences: np.ndarray

    def n_from(self, confidence: float) -> int:
        """How many are at least so sure."""
        return int(np.searchsorted(-self.confidences, -confidence, side="right"))


@dataclass(frozen=True, slots=True, eq=False)
class TrackRecord:
    """How often a run was right about labelled images that it had not seen, the surest first.

    Attributes:
        confidences: (n_images,) float64, 0 … 1, descending.
        is_right: (n_images,) bool; by the labels as they are now.
    """

    confidences: np.ndarray
    is_right: np.ndarray

    def from_confidence(self, confidence: float) -> tuple[int, int]:
        """How many it was at least so sure of, and how many of them it got right."""
        n = int(np.searchsorted(-self.confidences, -confidence, side="right"))
        return n, int(np.count_nonzero(self.is_right[:n]))


def label_queue(
    project: Project, scope: Scope, order: Order = Order.NAME, *, run_id: str | None = None
) -> np.ndarray:
    """The good images to go through, without excluded ones, (n_images,) int64.

    Images that the run says nothing of come after the others, in the order of their names.

    Args:
        order: What comes first; the order of names without a run.

    Raises:
        RunError: There is no such run.
    """
    which = ImageFilter(
        split=scope.split_name, is_labelled=False if scope is Scope.UNLABELLED else None, is_excluded=False)
    by_name = image_ids(project, which)
    if run_id is None or order is Order.NAME:
        return by_name
    is_mistake = True if order is Order.MISTAKES else None
    said = replace(which, run_id=run_id, is_mistake=is_mistake)
    first = image_ids(project, said, order=order.column, is_descending=True)
    return np.concatenate([first, by_name[~np.isin(by_name, first)]])


def rest_of_queue(shown: np.ndarray, fresh: np.ndarray, *, n_passed: int) -> np.ndarray:
    """A queue asked for anew that keeps what one has passed, and the place, as they are.

    Args:
        shown: The queue so far, (n_shown,) int64.
        fresh: The same question answered now, (n_fresh,) int64.
        n_passed: So many at the head of `shown` stay, the current image included.

    Returns:
        (n_images,) int64.
    """
    passed = shown[:n_passed]
    return np.concatenate([passed, fresh[~np.isin(fresh, passed)]])


def count_progress(project: Project, scope: Scope, *, among: np.ndarray | None = None) -> LabelProgress:
    """How far the labelling is; excluded images do not count.

    Args:
        scope: `UNLABELLED` and `TRAIN` count the same images.
        among: Count these only, (n_images,) int64; a few of them cost next to nothing.
    """
    tables, values = "image i", [scope.split_name]
    if among is not None:
        # a cross join keeps SQLite from looking through an index of all images first
        tables, values = "json_each(?) j CROSS JOIN image i ON i.id = j.value", [as_json(among), scope.split_name]
    sql = f"SELECT count(i.class_id), count(*) FROM {tables} WHERE i.status = 'ok' AND i.split = ? AND {_TAKES_PART}"
    return LabelProgress(*project.catalog.rows(sql, values)[0])


def list_suggestions(project: Project, run_id: str, among: np.ndarray) -> Suggestions:
    """What a run says of those of some images that have no label; classes that were deleted since count as silence.

    Raises:
        RunError: There is no such run.
    """
    rows = project.catalog.rows(
        "SELECT i.id, p.class_id, p.confidence FROM json_each(?) j CROSS JOIN image i ON i.id = j.value "
        "JOIN prediction p ON p.image_id = i.id AND p.run_number = ? JOIN class c ON c.id = p.class_id "
        f"WHERE c.deleted = 0 AND i.class_id IS NULL AND i.status = 'ok' AND {_TAKES_PART} "
        "ORDER BY p.confidence DESC, i.id",
        (as_json(among), run_number(project.catalog.db, run_id)),
    )
    ids, classes, confidences = zip(*rows, strict=True) if rows else ((), (), ())
    return Suggestions(np.array(ids, np.int64), np.array(classes, np.int64), np.array(confidences, np.float64))


def list_track_record(project: Project, run_id: str) -> TrackRecord:
    """How right a run was, by its confidence.

    Raises:
        RunError: There is no such run.
    """
    rows = project.catalog.rows(
        "SELECT p.confidence, p.class_id = i.class_id FROM prediction p JOIN image i ON i.id = p.image_id "
        "WHERE p.run_number = ? AND p.kind = ? AND i.class_id IS NOT NULL AND i.excluded IS NULL "
        "ORDER BY p.confidence DESC",
        (run_number(project.catalog.db, run_id), OUT_OF_FOLD),
    )
    confidences, rights = zip(*rows, strict=True) if rows else ((), ())
    return TrackRecord(np.array(confidences, np.float64), np.array(rights, bool))


def images_of_next(project: Project, *, is_undo: bool) -> np.ndarray:
    """Images whose labels or exclusion the next undo, or redo, would change, (n_images,) int64; none for classes."""
    which = "max(id) FROM journal WHERE undone = 0" if is_undo else "min(id) FROM journal WHERE undone = 1"
    sql = " UNION ".join(f"SELECT image_id FROM {table} WHERE journal_id = (SELECT {which})"
                         for table in ("journal_label", "journal_exclusion"))
    return np.array([row[0] for row in project.catalog.rows(sql)], np.int64)

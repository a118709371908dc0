"""The lists of mistakes of a run: highest loss, confidently wrong, confused pairs, by class, changed since a run.

A list is a filter of images with an order and a number, so that window, command line and export show the same images.
Three parts are never mixed: images that the run was judged by, the labelled test set, and images without a label,
where nothing is known to be wrong and the uncertain ones come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.project.project import Project
from core.project.queries import ImageFilter, count_images, image_ids
from core.project.runs import RunRow
from core.runs.predictions import NEW as KIND_NEW, OUT_OF_FOLD
from core.runs.record import CROSS_VALIDATION, HELD_OUT
from core.text import Message
from core.workflow.comparing import RunComparison
from core.workflow.confusion import Confusion
from core.workflow.labelled_test import LabelledTest

JUDGED, TEST, NEW = PARTS = ("judged", "test", "new")
"""Which predictions a list is of."""

WHOLE, CHANGES, PAIRS, CLASSES = SECTIONS = ("whole", "changes", "pairs", "classes")
"""The sections that lists stand in."""

SURE_PERCENT = 90
"""A mistake of at least this confidence is confidently wrong."""

MOST_PAIRS = 60
"""The most confused pairs; the others are in the matrix."""

_BASE = {
    JUDGED: ImageFilter(status=None, kind=OUT_OF_FOLD, is_labelled=True, is_excluded=False),
    TEST: ImageFilter(status=None, split="test", is_labelled=True, is_excluded=False),
    NEW: ImageFilter(status=None, kind=KIND_NEW, is_labelled=False, is_excluded=False),
}


@dataclass(frozen=True, slots=True, eq=False)
class MistakeList:
    """One list.

    Attributes:
        name: Known to code and command line: "loss", "pair:3:5", "class:3", "fixed"; one of each in a part.
        part: One of `PARTS`.
        section: One of `SECTIONS`.
        title: What it is called.
        which: Its filter, without the run.
        order, is_descending: See `core.project.queries.image_ids`.
        n_images: How many images it has.
        among: These images only, (n,) int64; None for any.
        pair: Label and predicted class of a pair; the label of a class and None.
    """

    name: str
    part: str
    section: str
    title: Message
    which: ImageFilter
    order: str
    is_descending: bool
    n_images: int
    among: NDArray[np.int64] | None = None
    pair: tuple[int | None, int | None] = (None, None)


def name_part(part: str, run: RunRow) -> Message:
    """What a part is called: by how the run was judged where it was."""
    judged = {CROSS_VALIDATION: "cross_validation", HELD_OUT: "held_out"}.get(
        str(run.figures.get("accuracy_kind")), JUDGED)
    return Message(f"review.part.{judged if part == JUDGED else part}")


def list_mistakes(
    project: Project, run_id: str, part: str, confusion: Confusion, *, among: NDArray[np.int64] | None = None,
    comparison: RunComparison | None = None,
) -> tuple[MistakeList, ...]:
    """The lists of a part, section by section; of the sections after the first only lists that have images.

    Args:
        part: `JUDGED` or `TEST`; see `list_new` for the third.
        confusion: Of that part, by the labels as they are now.
        among: The images of the test set, (n,) int64; for `TEST` alone.
        comparison: With another run, for `JUDGED` alone.

    Raises:
        RunError: There is no such run.
    """
    # the loss of a label that came after the run is not known
    base, order = _BASE[part], "loss" if part == JUDGED else "confidence"
    wrong = replace(base, is_mistake=True, is_labelled=None)

    def count(which: ImageFilter) -> int:
        return count_images(project, replace(which, run_id=run_id), among=among)

    sure = replace(wrong, confidence_percent=(SURE_PERCENT, None))
    unchecked = replace(wrong, without_flags=("checked",))
    found = [
        MistakeList("mistakes", part, WHOLE, Message(f"review.list.{order}"), wrong, order, True, confusion.n_wrong,
                    among),
        MistakeList("sure", part, WHOLE, Message("review.list.sure"), sure, "confidence", True, count(sure), among),
        MistakeList("unchecked", part, WHOLE, Message("review.list.unchecked"), unchecked, order, True,
                    count(unchecked), among),
        uncertain_list(part, confusion.n_total, among),
    ]
    found += _changes(comparison) if comparison is not None else ()
    found += _pairs(confusion, part, base, order, among)
    found += _classes(confusion, part, wrong, order, among)
    return tuple(found)


def uncertain_list(part: str, n_images: int, among: NDArray[np.int64] | None = None) -> MistakeList:
    """All images of a part, those first of which the run is least sure."""
    return MistakeList("uncertain", part, WHOLE, Message("review.list.uncertain"), _BASE[part], "uncertainty", True,
                       n_images, among)


def _pairs(
    confusion: Confusion, part: str, base: ImageFilter, order: str, among: NDArray[np.int64] | None
) -> Iterator[MistakeList]:
    names = {c.class_id: c.name for c in confusion.classes}
    for pair in confusion.pairs(MOST_PAIRS):
        which = replace(base, class_ids=(pair.label,), predicted_class_ids=(pair.prediction,), is_labelled=None)
        title = Message("review.list.pair", label=names[pair.label], prediction=names[pair.prediction])
        yield MistakeList(f"pair:{pair.label}:{pair.prediction}", part, PAIRS, title, which, order, True,
                          pair.n_images, among, (pair.label, pair.prediction))


def _classes(
    confusion: Confusion, part: str, wrong: ImageFilter, order: str, among: NDArray[np.int64] | None
) -> Iterator[MistakeList]:
    """The classes by the number of their images that are wrong, most first."""
    n_wrong = confusion.counts.sum(axis=1) - np.diag(confusion.counts)
    for at in np.argsort(-n_wrong, kind="stable").tolist():
        if n_wrong[at]:
            one = confusion.classes[at]
            which = replace(wrong, class_ids=(one.class_id,))
            yield MistakeList(f"class:{one.class_id}", part, CLASSES, Message("review.list.class", name=one.name),
                              which, order, True, int(n_wrong[at]), among, (one.class_id, None))


def _changes(comparison: RunComparison) -> Iterator[MistakeList]:
    for name in ("broken", "fixed", "still_wrong"):
        ids: NDArray[np.int64] = getattr(comparison, name)
        yield MistakeList(name, JUDGED, CHANGES, Message(f"review.list.{name}"), _BASE[JUDGED], "loss", True,
                          len(ids), ids)


def list_new(project: Project, run_id: str) -> tuple[MistakeList, ...]:
    """The lists of images without a label that a run predicts; none where there are no such images.

    Raises:
        RunError: There is no such run.
    """
    base = _BASE[NEW]
    sure = replace(base, confidence_percent=(SURE_PERCENT, None))
    n, n_sure = (count_images(project, replace(which, run_id=run_id)) for which in (base, sure))
    title = Message("review.list.confident")
    confident = MistakeList("confident", NEW, WHOLE, title, sure, "confidence", True, n_sure)
    return (uncertain_list(NEW, n), confident) if n else ()


def test_lists(project: Project, run_id: str, test: LabelledTest | None) -> tuple[MistakeList, ...]:
    """The lists of the labelled test set; none where the run has predicted none of it."""
    if test is None or not test.confusion.n_total:
        return ()
    return list_mistakes(project, run_id, TEST, test.confusion, among=test.image_ids)


def find_list(lists: tuple[MistakeList, ...], name: str) -> MistakeList:
    """The list of a name.

    Raises:
        InputError: There is none.
    """
    found = next((one for one in lists if one.name == name), None)
    if found is None:
        raise InputError("review.no_such_list", name=name, names=tuple(one.name for one in lists))
    return found


def images_of_list(project: Project, run_id: str, one: MistakeList) -> NDArray[np.int64]:
    """Ids of the images of a list in its order, (n_images,) int64.

    Raises:
        RunError: There is no such run.
    """
    ids = image_ids(project, replace(one.which, run_id=run_id), order=one.order, is_descending=one.is_descending)
    return ids if one.among is None else ids[np.isin(ids, one.among)]

"""The comparison of two runs on the images that both judged, by the labels as they are now; test images stand apart.

Images that the runs predicted out of fold and labelled test images are two questions and never counted together.
Whatever only one run judged is counted and left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.project.exclusion import excluded_ids
from core.project.project import Project
from core.project.runs import RunRow, find_run
from core.review.baseline import design_effect_of
from core.review.metrics import confusion_matrix
from core.review.paired import PairedClass, PairedShare, pair_classes, pair_shares
from core.text import Message
from core.workflow.comparing import (
    RunComparison, compare_runs, count_changed_since, find_changed_labels,
)
from core.workflow.confusion import (
    Judged, JudgedClass, count_excluded_judged, labels_of_run, lay_out, read_judged, run_class_ids,
)
from core.workflow.labelled_test import LabelledTest, read_labelled_test

LATEST = "latest"
"""Stands for the run that was made last."""

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class PairedRuns:
    """What two runs say of the same labelled images.

    Attributes:
        image_ids: Images that both judged, (n_images,) int64.
        label_ids, before_ids, after_ids: Rows of the classes in the catalog: the label as it is now, and what each
            run predicts, (n_images,) int64 each.
        classes: The lines of their matrices.
        only_before, only_after: Images that only one of the runs judged, which are left out, (n,) int64 each.
        design_effect: By how much groups of images that are alike widen intervals; see `design_effect_of`.
    """

    image_ids: Ids
    label_ids: Ids
    before_ids: Ids
    after_ids: Ids
    classes: tuple[JudgedClass, ...]
    only_before: Ids
    only_after: Ids
    design_effect: float = 1.0

    @cached_property
    def lists(self) -> RunComparison:
        """The images that are fixed, broken, and wrong in both."""
        return compare_runs(self.image_ids, self.label_ids, before=self.before_ids, after=self.after_ids)

    @cached_property
    def share(self) -> PairedShare:
        """The accuracies beside each other."""
        return pair_shares(self.before_ids == self.label_ids, self.after_ids == self.label_ids,
                           design_effect=self.design_effect)

    @cached_property
    def per_class(self) -> tuple[PairedClass, ...]:
        """Recall, precision and F1 of each line beside each other."""
        return pair_classes(*self._lines, [c.name for c in self.classes], design_effect=self.design_effect)

    @cached_property
    def matrix(self) -> NDArray[np.int64]:
        """The second confusion matrix minus the first, (n_classes, n_classes) int64; each row sums to 0."""
        labels, before, after = self._lines
        n = len(self.classes)
        return confusion_matrix(labels, after, n) - confusion_matrix(labels, before, n)

    @property
    def moves(self) -> tuple[tuple[int, int, int], ...]:
        """(label, prediction, difference) of the cells of `matrix` off the diagonal, as lines, the largest first."""
        off = self.matrix.copy()
        np.fill_diagonal(off, 0)
        order = np.argsort(-abs(off), axis=None, kind="stable")
        found = (np.unravel_index(int(cell), off.shape) for cell in order[:np.count_nonzero(off)])
        return tuple((int(i), int(j), int(off[i, j])) for i, j in found)

    def of_cell(self, label: int, prediction: int) -> Ids:
        """Images that came into a cell of the matrix or left it, (n,) int64.

        Args:
            label, prediction: Lines of the matrix.
        """
        label_id, predicted = self.classes[label].class_id, self.classes[prediction].class_id
        moved = (self.before_ids == predicted) != (self.after_ids == predicted)
        return np.asarray(self.image_ids[(self.label_ids == label_id) & moved])

    def changed_of_class(self, line: int) -> Ids:
        """Images with the label of a line that one run gets right and the other does not, (n,) int64."""
        right_once = (self.before_ids == self.label_ids) != (self.after_ids == self.label_ids)
        return np.asarray(self.image_ids[(self.label_ids == self.classes[line].class_id) & right_once])

    @cached_property
    def _lines(self) -> tuple[Ids, Ids, Ids]:
        """Labels and both predictions as lines of the matrix."""
        ids = np.array([c.class_id for c in self.classes], np.int64)
        order = np.argsort(ids)

        def places(of: Ids) -> Ids:
            return np.asarray(order[np.searchsorted(ids, of, sorter=order)] if len(ids) else of, np.int64)

        return places(self.label_ids), places(self.before_ids), places(self.after_ids)


@dataclass(frozen=True, slots=True)
class TwoRuns:
    """Two runs beside each other; the first is what the second is compared with.

    Attributes:
        before, after: The runs.
        judged: On images that both judged without having seen them; None where there are none.
        test: On labelled test images; None where there are none.
        notes: What must be read with it: labels and contents that changed since, what one of them does not know.
    """

    before: RunRow
    after: RunRow
    judged: PairedRuns | None
    test: PairedRuns | None
    notes: tuple[Message, ...]


def compare_two(project: Project, before: str, after: str) -> TwoRuns:
    """Compare two runs.

    Args:
        before, after: Ids of the runs, or `LATEST`.

    Raises:
        RunError: There is no such run, or the two cannot be compared, and why.
    """
    runs = tuple(find_run(project, None if run == LATEST else run) for run in (before, after))
    first, second = runs
    if first.id == second.id:
        raise RunError("review.compare.same_run", run=first.id)
    judged = [read_judged(project, run.id) for run in runs]
    tests = [read_labelled_test(project, run) for run in runs]
    effect = max(design_effect_of(run.figures) for run in runs)
    found = _pair(project, second.id, judged[0], judged[1], effect)
    test = _pair(project, second.id, tests[0], tests[1])
    if found is None and test is None:
        raise _not_comparable(runs, judged)
    return TwoRuns(first, second, found, test, (*_remarks(project, runs, found, test), *_say_copies(runs, tests)))


def _not_comparable(runs: Sequence[RunRow], judged: Sequence[Judged]) -> RunError:
    for run, said in zip(runs, judged, strict=True):
        if not len(said.image_ids):
            return RunError("review.compare.judged_nothing", run=run.id)
    return RunError("review.compare.nothing_in_common", before=runs[0].id, after=runs[1].id)


def _pair(
    project: Project, run_id: str, before: Judged | None, after: Judged | None, effect: float = 1.0
) -> PairedRuns | None:
    """What both judged; None where that is nothing."""
    if before is None or after is None:
        return None
    both, at, also_at = np.intersect1d(before.image_ids, after.image_ids, return_indices=True)
    if not len(both):
        return None
    labels, said, says = before.label_ids[at], before.predicted_ids[at], after.predicted_ids[also_at]
    lines = {(int(i), int(i)): 0 for i in np.unique(np.concatenate([labels, said, says]))}
    return PairedRuns(
        both, labels, said, says, lay_out(project, run_id, lines).classes,
        np.setdiff1d(before.image_ids, both), np.setdiff1d(after.image_ids, both), effect)


# ── what must be read with it ────────────────────────────────────────────


def _remarks(
    project: Project, runs: Sequence[RunRow], judged: PairedRuns | None, test: PairedRuns | None
) -> list[Message]:
    said: list[Message] = []
    excluded = excluded_ids(project)
    for run in runs:
        said += _since(project, run, excluded)
    said += _unknown_classes(project, runs, [pair for pair in (judged, test) if pair is not None])
    if judged is not None:
        said += _unlike_measures(runs, judged)
    return said


def _say_copies(runs: Sequence[RunRow], tests: Sequence[LabelledTest | None]) -> list[Message]:
    """That a run learnt from files that are test images as well, which the other may not have."""
    return [Message("review.compare.test_copies", run=run.id, n=test.n_copies)
            for run, test in zip(runs, tests, strict=True) if test is not None and test.n_copies]


def _since(project: Project, run: RunRow, excluded: frozenset[int]) -> list[Message]:
    """Labels, contents and exclusions that changed since a run was trained."""
    counts: dict[str, int] = {}
    try:
        then: Mapping[int, int | None] = labels_of_run(project, run.id)
        changed = find_changed_labels(project, then) - excluded
        counts["review.compare.relabelled"] = sum(then.get(i) is not None for i in changed)
        counts["review.compare.labelled_since"] = len(changed) - counts["review.compare.relabelled"]
        counts["review.compare.changed_contents"] = count_changed_since(project, run.id)
    except RunError:
        return [Message("review.compare.folder_gone", run=run.id)]
    counts["review.compare.excluded"] = count_excluded_judged(project, run.id)
    return [Message(code, run=run.id, n=n) for code, n in counts.items() if n]


def _unknown_classes(project: Project, runs: Sequence[RunRow], pairs: Sequence[PairedRuns]) -> list[Message]:
    """Labels that a run cannot predict, because it does not know their class."""
    said = []
    for run in runs:
        known = set(run_class_ids(project, run.id))
        counts = Counter[str]()
        for pair in pairs:
            counts.update({c.name: int((pair.label_ids == c.class_id).sum()) for c in pair.classes
                           if c.class_id not in known})
        names = tuple(name for name, n in counts.items() if n)
        if names:
            said.append(Message("review.compare.unknown_class", run=run.id, names=names, n=sum(counts.values())))
    return said


def _unlike_measures(runs: Sequence[RunRow], judged: PairedRuns) -> list[Message]:
    """Ways of measuring that differ, or that make the test too sure of itself."""
    said = []
    sources = [_group_source(run) for run in runs]
    if sources[0] != sources[1]:
        said.append(Message("review.compare.other_groups"))
    if judged.design_effect > 1:
        said.append(Message("review.compare.alike_images", effect=judged.design_effect))
    return said


def _group_source(run: RunRow) -> str:
    groups = run.figures.get("groups")
    return str(groups.get("source", "")) if isinstance(groups, Mapping) else ""

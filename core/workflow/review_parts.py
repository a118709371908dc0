"""The parts of a report: figures and mistakes of the judged images and of the test set, and all test predictions."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import DEFAULT, JOINED_BY
from core.checks.check import say_skipped
from core.errors import AppError, WeightsError
from core.imagenet.readings import ReadingInput, ReadingResult
from core.jobs import JobContext
from core.project.paths import display_text
from core.project.runs import RunRow
from core.review.baseline import describe_baseline, describe_warning, design_effect_of
from core.review.report_content import MAX_MISTAKES
from core.review.report_input import Mistake, ReportPart
from core.review.verdict import describe_accuracy, say_changed_since, say_excluded
from core.runs.predictions import RunPredictions
from core.tasks import run_here
from core.text.numbers import format_float
from core.types import ImageRef, Skipped
from core.workflow.answers import RunAnswers
from core.workflow.confusion import Confusion, Judged
from core.workflow.labelled_test import LabelledTest, describe_test
from core.workflow.review_heat import Heat, find_heat
from core.workflow.runs import describe_recorded

N_UNCERTAIN = 24
"""Images with the lowest confidence that are shown where nothing is wrong."""

MAX_SHEET = 1000
"""Test images on the contact sheet (about 3 kB each)."""

Probabilities = Callable[[int, int], float | None]
"""What a run predicts of an image for a class, both by their ids in the catalog; None where it says nothing."""


@dataclass(frozen=True, slots=True)
class SheetInput:
    """Predictions of test images for the contact sheet, the least sure ones first.

    Attributes:
        images: Where they lie, (n_shown,).
        predicted, labels: Names of the classes; "" for an image without a label.
        confidences: Probability of the predicted class, 0 … 1.
        n_predicted: How many predictions there are, of which these are the first.
        n_not_predicted: Test images that the run has not predicted.
    """

    images: tuple[ImageRef, ...] = ()
    predicted: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    confidences: tuple[float, ...] = ()
    n_predicted: int = 0
    n_not_predicted: int = 0

    def shown(
        self, changed: frozenset[int], late: Sequence[tuple[ImageRef, str, str, float]]
    ) -> tuple[tuple[Mistake, ...], int, int]:
        """As the report shows them: without those whose files changed, with those that were predicted only now.

        Args:
            changed: Ids of images.
            late: Image, prediction, label and confidence.

        Returns:
            The first ones, how many there are, and how many are not predicted.
        """
        known = [row for row in zip(self.images, self.predicted, self.labels, self.confidences, strict=True)
                 if row[0].id not in changed]
        n_changed = len(self.images) - len(known)
        found = tuple(Mistake(ref.path, display_text(os.fsencode(ref.path.name)), label, said, None, p,
                              content_hash=ref.content_hash)
                      for ref, said, label, p in sorted([*known, *late], key=lambda row: row[3])[:MAX_SHEET])
        return found, self.n_predicted - n_changed + len(late), self.n_not_predicted - len(late)


@dataclass(frozen=True, slots=True)
class PartInput:
    """What both parts are made with.

    Attributes:
        row: The run as the catalog has it.
        folder: The run's folder.
        class_ids: Rows of its classes in the catalog, in the order of its outputs.
        embeddings: The folder of embedding stores.
        refs: Where images lie, by id.
        known: What the run predicts.
    """

    row: RunRow
    folder: Path
    class_ids: tuple[int, ...]
    embeddings: Path
    refs: Mapping[int, ImageRef]
    known: Probabilities


def probabilities_of(
    said: RunPredictions, answers: RunAnswers | None, images: Sequence[ImageRef], class_ids: Sequence[int]
) -> Probabilities:
    """Of all that a run predicted of images that still show what it saw."""
    contents = {image.id: image.content_hash for image in images}
    current = said.choose(said.of_contents(contents))
    found = dict(zip(current.image_ids.tolist(), current.probabilities, strict=True))
    if answers is not None:
        found |= dict(zip(answers.image_ids.tolist(), answers.probabilities, strict=True))
    column = {class_id: at for at, class_id in enumerate(class_ids)}

    def probability(image_id: int, class_id: int) -> float | None:
        if image_id not in found or class_id not in column:
            return None
        return float(found[image_id][column[class_id]])

    return probability


def confusion_of(judged: Judged, row: RunRow) -> Confusion:
    """The matrix of images that a run was judged by, with the interval that its groups allow."""
    return replace(judged.confusion, design_effect=design_effect_of(row.figures))


def judged_part(
    job: PartInput, judged: Judged, n_changed: int, n_excluded: int, context: JobContext
) -> tuple[ReportPart, tuple[Skipped, ...]]:
    """The images that the run was judged by, and what could not be read now.

    Those mistakes come first to whose label the run gives the least probability.
    """
    confusion = confusion_of(judged, job.row)
    words, standing = describe_recorded(job.row, confusion), confusion.standing
    wrong = [at for at in judged.mistakes.tolist() if int(judged.image_ids[at]) in job.refs]
    found = sorted(_mistakes(job, judged, wrong), key=lambda one: one.mistake.p_label or 0.0)
    unsure = _mistakes(job, judged, _least_sure(job, judged)) if not confusion.n_wrong else []
    shown = (found or unsure)[:MAX_MISTAKES]
    readings, unread = _read_with_imagenet(job, tuple(one.ref for one in shown), context)
    heat = _heat(job, shown, context)
    said = tuple(replace(one.mistake, reading=readings.get(one.ref.id, ""), heat=heat.jpegs.get(one.ref.id, b""))
                 for one in shown)
    notes = (words.as_trained if standing.n_images else "", say_changed_since(n_changed), say_excluded(n_excluded),
             _say_skipped(unread))
    verdict = describe_accuracy(
        standing.n_right, standing.n_images, standing.interval, kind=str(job.row.figures.get("accuracy_kind", "")),
        is_changed=bool(words.as_trained))
    return ReportPart(
        describe_warning(standing), verdict, describe_baseline(standing), tuple(filter(None, notes)),
        *_matrix(confusion), said if found else (), () if found else said, confusion.design_effect, heat.note,
    ), unread


def test_part(
    job: PartInput, test: LabelledTest, answers: RunAnswers | None, context: JobContext
) -> ReportPart:
    """The labelled test set; those mistakes first in which the run is most confident."""
    words = describe_test(test, job.row)
    wrong = [at for at in test.mistakes.tolist() if int(test.image_ids[at]) in job.refs]
    notes = (*words.notes, _say_skipped(answers.skipped if answers is not None else ()))
    shown = _mistakes(job, test, wrong)[:MAX_MISTAKES]
    heat = _heat(job, shown, context)
    return ReportPart(words.warning, words.verdict, words.baseline, tuple(filter(None, notes)),
                      *_matrix(test.confusion),
                      tuple(replace(one.mistake, heat=heat.jpegs.get(one.ref.id, b"")) for one in shown),
                      heat_note=heat.note)


def _heat(job: PartInput, shown: Sequence[_Shown], context: JobContext) -> Heat:
    """Of the images whose predicted class the run's record has."""
    column = {class_id: at for at, class_id in enumerate(job.class_ids)}
    known = [one for one in shown if one.predicted_id in column]
    return find_heat([one.ref for one in known], [column[one.predicted_id] for one in known], job.folder, context)


def late_predictions(
    job: PartInput, test: LabelledTest | None, answers: RunAnswers | None
) -> list[tuple[ImageRef, str, str, float]]:
    """Image, prediction, label and confidence of labelled test images that were predicted only now."""
    if test is None or answers is None:
        return []
    name = {c.class_id: c.name for c in test.classes}
    now = np.flatnonzero(np.isin(test.image_ids, answers.image_ids))
    return [(job.refs[int(test.image_ids[at])], name[int(test.predicted_ids[at])], name[int(test.label_ids[at])],
             float(test.confidences[at])) for at in now]


def _least_sure(job: PartInput, judged: Judged) -> list[int]:
    order: NDArray[np.int64] = np.argsort(judged.confidences, kind="stable")
    return [at for at in order.tolist() if int(judged.image_ids[at]) in job.refs][:N_UNCERTAIN]


def _say_skipped(skipped: Sequence[Skipped]) -> str:
    return str(say_skipped([display_text(os.fsencode(one.path.name)) for one in skipped])) if skipped else ""


def _matrix(confusion: Confusion) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    return tuple(c.name for c in confusion.classes), tuple(tuple(row) for row in confusion.counts.tolist())


@dataclass(frozen=True, slots=True)
class _Shown:
    """A mistake with where its image lies, and the class that is predicted, a row of the catalog."""

    ref: ImageRef
    mistake: Mistake
    predicted_id: int


def _mistakes(job: PartInput, judged: Judged, places: Sequence[int]) -> list[_Shown]:
    name = {c.class_id: c.name for c in judged.classes}
    found = []
    for at in places:
        ref, label = job.refs[int(judged.image_ids[at])], int(judged.label_ids[at])
        found.append(_Shown(ref, Mistake(
            ref.path, display_text(os.fsencode(ref.path.name)), name[label], name[int(judged.predicted_ids[at])],
            job.known(ref.id, label), float(judged.confidences[at]), content_hash=ref.content_hash,
        ), int(judged.predicted_ids[at])))
    return found


def _read_with_imagenet(
    job: PartInput, images: tuple[ImageRef, ...], context: JobContext
) -> tuple[dict[int, str], tuple[Skipped, ...]]:
    """“window screen 0.41” by image id, and what could not be read; nothing where no classifier can be had."""
    for backbone in dict.fromkeys((job.row.backbone.partition(JOINED_BY)[0] or DEFAULT, DEFAULT)) if images else ():
        try:
            inputs = ReadingInput(images, job.embeddings, backbone, top=1)
            result: ReadingResult = run_here("read-imagenet", inputs, context)
            return {i: _say_reading(*pairs[0]) for i, pairs in result.by_image.items()}, result.skipped
        except WeightsError:
            continue
        except AppError:
            break
    return {}, ()


def _say_reading(name: str, p: float) -> str:
    return f"{name} {format_float(p, '.2f')}"

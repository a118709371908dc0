"""The review page of a run as a job: figures and mistakes by the labels as they are now, one HTML file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.backbones.registry import DEFAULT, JOINED_BY
from core.checks.check import say_skipped
from core.errors import AppError, RunError, WeightsError
from core.imagenet.readings import ReadingInput, ReadingResult
from core.images.files import find_changed_files
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.paths import display_text
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import RunRow, find_run
from core.project.spared import require_spared
from core.review.baseline import describe_baseline, describe_warning
from core.review.report import Mistake, ReportInput, ReportPart, write_report
from core.review.verdict import describe_accuracy, describe_doubt, describe_measure, say_changed_since, say_excluded
from core.runs.predictions import RunPredictions
from core.runs.repository import read_whole
from core.tasks import run_here
from core.types import ImageRef, Skipped
from core.workflow.answers import AnswerJob, RunAnswers, answer_images, place_for_embeddings
from core.workflow.comparing import count_changed_since
from core.workflow.confusion import Confusion, Judged, count_excluded_judged, read_judged, run_class_ids
from core.workflow.expected_words import describe_expected
from core.workflow.expecting import Expected, read_expected
from core.workflow.labelled_test import (
    LabelledTest, add_predictions, describe_test, leave_out, read_labelled_test,
)
from core.workflow.runs import describe_recorded, describe_run

FIGURES = ("accuracy", "accuracy_kind", "interval", "n_validation", "confusion", "classes", "baseline_accuracy",
           "majority_class", "balanced_accuracy", "weak_classes", "as_trained")
"""What the command `review` says of the run itself."""


@dataclass(frozen=True, slots=True)
class ReviewJob:
    """What the page is made from.

    Attributes:
        project: Name of the project, for people.
        folder: The run's folder.
        embeddings: The project's folder of embedding stores.
        judged: The images that the run was judged by, by the labels as they are now.
        images: Where they lie.
        n_changed: Images that it was judged by and that show something else now, as the last import saw them.
        colors: Colour of each class as "#RRGGBB", by name.
        out: HTML file to write.
        row: The run as the catalog has it.
        class_ids: Rows of its classes in the catalog, in the order of its outputs.
        test: Its predictions of labelled test images, by the labels as they are now; None where there are none.
        test_images: Where those lie, predicted or not.
        missing: What of them is to be predicted first, or None.
        expected: The expected accuracy on images without labels, or None.
        n_excluded: Images that it was judged by and that are excluded now; they are not among `judged`.
    """

    project: str
    folder: Path
    embeddings: Path
    judged: Judged
    images: tuple[ImageRef, ...]
    n_changed: int
    colors: Mapping[str, str]
    out: Path
    row: RunRow
    class_ids: tuple[int, ...]
    test: LabelledTest | None = None
    test_images: tuple[ImageRef, ...] = ()
    missing: AnswerJob | None = None
    expected: Expected | None = None
    n_excluded: int = 0


@dataclass(frozen=True, slots=True)
class ReviewWritten:
    """The page that was written.

    Attributes:
        path: The HTML file.
        run: Id of the run.
        confusion: Of the images that the run was judged by, without those that changed.
        n_changed: Images that changed since the run, which are left out.
        test: Its predictions of labelled test images, or None.
        answers: What was predicted for that just now, for `record_answers`; None where nothing was missing.
        skipped: Mistakes and labelled test images that could not be read now, and why.
    """

    path: Path
    run: str
    confusion: Confusion
    n_changed: int = 0
    test: LabelledTest | None = None
    answers: RunAnswers | None = None
    skipped: tuple[Skipped, ...] = ()


Probabilities = Callable[[int, int], float | None]
"""What a run predicts of an image for a class, both by their ids in the catalog; None where it says nothing."""


def write_review(folder: Path, out: Path, context: JobContext, *, run_id: str | None = None) -> Mapping[str, Any]:
    """Write the review page of a run from the command line; the project is only looked at.

    Returns:
        `run, out, mistakes` (their number), `changed` (images that changed since the run and are left out),
        `skipped` (images that could not be read now), of the run what `FIGURES` names, as `describe_run` gives it,
        `test`, `expected` and `excluded`.

    Raises:
        ProjectError, RunError, StorageError, InputError: See each.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder, read_only=True) as project, place_for_embeddings(project) as place:
        job = prepare_review(project, run_id, out, embeddings=place)
        written: ReviewWritten = run_here("write-review", job, context)
        facts = describe_run(project, job.row, confusion=written.confusion, test=written.test)
    return {
        "run": written.run, "out": str(out), "mistakes": written.confusion.n_wrong, "changed": written.n_changed,
        "skipped": [s.to_json() for s in written.skipped],
        **{name: facts[name] for name in (*FIGURES, "test", "expected", "excluded") if name in facts},
    }


def prepare_review(
    project: Project, run_id: str | None, out: Path, *, embeddings: Path | None = None
) -> ReviewJob:
    """What the page of a run is made from.

    Args:
        run_id: A run, or None for the latest.
        out: HTML file to write.
        embeddings: Where embeddings of mistakes go, instead of the project.

    Raises:
        InputError: Nothing can be written at `out`; see `require_spared`.
        RunError: The run is missing or damaged.
    """
    require_spared(project, out)
    row = find_run(project, run_id)
    folder = project.run_path(row.id)
    read_whole(folder)  # a damaged run is refused before anything is computed
    judged, test = read_judged(project, row.id), read_labelled_test(project, row)
    place = embeddings or project.embeddings_path
    return ReviewJob(
        project.folder.name.removesuffix(".catalejo"), folder, place, judged, image_refs(project, judged.image_ids),
        count_changed_since(project, row.id), {row.name: row.color for row in list_classes(project)}, out, row,
        run_class_ids(project, row.id), test,
        () if test is None else image_refs(project, np.concatenate([test.image_ids, test.unpredicted_ids])),
        None if test is None else _find_missing(project, row, test, place), read_expected(project, row),
        count_excluded_judged(project, row.id),
    )


def _find_missing(project: Project, row: RunRow, test: LabelledTest, embeddings: Path) -> AnswerJob | None:
    """What is to be asked of the run about labelled test images that it has not predicted yet."""
    refs = image_refs(project, test.unpredicted_ids)
    if not refs:
        return None
    names = tuple(str(ref.path) for ref in refs)
    return AnswerJob(row.id, project.run_path(row.id), refs, names, len(refs), embeddings)


def write_review_page(job: ReviewJob, context: JobContext) -> ReviewWritten:
    """Write the page; labelled test images that the run has not predicted yet are predicted now.

    Raises:
        RunError: The run is missing or damaged.
        InputError, StorageError: The file cannot be written.
        JobCancelled: The caller asked to end.
    """
    record, said = read_whole(job.folder)
    changed = {c.image.id for c in find_changed_files((*job.images, *job.test_images), context)}
    judged, test = job.judged.without(changed), None if job.test is None else leave_out(job.test, changed)
    n_changed = job.n_changed + len(job.judged.image_ids) - len(judged.image_ids)
    answers, skipped = _predict_missing(job, context), list[Skipped]()
    if test is not None and answers is not None:
        best = answers.probabilities.argmax(axis=1)
        test = add_predictions(
            test, answers.image_ids, np.array(job.class_ids, np.int64)[best], answers.probabilities.max(axis=1))
    known = _probabilities(job, said, answers)
    standing = judged.confusion.standing
    write_report(ReportInput(
        job.project, record, _judged_part(job, judged, known, n_changed, skipped, context),
        describe_doubt(standing.interval), describe_measure(record.accuracy_kind, standing.n_images),
        standing.interval, dict(job.colors), None if test is None else _test_part(job, test, known, answers),
        describe_expected(job.expected) if job.expected is not None else "",
        job.expected is not None and job.expected.is_lower,
    ), job.out, context=context)
    return ReviewWritten(job.out, record.run, judged.confusion, n_changed, test, answers,
                         (*skipped, *(answers.skipped if answers is not None else ())))


def _probabilities(job: ReviewJob, said: RunPredictions, answers: RunAnswers | None) -> Probabilities:
    """Of all that the run predicted of images that still show what it saw."""
    contents = {image.id: image.content_hash for image in (*job.images, *job.test_images)}
    current = said.choose(said.of_contents(contents))
    found = dict(zip(current.image_ids.tolist(), current.probabilities, strict=True))
    if answers is not None:
        found |= dict(zip(answers.image_ids.tolist(), answers.probabilities, strict=True))

    def probability(image_id: int, class_id: int) -> float | None:
        if image_id not in found or class_id not in job.class_ids:
            return None
        return float(found[image_id][job.class_ids.index(class_id)])

    return probability


def _judged_part(
    job: ReviewJob, judged: Judged, known: Probabilities, n_changed: int, skipped: list[Skipped], context: JobContext
) -> ReportPart:
    """The images that the run was judged by; those mistakes first to whose label it gives the least probability.

    Appends mistakes that could not be read now to `skipped`.
    """
    words, standing = describe_recorded(job.row, judged.confusion), judged.confusion.standing
    refs = {ref.id: ref for ref in job.images}
    wrong = [at for at in judged.mistakes.tolist() if int(judged.image_ids[at]) in refs]
    readings, unread = _read_with_imagenet(job, tuple(refs[int(judged.image_ids[at])] for at in wrong), context)
    skipped += unread
    found = _mistakes(judged, wrong, refs, known, readings)
    verdict = describe_accuracy(
        standing.n_right, standing.n_images, standing.interval, kind=str(job.row.figures.get("accuracy_kind", "")))
    return ReportPart(
        describe_warning(standing), verdict, describe_baseline(standing),
        tuple(filter(None, (words.as_trained if standing.n_images else "", say_changed_since(n_changed),
                            say_excluded(job.n_excluded), _say_skipped(unread)))),
        *_matrix(judged.confusion), tuple(sorted(found, key=lambda mistake: mistake.p_label or 0.0)),
    )


def _test_part(
    job: ReviewJob, test: LabelledTest, known: Probabilities, answers: RunAnswers | None
) -> ReportPart:
    """The labelled test set; those mistakes first in which the run is most confident."""
    words, refs = describe_test(test, job.row), {ref.id: ref for ref in job.test_images}
    wrong = [at for at in test.mistakes.tolist() if int(test.image_ids[at]) in refs]
    notes = (*words.notes, _say_skipped(answers.skipped if answers is not None else ()))
    return ReportPart(words.warning, words.verdict, words.baseline, tuple(filter(None, notes)),
                      *_matrix(test.confusion), tuple(_mistakes(test, wrong, refs, known, {})))


def _say_skipped(skipped: Sequence[Skipped]) -> str:
    return str(say_skipped([display_text(os.fsencode(one.path.name)) for one in skipped])) if skipped else ""


def _matrix(confusion: Confusion) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    return tuple(c.name for c in confusion.classes), tuple(tuple(row) for row in confusion.counts.tolist())


def _mistakes(
    judged: Judged, places: Sequence[int], refs: Mapping[int, ImageRef], known: Probabilities,
    readings: Mapping[int, str],
) -> list[Mistake]:
    name = {c.class_id: c.name for c in judged.classes}
    found = []
    for at in places:
        ref, label = refs[int(judged.image_ids[at])], int(judged.label_ids[at])
        found.append(Mistake(
            ref.path, display_text(os.fsencode(ref.path.name)), name[label], name[int(judged.predicted_ids[at])],
            known(ref.id, label), float(judged.confidences[at]), readings.get(ref.id, ""), ref.content_hash,
        ))
    return found


def _predict_missing(job: ReviewJob, context: JobContext) -> RunAnswers | None:
    """Predictions of labelled test images; None where none is missing, or none can be had."""
    if job.missing is None:
        return None
    try:
        answers = answer_images(job.missing, context)
    except (WeightsError, RunError):
        return None  # the page says that they are not predicted
    return answers if len(answers.classes) == len(job.class_ids) else None


def _read_with_imagenet(
    job: ReviewJob, images: tuple[ImageRef, ...], context: JobContext
) -> tuple[dict[int, str], tuple[Skipped, ...]]:
    """“window screen 0.41” by image id, and what could not be read; nothing where no classifier can be had."""
    for backbone in dict.fromkeys((job.row.backbone.partition(JOINED_BY)[0] or DEFAULT, DEFAULT)) if images else ():
        try:
            inputs = ReadingInput(images, job.embeddings, backbone, top=1)
            result: ReadingResult = run_here("read-imagenet", inputs, context)
            return {i: f"{pairs[0][0]} {pairs[0][1]:.2f}" for i, pairs in result.by_image.items()}, result.skipped
        except WeightsError:
            continue
        except AppError:
            break
    return {}, ()

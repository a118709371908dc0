"""The review page of a run as a job: mistakes, their ImageNet readings, their pictures, one HTML file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.errors import AppError, RunError, WeightsError
from core.images.stamps import find_changed_files
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import RunRow, find_run
from core.project.spared import require_spared
from core.review.mistakes import Mistake, find_mistakes, readable_name
from core.review.report import ReportInput, ReportTest, write_report
from core.review.verdict import say_changed_since
from core.runs.folder import OUT_OF_FOLD, RunPredictions, read_snapshot
from core.imagenet.readings import ReadingInput, ReadingResult
from core.training.job import PredictRunInput
from core.runs.record import RunRecord
from core.runs.whole import read_whole
from core.tasks import run_here
from core.types import ImageRef
from core.workflow.confusion import run_class_ids
from core.workflow.labelled_test import LabelledTest, add_predictions, describe_test, leave_out, read_labelled_test
from core.workflow.answers import AnswerJob, RunAnswers, answer_images

FIGURES_OF_THEN = "The figures on this page are those of the training."
DEFAULT_BACKBONE = "efficientnet-lite0"
"""Reads the mistakes of runs whose own backbone has no ImageNet classifier at hand."""


@dataclass(frozen=True, slots=True)
class ReviewJob:
    """What the page is made from.

    Attributes:
        project: Name of the project, for people.
        folder: The run's folder.
        embeddings: The project's folder of embedding stores.
        images: Where the pictures lie that the run was judged by.
        colors: Colour of each class as "#RRGGBB", by name.
        out: HTML file to write.
        row: The run as the catalog has it.
        class_ids: Rows of its classes in the catalog, in the order of its outputs.
        test: What it says of labelled test images, by the labels as they are now; None where there are none.
        test_images: Where those lie, predicted or not.
        missing: What of them is to be predicted first, or None.
    """

    project: str
    folder: Path
    embeddings: Path
    images: tuple[ImageRef, ...]
    colors: Mapping[str, str]
    out: Path
    row: RunRow
    class_ids: tuple[int, ...]
    test: LabelledTest | None = None
    test_images: tuple[ImageRef, ...] = ()
    missing: AnswerJob | None = None


@dataclass(frozen=True, slots=True)
class ReviewWritten:
    """The page that was written.

    Attributes:
        path: The HTML file.
        run: Id of the run.
        n_mistakes: Mistakes among the images that the run was judged by.
        n_changed: Images that changed since the run, which are left out.
        test: What it says of labelled test images, or None.
        answers: What was predicted for that just now, for `record_answers`; None where nothing was missing.
    """

    path: Path
    run: str
    n_mistakes: int
    n_changed: int = 0
    test: LabelledTest | None = None
    answers: RunAnswers | None = None


def prepare_review(
    project: Project, run_id: str | None, out: Path, *, embeddings: Path | None = None
) -> ReviewJob:
    """What the page of a run is made from.

    Args:
        project: An open project.
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
    _, said = read_whole(folder)
    place, test = embeddings or project.embeddings_path, read_labelled_test(project, row)
    return ReviewJob(
        project.folder.name.removesuffix(".catalejo"), folder, place,
        image_refs(project, said.image_ids[said.kinds == OUT_OF_FOLD]),
        {row.name: row.color for row in list_classes(project)}, out, row, run_class_ids(project, row.id), test,
        () if test is None else image_refs(project, np.concatenate([test.image_ids, test.unpredicted_ids])),
        None if test is None else _find_missing(project, row, test, place),
    )


def _find_missing(project: Project, row: RunRow, test: LabelledTest, embeddings: Path) -> AnswerJob | None:
    """What is to be asked of the run about labelled test images that it has not predicted yet."""
    refs = image_refs(project, test.unpredicted_ids)
    if not refs:
        return None
    folder = project.run_path(row.id)
    ids = np.array([ref.id for ref in refs], np.int64)
    paths, asked = tuple(ref.path for ref in refs), PredictRunInput(folder, refs, embeddings)
    return AnswerJob(row.id, folder, ids, tuple(map(str, paths)), paths, asked, refs, embeddings)


def write_review_page(job: ReviewJob, context: JobContext) -> ReviewWritten:
    """Write the page; labelled test images that the run has not seen yet are predicted now.

    Raises:
        RunError: The run is missing or damaged.
        InputError, StorageError: The file cannot be written.
        JobCancelled: The caller asked to end.
    """
    record, said = read_whole(job.folder)
    changed = {c.image.id for c in find_changed_files((*job.images, *job.test_images), context)}
    said, n_changed = _still_true(job, said, changed)
    mistakes = _find_mistakes(job, record, said, context)
    if n_changed:
        record = replace(record, notes=(*record.notes, f"{say_changed_since(n_changed)} {FIGURES_OF_THEN}"))
    answers = _predict_missing(job, context)
    test = None if job.test is None else leave_out(job.test, changed)
    if test is not None and answers is not None:
        best = answers.probabilities.argmax(axis=1)
        test = add_predictions(
            test, answers.image_ids, np.array(job.class_ids, np.int64)[best], answers.probabilities.max(axis=1))
    shown = None if test is None else show_test(test, job, said, answers)
    write_report(ReportInput(job.project, record, mistakes, dict(job.colors), shown), job.out, context=context)
    return ReviewWritten(job.out, record.run, len(mistakes), n_changed, test, answers)


def _still_true(job: ReviewJob, said: RunPredictions, changed: Collection[int]) -> tuple[RunPredictions, int]:
    """What the run says of images that still show what it saw, and how many it was judged by that do not."""
    contents = {image.id: image.content_hash for image in (*job.images, *job.test_images)}
    is_same = said.of_contents({i: h for i, h in contents.items() if i not in changed})
    is_here = np.fromiter((i in contents for i in said.image_ids.tolist()), bool, len(said.image_ids))
    is_changed = (said.kinds == OUT_OF_FOLD) & is_here & ~is_same
    return said.choose(is_same), int(is_changed.sum())


def _predict_missing(job: ReviewJob, context: JobContext) -> RunAnswers | None:
    """Predictions of labelled test images; None where none is missing, or none can be had."""
    if job.missing is None:
        return None
    try:
        answers = answer_images(job.missing, context)
    except (WeightsError, RunError):
        return None  # the page says that they are not predicted
    return answers if len(answers.image_ids) and len(answers.classes) == len(job.class_ids) else None


def show_test(
    test: LabelledTest, job: ReviewJob, said: RunPredictions, answers: RunAnswers | None
) -> ReportTest:
    """The test set as the page shows it."""
    words, classes = describe_test(test, job.row), test.confusion.classes
    name = {c.class_id: c.name for c in classes}
    refs, column = {ref.id: ref for ref in job.test_images}, {i: at for at, i in enumerate(job.class_ids)}
    known = dict(zip(said.image_ids.tolist(), said.probabilities, strict=True))
    if answers is not None:
        known |= dict(zip(answers.image_ids.tolist(), answers.probabilities, strict=True))

    def mistake(at: int) -> Mistake:
        ref, label = refs[int(test.image_ids[at])], int(test.label_ids[at])
        p_label = float(known[ref.id][column[label]]) if ref.id in known and label in column else None
        return Mistake(ref.id, ref.path, readable_name(ref.path), name[label], name[int(test.predicted_ids[at])],
                       p_label, float(test.confidences[at]))

    mistakes = tuple(mistake(at) for at in test.mistakes if int(test.image_ids[at]) in refs)
    counts = tuple(tuple(row) for row in test.confusion.counts.tolist())
    return ReportTest(
        words.warning, words.verdict, words.baseline, words.notes, tuple(c.name for c in classes), counts, mistakes)


def _find_mistakes(
    job: ReviewJob, record: RunRecord, said: RunPredictions, context: JobContext
) -> tuple[Mistake, ...]:
    """The mistakes of a run on what it was judged by, worst first, with their ImageNet readings."""
    label_of = {row.image_id: row.label for row in read_snapshot(job.folder) if row.label in record.classes}
    refs = {ref.id: ref for ref in job.images}
    judged = [
        i for i in np.flatnonzero(said.kinds == OUT_OF_FOLD)
        if int(said.image_ids[i]) in label_of and int(said.image_ids[i]) in refs
    ]
    place = {name: at for at, name in enumerate(record.classes)}
    images = [refs[int(i)] for i in said.image_ids[judged]]
    labels = np.array([place[label_of[image.id]] for image in images], np.int64)
    probabilities = said.probabilities[judged]
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    readings = _read_with_imagenet(job, tuple(images[i] for i in wrong), record.backbone, context)
    return find_mistakes(probabilities, labels, images=images, classes=record.classes, readings=readings)


def _read_with_imagenet(
    job: ReviewJob, images: tuple[ImageRef, ...], backbone: str, context: JobContext
) -> dict[int, str]:
    """ “window screen 0.41” by image id; empty where no classifier can be had."""
    if not images:
        return {}
    try:
        try:
            result = _read(job, images, backbone or DEFAULT_BACKBONE, context)
        except WeightsError:
            result = _read(job, images, DEFAULT_BACKBONE, context)
    except AppError:
        return {}
    return {i: f"{pairs[0][0]} {pairs[0][1]:.2f}" for i, pairs in result.by_image.items()}


def _read(job: ReviewJob, images: tuple[ImageRef, ...], backbone: str, context: JobContext) -> ReadingResult:
    result: ReadingResult = run_here("read-imagenet", ReadingInput(images, job.embeddings, backbone, top=1), context)
    return result

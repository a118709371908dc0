"""The review page of a run as a job: figures and mistakes by the labels as they are now, one HTML file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RunError, WeightsError
from core.images.files import find_changed_files
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import RunRow, find_run, run_number
from core.project.spared import require_spared
from core.review.report import write_page
from core.review.report_blocks import Report
from core.review.report_content import build_report
from core.review.report_input import ReportInput
from core.review.verdict import describe_doubt, describe_measure
from core.runs.repository import read_whole
from core.tasks import run_here
from core.types import ImageRef, Skipped
from core.workflow.answers import AnswerJob, RunAnswers, answer_images, place_for_embeddings
from core.workflow.comparing import count_changed_since
from core.workflow.confusion import Confusion, Judged, count_excluded_judged, read_judged, run_class_ids
from core.workflow.expected_words import describe_expected
from core.workflow.expecting import Expected, read_expected
from core.workflow.labelled_test import LabelledTest, add_predictions, leave_out, read_labelled_test
from core.workflow.review_parts import (
    MAX_SHEET, PartInput, SheetInput, confusion_of, judged_part, late_predictions, probabilities_of, test_part,
)
from core.workflow.runs import describe_run

PDF_MARK = b"%PDF-1."
"""How a PDF begins, which another one may take the place of."""

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
        sheet: Predictions of test images.
        is_page: Write the page; else its content is the result, for whoever paints it otherwise.
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
    sheet: SheetInput = SheetInput()
    is_page: bool = True


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
        skipped: Shown images and labelled test images that could not be read now, and why.
        report: The content, where no page was to be written.
    """

    path: Path
    run: str
    confusion: Confusion
    n_changed: int = 0
    test: LabelledTest | None = None
    answers: RunAnswers | None = None
    skipped: tuple[Skipped, ...] = ()
    report: Report | None = None


PaintReport = Callable[[Report, Path], None]
"""Paints a report into a file: what core cannot do, for it knows no fonts."""


def write_review(
    folder: Path, out: Path, context: JobContext, *, run_id: str | None = None, paint: PaintReport | None = None
) -> Mapping[str, Any]:
    """Write the report of a run from the command line; the project is only looked at.

    Args:
        run_id: A run, or None for the latest.
        paint: Paints it instead of writing a page.

    Returns:
        `run, out, mistakes` (their number), `changed` (images that changed since the run and are left out),
        `skipped` (images that could not be read now), of the run what `FIGURES` names, as `describe_run` gives it,
        `test`, `expected` and `excluded`.

    Raises:
        ProjectError, RunError, StorageError, InputError: See each.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder, read_only=True) as project, place_for_embeddings(project) as place:
        job = prepare_review(project, run_id, out, embeddings=place, is_page=paint is None)
        written: ReviewWritten = run_here("write-review", job, context)
        if paint is not None and written.report is not None:
            paint(written.report, out)
        facts = describe_run(project, job.row, confusion=written.confusion, test=written.test)
    return {
        "run": written.run, "out": str(out), "mistakes": written.confusion.n_wrong, "changed": written.n_changed,
        "skipped": [s.to_json() for s in written.skipped],
        **{name: facts[name] for name in (*FIGURES, "test", "expected", "excluded") if name in facts},
    }


def prepare_review(
    project: Project, run_id: str | None, out: Path, *, embeddings: Path | None = None, is_page: bool = True
) -> ReviewJob:
    """What the page of a run is made from.

    Args:
        run_id: A run, or None for the latest.
        out: HTML file to write.
        embeddings: Where embeddings of mistakes go, instead of the project.
        is_page: See `ReviewJob`.

    Raises:
        InputError: Nothing can be written at `out`; see `require_spared`.
        RunError: The run is missing or damaged.
    """
    require_spared(project, out, first_bytes=b"" if is_page else PDF_MARK)
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
        count_excluded_judged(project, row.id), _read_sheet(project, row), is_page,
    )


_PREDICTED = (
    "SELECT i.id, p.class_id, p.confidence, CASE WHEN i.label_content IS NULL THEN i.class_id END FROM image i "
    "LEFT JOIN prediction p ON p.run_number = ? AND p.image_id = i.id "
    "WHERE i.split = 'test' AND i.status = 'ok' AND i.excluded IS NULL ORDER BY p.confidence, i.id"
)


def _read_sheet(project: Project, row: RunRow) -> SheetInput:
    """What a run predicts of the test images, whether they have a label or not."""
    rows = project.catalog.rows(_PREDICTED, (run_number(project.catalog.db, row.id),))
    predicted = [found for found in rows if found[1] is not None]
    name = dict(project.catalog.rows("SELECT id, name FROM class"))
    shown = predicted[:MAX_SHEET]
    return SheetInput(
        image_refs(project, [found[0] for found in shown]), tuple(name.get(found[1], "?") for found in shown),
        tuple(name.get(found[3], "") for found in shown), tuple(float(found[2]) for found in shown), len(predicted),
        len(rows) - len(predicted))


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
    images = (*job.images, *job.test_images)
    changed = frozenset(c.image.id for c in find_changed_files((*images, *job.sheet.images), context))
    judged, test = job.judged.without(changed), None if job.test is None else leave_out(job.test, changed)
    n_changed = job.n_changed + len(job.judged.image_ids) - len(judged.image_ids)
    answers = _predict_missing(job, context)
    if test is not None and answers is not None:
        best = answers.probabilities.argmax(axis=1)
        test = add_predictions(
            test, answers.image_ids, np.array(job.class_ids, np.int64)[best], answers.probabilities.max(axis=1))
    parts = PartInput(job.row, job.folder, job.class_ids, job.embeddings, {ref.id: ref for ref in images},
                      probabilities_of(said, answers, images, job.class_ids))
    part, unread = judged_part(parts, judged, n_changed, job.n_excluded, context)
    confusion = confusion_of(judged, job.row)
    standing = confusion.standing
    inputs = ReportInput(
        job.project, record, part, describe_doubt(standing.interval),
        describe_measure(record.accuracy_kind, standing.n_images), standing.interval, dict(job.colors),
        None if test is None else test_part(parts, test, answers, context),
        describe_expected(job.expected) if job.expected is not None else "",
        job.expected is not None and job.expected.is_lower,
        *job.sheet.shown(changed, late_predictions(parts, test, answers)),
    )
    report = build_report(inputs, context)
    if job.is_page:
        write_page(report, job.out)
    return ReviewWritten(
        job.out, record.run, confusion, n_changed, test, answers,
        (*unread, *(answers.skipped if answers is not None else ())), None if job.is_page else report)


def _predict_missing(job: ReviewJob, context: JobContext) -> RunAnswers | None:
    """Predictions of labelled test images; None where none is missing, or none can be had."""
    if job.missing is None:
        return None
    try:
        answers = answer_images(job.missing, context)
    except (WeightsError, RunError):
        return None  # the page says that they are not predicted
    is_known = len(answers.classes) == len(job.class_ids) and 0 not in job.class_ids
    return answers if is_known else None

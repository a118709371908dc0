"""Predictions of a run for images of a project, found by content; what the run has not seen is predicted.

The window and the command line share it: `prepare_answers` looks into the catalog, `answer_images` is a job,
`record_answers` keeps what was new. A project that is only asked is opened where nothing can be written, too.

A prediction is of a content: what a run said of an image counts while the image shows the same, and counts for every
image that shows it. All else is predicted anew, also where a file changed after the last import."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError, ProjectLocked, ProjectReadOnly, StorageError
from core.images.files import ChangedFile, find_changed_files, find_gone
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.lock import is_taken
from core.project.predictions import predicted_ids, record_predictions
from core.project.project import Project
from core.project.queries import ImageFilter, count_images, image_ids
from core.project.removal import count_removed
from core.project.rows import image_rows, path_names, refs_of
from core.project.runs import RunRow, find_run
from core.review.novelty import find_unlike
from core.runs.predictions import NEW, NO_HASH, RunPredictions, as_rows
from core.runs.repository import read_whole
from core.tasks import run_here
from core.text import Message
from core.training.job import PredictRunInput
from core.types import ImageRef, Skipped
from core.workflow.confusion import run_class_ids
from core.workflow.later_answers import keep_later

SPLITS = ("train", "test")
UNUSABLE = {"unreadable": Message("runs.image_unreadable"), "missing": Message("runs.image_missing")}
"""Why images of a status have no prediction, where the catalog keeps no reason."""


@dataclass(frozen=True, slots=True)
class AnswerJob:
    """What is asked of a run.

    Attributes:
        run: Id of the run.
        folder: The run's folder.
        images: The images that it is asked about.
        names: What to call each of them, no two alike.
        n_missing: How many of them the run does not know, which are predicted first.
        embeddings: Where embeddings of new images go.
        unusable: Other images of the split, unreadable or gone, and why.
        has_none: Whether it is asked which images are unlike all that the run learnt from.
        notes: What the user should read: how many images are excluded or removed, and which classes changed.
        classes: What the run's classes are called now, in the order of its outputs; empty for their names of then.
        gone: Places of those that were deleted or merged since.
    """

    run: str
    folder: Path
    images: tuple[ImageRef, ...]
    names: tuple[str, ...]
    n_missing: int
    embeddings: Path
    unusable: tuple[Skipped, ...] = ()
    has_none: bool = False
    notes: tuple[Message, ...] = ()
    classes: tuple[str, ...] = ()
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RunAnswers:
    """What a run says of images.

    Attributes:
        run: Id of the run.
        classes: Names in the order of the columns, as they are now.
        image_ids: Images that it says something of, (n_images,) int64.
        names: What each is called.
        paths: Where each lies.
        probabilities: (n_images, n_classes) float32; of labelled images by models that did not see them.
        is_new: Whether each was predicted just now, (n_images,) bool.
        skipped: Images that were asked for and have no prediction, and why.
        hashes: Content that each prediction is of, (n_images, 32) uint8.
        kinds: `OUT_OF_FOLD` or `NEW`, (n_images,) uint8.
        changed: Names of the images whose files changed after the last import; predicted as they are now.
        notes: What else the user should read.
        majority: Place of the class with the most labels that judged the run, or None without any.
        is_unlike: Which are unlike all that the run learnt from, (n_images,) bool; None where that was not asked.
        gone: Places of the classes that were deleted or merged since the training.
    """

    run: str
    classes: tuple[str, ...]
    image_ids: NDArray[np.int64]
    names: tuple[str, ...]
    paths: tuple[Path, ...]
    probabilities: NDArray[np.float32]
    is_new: NDArray[np.bool_]
    skipped: tuple[Skipped, ...]
    hashes: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    changed: tuple[str, ...] = ()
    notes: tuple[Message | str, ...] = ()
    majority: int | None = None
    is_unlike: NDArray[np.bool_] | None = None
    gone: frozenset[int] = frozenset()


def prepare_answers(
    project: Project, run_id: str | None, split: str | None, *, embeddings: Path | None = None,
    has_none: bool = False,
) -> AnswerJob:
    """What is to be asked of a run about the readable images of a split.

    Args:
        run_id: A run, or None for the latest.
        split: "train", "test", or None for both.
        embeddings: Where embeddings of new images go, instead of the project.
        has_none: Whether to find images that are unlike all that the run learnt from.

    Raises:
        InputError: No such split.
        RunError: The run is missing or damaged.
    """
    if split is not None and split not in SPLITS:
        raise InputError("runs.no_such_split", split=split, splits=SPLITS)
    row = find_run(project, run_id)
    run, (classes, gone, renamed) = row.id, names_now(project, row)
    folder = project.run_path(run)
    _, said = read_whole(folder)
    rows = [row for row in image_rows(project, image_ids(project, ImageFilter(split=split))) if row.content_hash]
    images, place = refs_of(rows), embeddings or project.embeddings_path
    others = [row for status in UNUSABLE
              for row in image_rows(project, image_ids(project, ImageFilter(split=split, status=status)))]
    return AnswerJob(
        run, folder, images, path_names(rows), len(_unknown(images, _Known(said))), place,
        tuple(Skipped(row.path, row.reason or UNUSABLE[row.status]) for row in others), has_none,
        (*renamed, *_about_left_out(project, split)), classes, gone,
    )


def names_now(project: Project, run: RunRow) -> tuple[tuple[str, ...], frozenset[int], tuple[Message, ...]]:
    """What the classes of a run are called now, the places of those that are gone, and what to read of that.

    A class that was deleted or merged keeps its name of then, with its number where another has that name now.
    """
    then, here = tuple(run.figures.get("classes", ())), {row.id: row.name for row in list_classes(project)}
    ids = run_class_ids(project, run.id)
    gone = frozenset(at for at, class_id in enumerate(ids) if class_id not in here)
    taken = set(here.values())
    names = tuple(here.get(i, f"{name} ({i})" if name in taken else name) for i, name in zip(ids, then, strict=True))
    said = [Message("runs.class_renamed", then=old, now=new)
            for at, (old, new) in enumerate(zip(then, names, strict=True)) if old != new and at not in gone]
    if gone:
        said.append(Message("runs.classes_gone", n=len(gone), names=tuple(then[at] for at in sorted(gone))))
    if unknown := tuple(name for class_id, name in here.items() if class_id not in ids):
        said.append(Message("runs.classes_unknown", n=len(unknown), names=unknown))
    return names, gone, tuple(said)


def _about_left_out(project: Project, split: str | None) -> tuple[Message, ...]:
    """That excluded images are answered like all others, and that removed ones have no answer."""
    counts = {"runs.excluded_are_predicted": count_images(project, ImageFilter(split=split, is_excluded=True)),
              "runs.removed_not_predicted": count_removed(project, split=split)}
    return tuple(Message(code, n=n) for code, n in counts.items() if n)


def answer_images(job: AnswerJob, context: JobContext) -> RunAnswers:
    """What the run says; images that are new since it was trained are predicted now.

    Raises:
        RunError: The run is missing or damaged.
        WeightsError, StorageError: New images cannot be predicted.
        InputError: The run learnt from too few images to say what is unlike them.
        JobCancelled: The caller asked to end.
    """
    record, said = read_whole(job.folder)
    n_labels = [sum(row) for row in record.confusion]
    names = {image.id: name for image, name in zip(job.images, job.names, strict=True)}
    changed = find_changed_files(job.images, context)
    known, images = _Known(said), _as_they_are(job.images, changed)
    gone = find_gone(job.images)
    probabilities, skipped = said.probabilities, tuple(
        Skipped(c.image.path, Message("runs.changed_unreadable")) for c in changed if c.content_hash is None)
    new, notes = dict[int, int](), tuple[Message | str, ...]((*job.notes, *_say_gone("runs.files_gone", gone)))
    if missing := _unknown(images, known):
        result = run_here("predict", PredictRunInput(job.folder, missing, job.embeddings), context)
        skipped, notes = skipped + result.skipped, (*notes, *result.notes)
        new = {image.id: len(probabilities) + at for at, image in enumerate(result.images)}
        probabilities = np.concatenate([probabilities, result.probabilities])
    asked = {image.id: image for image in images}
    found = [(i, new.get(i, known.row_of(asked[i]))) for i in names if i in asked]
    found = [(i, row) for i, row in found if row >= 0 and np.isfinite(probabilities[row]).all()]
    rows, changed_ids = np.array([row for _, row in found], np.int64), {c.image.id for c in changed}
    ids = np.array([i for i, _ in found], np.int64)
    is_unlike = find_unlike(
        job.folder, [asked[i] for i, _ in found], job.embeddings, context) if job.has_none else None
    return RunAnswers(
        job.run, job.classes or record.classes, ids, tuple(names[i] for i, _ in found),
        tuple(asked[i].path for i, _ in found),
        probabilities[rows], rows >= len(said.image_ids), (*skipped, *job.unusable),
        as_rows([asked[i].content_hash for i, _ in found]), known.kinds_of(ids, rows),
        tuple(names[i] for i, _ in found if i in changed_ids), notes,
        int(np.argmax(n_labels)) if any(n_labels) else None, is_unlike, job.gone,
    )


def _say_gone(code: str, gone: Sequence[ImageRef]) -> tuple[Message, ...]:
    return (Message(code, n=len(gone), name=gone[0].path.name, folder=gone[0].path.parent),) if gone else ()


class _Known:
    """What a run said, found by image and content, or by content alone.

    Args:
        said: The predictions of the run; of several of one content the first out-of-fold one is taken, for the model
            had not seen that content.
    """

    def __init__(self, said: RunPredictions) -> None:
        assert said.hashes is not None, "a run that was read has hashes"
        self._said = said
        hashes = [row.tobytes() for row in said.hashes]
        first_out_of_fold = np.argsort(said.kinds, kind="stable")[::-1].tolist()
        self._by_content = {hashes[at]: at for at in first_out_of_fold if hashes[at] != NO_HASH}
        self._by_image = {(i, hashes[at]): at for at, i in enumerate(said.image_ids.tolist())}

    def kinds_of(self, image_ids: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """`OUT_OF_FOLD` for images that the run was judged by, else `NEW`, (n_images,) uint8."""
        kinds = np.full(len(rows), NEW, np.uint8)
        is_own = rows < len(self._said.image_ids)
        is_own[is_own] = self._said.image_ids[rows[is_own]] == image_ids[is_own]
        kinds[is_own] = self._said.kinds[rows[is_own]]
        return kinds

    def row_of(self, image: ImageRef) -> int:
        """The row of what the run said of the content that an image has, −1 if it said nothing."""
        own = self._by_image.get((image.id, image.content_hash), -1)
        return own if own >= 0 else self._by_content.get(image.content_hash, -1)


def _unknown(images: Sequence[ImageRef], known: _Known) -> tuple[ImageRef, ...]:
    return tuple(image for image in images if known.row_of(image) < 0)


def _as_they_are(images: Sequence[ImageRef], changed: Sequence[ChangedFile]) -> tuple[ImageRef, ...]:
    """The images with the contents that their files have now, without those that cannot be read."""
    now = {c.image.id: c.content_hash for c in changed}
    found = ((image, now.get(image.id, image.content_hash)) for image in images)
    return tuple(replace(image, content_hash=content) for image, content in found if content is not None)


def record_answers(project: Project, answers: RunAnswers) -> int:
    """Keep in the catalog what it lacks: what was predicted just now, and of images that show again what they showed.

    The probabilities of the former are kept beside it for the expected accuracy (`core.workflow.later_answers`).
    Nothing is kept in a project that is open for looking only.

    Returns:
        How many images.

    Raises:
        StorageError, ProjectDamaged: See `Catalog.transaction`.
    """
    class_ids = run_class_ids(project, answers.run)
    if project.is_read_only or 0 in class_ids or len(class_ids) != len(answers.classes):
        return 0
    is_kept = np.isin(answers.image_ids, predicted_ids(project, answers.run))
    lacking = answers.is_new | ~is_kept
    if lacking.any():
        said = RunPredictions(
            answers.image_ids, answers.kinds, answers.probabilities, hashes=answers.hashes).choose(lacking)
        record_predictions(project, answers.run, said, class_ids)
    if answers.is_new.any():
        keep_later(project, answers.run, answers.hashes[answers.is_new], answers.probabilities[answers.is_new])
    return int(lacking.sum())


@contextmanager
def open_for_answers(folder: Path) -> Iterator[Project]:
    """A project open for writing; for looking only where nothing can be written or another program has it.

    Raises:
        NotAProject, ProjectTooNew, ProjectDamaged, ProjectReadOnly, StorageError: See `Project.open`.
    """
    try:
        project = Project.open(folder)
    except (ProjectReadOnly, ProjectLocked):
        project = Project.open(folder, read_only=True)
    with project:
        yield project


@contextmanager
def place_for_embeddings(project: Project) -> Iterator[Path]:
    """Where embeddings of new images go: into the project, or aside until the end.

    Aside where the project cannot be written, and where another program has it: a training there would be refused
    while this one writes.

    Raises:
        StorageError: There is no place at all.
    """
    if not project.is_read_only or os.access(project.folder, os.W_OK) and not is_taken(project.folder):
        yield project.embeddings_path
        return
    try:
        aside = tempfile.TemporaryDirectory(prefix="catalejo-")
    except OSError as error:
        raise StorageError("imports.no_temporary_folder", folder=project.folder) from error
    with aside as path:
        yield Path(path)

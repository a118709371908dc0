"""Repeats a run from its snapshot and says whether the result is equal, bit for bit.

The snapshot names images by content: one that was moved or renamed is found again, one whose file changed is not. A
run whose labelled images are not all there is refused before anything is trained, for it would be another training.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.images.files import find_changed_files
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.exclusion import excluded_ids
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import STOPPED, find_run, new_run_id
from core.runs.environment import NAMES
from core.runs.predictions import NEW, NO_HASH, RunPredictions, read_predictions
from core.runs.record import RunRecord
from core.runs.repository import read_run, read_whole
from core.runs.snapshot import UNKNOWN_GROUP, SnapshotRow, read_snapshot
from core.settings import LATER_SETTINGS, restore_settings, todays_settings
from core.text import Message
from core.training.job import TrainJob
from core.training.registry import find_strategy
from core.training.unfinished import find_resumable
from core.types import ImageRef
from core.workflow.confusion import run_class_ids
from core.workflow.health import CAPTURE_TIMES_NAME
from core.workflow.known_duplicates import duplicate_groups
from core.workflow.readiness import findings_for_run

MOST_NAMED = 5
"""Files that are named in a sentence; the rest is counted."""


def prepare_repetition(
    project: Project, run_id: str, *, allow_download: bool = False, weights: Path | None = None
) -> TrainJob:
    """The training that a run was: its images by content, labels, groups, settings and seed.

    Args:
        weights: The weights file of one's own that the run was trained with; runs do not note where it lay.

    Returns:
        The job; its `notes` say what is not as it was and does not hinder.

    Raises:
        RunError: There is no such run, it is damaged, was stopped by a person, learnt from images, classes or with
            settings that there are not any more; the sentence says which.
        ProjectError, StorageError: The catalog cannot be read.
    """
    row = find_run(project, run_id)
    folder = project.run_path(row.id)
    record, said = read_whole(folder)
    snapshot = read_snapshot(folder)
    if row.status == STOPPED:
        how = "training.like.stopped.hint" if find_resumable(folder) else "training.like.stopped_early.hint"
        raise RunError("training.like.stopped", Message(how, run=run_id), run=run_id)
    settings = _restore_settings(record)
    class_ids, renamed = _restore_classes(project, record)
    by_content = _Contents(project)
    labelled = by_content.find((row.content_hash, row.image_id) for row in snapshot)
    paths = [row.path for row in snapshot]
    _require_all(run_id, labelled, paths)
    others = by_content.find(_contents_of_new(said))
    new = [image for image in others if image is not None]
    images = (*(image for image in labelled if image is not None), *new)
    _require_same_files(run_id, images[:len(snapshot)])
    index = {name: at for at, name in enumerate(record.classes)}
    named = tuple(row.table_group for row in snapshot)
    groups, notes = _restore_groups(project, snapshot, images, getattr(settings, "groups", "same file"))
    return TrainJob(
        run=(name := new_run_id(project, record.strategy)), folder=project.run_path(name), strategy=record.strategy,
        settings=settings, images=images, labels=(*(index[row.label] for row in snapshot), *(-1 for _ in new)),
        classes=record.classes, class_ids=class_ids, embeddings=project.embeddings_path,
        allow_download=allow_download, weights=weights, groups=groups,
        table_groups=(*named, *("" for _ in new)) if any(named) else (),
        capture_times=project.health_path / CAPTURE_TIMES_NAME, findings=findings_for_run(project),
        notes=(*renamed, *notes, *_say_changes(images, paths, len(others) - len(new)),
               *_say_excluded(project, images[:len(snapshot)])), n_excluded=record.n_excluded,
    )


def _restore_settings(record: RunRecord) -> Any:
    """Settings of today, if they are those of the run; one that it did not have may have another default."""
    settings_class = find_strategy(record.strategy).settings
    known, then = {one.name for one in fields(settings_class)}, todays_settings(record.settings)
    then = {name: value for name, value in LATER_SETTINGS.items() if name in known} | then
    odd = sorted(known ^ set(then))
    if odd:
        raise RunError("training.like.other_settings", run=record.run, version=record.program_version, names=odd)
    return restore_settings(settings_class, then)


def _restore_classes(project: Project, record: RunRecord) -> tuple[tuple[int, ...], tuple[Message, ...]]:
    """Rows of the run's classes, which keep their names of then in a repetition, and notes of those renamed since."""
    here, ids = {row.id: row.name for row in list_classes(project)}, run_class_ids(project, record.run)
    named = list(zip(ids, record.classes, strict=True))
    gone = [name for class_id, name in named if class_id not in here]
    if gone:
        raise RunError("training.like.class_gone", run=record.run, class_name=gone[0])
    return ids, tuple(Message("runs.class_renamed", then=name, now=here[class_id])
                      for class_id, name in named if here[class_id] != name)


class _Contents:
    """Finds readable images of the project by content; each row is given once while others have the same content."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._ids: dict[bytes, list[int]] = defaultdict(list)
        sql = "SELECT content_hash, id FROM image WHERE status = 'ok' AND content_hash IS NOT NULL ORDER BY id DESC"
        for content, image_id in project.catalog.rows(sql):
            self._ids[content].append(image_id)

    def find(self, wanted: Iterable[tuple[bytes, int]]) -> list[ImageRef | None]:
        """An image for each content, that of the row that had it if it still has; None where there is none."""
        chosen = [self._take(content, image_id) for content, image_id in wanted]
        found = {ref.id: ref for ref in image_refs(self._project, [i for i in chosen if i is not None])}
        return [None if image_id is None else found.get(image_id) for image_id in chosen]

    def _take(self, content: bytes, image_id: int) -> int | None:
        ids = self._ids.get(content)
        if not ids:
            return None
        return ids.pop(ids.index(image_id) if image_id in ids else -1)


def _contents_of_new(said: RunPredictions) -> list[tuple[bytes, int]]:
    """Contents and rows of the images without a label that a run predicted."""
    new = said.choose(np.asarray(said.kinds == NEW))
    assert new.hashes is not None, "a run that was read has hashes"
    return list(zip((row.tobytes() for row in new.hashes), new.image_ids.tolist(), strict=True))


def _require_all(run_id: str, found: Sequence[ImageRef | None], paths: Sequence[Path]) -> None:
    gone = [path for image, path in zip(found, paths, strict=True)
            if image is None or not os.path.lexists(image.path)]
    if gone:
        raise RunError("training.like.images_gone", run=run_id, n=len(gone), n_all=len(paths), names=_named(gone))


def _require_same_files(run_id: str, images: Sequence[ImageRef]) -> None:
    changed = [one.image.path for one in find_changed_files(images, JobContext())]
    if changed:
        raise RunError(
            "training.like.images_gone", run=run_id, n=len(changed), n_all=len(images), names=_named(changed))


def _named(paths: Sequence[Path]) -> tuple[Message | str, ...]:
    names = tuple(path.name for path in paths[:MOST_NAMED])
    n_more = len(paths) - MOST_NAMED
    return (*names, Message("training.n_more", n=n_more)) if n_more > 0 else names


def _restore_groups(
    project: Project, snapshot: Sequence[SnapshotRow], images: Sequence[ImageRef], kind: str,
) -> tuple[tuple[int, ...], tuple[Message, ...]]:
    """The groups of duplicates that were known then; those of now, and a note, where none were noted."""
    noted = [row.group for row in snapshot]
    if any(group is None for group in noted):
        return duplicate_groups(project, images, kind), (Message("training.like.groups_of_now"),)
    if UNKNOWN_GROUP in noted:
        return (), ()
    known = [group for group in noted if group is not None]
    first_free = max(known, default=-1) + 1
    return (*known, *range(first_free, first_free + len(images) - len(known))), ()


def _say_changes(images: Sequence[ImageRef], paths: Sequence[Path], n_gone: int) -> tuple[Message, ...]:
    n_moved = sum(image.path != path for image, path in zip(images, paths, strict=False))
    counts = (("unlabelled_gone", n_gone), ("moved", n_moved))
    return tuple(Message(f"training.like.{what}", n=n) for what, n in counts if n)


def _say_excluded(project: Project, learnt: Sequence[ImageRef]) -> tuple[Message, ...]:
    """That a repetition learns from images that were excluded since, for it repeats what was."""
    n = len(excluded_ids(project) & {image.id for image in learnt})
    return (Message("training.like.excluded_now", n=n),) if n else ()


@dataclass(frozen=True, slots=True)
class Repetition:
    """How a repeated run differs from the one that it repeats.

    Attributes:
        run: The one that was repeated.
        n_images: Predictions that both have, of the same content.
        n_alone: Predictions of the repeated run without a counterpart.
        n_other_class: Images of those that get another class.
        largest: The largest difference of a probability, 0 … 1.
        is_equal: Whether all predictions are equal bit for bit.
        changes: What is another one: the network, versions, processor.
    """

    run: str
    n_images: int
    n_alone: int
    n_other_class: int
    largest: float
    is_equal: bool
    changes: tuple[Message, ...] = ()

    @property
    def sentences(self) -> tuple[Message, ...]:
        """Whether it is equal, and what may be the reason if not."""
        kind = "equal" if self.is_equal else "other" if self.n_other_class else "close"
        said = [Message(f"training.like.{kind}", run=self.run, n=self.n_images, n_other=self.n_other_class,
                        largest=self.largest)] if self.n_images else []
        if self.n_alone:
            said.append(Message("training.like.alone", n=self.n_alone))
        return (*said, *(() if self.is_equal else self.changes))

    def to_json(self) -> dict[str, Any]:
        """Part of `train --like --json`."""
        return {**asdict(self), "changes": list(self.changes), "sentences": list(self.sentences)}


def compare_repetition(project: Project, run_id: str, again: str) -> Repetition:
    """Compare the predictions of two runs on the same contents.

    Args:
        run_id: The run that was repeated.
        again: The one that repeats it.

    Raises:
        RunError: Either is missing or damaged.
    """
    folders = [project.run_path(name) for name in (run_id, again)]
    before, after = (read_predictions(folder) for folder in folders)
    left, right = _pair(before, after)
    one, other = np.asarray(before.probabilities[left]), np.asarray(after.probabilities[right])
    n_alone = len(before.image_ids) - len(left)
    return Repetition(
        run_id, len(left), n_alone, int((one.argmax(axis=1) != other.argmax(axis=1)).sum()),
        float(np.abs(one - other).max(initial=0.0)), bool(np.array_equal(one, other)) and not n_alone,
        _describe_changes(*map(read_run, folders)),
    )


def _pair(before: RunPredictions, after: RunPredictions) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of two runs that are of the same kind and content, (n_pairs,) int64 each."""
    waiting: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for row, key in enumerate(_keys(after)):
        waiting[key].append(row)
    pairs = [(row, waiting[key].pop(0)) for row, key in enumerate(_keys(before)) if waiting.get(key)]
    columns = np.array(pairs, np.int64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]


def _keys(said: RunPredictions) -> list[tuple[int, bytes]]:
    assert said.hashes is not None, "a run that was read has hashes"
    keys = zip(said.kinds.tolist(), (row.tobytes() for row in said.hashes), strict=True)
    return [(kind, content if content != NO_HASH else b"") for kind, content in keys]


def _describe_changes(before: RunRecord, after: RunRecord) -> tuple[Message, ...]:
    """What is another one now, of what both note."""
    found = []
    if before.backbone != after.backbone or before.fit.get("features") != after.fit.get("features"):
        found.append(Message("training.like.other_network", then=_network(before), now=_network(after)))
    elif before.weights != after.weights:
        found.append(Message("training.like.other_weights", network=before.backbone))
    then, now = dict(before.environment), dict(after.environment)
    changed = [name for name in (*NAMES, "processor", "n_threads") if name in then and then[name] != now.get(name)]
    if changed:
        found.append(Message("training.like.other_environment", changes=tuple(
            Message("training.like.changed", name=NAMES.get(name, name), then=str(then[name]),
                    now=str(now.get(name, "–"))) for name in changed)))
    return tuple(found)


def _network(record: RunRecord) -> str:
    return " ".join(filter(None, (record.backbone, str(record.fit.get("features", "")))))


def repeat_run(
    folder: Path, run_id: str, context: JobContext, *, allow_download: bool = False, weights: Path | None = None,
    say: Callable[[Message], object] = lambda note: None,
) -> Mapping[str, Any]:
    """Repeat a run here, record the new one and compare.

    Args:
        say: Called with each note before anything is trained.

    Returns:
        See `train_project`, and `like` (see `Repetition.to_json`).

    Raises:
        AppError: See `prepare_repetition` and `train_project`.
        JobCancelled: The caller asked to end.
    """
    from core.workflow.training import train_and_record

    with Project.open(folder) as project:
        job = prepare_repetition(project, run_id, allow_download=allow_download, weights=weights)
        for note in job.notes:
            say(note)
        facts = train_and_record(project, job, context)
        return {**facts, "like": compare_repetition(project, run_id, job.run).to_json()}

"""Finds the run that has learnt from the same images and labels with the same settings as a training asked for.

Only a run of this version of the program counts, and only if there is nothing new to predict. The same images stay
together in both, whatever says so: duplicates, a table, or the folders and file names of now. Where a training leaves
images out because they cannot be read, it is never said to be the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import __version__
from core.errors import RunError
from core.images.files import find_changed_files
from core.jobs import JobContext
from core.project.project import Project
from core.project.runs import FINISHED, RunRow, list_runs
from core.runs.predictions import NEW
from core.runs.repository import read_whole
from core.runs.snapshot import UNKNOWN_GROUP, SnapshotRow, read_snapshot
from core.text import Message
from core.training.folds import group_keys, keep_together
from core.training.group_sources import folder_groups, named_groups, series_groups
from core.training.job import TrainJob
from core.training.strategies.transfer import AUTO, DUPLICATES, FOLDER, SERIES
from core.training.write_run import UNLABELLED, labelled_rows


@dataclass(frozen=True, slots=True)
class SameRun:
    """A run that has learnt the same.

    Attributes:
        would_go_further: Whether its time ran out: what was embedded by then is there now, so a training tries more.
    """

    run: str
    would_go_further: bool = False


def find_same_run(project: Project, job: TrainJob) -> SameRun | None:
    """The latest finished run that a training would only repeat; None if there is none, or nobody can tell.

    Args:
        job: What is about to be trained.
    """
    if job.weights is not None or job.resume_from is not None:
        return None
    settings = json.loads(json.dumps(asdict(job.settings)))
    for row in list_runs(project):
        if row.damage or row.status != FINISHED or row.strategy != job.strategy or dict(row.settings) != settings:
            continue
        try:
            found = _compare(project, row, job)
            if found is not None:
                # a file that has another content by now would be left out
                return None if find_changed_files(job.images, JobContext()) else found
        except RunError:
            continue  # a run that is damaged is no reason not to train
    return None


def _compare(project: Project, row: RunRow, job: TrainJob) -> SameRun | None:
    record, said = read_whole(project.run_path(row.id))
    if record.program_version != __version__ or record.classes != job.classes:
        return None
    if not _is_learnt_same(read_snapshot(project.run_path(row.id)), _learnt(job), job.settings):
        return None
    new = said.choose(np.asarray(said.kinds == NEW))
    assert new.hashes is not None, "a run that was read has hashes"
    then = Counter(content.tobytes() for content in new.hashes)
    now = Counter(image.content_hash for image, label in zip(job.images, job.labels, strict=True)
                  if label == UNLABELLED)
    if now - then:
        return None
    ran_out = any(isinstance(note, Message) and note.code == "training.auto_out_of_time" for note in record.notes)
    return SameRun(row.id, would_go_further=ran_out)


def _learnt(job: TrainJob) -> list[SnapshotRow]:
    """What a training would learn from, as a run notes it."""
    ids = [image.id for image in job.images]
    group_of = dict(zip(ids, job.groups, strict=False))
    said = dict(zip(ids, job.table_groups, strict=False))
    return [replace(row, group=group_of.get(row.image_id), table_group=said.get(row.image_id, ""))
            for row in labelled_rows(job.images, job.labels, job.classes)]


def _is_learnt_same(then: Sequence[SnapshotRow], now: Sequence[SnapshotRow], settings: Any) -> bool:
    """Whether images, labels and all groups are the same; the settings are."""
    labels_then, labels_now = (Counter((row.content_hash, row.label) for row in rows) for rows in (then, now))
    if labels_then != labels_now or not now:
        return labels_then == labels_now
    return all(one == other for one, other in zip_longest(_partitions(then, settings), _partitions(now, settings)))


def _partitions(rows: Sequence[SnapshotRow], settings: Any) -> Iterator[Counter[tuple[bytes, bytes]]]:
    """Each way in which a training may keep images together: of each image its content and the least of its group."""
    hashes = [row.content_hash for row in rows]
    for numbers in _groupings(rows, settings):
        keys = group_keys(hashes, keep_together(hashes, numbers))
        yield Counter(zip(hashes, keys, strict=True))


def _groupings(rows: Sequence[SnapshotRow], settings: Any) -> Iterator[NDArray[np.int64]]:
    """Groups by duplicates, table, folders and file names, as far as the settings look at them, (n_images,) each.

    Capture times and near-duplicates follow from the contents.
    """
    is_known = [row.group not in (None, UNKNOWN_GROUP) for row in rows]
    yield from named_groups([f"{row.group}" if known else "" for row, known in zip(rows, is_known, strict=True)])
    yield from named_groups([row.table_group for row in rows])
    asked = getattr(settings, "groups", DUPLICATES)
    if any(row.table_group for row in rows):
        return
    paths, classes = [row.path for row in rows], sorted({row.label for row in rows})
    places = {name: at for at, name in enumerate(classes)}
    if asked in (AUTO, FOLDER):
        labels = np.array([places[row.label] for row in rows], np.int64)
        yield from folder_groups(paths, labels, classes)
    if asked in (AUTO, SERIES):
        yield from series_groups(paths)

"""Finds the run that has learnt from the same images and labels with the same settings as a training asked for.

Only a run of this version of the program counts, and only if there is nothing new to predict. Where a training leaves
images out because they cannot be read, it is never said to be the same.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass

import numpy as np

from core import __version__
from core.errors import RunError
from core.images.files import find_changed_files
from core.jobs import JobContext
from core.project.project import Project
from core.project.runs import FINISHED, RunRow, list_runs
from core.runs.predictions import NEW
from core.runs.record import RunRecord
from core.runs.repository import read_whole
from core.runs.snapshot import UNKNOWN_GROUP, read_snapshot
from core.text import Message
from core.training.job import TrainJob
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
    if record.program_version != __version__ or not _is_learnt_same(_rows(project, row), record, job):
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


def _rows(project: Project, row: RunRow) -> Counter[tuple[bytes, str, int, str]]:
    """What a run has learnt from: content, label and group of each image."""
    return Counter((one.content_hash, one.label, UNKNOWN_GROUP if one.group is None else one.group, one.table_group)
                   for one in read_snapshot(project.run_path(row.id)))


def _is_learnt_same(then: Counter[tuple[bytes, str, int, str]], record: RunRecord, job: TrainJob) -> bool:
    group_of = dict(zip((image.id for image in job.images), job.groups, strict=False))
    said = dict(zip((image.id for image in job.images), job.table_groups, strict=False))
    now = Counter((one.content_hash, one.label, group_of.get(one.image_id, UNKNOWN_GROUP), said.get(one.image_id, ""))
                  for one in labelled_rows(job.images, job.labels, job.classes))
    return record.classes == job.classes and then == now

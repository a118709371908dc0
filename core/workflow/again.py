"""Finds the run that has learnt from the same images and labels with the same settings as a training asked for.

Only a run of this version of the program counts, and only if there is nothing new to predict. Where a training leaves
images out because they cannot be read, it is never said to be the same.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict

import numpy as np

from core import __version__
from core.errors import RunError
from core.project.project import Project
from core.project.runs import FINISHED, RunRow, list_runs
from core.runs.predictions import NEW
from core.runs.record import RunRecord
from core.runs.repository import read_whole
from core.runs.snapshot import UNKNOWN_GROUP, read_snapshot
from core.training.job import TrainJob
from core.training.write_run import UNLABELLED, labelled_rows


def find_same_run(project: Project, job: TrainJob) -> RunRow | None:
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
            if _is_same(project, row, job):
                return row
        except RunError:
            continue  # a run that is damaged is no reason not to train
    return None


def _is_same(project: Project, row: RunRow, job: TrainJob) -> bool:
    folder = project.run_path(row.id)
    record, said = read_whole(folder)
    if record.program_version != __version__ or not _is_learnt_same(folder_rows(project, row), record, job):
        return False
    new = said.choose(np.asarray(said.kinds == NEW))
    assert new.hashes is not None, "a run that was read has hashes"
    then = Counter(content.tobytes() for content in new.hashes)
    now = Counter(image.content_hash for image, label in zip(job.images, job.labels, strict=True)
                  if label == UNLABELLED)
    return not now - then


def folder_rows(project: Project, row: RunRow) -> Counter[tuple[bytes, str, int]]:
    """What a run has learnt from: content, label and group of each image."""
    return Counter((one.content_hash, one.label, UNKNOWN_GROUP if one.group is None else one.group)
                   for one in read_snapshot(project.run_path(row.id)))


def _is_learnt_same(then: Counter[tuple[bytes, str, int]], record: RunRecord, job: TrainJob) -> bool:
    group_of = dict(zip((image.id for image in job.images), job.groups, strict=False))
    now = Counter((one.content_hash, one.label, group_of.get(one.image_id, UNKNOWN_GROUP))
                  for one in labelled_rows(job.images, job.labels, job.classes))
    return record.classes == job.classes and then == now

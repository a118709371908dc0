"""Ensembles of finished runs: soft voting of what they said out of fold, where all were judged in the same folds.

    members.json    strategy, weight and folder of each member, and the digest of its record
    member-1 …      the runs that have a weight, whole: the ensemble does not need its members to stay where they are

Nothing is trained but the weights (see `core.training.ensemble`). Runs agree on their folds where images, groups,
seed and number of folds are the same, whatever their strategy.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError, RunError
from core.files.foreign import checked_run_id, read_json
from core.files.writing import write_json
from core.jobs import JobContext
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.runs.record import RunRecord, TrainResult
from core.runs.repository import read_whole, take_file
from core.runs.snapshot import read_snapshot
from core.runs.sums import RECORD_NAME, require_sound
from core.text import Message
from core.training.ensemble import vote
from core.training.ensemble_outcome import judge_members
from core.training.groups import GroupChoice, choose_groups
from core.training.job import PredictResult, PredictRunInput, TrainJob, predict
from core.training.labelled import labelled_places, read_final_features
from core.training.settings import StopReason
from core.training.strategies.ensemble import EnsembleSettings
from core.training.unfinished import describe_difference
from core.training.write_run import UNLABELLED, Trained, labelled_rows, write_trained
from core.types import ImageRef, Skipped

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

MEMBERS_NAME = "members.json"
FORMAT = 1
LEAST_MEMBERS = 2


@dataclass(frozen=True, slots=True, eq=False)
class RunMember:
    """A finished run as it votes.

    Attributes:
        folder: Where it lies.
        columns: Of its classes in the order of the ensemble's, (n_classes,) int64.
        probabilities: Of the labelled images out of fold, (n_images, n_classes) float32; NaN where unjudged.
        folds: (n_images,) int64; −1 where unjudged.
    """

    folder: Path
    record: RunRecord
    said: RunPredictions
    columns: Ints
    probabilities: Floats
    folds: Ints

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return self.record.run

    @property
    def not_better(self) -> str:
        """See `core.training.ensemble_outcome.Judged`."""
        return "not_better_run"

    def to_json(self) -> Mapping[str, Any]:
        """As `run.json` keeps it."""
        return {"run": self.record.run, "strategy": self.record.strategy, "backbone": self.record.backbone}


def train_on_runs(job: TrainJob, context: JobContext) -> TrainResult:
    """Weigh finished runs, judge them together out of fold, predict the unlabelled images, write the run.

    Raises:
        InputError: Fewer than two runs, or backbones as well.
        RunError: A run is missing, damaged, was stopped, has no folds, or is of other labels or folds.
        WeightsError: The backbone of a member cannot be had for images that it has not predicted.
        StorageError: The run could not be saved.
    """
    started = time.monotonic()
    names, places = run_names(job), labelled_places(job)
    used, labels = np.unique(np.asarray(job.labels, np.int64)[places], return_inverse=True)
    classes = tuple(job.classes[at] for at in used)
    images = [job.images[at] for at in places]
    members = [_read_member(job, name, images, classes) for name in names]
    for one in members[1:]:
        _require_same_folds(members[0], one)
    folds = members[0].folds
    judged = np.flatnonzero(folds >= 0)
    result = judge_members(members, judged, labels[judged], folds[judged], way=job.settings.voting,
                           seed=job.settings.seed)
    weighed = [(one, weight) for one, weight in zip(members, result.voted.weights.tolist(), strict=True) if weight]
    found = _vote_on_new(job, weighed, classes, context)
    context.progress(len(members), len(members), stage=Message("jobs.training"), unit="models")
    return write_trained(job, Trained(
        backbone=" + ".join(dict.fromkeys(one.record.backbone for one, _ in weighed))[:100], classes=classes,
        n_train=len(labels), head=None, images=images, labels=labels, judged=judged,
        probabilities=result.voted.probabilities, folds=folds[judged], new_images=found.images,
        new_probabilities=found.probabilities, weights=" + ".join(one.record.weights for one, _ in weighed),
        fit=result.to_json(), groups=_groups_of(job, members[0], places, labels, classes, context),
        notes=(*result.notes, *found.notes), skipped=found.skipped,
        add_files=lambda folder: _write_members(folder, weighed),
    ), started=started)


def run_names(job: TrainJob) -> tuple[str, ...]:
    """Ids of the runs that a job asks for.

    Raises:
        InputError: Fewer than two, or backbones or weights as well.
        RunError: One is no id.
    """
    names = tuple(dict.fromkeys(checked_run_id(name) for name in job.settings.run_ids))
    if len(names) < LEAST_MEMBERS:
        raise InputError("training.of_runs.too_few", n=len(names))
    if job.weights is not None or job.settings.members != EnsembleSettings().members:
        raise InputError("training.of_runs.or_members")
    if job.settings.n_repeats > 1:
        raise InputError("training.of_runs.no_repeats")
    return names


def _read_member(job: TrainJob, name: str, images: Sequence[ImageRef], classes: tuple[str, ...]) -> RunMember:
    folder = job.folder.parent / name
    record, said = read_whole(folder)
    if record.fit.get("history") and record.fit.get("stop_reason") == StopReason.STOPPED.value:
        raise RunError("training.of_runs.stopped", run=name)
    is_judged = said.kinds == OUT_OF_FOLD
    if said.folds is None or said.hashes is None or not is_judged.any():
        raise RunError("training.of_runs.no_folds", run=name)
    difference = describe_difference(read_snapshot(folder), labelled_rows(job.images, job.labels, job.classes))
    if difference or set(record.classes) != set(classes):
        raise RunError("training.of_runs.other_labels", run=name,
                       difference=difference or (Message("training.changed.labels"),))
    columns = np.array([record.classes.index(one) for one in classes], np.int64)
    row_of = {said.hashes[row].tobytes(): row for row in np.flatnonzero(is_judged).tolist()}
    rows = np.array([row_of.get(image.content_hash, -1) for image in images], np.int64)
    probabilities = np.full((len(images), len(classes)), np.nan, np.float32)
    probabilities[rows >= 0] = np.asarray(said.probabilities)[rows[rows >= 0]][:, columns]
    folds = np.where(rows >= 0, np.asarray(said.folds, np.int64)[rows], -1)
    return RunMember(folder, record, said, columns, probabilities, folds)


def _require_same_folds(one: RunMember, other: RunMember) -> None:
    """Whether each fold of the one is a fold of the other, whatever their numbers.

    Raises:
        RunError: It is not: the weights of a fold would be fitted on images of the other's training.
    """
    pairs = np.unique(np.stack([one.folds, other.folds]), axis=1)
    is_one_to_one = all(len(np.unique(row)) == pairs.shape[1] for row in pairs)
    if not is_one_to_one or not np.array_equal(one.folds < 0, other.folds < 0):
        raise RunError("training.of_runs.other_folds", run=other.name, other=one.name)


def _groups_of(
    job: TrainJob, member: RunMember, places: Ints, labels: Ints, classes: tuple[str, ...], context: JobContext
) -> GroupChoice:
    """The groups that the folds of the members kept together, by which the interval is widened."""
    noted = member.record.fit.get("groups")
    source = str(noted.get("source", "duplicates")) if isinstance(noted, Mapping) else "duplicates"
    named = {row.content_hash: row.table_group for row in read_snapshot(member.folder)}
    of_table = tuple(named.get(image.content_hash, "") for image in job.images)
    asked = replace(job, settings=replace(job.settings, groups=source if source != "table" else "duplicates"),
                    table_groups=of_table if source == "table" and any(of_table) else ())
    return choose_groups(
        asked, places, labels, classes=classes, n_parts=2, context=context,
        read_features=lambda: read_final_features(job, places, context))


def _vote_on_new(
    job: TrainJob, members: Sequence[tuple[RunMember, float]], classes: tuple[str, ...], context: JobContext
) -> PredictResult:
    """What the members say together of the unlabelled images: what is stored, and the rest predicted now."""
    new = tuple(image for image, label in zip(job.images, job.labels, strict=True) if label == UNLABELLED)
    said, skipped = [], dict[Path, Skipped]()
    for one, _ in members:
        stored = _stored(one)
        missing = tuple(image for image in new if image.content_hash not in stored)
        if missing:
            found = predict(PredictRunInput(one.folder, missing, job.embeddings), context)
            stored |= {image.content_hash: row for image, row in zip(
                found.images, found.probabilities[:, one.columns], strict=True)}
            skipped |= {each.path: each for each in found.skipped}
        said.append(stored)
    return _join(new, said, [weight for _, weight in members], classes, tuple(skipped.values()))


def _stored(member: RunMember) -> dict[bytes, Floats]:
    assert member.said.hashes is not None, "a member has hashes"
    rows = np.flatnonzero(member.said.kinds == NEW).tolist()
    return {member.said.hashes[row].tobytes(): np.asarray(member.said.probabilities[row])[member.columns]
            for row in rows}


def _join(
    images: Sequence[ImageRef], said: Sequence[Mapping[bytes, Floats]], weights: Sequence[float],
    classes: tuple[str, ...], skipped: tuple[Skipped, ...],
) -> PredictResult:
    """The vote on the images of which every member says something."""
    known = tuple(image for image in images if all(image.content_hash in one for one in said))
    voted = np.empty((0, len(classes)), np.float32)
    if known:
        voted = vote(np.stack([[one[image.content_hash] for image in known] for one in said]), np.array(weights))
    return PredictResult(known, classes, voted, skipped)


def _write_members(folder: Path, members: Sequence[tuple[RunMember, float]]) -> None:
    """Put the members into the folder of the ensemble's run; files are linked where the disk can do that.

    Raises:
        OSError, StorageError: The disk is full or fails.
    """
    write_json(folder / MEMBERS_NAME, {"format": FORMAT, "members": [
        {"run": one.record.run, "folder": f"member-{at}", "weight": weight, "digest": _digest(one.folder)}
        for at, (one, weight) in enumerate(members, start=1)]})
    for at, (one, _) in enumerate(members, start=1):
        for path in sorted(one.folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                place = folder / f"member-{at}" / path.relative_to(one.folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                take_file(path, place.parent)


def _digest(folder: Path) -> str:
    """Of the record of a run, which has the digests of its other files."""
    return hashlib.sha256((folder / RECORD_NAME).read_bytes()).hexdigest()


def is_of_runs(folder: Path) -> bool:
    """Whether the run in a folder is an ensemble of runs."""
    return (folder / MEMBERS_NAME).is_file()


def predict_with_runs(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image of which every member says something.

    Raises:
        RunError: The run or a member is missing, damaged or another one than was judged.
        WeightsError: The backbone of a member cannot be had.
    """
    members = read_members(inputs.run_folder)
    said, skipped = [], dict[Path, Skipped]()
    for folder, _ in members:
        of_one = predict(replace(inputs, run_folder=folder), context)
        columns = [of_one.classes.index(one) for one in record.classes]
        said.append({image.content_hash: row for image, row in zip(
            of_one.images, of_one.probabilities[:, columns], strict=True)})
        skipped |= {each.path: each for each in of_one.skipped}
    return _join(inputs.images, said, [weight for _, weight in members], record.classes, tuple(skipped.values()))


def read_members(folder: Path) -> tuple[tuple[Path, float], ...]:
    """Folder and weight of each member of such a run.

    Raises:
        RunError: The list or a member is missing, damaged or another one than was judged.
    """
    path = folder / MEMBERS_NAME
    require_sound(path)
    try:
        stored = read_json(path)
        found = [(folder / f"member-{at}", float(one["weight"]), str(one["digest"]))
                 for at, one in enumerate(stored["members"], start=1)]
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise RunError("training.ensemble_unreadable", path=path) from error
    for member, _, digest in found:
        if not (member / RECORD_NAME).is_file() or _digest(member) != digest:
            raise RunError("training.ensemble_unreadable", path=member / RECORD_NAME)
    return tuple((member, weight) for member, weight, _ in found)

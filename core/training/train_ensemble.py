"""Trains an ensemble: a head on the embeddings of each backbone, put together by soft voting; predicts with it.

All members learn from and are judged on the same images in the same folds, so their out-of-fold probabilities can be
weighed (see `core.training.ensemble`) and what the ensemble gains is measured on pairs.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import find_backbone
from core.embeddings.embedded import Embedded, embed
from core.errors import InputError, RunError
from core.jobs import JobContext, Unit
from core.runs.record import RunRecord, TrainResult
from core.settings import check_settings
from core.text import Message
from core.training.ensemble import put_together, vote
from core.training.ensemble_files import (
    Member, MemberFacts, Voter, keep_done, read_done, read_voters, write_voters,
)
from core.training.ensemble_outcome import EnsembleOutcome, judge_members
from core.training.groups import GroupChoice
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.repeated import Repeats, repeat_folds
from core.training.transfer import choose_labelled, predict_rows
from core.training.unfinished import working_place
from core.training.write_run import Trained, write_trained
from core.types import ImageRef, Skipped

LEAST_MEMBERS = 2
LONGEST_NAME = 100
"""Letters of the networks of a run, which is listed on one line; more are counted."""


class _Share(JobContext):
    """Tells the progress of one of several equal parts as that of the whole.

    Args:
        whole: Receives the progress; cancels.
        at, n: Which part, from 0, and how many there are.
    """

    def __init__(self, whole: JobContext, at: int, n: int) -> None:
        super().__init__()
        self._whole, self._at, self._n = whole, at, n

    def check(self) -> None:
        self._whole.check()

    def publish(self, event: object) -> None:
        self._whole.publish(event)

    def progress(self, done: int, total: int, *, stage: Message, unit: Unit = "images") -> None:
        if unit == "images":  # the same images for each part
            self._whole.progress((self._at * total + done) // self._n, total, stage=stage, unit=unit)
        else:
            self._whole.progress(self._at * total + done, self._n * total, stage=stage, unit=unit)


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What all members learn from.

    Attributes:
        places: Of the labelled images in the job, (n_images,) int64.
        labels: Index into `classes`, (n_images,) int64.
        folds: (n_images,) int64; −1 for images that are learnt from in every fold and judged in none.
    """

    places: NDArray[np.int64]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    folds: NDArray[np.int64]
    notes: tuple[Message, ...]
    groups: GroupChoice


def train_ensemble(job: TrainJob, context: JobContext) -> TrainResult:
    """Embed all images with each backbone, then train on the embeddings; or weigh the runs that are named instead.

    What was embedded stays, and members that are done are kept for a training that goes on.

    Raises:
        InputError: A setting is out of its range, fewer than two members, an unknown one, or own weights.
        WeightsError, EngineError: A backbone cannot be used.
        AppError: See `train_on_members`.
    """
    check_settings(job.settings)
    if job.settings.run_ids:
        from core.training.ensemble_of_runs import train_on_runs

        return train_on_runs(job, context)
    names = member_names(job)
    with working_place(job) as working:
        return train_on_members(job, embed_members(
            job.images, names, job.embeddings, context, features=job.settings.features,
            allow_download=job.allow_download), context, working)


def train_on_members(
    job: TrainJob, embedded: Mapping[str, Embedded], context: JobContext, working: Path
) -> TrainResult:
    """Train the members, judge the ensemble out of fold, predict the unlabelled images, write the run.

    Args:
        embedded: Of the job's images, by the name of the backbone.
        working: Folder of the unfinished training; what is done there is not done again.

    Raises:
        TrainingDataError: No labels, fewer than two classes with two images, or nothing embedded yet.
        RunError: The run's folder exists already, or a store does not fit.
        StorageError: The run could not be saved.
    """
    started = time.monotonic()
    rows = rows_of_all(embedded.values())
    first = next(iter(embedded.values()))
    learnt = _Learnt(*choose_labelled(
        job, rows, context, read_features=lambda places: first.store.read(first.rows[places])))
    members = _train_members(job, learnt, embedded, context, working)
    judged, new = np.flatnonzero(learnt.folds >= 0), np.flatnonzero((rows >= 0) & (np.array(job.labels) < 0))
    result = judge_members(
        members, judged, learnt.labels[judged], learnt.folds[judged], way=job.settings.voting, seed=job.settings.seed)
    voters = tuple(Voter(one.facts.backbone, weight, one.head) for one, weight in zip(
        members, result.voted.weights.tolist(), strict=True) if weight)
    repeats = _repeat(job, learnt, embedded, judged, result, context)
    return write_trained(job, Trained(
        backbone=_name_of(embedded), classes=learnt.classes, n_train=len(learnt.labels), head=None,
        images=[job.images[i] for i in learnt.places], labels=learnt.labels, judged=judged,
        probabilities=result.voted.probabilities, folds=learnt.folds[judged],
        new_images=[job.images[i] for i in new],
        new_probabilities=_vote_rows(voters, embedded, new, context),
        weights=" + ".join(one.key for one in embedded.values()),
        fit={**result.to_json(), **repeats.to_json()}, groups=learnt.groups,
        notes=(*result.notes, *repeats.notes, *learnt.notes, *_say_class_weights(job, members),
               *(note for one in embedded.values() for note in one.notes)),
        skipped=skipped_by_any(embedded.values()),
        add_files=lambda folder: write_voters(folder, members, result.voted.weights.tolist()),
    ), started=started)


def predict_ensemble(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image; members without a weight are not asked.

    Raises:
        RunError: The run is missing, damaged, or was trained on other embeddings.
        WeightsError: The weights of a backbone cannot be had.
    """
    from core.training.ensemble_of_runs import is_of_runs, predict_with_runs

    if is_of_runs(inputs.run_folder):
        return predict_with_runs(record, inputs, context)
    voters = read_voters(inputs.run_folder, len(record.classes))
    embedded = embed_members(
        inputs.images, tuple(one.backbone for one in voters), inputs.embeddings, context,
        features=str(record.settings.get("features", "final")))
    return vote_on_embeddings(record, inputs, voters, embedded, context)


def vote_on_embeddings(
    record: RunRecord, inputs: PredictRunInput, voters: Sequence[Voter], embedded: Mapping[str, Embedded],
    context: JobContext,
) -> PredictResult:
    """The same for images that are embedded already by every voter.

    Raises:
        RunError: The run was trained on other embeddings, or a store does not fit.
    """
    for one in voters:
        n_features = embedded[one.backbone].store.n_features
        if len(one.head.kernel) != n_features:
            raise RunError(
                "training.other_embeddings", run=record.run, n_expected=len(one.head.kernel),
                n_given=n_features, backbone=one.backbone,
            )
    found = np.flatnonzero(rows_of_all(embedded.values()) >= 0)
    return PredictResult(
        tuple(inputs.images[i] for i in found), record.classes, _vote_rows(voters, embedded, found, context),
        skipped_by_any(embedded.values()), tuple(note for one in embedded.values() for note in one.notes),
    )


def member_names(job: TrainJob) -> tuple[str, ...]:
    """Names of the backbones that a job asks for, as the registry spells them.

    Raises:
        InputError: Fewer than two, an unknown one, or weights of the user's own, which fit one backbone only.
    """
    names = tuple(dict.fromkeys(find_backbone(name).name for name in job.settings.backbones))
    if len(names) < LEAST_MEMBERS:
        raise InputError("training.ensemble_too_few", n=len(names))
    if job.weights is not None:
        raise InputError("training.ensemble_own_weights")
    return names


def embed_members(
    images: tuple[ImageRef, ...], names: Sequence[str], folder: Path, context: JobContext, *, features: str,
    allow_download: bool = False,
) -> dict[str, Embedded]:
    """The images as each backbone sees them, by its name; what has no embedding yet is embedded; see `embed`."""
    return {
        name: embed(images, name, folder, _Share(context, at, len(names)), features=features,
                    allow_download=allow_download)
        for at, name in enumerate(names)
    }


def rows_of_all(embedded: Iterable[Embedded]) -> NDArray[np.int64]:
    """Not negative for images that every member has an embedding of, (n_images,) int64."""
    found: NDArray[np.int64] = np.min([one.rows for one in embedded], axis=0)
    return found


def skipped_by_any(embedded: Iterable[Embedded]) -> tuple[Skipped, ...]:
    """Images that a member could not use, each once."""
    return tuple({skipped.path: skipped for one in embedded for skipped in one.skipped}.values())


def _train_members(
    job: TrainJob, learnt: _Learnt, embedded: Mapping[str, Embedded], context: JobContext, working: Path
) -> list[Member]:
    """A head for each backbone, those that are done taken over; each is kept once it is done."""
    from core.training.logistic import fit_transfer

    data = _fingerprint(job, learnt)
    done, members = read_done(working, data), list[Member]()
    for at, (name, seen) in enumerate(embedded.items()):
        if seen.key in done:
            members.append(done[seen.key])
            continue
        fit = fit_transfer(
            seen.store.read(seen.rows[learnt.places]), learnt.labels, folds=learnt.folds,
            n_classes=len(learnt.classes), context=_Share(context, at, len(embedded)),
            weighting=job.settings.class_weights,
        )
        facts = MemberFacts(name, seen.key, fit.strength, fit.fold_strengths, fit.is_weighted)
        members.append(Member(facts, fit.probabilities, fit.head))
        keep_done(working, members, data)
    return members


def _repeat(
    job: TrainJob, learnt: _Learnt, embedded: Mapping[str, Embedded], judged: NDArray[np.int64],
    result: EnsembleOutcome, context: JobContext,
) -> Repeats:
    """The members in other folds, put together anew."""
    from core.training.logistic import fit_transfer

    def judge(folds: NDArray[np.int64], context: JobContext) -> NDArray[np.float32]:
        said = np.stack([fit_transfer(
            seen.store.read(seen.rows[learnt.places]), learnt.labels, folds=folds, n_classes=len(learnt.classes),
            context=context, weighting=job.settings.class_weights).probabilities for seen in embedded.values()])
        rows = np.flatnonzero(folds >= 0)
        found = np.full(said.shape[1:], np.nan, np.float32)
        found[rows] = put_together(said[:, rows], learnt.labels[rows], folds[rows], way=job.settings.voting,
                                   seed=job.settings.seed).probabilities
        return found

    own = np.full((len(learnt.labels), len(learnt.classes)), np.nan, np.float32)
    own[judged] = result.voted.probabilities
    return repeat_folds(job.settings, learnt.labels, learnt.groups, own, learnt.folds, classes=learnt.classes,
                        judge=judge, context=context)


def _fingerprint(job: TrainJob, learnt: _Learnt) -> str:
    """Of all that decides what a member learns beside its embeddings."""
    digest = hashlib.sha256(repr((learnt.classes, job.settings.class_weights, job.settings.features)).encode())
    for place in learnt.places.tolist():
        digest.update(job.images[place].content_hash)
    digest.update(learnt.labels.tobytes() + learnt.folds.tobytes())
    return digest.hexdigest()


def _vote_rows(
    voters: Sequence[Voter], embedded: Mapping[str, Embedded], places: NDArray[np.int64], context: JobContext
) -> NDArray[np.float32]:
    """What the voters say together of some images that all of them have embeddings of, (n_places, n_classes)."""
    said = [
        predict_rows(one.head, embedded[one.backbone].store, embedded[one.backbone].rows[places],
                     _Share(context, at, len(voters)))
        for at, one in enumerate(voters)
    ]
    return vote(np.stack(said), np.array([one.weight for one in voters]))


def _name_of(parts: Iterable[str]) -> str:
    """Several names as one that a list of runs has room for."""
    names = list(parts)
    joined = " + ".join(names)
    return joined if len(joined) <= LONGEST_NAME else f"{names[0][:LONGEST_NAME - 6]} + {len(names) - 1}"


def _say_class_weights(job: TrainJob, members: Sequence[Member]) -> tuple[Message, ...]:
    if not any(one.facts.is_weighted for one in members):
        return ()
    is_asked_for = job.settings.class_weights == "balanced"
    return (Message("training.class_weights" if is_asked_for else "training.class_weights_helped"),)

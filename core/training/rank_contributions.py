"""The job `rank-contributions`: the training images that contribute most to a class that a run predicts.

A prediction out of fold was made by a model that had not seen the image. That model is not kept, so it is fitted
again from the run's snapshot, folds and stored embeddings; whether it says the same as the run says is part of the
answer. The strength of a fold is not on record for every strategy: those that a training compares are tried until one
says what the run says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embeddings.embedded import Embedded
from core.errors import RunError
from core.jobs import JobContext
from core.project.project import Project
from core.project.rows import images_with_content
from core.review.reliability import read_calibration
from core.runs.head import softmax
from core.runs.predictions import OUT_OF_FOLD, RunPredictions
from core.runs.record import RunRecord
from core.runs.repository import read_whole
from core.runs.snapshot import SnapshotRow, read_snapshot
from core.text import Message
from core.training.auto import Candidate
from core.training.class_weights import class_weights
from core.training.contribution_answer import LINEAR, NEAR, Contribution, ContributionInput, ContributionResult
from core.training.contributions import Representer, represent
from core.training.job import PredictRunInput
from core.training.logistic import STRENGTHS
from core.types import ImageRef, Skipped

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

FINAL = -1
"""Stands for the model that learnt from all labelled images."""

MOST_COMPARED = 500
"""Of more predictions so many are compared."""

STAGE = Message("jobs.contributions")


def rank_contributions(inputs: ContributionInput, context: JobContext) -> ContributionResult:
    """Rank the training images by what they contribute to the predicted class, or to another one.

    Raises:
        RunError: The run is missing, damaged, no single linear head, or did not predict what the image shows now.
        WeightsError, EngineError, StorageError: Embeddings that are missing cannot be made.
        ProjectError: The catalog cannot be read.
        JobCancelled: The caller asked to end.
    """
    record, said = read_whole(inputs.run)
    if record.strategy not in LINEAR:
        raise RunError("training.no_linear_head", run=record.run)
    place = _find(said, inputs.image, record)
    is_out_of_fold = bool(said.kinds[place] == OUT_OF_FOLD)
    if is_out_of_fold and said.folds is None:
        raise RunError("training.folds_unknown", run=record.run)
    fold = int(said.folds[place]) if is_out_of_fold and said.folds is not None else FINAL
    model = _kept_model(inputs, record, said, fold, context)
    probabilities = said.probabilities[place]
    toward = record.classes.index(inputs.toward) if inputs.toward in record.classes else int(probabilities.argmax())
    vector = model.read(inputs, context)
    values = model.representer.contributions(vector)[:, toward]
    difference = model.difference if is_out_of_fold else _difference(
        model.representer.logits(vector[None]), probabilities[None], _final_temperature(record))
    found, n_not_here = _find_images(inputs, record, model, values)
    context.progress(1, 1, stage=STAGE, unit="models")
    return ContributionResult(
        inputs.image.id, record.classes[toward], found, is_out_of_fold, difference,
        int((model.counts > 0).sum()), model.skipped, n_not_here)


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """One model of a run, taken apart.

    Attributes:
        key: Says which.
        snapshot: Of the images that it was fitted with, in the order of the rows.
        counts: How much each counts, (n_images,) float32; 0 for those held out.
        candidate: The features that it stands on.
    """

    key: tuple[object, ...]
    candidate: Candidate
    snapshot: tuple[SnapshotRow, ...]
    counts: Floats
    representer: Representer
    difference: float
    skipped: tuple[Skipped, ...]

    def read(self, inputs: ContributionInput, context: JobContext) -> Floats:
        """The embedding of the image that is asked about, (n_features,) float32."""
        asked = (inputs.image,)
        found = self.candidate.embed(PredictRunInput(inputs.run, asked, inputs.embeddings), context)
        if found.rows[0] < 0:
            raise RunError(found.skipped[0].reason if found.skipped else Message("images.cannot_be_opened"))
        vector: Floats = found.store.read(found.rows)[0]
        return vector


_kept: list[_Model] = []
"""The model that was asked about last: whoever looks through mistakes asks about one after the other."""


def _kept_model(
    inputs: ContributionInput, record: RunRecord, said: RunPredictions, fold: int, context: JobContext,
) -> _Model:
    key = (inputs.run, inputs.embeddings, record.created_at, fold)
    if not _kept or _kept[0].key != key:
        _kept.clear()  # the one before goes first: both together may be large
        _kept.append(_fit(inputs, record, said, fold, key, context))
    return _kept[0]


def _find(said: RunPredictions, image: ImageRef, record: RunRecord) -> int:
    """Where the prediction of an image stands; it must be of what the image shows now."""
    places = np.flatnonzero(said.image_ids == image.id)
    if not len(places) or said.hashes is None or said.hashes[places[0]].tobytes() != image.content_hash:
        raise RunError("training.image_not_predicted", run=record.run, name=image.path.name)
    return int(places[0])


def _fit(
    inputs: ContributionInput, record: RunRecord, said: RunPredictions, fold: int, key: tuple[object, ...],
    context: JobContext,
) -> _Model:
    """The model that is nearest to what the run says; the first one that is near enough is taken."""
    candidate = _candidate(record, fold)
    rows = read_snapshot(inputs.run)
    images = tuple(ImageRef(row.image_id, row.path, row.content_hash) for row in rows)
    found = candidate.embed(PredictRunInput(inputs.run, images, inputs.embeddings), context)
    _require_same_weights(record, found, fold)
    here = np.flatnonzero(found.rows >= 0)
    snapshot = tuple(rows[i] for i in here)
    features = found.store.read(found.rows[here])
    labels = np.array([record.classes.index(row.label) for row in snapshot], np.int64)
    folds = _folds_of(said, snapshot)
    is_held_out = (folds == fold) if fold != FINAL else np.zeros(len(folds), bool)
    compared = np.flatnonzero(is_held_out)[:MOST_COMPARED]
    recorded = _recorded(said, [snapshot[i].image_id for i in compared])
    best: _Model | None = None
    guesses = list(_guesses(record, fold))
    for at, (strength, is_weighted) in enumerate(guesses):
        context.progress(at, len(guesses), stage=STAGE, unit="models")
        counts = _counts(labels, is_held_out, is_weighted, len(record.classes))
        representer = represent(features, labels, counts, strength=strength, n_classes=len(record.classes),
                                check=context.check)
        model = _Model(key, candidate, snapshot, counts, representer,
                       _difference(representer.logits(features[compared]), recorded), found.skipped)
        best = model if best is None or model.difference < best.difference else best
        if best.difference <= NEAR:
            break
    assert best is not None, "there is a guess"
    return best


def _candidate(record: RunRecord, fold: int) -> Candidate:
    """The features that the model of a fold stands on; `auto` chooses them fold by fold."""
    if record.strategy == "transfer":
        return Candidate((record.backbone,), str(record.settings.get("features", "final")))
    chosen = record.fit if fold == FINAL else record.fit["candidates"][record.fit["fold_choices"][fold]]
    return Candidate(tuple(chosen["backbones"]), str(chosen["features"]))


def _require_same_weights(record: RunRecord, found: Embedded, fold: int) -> None:
    """Embeddings by other weights, as those of a file of one's own, would be another model's."""
    if record.strategy == "transfer" or fold == FINAL:
        if record.weights and found.key != record.weights:
            raise RunError("training.weights_of_its_own", run=record.run)


def _guesses(record: RunRecord, fold: int) -> Iterator[tuple[float, bool]]:
    """Strength, and whether classes are weighted: as the run notes it, then as it may have been."""
    fit, way = record.fit, bool(record.fit.get("class_weights"))
    of_folds = fit.get("fold_strengths")
    known = float(of_folds[fold] if of_folds and fold != FINAL else fit["strength"])
    yield known, way
    if fold == FINAL:
        return
    ways = (way, not way) if record.settings.get("class_weights", "none") == "auto" else (way,)
    strengths = (known,) if of_folds else (known, *sorted(STRENGTHS, key=lambda c: abs(np.log(c / known)))[1:])
    yield from ((c, w) for c in strengths for w in ways if (c, w) != (known, way))


def _counts(labels: Ints, is_held_out: NDArray[np.bool_], is_weighted: bool, n_classes: int) -> Floats:
    """As `core.training.logistic` counts, (n_images,) float32."""
    counts = (~is_held_out).astype(np.float32)
    if is_weighted:
        learnt = labels[~is_held_out]
        counts[~is_held_out] = class_weights(learnt, n_classes)[learnt]
    return counts


def _folds_of(said: RunPredictions, snapshot: tuple[SnapshotRow, ...]) -> Ints:
    """Fold in which each image was judged, (n_images,) int64; −1 for those that were learnt from in each."""
    known = {} if said.folds is None else dict(zip(said.image_ids.tolist(), said.folds.tolist(), strict=True))
    return np.array([known.get(row.image_id, FINAL) for row in snapshot], np.int64)


def _recorded(said: RunPredictions, image_ids: list[int]) -> Floats:
    """What the run says of images, (n_images, n_classes) float32."""
    place_of = {image_id: at for at, image_id in enumerate(said.image_ids.tolist())}
    found: Floats = said.probabilities[[place_of[i] for i in image_ids]]
    return found


def _final_temperature(record: RunRecord) -> float:
    """By which the final model's logits are divided; earlier versions did not calibrate."""
    found = read_calibration(record.fit)
    return 1.0 if found is None else found.temperature


def _difference(logits: Floats, recorded: Floats, temperature: float | None = None) -> float:
    """Mean distance of probabilities from those on record, which a temperature has scaled; 0 without any to compare.

    The temperature of a fold is not on record (None): it is the one that brings the logarithms closest.
    """
    if not len(logits):
        return 0.0
    logs = np.log(np.maximum(recorded.astype(np.float64), 1e-12))
    logs -= logs.mean(axis=1, keepdims=True)
    centred = logits.astype(np.float64) - logits.mean(axis=1, keepdims=True)
    if temperature is None:
        temperature = max(float((centred * centred).sum()), 1e-12) / max(float((centred * logs).sum()), 1e-12)
    return float(np.abs(softmax((centred / temperature).astype(np.float32)) - recorded).mean())


def _find_images(
    inputs: ContributionInput, record: RunRecord, model: _Model, values: Floats
) -> tuple[tuple[Contribution, ...], int]:
    """The images of the largest contributions as the project has them now, and how many it does not have any more."""
    order = [i for i in np.argsort(-values, kind="stable").tolist() if values[i] > 0][:inputs.n_shown]
    rows, total = [model.snapshot[i] for i in order], float(values[values > 0].sum())
    with Project.open(inputs.project, read_only=True) as project:
        here = images_with_content(project, [row.content_hash for row in rows])
    found = []
    for i, row in zip(order, rows, strict=True):
        ids = here.get(row.content_hash, ())
        if ids:
            image_id = row.image_id if row.image_id in ids else ids[0]
            found.append(Contribution(image_id, float(values[i]), float(values[i]) / total, row.label))
    unique = {one.image_id: one for one in reversed(found)}
    return tuple(one for one in found if unique[one.image_id] is one), len(order) - len(found)

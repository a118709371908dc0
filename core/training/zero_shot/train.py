"""A reading with ImageNet kept as a run, so that it stands beside the trained ones.

`head.weights.h5` of such a run is the backbone's ImageNet classifier and `class_map.json` says
which of its classes stand for which, so that the run predicts by itself.
"""

from __future__ import annotations

import os
import platform
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import __version__
from core.files.writing import write_json
from core.imagenet.class_map import ClassMap, suggest_class_map
from core.imagenet.tree import imagenet_names
from core.training.zero_shot.reading import ZeroShotInput, ZeroShotResult, read_zero_shot
from core.errors import RunError, TrainingDataError
from core.files.foreign import read_json
from core.jobs import JobContext
from core.review.metrics import class_figures, confusion_matrix, log_loss, wilson_interval
from core.runs.class_map import fit_to_classes
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions
from core.runs.repository import HEAD_NAME, write_run
from core.runs.snapshot import SnapshotRow
from core.runs.head import Head, read_head
from core.runs.readings import CLASS_MAP_NAME, StoredReadings, read_stands_for, write_readings
from core.runs.record import RunRecord, TrainResult
from core.runs.sums import require_sound
from core.settings import check_settings
from core.training.settings import ZeroShotSettings
from core.types import ImageRef

STRATEGY = "zero-shot"
UNTRAINED_KIND = "untrained"
"""The figure comes from all labelled images: none of them was learnt from."""

NO_LABELS_KIND = "no labels"
"""There is no figure: nobody labelled."""


@dataclass(frozen=True, slots=True)
class ZeroShotRunInput:
    """What a run of readings needs.

    Attributes:
        run: Id of the run.
        folder: The run's folder; must not exist yet.
        images: All images, labelled or not.
        labels: Index into `classes` for each image, −1 = unlabelled.
        classes: Names of the classes.
        embeddings: Folder of the backbone's embedding store.
        kernel: (n_features, 1000) float32, the backbone's ImageNet classifier.
        bias: (1000,) float32.
        settings: See `ZeroShotSettings`.
        weights: Fingerprint of the backbone's weights, for the record.
    """

    run: str
    folder: Path
    images: tuple[ImageRef, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    embeddings: Path
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    settings: ZeroShotSettings
    weights: str = ""


def train_zero_shot(inputs: ZeroShotRunInput, context: JobContext) -> TrainResult:
    """Read all images with ImageNet, measure on the labelled ones if there are any, write the run.

    Raises:
        InputError: A setting is out of range, or the user's own map names no ImageNet class.
        TrainingDataError: No picture was described, or fewer than two classes that ImageNet has anything like.
        WeightsDamaged: The classifier does not fit the embeddings.
        RunError: The run's folder exists already, or the store does not fit.
        StorageError: The run could not be saved.
        JobCancelled: The caller asked the job to end.
    """
    started = time.monotonic()
    check_settings(inputs.settings)
    class_map = choose_class_map(inputs.classes, inputs.settings)
    result = read_zero_shot(ZeroShotInput(
        inputs.images, inputs.labels, inputs.embeddings, inputs.kernel.shape[0], inputs.kernel, inputs.bias,
        class_map,
    ), context)
    label_of = {image.id: label for image, label in zip(inputs.images, inputs.labels, strict=True)}
    labels = np.array([label_of[image.id] for image in result.images], np.int64)
    if not len(labels):
        raise TrainingDataError(
            "None of the pictures has been described by the network.",
            "Check that the pictures can still be read, then read them again.",
        )
    record = _describe(inputs, result, labels, class_map, time.monotonic() - started)
    write_run(
        inputs.folder, record, head=Head(inputs.kernel, inputs.bias), snapshot=[
            SnapshotRow(image.id, image.content_hash, image.path, inputs.classes[label])
            for image, label in zip(result.images, labels, strict=True) if label >= 0
        ],
        predictions=RunPredictions(
            np.array([image.id for image in result.images], np.int64),
            np.where(labels >= 0, OUT_OF_FOLD, NEW).astype(np.uint8), result.probabilities,
        ),
        images=inputs.images, add_files=lambda folder: _add_files(folder, class_map, result),
    )
    return TrainResult(record, inputs.folder, result.skipped)


def _add_files(folder: Path, class_map: ClassMap, result: ZeroShotResult) -> None:
    _write_class_map(folder, class_map)
    write_readings(folder, _readings(result))


def choose_class_map(classes: tuple[str, ...], settings: ZeroShotSettings) -> ClassMap:
    """The user's own map, or the one that the class names suggest.

    Classes that came after the own map was made are mapped as suggested; those that are gone are dropped from it.

    Raises:
        InputError: The own map names an ImageNet class outside 0 … 999.
    """
    suggested = suggest_class_map(classes, least_nearness=settings.least_nearness)
    if settings.own_map is None:
        return suggested
    links = zip(suggested.classes, suggested.links, strict=True)
    fallback = {name: tuple(link.index for link in found) for name, found in links}
    class_map = ClassMap(classes, ((),) * len(classes))
    for name, indices in fit_to_classes(settings.own_map, classes, fallback).items():
        for index in indices:
            class_map = class_map.with_link(name, index)
    return class_map


def read_zero_shot_run(folder: Path) -> tuple[Head, ClassMap]:
    """The ImageNet classifier and the map of a stored run, for `read_zero_shot`.

    Raises:
        RunError: Missing or damaged.
    """
    path = folder / CLASS_MAP_NAME
    require_sound(path)
    try:
        read_stands_for(folder)
        class_map = ClassMap.from_json(read_json(path))
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise RunError(f"The class map “{path}” cannot be read.", "Train again.") from error
    require_sound(folder / HEAD_NAME)
    return read_head(folder / HEAD_NAME), class_map


def _write_class_map(folder: Path, class_map: ClassMap) -> None:
    write_json(folder / CLASS_MAP_NAME, class_map.to_json())


def _describe(
    inputs: ZeroShotRunInput, result: ZeroShotResult, labels: NDArray[np.int64], class_map: ClassMap, seconds: float,
) -> RunRecord:
    is_labelled = labels >= 0
    probabilities, labels = result.probabilities[is_labelled], labels[is_labelled]
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1), len(inputs.classes))
    n, n_right = len(labels), int(np.trace(confusion))
    accuracy = n_right / n if n else None
    return RunRecord(
        run=inputs.run, created_at=datetime.now(UTC).isoformat(timespec="seconds"), program_version=__version__,
        strategy=STRATEGY, backbone=inputs.settings.backbone, seed=inputs.settings.seed,
        settings=asdict(inputs.settings), classes=inputs.classes, n_train=0, n_validation=n, accuracy=accuracy,
        accuracy_kind=UNTRAINED_KIND if n else NO_LABELS_KIND, interval=wilson_interval(n_right, n) if n else None,
        log_loss=log_loss(probabilities, labels) if n else None,
        per_class=class_figures(confusion, inputs.classes),
        confusion=tuple(tuple(row) for row in confusion.tolist()), seconds=round(seconds, 3), weights=inputs.weights,
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        fit={"class_map": class_map.to_json(), "read_as": _read_as(result)}, notes=_notes(class_map, n),
    )


def _read_as(result: ZeroShotResult) -> dict[str, list[dict[str, object]]]:
    """The tables, without the long lists of images."""
    return {
        name: [{"name": r.name, "class": r.class_name, "n_images": r.n_images, "share": round(r.share, 4)}
               for r in table]
        for name, table in zip(result.classes, result.tables, strict=True)
    }


def _readings(result: ZeroShotResult) -> StoredReadings:
    """The likeliest ImageNet class of every image, and the names of those that occur."""
    indices, places = np.unique(result.top[:, 0], return_inverse=True)
    return StoredReadings(
        np.array([image.id for image in result.images], np.int64), places.astype(np.int32),
        result.top_probabilities[:, 0], tuple(imagenet_names()[i] for i in indices), tuple(map(int, indices)),
    )


def _notes(class_map: ClassMap, n_labels: int) -> tuple[str, ...]:
    notes = [] if n_labels else ["No picture has a label, so nobody knows yet how often this reading is right."]
    if class_map.unmatched:
        names = ", ".join(f"“{name}”" for name in class_map.unmatched)
        notes.append(f"ImageNet has nothing like {names}, so no picture was read as that.")
    return tuple(notes)

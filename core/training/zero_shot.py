"""Zero-shot classification from embeddings: sums of ImageNet probabilities by a class map, kept as a run.

Embeddings are the inputs of the backbone's own ImageNet classifier, so this is one matrix product and no network.
The probabilities of the ImageNet classes that stand for a class are added. `head.weights.h5` of such a run is
the ImageNet classifier and `class_map.json` says which of its classes stand for which, so that the run predicts by
itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import find_backbone
from core.backbones.weights import classifier_weights
from core.errors import InputError, RunError, TrainingDataError, WeightsDamaged
from core.files.foreign import read_json
from core.files.writing import write_json
from core.imagenet.class_map import ClassLink, ClassMap, fit_to_classes, suggest_class_map
from core.imagenet.tree import N_IMAGENET_CLASSES, imagenet_names
from core.jobs import JobContext
from core.runs.repository import HEAD_NAME
from core.runs.head import Head, read_head
from core.runs.readings import CLASS_MAP_NAME, StoredReadings, read_stands_for, write_readings
from core.runs.record import RunRecord, TrainResult
from core.runs.sums import require_sound
from core.settings import check_settings
from core.text import Message
from core.embeddings.embedded import Embedded, embed
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.strategies.zero_shot import ZeroShotSettings
from core.training.write_run import UNLABELLED, Trained, write_trained

CHUNK = 4096
"""Images read at once: 16 MB of probabilities."""

LEAST_SUM = 1e-12
STAGE = Message("jobs.reading_imagenet")


@dataclass(frozen=True, slots=True)
class ZeroShotReading:
    """What ImageNet makes of the images that have an embedding.

    Attributes:
        places: Which of the images, (n_found,) int64.
        probabilities: (n_found, n_classes) float32, rows sum to 1: the class sums as shares of each other.
        best: The likeliest ImageNet class of each, (n_found,) int64, 0 … 999.
        best_probabilities: Of that class, (n_found,) float32.
    """

    places: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    best: NDArray[np.int64]
    best_probabilities: NDArray[np.float32]


def train_zero_shot(job: TrainJob, context: JobContext) -> TrainResult:
    """Embed all images and read them with ImageNet.

    Raises:
        WeightsError, EngineError: The backbone or its classifier cannot be used.
        AppError: See `read_and_write`.
    """
    kernel, bias = classifier_weights(
        find_backbone(job.settings.backbone), weights=job.weights, allow_download=job.allow_download)
    embedded = embed(
        job.images, job.settings.backbone, job.embeddings, context, weights=job.weights,
        allow_download=job.allow_download,
    )
    return read_and_write(job, embedded, Head(kernel, bias), context)


def read_and_write(job: TrainJob, embedded: Embedded, classifier: Head, context: JobContext) -> TrainResult:
    """Read all images with ImageNet, measure on the labelled ones if there are any, write the run.

    Raises:
        InputError: A setting is out of range, or the user's own map names no ImageNet class.
        TrainingDataError: No image is embedded, or fewer than two classes that ImageNet has anything like.
        WeightsDamaged: The classifier does not fit the embeddings.
        RunError: The run's folder exists already, or the store does not fit.
        StorageError: The run could not be saved.
    """
    started = time.monotonic()
    check_settings(job.settings)
    class_map = choose_class_map(job.classes, job.settings)
    found = read_zero_shot(embedded, classifier, class_map, context)
    if not len(found.places):
        raise TrainingDataError("training.nothing_embedded")
    images = [job.images[i] for i in found.places]
    labels = np.array(job.labels, np.int64)[found.places]
    labelled, new = np.flatnonzero(labels != UNLABELLED), np.flatnonzero(labels == UNLABELLED)
    readings = _readings(np.array([image.id for image in images], np.int64), found)

    def add_files(folder: Path) -> None:
        write_json(folder / CLASS_MAP_NAME, class_map.to_json())
        write_readings(folder, readings)

    return write_trained(job, Trained(
        backbone=job.settings.backbone, classes=job.classes, n_train=0, head=classifier,
        images=[images[i] for i in labelled], labels=labels[labelled], judged=np.arange(len(labelled)),
        probabilities=found.probabilities[labelled], new_images=[images[i] for i in new],
        new_probabilities=found.probabilities[new], weights=embedded.key, fit={"class_map": class_map.to_json()},
        notes=_notes(class_map, len(labelled)) + embedded.notes, skipped=embedded.skipped, add_files=add_files,
    ), started=started)


def predict_zero_shot(record: RunRecord, inputs: PredictRunInput, context: JobContext) -> PredictResult:
    """Probabilities of every class for each image.

    Raises:
        RunError: The run is missing or damaged.
        WeightsError: The backbone's weights cannot be had.
    """
    classifier, class_map = read_zero_shot_run(inputs.run_folder)
    embedded = embed(inputs.images, record.backbone, inputs.embeddings, context)
    found = read_zero_shot(embedded, classifier, class_map, context)
    return PredictResult(
        tuple(inputs.images[i] for i in found.places), class_map.classes, found.probabilities, embedded.skipped,
        embedded.notes,
    )


def read_zero_shot(
    embedded: Embedded, classifier: Head, class_map: ClassMap, context: JobContext
) -> ZeroShotReading:
    """Read every embedded image with the backbone's ImageNet classifier.

    Args:
        classifier: From embeddings to the 1,000 ImageNet classes.
        class_map: Which ImageNet classes stand for which class; at least two classes.

    Raises:
        TrainingDataError: Fewer than two classes have an ImageNet class that stands for them.
        WeightsDamaged: The classifier does not fit the embeddings.
        RunError: The store does not fit.
    """
    _require_usable(class_map, classifier, embedded.store.n_features)
    places = np.flatnonzero(embedded.rows >= 0)
    probabilities = np.empty((len(places), len(class_map.classes)), np.float32)
    best, best_probabilities = np.empty(len(places), np.int64), np.empty(len(places), np.float32)
    for start in range(0, len(places), CHUNK):
        context.progress(start, len(places), stage=STAGE)
        chunk = slice(start, start + CHUNK)
        vectors = embedded.store.read(embedded.rows[places[chunk]])
        read = classifier.probabilities(vectors)
        probabilities[chunk] = _shares(read, class_map)
        best[chunk], best_probabilities[chunk] = read.argmax(axis=1), read.max(axis=1)
    context.progress(len(places), len(places), stage=STAGE)
    return ZeroShotReading(places, probabilities, best, best_probabilities)


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
    holder = {index: name for name, indices in fit_to_classes(settings.own_map, classes, fallback).items()
              for index in indices}
    for index in holder:
        if not 0 <= index < N_IMAGENET_CLASSES:
            raise InputError("backbones.imagenet_class_unknown", index=index)
    return ClassMap(classes, tuple(
        tuple(ClassLink(index) for index, name in holder.items() if name == held) for held in classes))


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
        raise RunError("training.class_map_unreadable", path=path) from error
    require_sound(folder / HEAD_NAME)
    return read_head(folder / HEAD_NAME), class_map


def _shares(probabilities: NDArray[np.float32], class_map: ClassMap) -> NDArray[np.float32]:
    """The sum of each class as a share of all sums, (n_images, n_classes) float32."""
    sums = probabilities @ class_map.matrix()
    total = sums.sum(axis=1, keepdims=True)
    # a class without any ImageNet class keeps 0; an image without any class at all is undecided
    shares = np.where(total > LEAST_SUM, sums / np.maximum(total, LEAST_SUM), 1 / sums.shape[1])
    return np.asarray(shares, np.float32)


def _readings(image_ids: NDArray[np.int64], found: ZeroShotReading) -> StoredReadings:
    """The likeliest ImageNet class of every image, and the names of those that occur."""
    indices, places = np.unique(found.best, return_inverse=True)
    return StoredReadings(
        image_ids, places.astype(np.int32), found.best_probabilities, tuple(imagenet_names()[i] for i in indices),
        tuple(map(int, indices)),
    )


def _notes(class_map: ClassMap, n_labels: int) -> tuple[Message, ...]:
    notes: tuple[Message, ...] = () if n_labels else (Message("training.no_label_to_measure"),)
    if class_map.unmatched:
        notes += (Message("training.unmatched_classes", names=_quoted(class_map.unmatched)),)
    return notes


def _quoted(names: Sequence[str]) -> tuple[Message, ...]:
    return tuple(Message("text.quoted", word=name) for name in names)


def _require_usable(class_map: ClassMap, classifier: Head, n_features: int) -> None:
    if len(class_map.classes) - len(class_map.unmatched) < 2:
        if not class_map.unmatched:
            raise TrainingDataError("training.reading_needs_classes")
        raise TrainingDataError("training.too_few_matched", names=_quoted(class_map.unmatched))
    if classifier.kernel.shape != (n_features, N_IMAGENET_CLASSES) or classifier.bias.shape != (N_IMAGENET_CLASSES,):
        raise WeightsDamaged("training.classifier_does_not_fit")

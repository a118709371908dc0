"""A reading with ImageNet as a run: figures on all labels, written whole, read again."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.embeddings.store import EmbeddingWriter
from core.errors import InputError, RunError, TrainingDataError
from core.imagenet.tree import imagenet_names
from core.jobs import JobContext
from core.runs.predictions import NEW, read_predictions
from core.runs.repository import read_run
from core.runs.snapshot import read_snapshot
from core.runs.head import Head
from core.runs.readings import CLASS_MAP_NAME, READINGS_NAME, read_readings, read_stands_for
from core.runs.record import TrainResult
from core.embeddings.embedded import Embedded, find_embedded
from core.training.job import TrainJob
from core.training.strategies.zero_shot import ZeroShotSettings
from core.runs.record import UNTRAINED
from core.training.zero_shot import choose_class_map, read_and_write, read_zero_shot, read_zero_shot_run
from core.types import ImageRef

READ_AS = ("revolver", "rifle", "iPod", "modem", "barrel", "revolver")


def embedded(job: TrainJob) -> Embedded:
    return find_embedded(job.images, job.embeddings, 1000)


def train_zero_shot(job: TrainJob, context: JobContext) -> TrainResult:
    """With a classifier whose feature i says ImageNet class i."""
    classifier = Head(np.eye(1000, dtype=np.float32), np.zeros(1000, np.float32))
    return read_and_write(job, embedded(job), classifier, context)


@pytest.fixture
def inputs(tmp_path: Path) -> TrainJob:
    """Two pistols and two phones read as such, a pistol read as an iPod's neighbour, one unlabelled."""
    hashes = [hashlib.sha256(bytes([i])).digest() for i in range(6)]
    vectors = np.zeros((6, 1000), np.float32)
    for row, name in enumerate(READ_AS):
        vectors[row, imagenet_names().index(name)] = 9
    vectors[4, imagenet_names().index("iPod")] = 5
    with EmbeddingWriter(tmp_path / "store", 1000) as store:
        store.append(hashes, vectors)
    images = tuple(ImageRef(i, Path(f"{i}.jpg"), h) for i, h in enumerate(hashes))
    return TrainJob(
        "run-1", tmp_path / "runs" / "run-1", "zero-shot", ZeroShotSettings(), images, (0, 0, 1, 1, 0, -1),
        ("pistol", "smartphone"), (1, 2), tmp_path / "store",
    )


def test_measures_on_all_labels_and_writes_a_run(inputs: TrainJob) -> None:
    result = train_zero_shot(inputs, JobContext())
    record = read_run(inputs.folder)
    assert record == result.record
    assert record.accuracy == 0.8 and record.accuracy_kind == UNTRAINED
    assert (record.n_train, record.n_validation) == (0, 5)
    assert record.confusion == ((2, 1), (0, 2))
    predictions = read_predictions(inputs.folder)
    assert predictions.image_ids[predictions.kinds == NEW].tolist() == [5]
    assert len(read_snapshot(inputs.folder)) == 5


def test_the_stored_run_predicts_by_itself(inputs: TrainJob) -> None:
    train_zero_shot(inputs, JobContext())
    head, class_map = read_zero_shot_run(inputs.folder)
    again = read_zero_shot(embedded(inputs), head, class_map, JobContext())
    assert np.allclose(again.probabilities, read_predictions(inputs.folder).probabilities)


def test_the_users_own_map_is_used(inputs: TrainJob) -> None:
    names = imagenet_names()
    own = {"pistol": tuple(map(names.index, ("revolver", "rifle", "barrel"))),
           "smartphone": tuple(map(names.index, ("iPod", "modem")))}
    result = train_zero_shot(replace(inputs, settings=ZeroShotSettings(own_map=own)), JobContext())
    assert result.record.accuracy == 1.0
    with pytest.raises(InputError, match="no class number 1000"):
        choose_class_map(inputs.classes, ZeroShotSettings(own_map={"pistol": (1000,)}))


def test_an_own_map_outlives_changes_of_the_classes() -> None:
    tank, cellphone = imagenet_names().index("tank"), imagenet_names().index("cellular telephone")
    own = {"pistol": (tank, cellphone), "knife": (3,)}
    found = choose_class_map(("pistol", "smartphone"), ZeroShotSettings(own_map=own))
    pistols, phones = ([link.index for link in links] for links in found.links)
    assert pistols == [tank, cellphone] and phones and cellphone not in phones


def test_nobody_labelled(inputs: TrainJob) -> None:
    record = train_zero_shot(replace(inputs, labels=(-1,) * 6), JobContext()).record
    assert record.accuracy is None and record.interval is None and record.log_loss is None
    assert record.n_validation == 0 and record.accuracy_kind == "no labels"
    assert record.notes[0].code == "training.no_label_to_measure"
    assert read_run(inputs.folder) == record
    assert (read_predictions(inputs.folder).kinds == NEW).all() and read_snapshot(inputs.folder) == ()


def test_keeps_what_each_image_was_read_as(inputs: TrainJob) -> None:
    train_zero_shot(inputs, JobContext())
    readings, stands_for = read_readings(inputs.folder), read_stands_for(inputs.folder)
    assert [readings.names[place] for place in readings.places] == list(READ_AS)
    assert readings.image_ids.tolist() == list(range(6)) and (readings.probabilities > 0.5).all()
    assert stands_for[readings.indices[readings.names.index("revolver")]] == "pistol"
    assert readings.indices[readings.names.index("barrel")] not in stands_for
    (inputs.folder / READINGS_NAME).write_bytes(b"PK")
    with pytest.raises(RunError, match="cannot be read"):
        read_readings(inputs.folder)


def test_a_class_unknown_to_imagenet_is_noted(inputs: TrainJob) -> None:
    result = train_zero_shot(replace(inputs, classes=("pistol", "smartphone", "qwerty")), JobContext())
    assert "“qwerty”" in str(result.record.notes[0])


def test_bad_input_is_explained(inputs: TrainJob) -> None:
    with pytest.raises(TrainingDataError, match="nothing like"):
        train_zero_shot(replace(inputs, classes=("foo", "bar")), JobContext())
    with pytest.raises(InputError, match="least_nearness"):
        train_zero_shot(replace(inputs, settings=ZeroShotSettings(least_nearness=2)), JobContext())


def test_a_damaged_map_is_explained(inputs: TrainJob) -> None:
    train_zero_shot(inputs, JobContext())
    (inputs.folder / CLASS_MAP_NAME).write_text("[1]")
    with pytest.raises(RunError, match="class_map.json is not as it was written"):
        read_zero_shot_run(inputs.folder)

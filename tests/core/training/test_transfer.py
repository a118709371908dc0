"""A transfer training from stored embeddings to a whole run, and predictions from that run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.embeddings.store import EmbeddingWriter
from core.errors import InputError, RunError, TrainingDataError
from core.jobs import JobCancelled, JobContext
from core.runs.predictions import read_predictions
from core.runs.repository import read_run, read_run_head
from core.runs.snapshot import read_snapshot
from core.runs.record import TrainResult
from core.text import Message
from core.embeddings.embedded import Embedded, find_embedded
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.strategies.transfer import TransferSettings
from core.training.transfer import predict_on_embeddings, train_on_embeddings
from core.types import ImageRef, Skipped
from tests.conftest import RecordingContext

N_FEATURES = 24


def ref(i: int, content: int | None = None) -> ImageRef:
    content_hash = hashlib.sha256(str(i if content is None else content).encode()).digest()
    return ImageRef(100 + i, Path(f"/pictures/{i}.jpg"), content_hash)


def embedding_of(image: ImageRef, label: int) -> np.ndarray:
    rng = np.random.default_rng(image.content_hash[0])
    vector = rng.normal(size=N_FEATURES)
    vector[label] += 6
    return vector.astype(np.float32)


def embedded(job: TrainJob, n_features: int = N_FEATURES) -> Embedded:
    """What the store of the test has of the images."""
    return find_embedded(job.images, job.embeddings, n_features)


def train_transfer(job: TrainJob, context: JobContext) -> TrainResult:
    return train_on_embeddings(job, embedded(job), context)


def predict_images(
    job: TrainJob, images: tuple[ImageRef, ...], context: JobContext, n_features: int = N_FEATURES
) -> PredictResult:
    asked = PredictRunInput(job.folder, images, job.embeddings)
    return predict_on_embeddings(
        read_run(job.folder), asked, find_embedded(images, job.embeddings, n_features), context)


@pytest.fixture
def inputs(tmp_path: Path) -> TrainJob:
    """Forty images, the first thirty labelled in turn as a, b, c; one class more without labels."""
    images = tuple(ref(i) for i in range(40))
    labels = tuple(i % 3 if i < 30 else -1 for i in range(40))
    store = tmp_path / "embeddings" / "drawn"
    store.mkdir(parents=True)
    vectors = np.stack([embedding_of(image, i % 3) for i, image in enumerate(images)])
    with EmbeddingWriter(store, N_FEATURES) as writer:
        writer.append([image.content_hash for image in images], vectors)
    return TrainJob(
        "r1", tmp_path / "runs" / "r1", "transfer", TransferSettings(), images, labels, ("a", "b", "c", "unused"),
        (1, 2, 3, 4), store,
    )


def test_the_run_holds_everything(inputs: TrainJob) -> None:
    result = train_transfer(inputs, JobContext())
    record = read_run(inputs.folder)
    assert result.record == record and result.folder == inputs.folder
    assert record.classes == ("a", "b", "c") and record.n_train == record.n_validation == 30
    assert record.accuracy > 0.85 and record.interval[0] < record.accuracy < record.interval[1] <= 1
    n_right = sum(row[i] for i, row in enumerate(record.confusion))
    assert sum(map(sum, record.confusion)) == 30 and n_right == round(30 * record.accuracy)
    assert any("unused" in str(note) for note in record.notes)
    snapshot = read_snapshot(inputs.folder)
    assert [row.image_id for row in snapshot] == list(range(100, 130)) and snapshot[1].label == "b"


def test_labelled_images_are_predicted_out_of_fold_and_the_others_new(inputs: TrainJob) -> None:
    record = train_transfer(inputs, JobContext()).record
    found = read_predictions(inputs.folder)
    assert found.image_ids.tolist() == list(range(100, 140))
    assert found.kinds.tolist() == [0] * 30 + [1] * 10
    head = read_run_head(inputs.folder, record)
    vectors = np.stack([embedding_of(m, i % 3) for i, m in enumerate(inputs.images)]).astype(np.float16)
    by_head = head.probabilities(vectors.astype(np.float32))
    np.testing.assert_allclose(found.probabilities[30:], by_head[30:], atol=1e-5)
    assert np.abs(found.probabilities[:30] - by_head[:30]).max() > 0.01
    assert (found.probabilities[30:].argmax(axis=1) == np.arange(30, 40) % 3).mean() >= 0.8


def test_predicting_with_the_run_gives_the_same(inputs: TrainJob, recording_context: RecordingContext) -> None:
    train_transfer(inputs, JobContext())
    result = predict_images(inputs, (*inputs.images[30:], ref(999)), recording_context)
    np.testing.assert_allclose(result.probabilities, read_predictions(inputs.folder).probabilities[30:], atol=1e-6)
    assert result.images == inputs.images[30:] and result.classes == ("a", "b", "c")
    assert recording_context.last.done == recording_context.last.total == 10


def test_predicting_with_another_backbone_is_refused(inputs: TrainJob) -> None:
    train_transfer(inputs, JobContext())
    with pytest.raises(RunError, match="expects 24 features"):
        predict_images(inputs, (), JobContext(), 30)


def test_nothing_to_predict_is_an_empty_answer(inputs: TrainJob) -> None:
    train_transfer(inputs, JobContext())
    result = predict_images(inputs, (ref(999),), JobContext())
    assert result.probabilities.shape == (0, 3) and result.images == ()


def test_a_labelled_image_without_embedding_is_left_out_and_listed(inputs: TrainJob) -> None:
    more = replace(inputs, images=(*inputs.images, ref(999)), labels=(*inputs.labels, 0))
    lost = Skipped(Path("999.jpg"), Message("images.gone"))
    result = train_on_embeddings(more, replace(embedded(more), skipped=(lost,)), JobContext())
    assert result.skipped == (lost,) and result.record.n_train == 30


def test_exact_copies_are_never_on_both_sides(inputs: TrainJob) -> None:
    """Ten pictures with random labels, each thrice: copies across folds would make it look easy."""
    rng = np.random.default_rng(4)
    contents = np.repeat(np.arange(20), 3)
    labels = np.repeat(rng.permutation(np.arange(20) % 2), 3)
    images = tuple(ref(i, content=1000 + c) for i, c in enumerate(contents))
    with EmbeddingWriter(inputs.embeddings, N_FEATURES) as writer:
        unique = {image.content_hash: image for image in images}
        writer.append(list(unique), rng.normal(size=(20, N_FEATURES)).astype(np.float32))
    result = train_transfer(replace(inputs, images=images, labels=labels, classes=("a", "b")), JobContext())
    assert result.record.accuracy < 0.8


def test_groups_that_are_given_are_never_on_both_sides(inputs: TrainJob) -> None:
    groups = tuple(i // 2 if i < 10 else i for i in range(40))
    train_transfer(replace(inputs, groups=groups), JobContext())
    folds = read_predictions(inputs.folder).folds
    assert folds is not None
    assert (folds[0:10:2] == folds[1:10:2]).all() and set(folds[:30]) == set(range(5)) and set(folds[30:]) == {-1}


def test_a_class_of_nothing_but_twins_is_learnt_and_not_judged(inputs: TrainJob) -> None:
    groups = tuple(0 if i % 3 == 1 else i + 1 for i in range(40))
    record = train_transfer(replace(inputs, groups=groups), JobContext()).record
    assert (record.n_train, record.n_validation) == (30, 20)
    assert record.per_class[1].n_images == 0 and any("“b” has no second image" in str(note) for note in record.notes)


def test_a_class_with_one_image_does_not_stop_the_others(inputs: TrainJob) -> None:
    labels = tuple(label if label != 2 or i == 2 else -1 for i, label in enumerate(inputs.labels))
    record = train_transfer(replace(inputs, labels=labels), JobContext()).record
    assert record.classes == ("a", "b", "c") and (record.n_train, record.n_validation) == (21, 20)
    assert sum(map(sum, record.confusion)) == 20 and record.confusion[2] == (0, 0, 0)
    assert any("“c” has no second image" in str(note) for note in record.notes)
    found = read_predictions(inputs.folder)
    assert 102 not in found.image_ids and np.isfinite(found.probabilities).all()
    assert [row.image_id for row in read_snapshot(inputs.folder) if row.label == "c"] == [102]


def test_a_small_class_leaves_the_folds_of_the_others_alone(inputs: TrainJob) -> None:
    labels = tuple(label if label != 2 or i < 9 else -1 for i, label in enumerate(inputs.labels))
    record = train_transfer(replace(inputs, labels=labels), JobContext()).record
    assert record.fit["n_folds"] == 5 and record.n_validation == 23
    assert record.per_class[2].n_images == 3


def test_class_weights_are_used_where_they_help_and_said(inputs: TrainJob) -> None:
    """Thirty against five images that lie close: unweighted, the small class is hardly ever said."""
    rng = np.random.default_rng(1)
    images = tuple(ref(i, content=2000 + i) for i in range(66))
    labels = np.repeat([0, 1], [60, 6])
    vectors = rng.normal(size=(66, N_FEATURES)).astype(np.float32)
    vectors[labels == 1, 0] += 2.5
    with EmbeddingWriter(inputs.embeddings, N_FEATURES) as writer:
        writer.append([image.content_hash for image in images], vectors)
    few = replace(inputs, images=images, labels=labels, classes=("many", "few"))
    found = {}
    for chosen in ("auto", "none", "balanced"):
        record = train_transfer(
            replace(few, folder=inputs.folder.with_name(chosen), settings=TransferSettings(class_weights=chosen)),
            JobContext(),
        ).record
        found[chosen] = record.confusion
        assert record.fit["class_weights"] == any("Class weights" in str(note) for note in record.notes)
    assert found["auto"] == found["balanced"] != found["none"]
    assert found["balanced"][1][1] > found["none"][1][1]


def test_equal_classes_are_never_weighted(inputs: TrainJob) -> None:
    plain = train_transfer(replace(inputs, settings=TransferSettings(class_weights="none")), JobContext())
    auto = train_transfer(replace(inputs, folder=inputs.folder.with_name("r2")), JobContext())
    one, two = (read_predictions(result.folder).probabilities for result in (plain, auto))
    np.testing.assert_array_equal(one, two)
    assert auto.record.fit["class_weights"] is False and not any("weights" in str(note) for note in auto.record.notes)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ((-1,) * 40, "no labels"),
        ((0,) * 20 + (-1,) * 20, "of one class, “a”"),
        ((0,) * 20 + (1,) + (-1,) * 19, "Only “a” has at least 2 different images .*: “b” has 1"),
    ],
)
def test_labels_that_do_not_suffice(inputs: TrainJob, labels: tuple[int, ...], message: str) -> None:
    with pytest.raises(TrainingDataError, match=message):
        train_transfer(replace(inputs, labels=labels), JobContext())
    assert not inputs.folder.exists()


def test_no_embeddings_at_all(inputs: TrainJob, tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="could be embedded"):
        train_transfer(replace(inputs, embeddings=tmp_path / "none"), JobContext())


def test_settings_out_of_range(inputs: TrainJob) -> None:
    with pytest.raises(InputError, match="n_folds"):
        train_transfer(replace(inputs, settings=TransferSettings(n_folds=1)), JobContext())


def test_the_same_seed_gives_the_same_run(inputs: TrainJob) -> None:
    train_transfer(inputs, JobContext())
    train_transfer(replace(inputs, folder=inputs.folder.with_name("r2")), JobContext())
    one, two = (read_predictions(inputs.folder.with_name(name)).probabilities for name in ("r1", "r2"))
    np.testing.assert_array_equal(one, two)


def test_cancelling_leaves_no_run(inputs: TrainJob) -> None:
    with pytest.raises(JobCancelled):
        train_transfer(inputs, RecordingContext(cancel_after=5))
    assert not inputs.folder.parent.exists()


def test_progress_ends_complete(inputs: TrainJob, recording_context: RecordingContext) -> None:
    train_transfer(inputs, recording_context)
    training = [p for p in recording_context.progresses if p.stage.code == "jobs.training"]
    assert training[-1].done == training[-1].total
    assert recording_context.last.done == recording_context.last.total

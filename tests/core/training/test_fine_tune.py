"""The whole strategy on drawn pictures with the last block of the smallest network: trained, stored, read again."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.backbones.registry import find_backbone
from core.backbones.weights import locate_weights
from core.engine.adapted import (
    SPLIT_NAME, adapt_network, load_tail, read_adapted, read_adapted_plan, read_seen, write_adapted_plan,
)
from core.errors import InputError, RunError, StorageError, TrainingDataError, WeightsDamaged
from core.jobs import JobCancelled, JobContext
from core.runs.predictions import NEW, OUT_OF_FOLD, read_predictions
from core.runs.repository import read_run
from core.runs.snapshot import read_snapshot
from core.text import Message
from core.training.fine_tune import fit as fine_tune_fit
from core.training.fine_tune.companion import FEATURES, Companion, read_companion
from core.training.fine_tune.fit import NOTHING_LEARNT, choose_blend
from core.training.fine_tune.prepare import check_labels, cut_honestly
from core.training.fine_tune.side import sized_backbone
from core.training.fine_tune.train import estimate_seconds, predict_fine_tune, train_fine_tune
from core.training.fine_tune.views import centre_views
from core.training.folds import TWINS_PARTED, keep_duplicates
from core.training.groups import GroupChoice
from core.training.job import PredictRunInput, TrainJob
from core.training.labelled import Labelled
from core.training.settings import EpochFigures
from core.training.strategies.fine_tune import FineTuneEstimate, FineTuneSettings
from core.types import ImageRef
from tests.conftest import RecordingContext, draw_picture
from tests.full_disk import FillingDisk

QUICK = FineTuneSettings(
    n_blocks=1, n_variants=2, n_epochs=2, batch_size=8, learning_rate=1e-4, mixup=0.1, has_companion=False,
)
STORED = ["best.weights.h5", "head.weights.h5", "network.json", "predictions", "run.json", "seen.bin",
          "snapshot.csv", "split.weights.h5"]


def stopping_after(n_epochs: int) -> JobContext:
    """Ends the job once that many epochs are complete."""
    seen: list[object] = []
    return JobContext(
        on_publish=seen.append, is_cancelled=lambda: sum(isinstance(e, EpochFigures) for e in seen) >= n_epochs)


@pytest.fixture
def inputs(tmp_path: Path) -> TrainJob:
    """12 red and 12 blue pictures, 4 unlabelled ones, one broken and one gone."""
    images, labels = [], []
    for i in range(28):
        path = tmp_path / f"{i}.png"
        draw_picture(i, ("red", "blue")[i % 2], (24, 20)).save(path)
        images.append(ImageRef(100 + i, path, hashlib.sha256(path.read_bytes()).digest()))
        labels.append(i % 2 if i < 24 else -1)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG nothing")
    for name in ("broken.png", "gone.png"):
        images.append(ImageRef(len(images) + 100, tmp_path / name, hashlib.sha256(name.encode()).digest()))
        labels.append(0)
    return TrainJob(
        "run-1", tmp_path / "runs" / "run-1", "fine-tune", QUICK, tuple(images), tuple(labels), ("red", "blue"),
        (1, 2), tmp_path / "embeddings",
    )


def weights_of(folder: Path) -> list[np.ndarray]:
    return [np.array(w) for w in read_adapted(folder)[1].tail.get_weights()]


def test_trains_measures_predicts_and_is_read_again(
    inputs: TrainJob, recording_context: RecordingContext,
) -> None:
    result = train_fine_tune(inputs, recording_context)
    record = read_run(inputs.folder)
    assert record == result.record
    assert record.accuracy == 1.0 and record.accuracy_kind == "held back"
    assert (record.n_train, record.n_validation) == (24, 4)
    assert record.strategy == "fine-tune" and record.backbone == "efficientnet-lite0"
    assert record.fit["n_blocks"] == 1 and record.fit["transfer_accuracy"] == 1.0
    assert (record.fit["n_variants"], record.fit["n_epochs"], record.fit["learning_rate"]) == (2, 2, 1e-4)
    assert any("did not pay" in str(note) for note in record.notes)
    assert Message("training.judged_then_all", n_train=16, n_all=24) in record.notes
    assert {s.path.name for s in result.skipped} == {"broken.png", "gone.png"}
    assert sorted(p.name for p in inputs.folder.iterdir()) == STORED
    assert [p.name for p in inputs.folder.parent.iterdir()] == ["run-1"]
    assert not list(inputs.embeddings.glob("*-cut-*")), "views are not kept"

    estimate = next(e for e in recording_context.events if isinstance(e, FineTuneEstimate))
    assert estimate.cache_bytes == 2 * 24 * 2 * 4 * 4 * 192 and estimate.seconds > 0
    assert sum(isinstance(e, EpochFigures) for e in recording_context.events) == 2
    assert isinstance(recording_context.events[0], FineTuneEstimate)
    assert recording_context.last.done == recording_context.last.total

    stored = read_predictions(inputs.folder)
    assert (stored.kinds == OUT_OF_FOLD).sum() == 4 and len(read_snapshot(inputs.folder)) == 24
    assert stored.image_ids[stored.kinds == NEW].tolist() == [124, 125, 126, 127]
    assert stored.probabilities[stored.kinds == NEW].argmax(axis=1).tolist() == [0, 1, 0, 1]

    again = predict_fine_tune(
        record, PredictRunInput(inputs.folder, inputs.images[24:], inputs.embeddings), JobContext())
    assert [image.id for image in again.images] == [124, 125, 126, 127] and again.classes == ("red", "blue")
    assert {s.path.name for s in again.skipped} == {"broken.png", "gone.png"}
    assert np.allclose(again.probabilities, stored.probabilities[stored.kinds == NEW], atol=1e-5)


@pytest.mark.long
def test_the_same_seed_gives_the_same_bits_and_a_stopped_training_goes_on_to_them(
    inputs: TrainJob, tmp_path: Path,
) -> None:
    inputs = replace(inputs, settings=replace(QUICK, n_epochs=3, keeps_cache=True))
    train_fine_tune(inputs, JobContext())
    first = weights_of(inputs.folder)
    kept = [f for f in inputs.embeddings.rglob("*.f16") if "-cut-" in f.parent.name]
    assert len(kept) == 2

    again = replace(inputs, folder=tmp_path / "runs" / "again")
    train_fine_tune(again, JobContext())
    assert all(np.array_equal(a, b) for a, b in zip(first, weights_of(again.folder), strict=True))

    stopped = replace(inputs, folder=tmp_path / "runs" / "stopped")
    record = train_fine_tune(stopped, stopping_after(1)).record
    assert record.fit["stop_reason"] == "stopped by user" and len(record.fit["history"]) == 1
    assert record.n_train == 16 and read_predictions(stopped.folder).kinds.tolist() == [OUT_OF_FOLD] * 4
    resumed = replace(inputs, folder=tmp_path / "runs" / "resumed", resume_from=stopped.folder)
    seen: list[str] = []
    with pytest.raises(JobCancelled):  # with nothing that the stopped run does not have
        train_fine_tune(replace(resumed, settings=replace(resumed.settings, n_epochs=1)), JobContext(
            on_progress=lambda progress: seen.append(progress.stage.code),
            is_cancelled=lambda: "jobs.training_all" in seen))
    assert not resumed.folder.exists()
    record = train_fine_tune(resumed, JobContext()).record
    assert [f["epoch"] for f in record.fit["history"]] == [1, 2, 3]
    assert all(np.array_equal(a, b) for a, b in zip(first, weights_of(resumed.folder), strict=True))

    renamed = replace(resumed, folder=tmp_path / "runs" / "refused", classes=("red", "pink"))
    with pytest.raises(RunError, match="“pink” was added, the class “blue” was removed"):
        train_fine_tune(renamed, JobContext())
    assert not renamed.folder.exists()


def test_what_cannot_go_on_is_refused_before_anything_is_built(inputs: TrainJob, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nothing to resume"):
        train_fine_tune(replace(inputs, resume_from=tmp_path), JobContext())
    assert not inputs.folder.parent.exists()


@pytest.mark.long
def test_starts_from_an_earlier_run_and_is_judged_on_what_that_had_not_seen(
    inputs: TrainJob, tmp_path: Path,
) -> None:
    train_fine_tune(inputs, JobContext())
    seen = read_seen(inputs.folder)
    assert seen is not None and len(seen) == 20
    later = replace(inputs, folder=tmp_path / "runs" / "later",
                    settings=replace(QUICK, start_from=str(inputs.folder), learning_rate=1e-7, learns_from_all=False))
    train_fine_tune(later, JobContext())
    start = read_adapted(inputs.folder)[1].tail
    load_tail(inputs.folder / SPLIT_NAME, start)
    moved = [float(np.abs(a - b).max()) for a, b in zip(start.get_weights(), weights_of(later.folder), strict=True)]
    assert max(moved) < 1e-4

    other_seed = replace(later, folder=tmp_path / "runs" / "seed", settings=replace(later.settings, seed=5))
    record = train_fine_tune(other_seed, JobContext()).record
    assert record.n_validation < 4 and any("had seen do" in str(note) for note in record.notes)
    judged = read_predictions(other_seed.folder)
    by_id = {image.id: image.content_hash for image in inputs.images}
    assert all(by_id[i] not in seen for i in judged.image_ids[judged.kinds == OUT_OF_FOLD])

    damaged = tmp_path / "damaged.weights.h5"
    damaged.write_bytes((inputs.folder / "best.weights.h5").read_bytes()[:3000])
    for start_from, error, words in (
        (damaged, WeightsDamaged, "missing or damaged"),
        (inputs.folder / "head.weights.h5", WeightsDamaged, "not fit"),
        (tmp_path / "nowhere", InputError, "no run and no weights file"),
    ):
        bad = replace(later, folder=tmp_path / "runs" / "bad", settings=replace(QUICK, start_from=str(start_from)))
        context = RecordingContext()
        with pytest.raises(error, match=words):
            train_fine_tune(bad, context)
        assert not any(p.stage.code == "jobs.reading_images" for p in context.progresses)
    with pytest.raises(WeightsDamaged, match="not fit"):
        train_fine_tune(replace(bad, settings=replace(later.settings, n_blocks=2)), JobContext())


def test_folds_judge_every_image_once(inputs: TrainJob) -> None:
    settings = replace(QUICK, n_folds=2, n_epochs=1)
    result = train_fine_tune(replace(inputs, settings=settings), JobContext())
    assert result.record.accuracy_kind == "cross-validation"
    assert (result.record.n_train, result.record.n_validation) == (24, 24)
    stored = read_predictions(inputs.folder)
    assert sorted(stored.image_ids[stored.kinds == OUT_OF_FOLD]) == list(range(100, 124))
    with pytest.raises(InputError, match="cross-validation cannot start"):
        train_fine_tune(replace(inputs, settings=replace(settings, start_from="x")), JobContext())


@pytest.mark.slow
@pytest.mark.parametrize("n_folds", [0, pytest.param(2, marks=pytest.mark.long)])
def test_a_class_with_one_image_does_not_stop_the_others(inputs: TrainJob, n_folds: int) -> None:
    settings = replace(QUICK, n_folds=n_folds, n_epochs=1)
    rare = replace(inputs, classes=(*inputs.classes, "rare"), labels=(2, *inputs.labels[1:]), settings=settings)
    record = train_fine_tune(rare, JobContext()).record
    assert record.per_class[2].n_images == 0 and record.n_train == 24
    assert any("“rare” has no second image" in str(note) for note in record.notes)


def test_twins_are_never_on_both_sides(inputs: TrainJob) -> None:
    twins = tuple(i // 6 * 2 + i % 2 for i in range(30))
    inputs, n = replace(inputs, groups=twins), 24
    labels, hashes = np.array(inputs.labels[:n]), [image.content_hash for image in inputs.images[:n]]
    groups, notes = keep_duplicates(labels, hashes, twins[:n], n_parts=3)
    labelled = Labelled(inputs.images[:n], np.zeros((n, 1, 1, 3), np.uint8), labels, GroupChoice(groups), ())
    parts, honest = cut_honestly(inputs, labelled, None)
    assert notes == () and set(parts) == {0, 1, 2} and len(honest) == 6
    assert all(len(set(parts[np.array(twins[:n]) == twin])) == 1 for twin in twins[:n])
    one_piece = replace(inputs, groups=tuple(i % 2 for i in range(30)))
    check_labels(one_piece)
    assert keep_duplicates(labels, hashes, one_piece.groups[:n], n_parts=3)[1] == (TWINS_PARTED,)


@pytest.mark.parametrize(("found", "share"), [
    ({0.0: (9, 0.1), 1.0: (10, 0.5), 0.5: (9, 0.4)}, 0.5),
    ({0.0: (10, 0.1), 1.0: (10, 0.5), 0.5: (9, 0.4)}, 1.0),
    ({0.0: (10, 0.9), 1.0: (9, 0.5), 0.5: (9, 0.4)}, 0.0),
])
def test_a_network_that_got_worse_is_left_as_it_was(found: dict[float, tuple[int, float]], share: float) -> None:
    assert choose_blend(found) == share


@pytest.mark.long
def test_left_as_it_was_the_run_is_plain_transfer(inputs: TrainJob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine_tune_fit, "choose_blend", lambda found: NOTHING_LEARNT)
    record = train_fine_tune(replace(inputs, settings=replace(QUICK, n_epochs=1)), JobContext()).record
    assert record.fit["blend"] == 0.0 and record.n_train == 24
    assert any("left as it was" in str(note) for note in record.notes)
    first = adapted_body(inputs)
    assert all(np.array_equal(a, b) for a, b in zip(first, weights_of(inputs.folder)[:-2], strict=True))


def adapted_body(inputs: TrainJob) -> list[np.ndarray]:
    """Weights of the published network behind the cut."""
    backbone = find_backbone(inputs.settings.backbone)
    return adapt_network(backbone, locate_weights(backbone), n_blocks=1, n_classes=2).tail.get_weights()[:-2]


def test_cancelling_at_once_leaves_nothing(inputs: TrainJob, cancelling_context: RecordingContext) -> None:
    with pytest.raises(JobCancelled):
        train_fine_tune(inputs, cancelling_context)
    assert list(inputs.folder.parent.iterdir()) == []


def test_bad_labels_and_settings_are_explained(inputs: TrainJob) -> None:
    with pytest.raises(InputError, match="rate_decay"):
        train_fine_tune(replace(inputs, settings=replace(QUICK, rate_decay=0)), JobContext())
    with pytest.raises(TrainingDataError, match="Only “red” has at least 3 .*: “blue” has 1"):
        train_fine_tune(replace(inputs, labels=(1,) + (0,) * 23 + (-1,) * 6), JobContext())
    with pytest.raises(TrainingDataError, match="no labels"):
        train_fine_tune(replace(inputs, labels=(-1,) * len(inputs.labels)), JobContext())
    assert not inputs.folder.parent.exists()


def test_a_full_disk_at_a_checkpoint_is_explained(inputs: TrainJob) -> None:
    """Views fit, the state of the training does not."""
    with FillingDisk() as disk, pytest.raises(StorageError) as caught:
        def fill(event: object) -> None:
            if isinstance(event, FineTuneEstimate):
                disk.fill(event.cache_bytes + 1)

        train_fine_tune(replace(inputs, settings=replace(QUICK, n_variants=1)), JobContext(on_publish=fill))
    assert caught.value.message.code == "files.disk_is_full"
    assert list(inputs.folder.parent.iterdir()) == []


@pytest.mark.parametrize(("size", "asked", "side"), [
    ((24, 20), 0, 128), ((300, 130), 0, 160), ((640, 480), 0, 224), ((640, 480), 96, 96),
])
def test_the_input_is_no_larger_than_the_images(
    inputs: TrainJob, size: tuple[int, int], asked: int, side: int,
) -> None:
    for i, image in enumerate(inputs.images[:24]):
        draw_picture(i, "red", size).save(image.path)
    images = tuple(
        replace(image, content_hash=hashlib.sha256(image.path.read_bytes()).digest()) for image in inputs.images[:24])
    job = replace(inputs, images=images, labels=inputs.labels[:24], settings=replace(QUICK, side_px=asked))
    assert sized_backbone(job).side_px == side


def test_a_network_of_one_size_alone_is_not_resized(inputs: TrainJob) -> None:
    job = replace(inputs, settings=replace(QUICK, backbone="mobilenet", side_px=96))
    with pytest.raises(InputError) as refused:
        sized_backbone(job)
    assert refused.value.message.code == "training.side_is_fixed"
    assert sized_backbone(replace(job, settings=replace(job.settings, side_px=0))).side_px == 224


def test_an_estimate_without_a_training(inputs: TrainJob) -> None:
    estimate = estimate_seconds(inputs, JobContext())
    assert estimate.n_variants == 2 and estimate.n_train == 18
    short = replace(inputs, settings=replace(QUICK, side_px=224, n_variants=9, cache_gb=0.0015))
    assert estimate_seconds(short, JobContext()).n_variants == 3
    assert not inputs.folder.parent.exists()


def test_the_centre_is_the_middle_of_the_image() -> None:
    pixels = np.zeros((2, 32, 32, 3), np.uint8)
    pixels[:, 4:28, 4:28] = 200
    found = centre_views(pixels)
    assert found.shape == pixels.shape and (found[:, 2:-2, 2:-2] == 200).all(), "but for the edge, which is mixed"


@pytest.mark.long
def test_a_second_view_changes_what_is_said_and_is_kept_with_the_run(inputs: TrainJob) -> None:
    said = {}
    for name, has_two in (("one", False), ("two", True)):
        job = replace(inputs, run=name, folder=inputs.folder.with_name(name),
                      settings=replace(QUICK, has_two_views=has_two))
        result = train_fine_tune(job, JobContext())
        assert read_adapted_plan(result.folder).has_two_views == has_two
        stored = read_predictions(result.folder)
        said[name] = stored.probabilities[stored.kinds == NEW]
        again = predict_fine_tune(
            result.record, PredictRunInput(result.folder, inputs.images[24:28], inputs.embeddings), JobContext())
        assert np.allclose(again.probabilities, said[name], atol=1e-5)
    assert np.abs(said["one"] - said["two"]).max() > 1e-4


@pytest.mark.long
def test_a_linear_head_votes_beside_the_network(inputs: TrainJob) -> None:
    job = replace(inputs, settings=replace(QUICK, has_companion=True))
    result = train_fine_tune(job, JobContext())
    plan, head = read_adapted_plan(result.folder), read_companion(result.folder, read_adapted_plan(result.folder))
    stored = read_predictions(result.folder)
    new = stored.kinds == NEW
    asked = PredictRunInput(result.folder, inputs.images[24:28], inputs.embeddings)
    together = predict_fine_tune(result.record, asked, JobContext())
    assert np.array_equal(together.probabilities.argmax(axis=1), stored.probabilities[new].argmax(axis=1))

    write_adapted_plan(result.folder, replace(plan, companion=""))
    alone = predict_fine_tune(result.record, asked, JobContext())
    embedded = FEATURES.embed(asked, JobContext())
    said = head.probabilities(embedded.store.read(embedded.rows)) if head else np.zeros(0)
    assert np.allclose(together.probabilities, (alone.probabilities + said) / 2, atol=1e-6)
    assert np.abs(said - alone.probabilities).max() > 1e-4

    write_adapted_plan(result.folder, replace(plan, companion="other weights"))
    with pytest.raises(RunError):
        predict_fine_tune(result.record, asked, JobContext())
    write_adapted_plan(result.folder, plan)
    (result.folder / "companion.weights.h5").write_bytes(b"nothing")
    with pytest.raises(RunError):
        predict_fine_tune(result.record, asked, JobContext())


@pytest.mark.long
def test_the_head_that_is_judged_has_not_seen_what_judges_it(
    inputs: TrainJob, monkeypatch: pytest.MonkeyPatch,
) -> None:
    learnt: list[int] = []
    learn = Companion.learn
    monkeypatch.setattr(Companion, "learn", lambda self, rows: learnt.append(len(rows)) or learn(self, rows))
    job = replace(inputs, settings=replace(QUICK, has_companion=True))
    train_fine_tune(job, JobContext())
    assert learnt == [16, 24], "for the figure from the training part, for the run from all"
    stopped = train_fine_tune(replace(job, run="run-2", folder=job.folder.with_name("run-2")), stopping_after(1))
    assert learnt[2:] == [16, 16] and (stopped.folder / "companion.weights.h5").is_file()

"""An ensemble from stored embeddings to a whole run; going on with an unfinished one; predictions; real backbones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.embeddings.embedded import Embedded, find_embedded
from core.embeddings.store import EmbeddingWriter
from core.errors import InputError, RunError
from core.jobs import JobCancelled, JobContext
from core.runs.predictions import read_predictions
from core.review.calibrate import scale_rows
from core.runs.record import TrainResult
from core.runs.repository import find_damage, read_run
from core.runs.snapshot import read_snapshot
from core.text import Message
from core.training.ensemble_files import ENSEMBLE_NAME, read_voters
from core.training.job import PredictResult, PredictRunInput, TrainJob
from core.training.strategies.ensemble import EnsembleSettings
from core.training.train_ensemble import member_names, train_ensemble, train_on_members, vote_on_embeddings
from core.training.unfinished import list_resumable, working_place
from core.types import ImageRef, Skipped
from core.project.project import Project
from core.workflow.importing import new_project
from core.workflow.predicting import write_submission
from core.workflow.runs import remove_run
from core.workflow.training import train_project
from tests.conftest import RecordingContext, write_class_folder
from tests.core.training.test_transfer import ref

SIZES = {"one": 24, "two": 30, "three": 16}
"""Backbones that there are not, and how many features they have."""


def write_store(folder: Path, images: tuple[ImageRef, ...], n_features: int, seed: int) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(len(images), n_features)).astype(np.float32)
    vectors[np.arange(len(images)), np.arange(len(images)) % 3] += 1.5
    with EmbeddingWriter(folder, n_features) as writer:
        writer.append([image.content_hash for image in images], vectors)


@pytest.fixture
def inputs(tmp_path: Path) -> TrainJob:
    """Seventy images, the first sixty labelled in turn as a, b, c, each as three networks see it."""
    images, labels = tuple(ref(i) for i in range(70)), tuple(i % 3 if i < 60 else -1 for i in range(70))
    for seed, (name, n_features) in enumerate(SIZES.items(), start=1000):
        write_store(tmp_path / "embeddings" / name, images, n_features, seed)
    return TrainJob(
        "r1", tmp_path / "runs" / "r1", "ensemble", EnsembleSettings(), images, labels, ("a", "b", "c"), (1, 2, 3),
        tmp_path / "embeddings",
    )


def embedded(job: TrainJob, images: tuple[ImageRef, ...] | None = None) -> dict[str, Embedded]:
    return {name: find_embedded(images or job.images, job.embeddings / name, n) for name, n in SIZES.items()}


def train(
    job: TrainJob, context: JobContext | None = None, seen: Mapping[str, Embedded] | None = None
) -> TrainResult:
    with working_place(job) as working:
        return train_on_members(job, seen or embedded(job), context or JobContext(), working)


def predict(job: TrainJob, images: tuple[ImageRef, ...], seen: Mapping[str, Embedded]) -> PredictResult:
    record = read_run(job.folder)
    said = vote_on_embeddings(
        record, PredictRunInput(job.folder, images, job.embeddings), read_voters(job.folder, len(record.classes)),
        seen, JobContext())
    return replace(said, probabilities=scale_rows(said.probabilities, record.temperature))


def test_the_run_holds_everything(inputs: TrainJob) -> None:
    result = train(inputs)
    record = read_run(inputs.folder)
    assert record == result.record and find_damage(inputs.folder) is None
    assert record.backbone == "one + two + three" and record.n_train == record.n_validation == 60
    members = record.fit["members"]
    assert {one["backbone"]: one["n_features"] for one in members} == SIZES
    assert sum(one["weight"] for one in members) == pytest.approx(1)
    assert record.fit["best_member"] in SIZES and len(record.fit["error_correlation"]) == 3
    best = max(one["accuracy"] for one in members)
    assert record.accuracy - best == pytest.approx(record.fit["gain"])
    assert record.fit["gain_interval"][0] < record.fit["gain"] < record.fit["gain_interval"][1]
    assert len(read_snapshot(inputs.folder)) == 60
    assert not list(inputs.folder.parent.glob("*.unfinished"))
    codes = [note.code for note in record.notes]
    assert codes[0] == "training.ensemble.members" and "training.ensemble.errors" in codes


def test_predicting_with_the_run_gives_the_same(inputs: TrainJob) -> None:
    train(inputs)
    found = read_predictions(inputs.folder)
    assert found.kinds.tolist() == [0] * 60 + [1] * 10
    asked = (*inputs.images[60:], ref(999))
    again = predict(inputs, asked, embedded(inputs, asked))
    np.testing.assert_allclose(again.probabilities, found.probabilities[60:], atol=1e-6)
    np.testing.assert_allclose(again.probabilities.sum(axis=1), 1, atol=1e-6)
    assert again.images == inputs.images[60:] and again.classes == ("a", "b", "c")


def test_an_image_that_one_member_lacks_is_left_out_and_listed(inputs: TrainJob) -> None:
    seen = embedded(inputs)
    rows = seen["two"].rows.copy()
    rows[[5, 65]] = -1
    lost = Skipped(Path("5.jpg"), Message("images.gone"))
    seen["two"] = replace(seen["two"], rows=rows, skipped=(lost,))
    seen["three"] = replace(seen["three"], skipped=(lost,))
    result = train(inputs, seen=seen)
    assert result.skipped == (lost,) and result.record.n_train == 59
    assert not {105, 165} & set(read_predictions(inputs.folder).image_ids.tolist())


@pytest.mark.parametrize("voting", ["weights", "greedy", "equal"])
def test_every_way_to_vote(inputs: TrainJob, voting: str) -> None:
    record = train(replace(inputs, settings=EnsembleSettings(voting=voting))).record
    weights = [one["weight"] for one in record.fit["members"]]
    assert record.fit["voting"] == voting and sum(weights) == pytest.approx(1)
    assert len(set(weights)) == {"equal": 1, "weights": 1, "greedy": 3}[voting], "the three are equally good"


def test_it_is_said_when_the_ensemble_is_not_better(inputs: TrainJob) -> None:
    """Copies of one member cannot gain anything."""
    one = embedded(inputs)["one"]
    record = train(inputs, seen={"one": one, "copy": replace(one, key="copy")}).record
    assert record.fit["gain"] == 0
    alike, outcome = record.notes[1:3]
    assert (alike.code, outcome.code) == ("training.ensemble.all_alike", "training.ensemble.not_better")
    assert "not better than its best member, one" in str(outcome)


def test_it_is_said_when_the_ensemble_is_better(inputs: TrainJob) -> None:
    """Two hundred images more: three members that err apart gain what is no chance."""
    images = tuple(ref(i, content=5000 + i) for i in range(600))
    place = inputs.embeddings.with_name("more")
    for seed, (name, n_features) in enumerate(SIZES.items(), start=1000):
        write_store(place / name, images, n_features, 10 + seed)
    many = replace(inputs, images=images, labels=tuple(i % 3 for i in range(600)), embeddings=place)
    record = train(many).record
    assert "training.ensemble.better" in [note.code for note in record.notes] and record.fit["gain_interval"][0] > 0


def stopping_after(n_members: int) -> RecordingContext:
    """Cancels while the next member is trained."""
    class Stopping(RecordingContext):
        def progress(self, done: int, total: int, *, stage: Message, unit: str = "images") -> None:
            if unit == "models" and done * len(SIZES) > n_members * total:
                raise JobCancelled
            super().progress(done, total, stage=stage, unit=unit)  # type: ignore[arg-type]

    return Stopping()


def test_members_that_are_done_are_not_trained_again(
    inputs: TrainJob, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:
    whole = replace(inputs, run="r0", folder=inputs.folder.with_name("r0"))
    train(whole)
    with pytest.raises(JobCancelled):
        train(inputs, stopping_after(2))
    assert not inputs.folder.exists()
    (unfinished,) = list_resumable(inputs.folder.parent)
    assert unfinished.n_epochs_done == 2 and str(unfinished.done) == "2 models"
    context = RecordingContext()
    train(replace(inputs, resume_from=unfinished.folder), context)
    training = [p for p in context.progresses if p.unit == "models"]
    assert training[0].done * 3 >= 2 * training[0].total, "only the third member is trained"
    one, two = (read_predictions(job.folder).probabilities for job in (whole, inputs))
    np.testing.assert_array_equal(one, two)
    assert not list_resumable(inputs.folder.parent)


def test_members_of_other_data_are_trained_anew(inputs: TrainJob) -> None:
    with pytest.raises(JobCancelled):
        train(inputs, stopping_after(2))
    (unfinished,) = list_resumable(inputs.folder.parent)
    labels = (1, *inputs.labels[1:])
    context = RecordingContext()
    train(replace(inputs, labels=labels, resume_from=unfinished.folder), context)
    assert next(p for p in context.progresses if p.unit == "models").done == 0


def test_progress_goes_forward_to_the_end(inputs: TrainJob, recording_context: RecordingContext) -> None:
    train(inputs, recording_context)
    for stage in ("jobs.training", "jobs.predicting"):
        done = [p.done for p in recording_context.progresses if p.stage.code == stage]
        assert done == sorted(done)
    assert recording_context.last.done == recording_context.last.total


@pytest.mark.parametrize("damage", ["gone", "weights", "text", "other head"])
def test_a_damaged_run_is_refused(inputs: TrainJob, damage: str) -> None:
    train(replace(inputs, settings=EnsembleSettings(voting="equal")))
    path, head = inputs.folder / ENSEMBLE_NAME, inputs.folder / "member-1.weights.h5"
    stored = json.loads(path.read_text("utf-8"))
    if damage == "gone":
        path.unlink()
    elif damage == "other head":
        head.write_bytes((inputs.folder / "member-2.weights.h5").read_bytes())
    else:
        stored["members"][0]["weight"] = 0.9 if damage == "weights" else "much"
        path.write_text(json.dumps(stored), "utf-8")
    with pytest.raises(RunError):
        read_voters(inputs.folder, 3)
    record = json.loads((inputs.folder / "run.json").read_text("utf-8"))
    (inputs.folder / "run.json").write_text(json.dumps(record | {"files": {}}), "utf-8")
    if damage != "other head":  # without checksums, as of a run that somebody made
        with pytest.raises(RunError):
            read_voters(inputs.folder, 3)


def test_other_embeddings_are_refused(inputs: TrainJob) -> None:
    train(replace(inputs, settings=EnsembleSettings(voting="equal")))
    seen = embedded(inputs)
    seen["one"] = seen["two"]
    with pytest.raises(RunError, match="expects 24 features"):
        predict(inputs, inputs.images, seen)


@pytest.mark.parametrize("members", ["", "efficientnet-lite0", "efficientnet-lite0, EfficientNet_Lite0"])
def test_one_member_is_no_ensemble(inputs: TrainJob, members: str) -> None:
    with pytest.raises(InputError, match="at least two"):
        train_ensemble(replace(inputs, settings=EnsembleSettings(members=members)), JobContext())


def test_members_that_cannot_be(inputs: TrainJob) -> None:
    with pytest.raises(InputError, match="resnet-zzz"):
        member_names(replace(inputs, settings=EnsembleSettings(members="efficientnet-lite0, resnet-zzz")))
    with pytest.raises(InputError, match="several"):
        member_names(replace(inputs, weights=Path("own.pth")))
    assert member_names(inputs) == tuple(f"efficientnet-lite{i}" for i in range(3))


def test_a_project_trains_an_ensemble_and_fills_its_submission(tmp_path: Path) -> None:
    """The real thing with two real backbones: train, a new image, submit, delete."""
    write_class_folder(tmp_path / "train" / "goldfish", "red", 6)
    write_class_folder(tmp_path / "train" / "hammer", "blue", 6, first_seed=100)
    write_class_folder(tmp_path / "test", "red", 2, first_seed=200)
    folder, context = tmp_path / "p", JobContext()
    new_project(folder, tmp_path / "train", tmp_path / "test", context)
    figures = train_project(folder, "ensemble", {"members": "efficientnet-lite0,efficientnet-lite1"}, context)
    assert figures["strategy"] == "ensemble" and figures["accuracy"] == 1 and figures["n_train"] == 12
    assert any("not better" in str(note) for note in figures["notes"]), "nothing is better than all right"
    write_class_folder(tmp_path / "test", "blue", 1, first_seed=300)
    new_project(folder, tmp_path / "train", tmp_path / "test", context)
    write_submission(folder, tmp_path / "s.csv", context)
    rows = dict(line.split(",") for line in (tmp_path / "s.csv").read_text("utf-8").splitlines()[1:])
    assert {name.split("_")[0]: code for name, code in rows.items()} == {"red": "0", "blue": "1"}
    with Project.open(folder) as project:
        remove_run(project, figures["run"])
        assert not project.run_path(figures["run"]).exists()

"""Which groups a training keeps together, and what it says of them: drawn embeddings of scenes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import WeightsError
from core.jobs import JobContext
from core.review.metrics import wilson_interval
from core.runs.predictions import read_predictions
from core.runs.repository import read_run
from core.training.folds import cut_in_parts, group_keys
from core.training.groups import GroupChoice, choose_groups
from core.training.job import TrainJob
from core.training.strategies.transfer import TransferSettings
from core.types import ImageRef

CLASSES = ("cat", "dog")
N_SCENES, N_FRAMES, N_FEATURES = 24, 8, 64


def scenes(*, is_class_in_scene: bool, seed: int = 0) -> np.ndarray:
    """Embeddings of frames: the scene is in each, the class in the scene alone or nowhere."""
    rng = np.random.default_rng(seed)
    scene = np.repeat(rng.normal(size=(N_SCENES, N_FEATURES)), N_FRAMES, axis=0)
    frames = scene + 0.6 * rng.normal(size=scene.shape)
    if is_class_in_scene:
        frames[:, 0] = 12 * (labels_of_scenes() - 0.5)
    return frames.astype(np.float32)


def labels_of_scenes() -> np.ndarray:
    return np.repeat(np.arange(N_SCENES) % 2, N_FRAMES)


def job_of(names: list[str], tmp_path: Path = Path("/none"), **settings: Any) -> TrainJob:
    images = tuple(
        ImageRef(i, Path("/p") / name, hashlib.sha256(name.encode()).digest()) for i, name in enumerate(names))
    return TrainJob(
        "r1", tmp_path / "runs" / "r1", "transfer", TransferSettings(**settings), images,
        tuple(labels_of_scenes().tolist()), CLASSES, (1, 2), tmp_path / "store")


def choose(
    job: TrainJob, features: np.ndarray | None, labels: np.ndarray | None = None, n_parts: int = 2,
) -> GroupChoice:
    def read() -> np.ndarray:
        if features is None:
            raise WeightsError("training.no_images")
        return features

    labels = np.asarray(job.labels) if labels is None else labels
    return choose_groups(job, np.arange(len(labels)), labels, classes=job.classes, n_parts=n_parts,
                         read_features=read, context=JobContext())


def frames(form: str = "{name}/video{scene}_frame{frame:03}.jpg") -> list[str]:
    return [form.format(name=CLASSES[scene % 2], scene=scene, frame=frame)
            for scene in range(N_SCENES) for frame in range(N_FRAMES)]


def is_whole(groups: np.ndarray) -> bool:
    return sorted(np.unique(groups, return_counts=True)[1]) == [N_FRAMES] * N_SCENES


def is_single(groups: np.ndarray) -> bool:
    return len(set(groups.tolist())) == len(groups)


@pytest.mark.parametrize(("form", "source"), [
    ("{name}/video{scene}_frame{frame:03}.jpg", "series"), ("{name}/day{scene}/{frame}.jpg", "folder"),
    ("day{scene}/{name}/{frame}.jpg", "folder"),
])
def test_groups_without_which_the_accuracy_would_be_flattered_stay_together(form: str, source: str) -> None:
    choice = choose(job_of(frames(form)), scenes(is_class_in_scene=False))
    assert choice.source == source and is_whole(choice.groups)
    assert choice.effect is not None and choice.effect.split > 0.9 > 0.7 > choice.effect.together
    facts = choice.to_json()
    assert (facts["n_groups"], facts["n_images"], facts["asked"]) == (N_SCENES, N_SCENES * N_FRAMES, "auto")
    assert [note.code for note in choice.notes] == [f"training.groups.kept.{source}", "training.groups.effect.higher"]


def test_groups_that_make_no_difference_are_not_used() -> None:
    choice = choose(job_of(frames()), scenes(is_class_in_scene=True))
    assert choice.source == "duplicates" and choice.notes == () and is_single(choice.groups)
    assert choice.rejected["series"] == "no_effect" and choice.rejected["folder"] == "too_few"


def test_near_duplicates_are_found_where_names_say_nothing() -> None:
    names = [hashlib.md5(name.encode()).hexdigest() + "z.jpg" for name in frames()]
    features = scenes(is_class_in_scene=False)
    near = np.repeat(features[::N_FRAMES], N_FRAMES, axis=0) + features * 0.1
    choice = choose(job_of(names), near)
    assert choice.source == "near duplicates" and is_whole(choice.groups)


def test_groups_are_kept_where_nothing_can_be_measured() -> None:
    choice = choose(job_of(frames()), None)
    assert choice.source == "series" and choice.effect is None and is_whole(choice.groups)
    assert [note.code for note in choice.notes] == ["training.groups.kept.series"]


def test_a_source_that_is_asked_for_is_taken_whatever_it_does() -> None:
    choice = choose(job_of(frames(), groups="series"), scenes(is_class_in_scene=True))
    assert choice.source == "series" and is_whole(choice.groups)
    assert choice.notes[-1].code == "training.groups.effect.same"
    none = choose(job_of([f"x{i}y.jpg" for i in range(192)], groups="time"), scenes(is_class_in_scene=True))
    assert none.source == "duplicates" and [note.code for note in none.notes] == ["training.groups.none.time"]


@pytest.mark.parametrize("asked", ["duplicates", "same file"])
def test_duplicates_alone_on_request(asked: str) -> None:
    choice = choose(job_of(frames(), groups=asked), scenes(is_class_in_scene=False))
    assert choice.source == asked and choice.notes == () and is_single(choice.groups)


def test_a_class_with_too_few_groups_is_split_and_named() -> None:
    names, labels = frames(), labels_of_scenes()
    rare = np.arange(len(labels)) // N_FRAMES < 2
    job = replace(job_of(names), classes=(*CLASSES, "bird"))
    choice = choose(job, scenes(is_class_in_scene=False), np.where(rare, 2, labels))
    assert choice.source == "series" and choice.split_classes == ("bird",)
    assert len(set(choice.groups[rare].tolist())) == 2 * N_FRAMES
    assert choice.notes[-1].code == "training.groups.too_few"


def test_scenes_of_several_classes_stay_whole_and_every_part_has_every_class() -> None:
    """Frames of one film that were sorted into two classes, for a training by epochs with four parts."""
    labels = np.arange(N_SCENES * N_FRAMES) % 2
    names = [f"{CLASSES[i % 2]}/video{i // N_FRAMES}_frame{i:04}.jpg" for i in range(len(labels))]
    job = job_of(names, groups="series")
    choice = choose(job, scenes(is_class_in_scene=False), labels, n_parts=4)
    assert is_whole(choice.groups)
    keys = group_keys([image.content_hash for image in job.images], choice.groups)
    parts = cut_in_parts(labels, keys, shares=(1.0,) * 4, seed=0, classes=CLASSES)
    assert all(set(parts[labels == label]) == {0, 1, 2, 3} for label in (0, 1))


def test_a_run_keeps_where_its_groups_come_from(tmp_path: Path) -> None:
    from core.embeddings.embedded import find_embedded
    from core.embeddings.store import EmbeddingWriter
    from core.training.transfer import train_on_embeddings

    job = job_of(frames(), tmp_path)
    job.embeddings.mkdir()
    with EmbeddingWriter(job.embeddings, N_FEATURES) as writer:
        writer.append([image.content_hash for image in job.images], scenes(is_class_in_scene=False))
    record = train_on_embeddings(job, find_embedded(job.images, job.embeddings, N_FEATURES), JobContext()).record
    facts = read_run(job.folder).fit["groups"]
    assert facts["source"] == "series" and record.accuracy < 0.7
    assert facts["design_effect"] > 2, "frames of a scene are right or wrong together"
    low, high = wilson_interval(round(record.accuracy * len(job.images)), len(job.images))
    assert record.interval[1] - record.interval[0] > 1.3 * (high - low)
    assert "training.groups.interval" in [note.code for note in record.notes]
    folds = read_predictions(job.folder).folds
    assert folds is not None and all(len(set(folds[at:at + N_FRAMES])) == 1 for at in range(0, len(folds), N_FRAMES))
    plain = replace(job, run="r2", folder=job.folder.with_name("r2"), settings=TransferSettings(groups="duplicates"))
    split = train_on_embeddings(plain, find_embedded(job.images, job.embeddings, N_FEATURES), JobContext()).record
    assert split.accuracy > 0.9 and split.fit["groups"]["source"] == "duplicates"
    assert split.fit["groups"]["design_effect"] == 1

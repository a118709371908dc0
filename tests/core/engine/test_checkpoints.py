"""A stopped training goes on only with the same classes, labels, settings and network; a difference is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.engine.checkpoints import (
    ProgressKeeper, Terms, data_digest, read_progress, require_classes,
)
from core.training.unfinished import PROGRESS_NAME
from core.engine.tail import TailTrainer
from core.errors import RunError, StorageError
from core.training.settings import EpochFigures
from tests.full_disk import files_of_at_most

TERMS = Terms(("red", "blue"), {"mixup": 0.2, "n_epochs": 3}, "data", "network")
FIGURES = EpochFigures(1, 3, 0.5, 0.9, 0.4, 0.95, 1e-3, 1.0, 2.0, True)


@pytest.fixture
def trainer() -> tuple[keras.Model, TailTrainer]:
    keras.utils.set_random_seed(0)
    image = keras.Input((4,))
    tail = keras.Model(image, keras.layers.Dense(2)(image))
    return tail, TailTrainer(tail, shares={}, rate=0.1, label_smoothing=0.0, mixup=0.5, seed=1)


def step(trainer: TailTrainer) -> None:
    x = np.random.default_rng(0).normal(size=(6, 4))
    trainer.train_on_batch(x, np.eye(2)[np.arange(6) % 2])


def test_the_next_step_is_the_same_to_the_bit(trainer: tuple[keras.Model, TailTrainer], tmp_path: Path) -> None:
    tail, steps = trainer
    keeper = ProgressKeeper(tmp_path, TERMS, tail, steps)
    assert keeper.past == ()
    for _ in range(3):
        step(steps)
    keeper.keep((FIGURES,))
    step(steps)
    wanted = tail.get_weights()
    step(steps)
    past = read_progress(tmp_path, replace(TERMS, settings={"mixup": 0.2, "n_epochs": 9}))
    assert ProgressKeeper(tmp_path, TERMS, tail, steps, past).past == (FIGURES,)
    step(steps)
    assert all(np.array_equal(a, b) for a, b in zip(wanted, tail.get_weights(), strict=True))
    assert [p.name for p in tmp_path.iterdir()] == [PROGRESS_NAME]


@pytest.mark.parametrize(("now", "words"), [
    (replace(TERMS, classes=("red", "blue", "green")), "“green” was added"),
    (replace(TERMS, classes=("red",)), "“blue” was removed"),
    (replace(TERMS, classes=("blue", "red")), "another order"),
    (replace(TERMS, data="other"), "labels were added, removed or changed"),
    (replace(TERMS, settings={"mixup": 0.0, "n_epochs": 3}), "other settings were chosen: “mixup”"),
    (replace(TERMS, network="other"), "the network's weights are others"),
])
def test_a_difference_is_named(
    trainer: tuple[keras.Model, TailTrainer], tmp_path: Path, now: Terms, words: str,
) -> None:
    ProgressKeeper(tmp_path, TERMS, *trainer).keep((FIGURES,))
    with pytest.raises(RunError, match=words) as caught:
        read_progress(tmp_path, now)
    assert "start_from" in caught.value.hint
    require_classes(tmp_path, TERMS.classes)
    with pytest.raises(RunError, match="“pink” was added"):
        require_classes(tmp_path, (*TERMS.classes, "pink"))


@pytest.mark.parametrize("harm", [
    lambda path: path.write_bytes(path.read_bytes()[:-200]), lambda path: path.write_bytes(b"PK nothing"),
    lambda path: path.write_bytes(b""),
])
def test_a_damaged_state_is_explained(
    trainer: tuple[keras.Model, TailTrainer], tmp_path: Path, harm: Callable[[Path], object],
) -> None:
    with pytest.raises(RunError, match="nothing to resume"):
        read_progress(tmp_path, TERMS)
    ProgressKeeper(tmp_path, TERMS, *trainer).keep((FIGURES,))
    harm(tmp_path / PROGRESS_NAME)
    with pytest.raises(RunError, match="damaged"):
        read_progress(tmp_path, TERMS)


def test_a_full_disk_leaves_the_epoch_before(trainer: tuple[keras.Model, TailTrainer], tmp_path: Path) -> None:
    keeper = ProgressKeeper(tmp_path, TERMS, *trainer)
    keeper.keep((FIGURES,))
    with files_of_at_most(100), pytest.raises(StorageError) as caught:
        keeper.keep((FIGURES, FIGURES))
    assert caught.value.message.code == "files.disk_is_full"
    assert len(read_progress(tmp_path, TERMS).history) == 1
    assert [p.name for p in tmp_path.iterdir()] == [PROGRESS_NAME]


def test_labels_are_known_whatever_their_order() -> None:
    hashes, labels = [b"a" * 32, b"b" * 32], np.array([0, 1])
    assert data_digest(hashes, labels) == data_digest(hashes[::-1], labels[::-1])
    assert data_digest(hashes, labels) != data_digest(hashes, labels[::-1])

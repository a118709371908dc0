"""The tail: only it learns, blocks further from the head in smaller steps, normalisation not at all."""

from pathlib import Path
from typing import Any, cast

import keras
import numpy as np
import pytest

from core.engine.cut import CutPoint, find_blocks
from core.engine.epochs import EpochData, fit_epochs
from core.engine.tail import (
    LOGITS, EpochViews, PlainViews, TailTrainer, build_tail, head_of, put_head, step_shares,
)
from core.engine.trunk_cache import CachePlan, TrunkCache
from core.errors import RunError
from core.jobs import JobContext
from core.runs.head import Head
from core.training.settings import AugmentSettings, EpochSettings


def small_backbone() -> keras.Model:
    keras.utils.set_random_seed(3)
    layers = keras.layers
    image = keras.Input((8, 8, 3))
    x = image
    for name in ("a", "b", "c"):
        x = layers.Conv2D(4, 3, padding="same", name=f"{name}_conv")(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x = layers.ReLU(name=name)(x)
    return keras.Model(image, layers.GlobalAveragePooling2D()(x))


def trainer_of(model: keras.Model, cut: CutPoint, tail: keras.Model, **changes: float) -> TailTrainer:
    chosen: dict[str, float] = {"label_smoothing": 0.0, "mixup": 0.0, "rate": 1e-2, **changes}
    shares = step_shares(model, cut, find_blocks(model), decay=0.1)
    return TailTrainer(
        tail, shares=shares, rate=chosen["rate"], label_smoothing=chosen["label_smoothing"], mixup=chosen["mixup"],
        seed=0,
    )


def batch(n: int = 8) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(1).normal(size=(n, 8, 8, 4)).astype(np.float32)
    return x, np.eye(2, dtype=np.float32)[np.arange(n) % 2]


def test_steps_shrink_from_block_to_block() -> None:
    model = small_backbone()
    blocks = find_blocks(model)
    assert [b.name for b in blocks] == ["a", "b"]
    tail = build_tail(model, blocks[0], 2)
    put_head(tail, Head(np.ones((4, 2), np.float32) * [1, -1], np.zeros(2, np.float32)))
    shares = step_shares(model, blocks[0], blocks, decay=0.1)
    assert shares["c_conv"] == 1 and shares["b_conv"] == pytest.approx(0.1)

    def numbers(weight: keras.Variable) -> np.ndarray:
        return keras.ops.convert_to_numpy(weight).copy()

    before = {w.path: numbers(w) for w in model.weights}
    trainer_of(model, blocks[0], tail).train_on_batch(*batch())
    moved = {layer.name: max(float(np.abs(numbers(w) - before[w.path]).max()) for w in layer.weights)
             for layer in model.layers if layer.weights}
    # Adam's first step is as large as the rate
    assert moved["c_conv"] == pytest.approx(1e-2, rel=0.02)
    assert moved["b_conv"] == pytest.approx(1e-3, rel=0.02)
    assert moved["c_bn"] == pytest.approx(1e-2, rel=0.02) and moved["b_bn"] == pytest.approx(1e-3, rel=0.02)
    assert moved["a_conv"] == moved["a_bn"] == 0
    statistics = [w for w in model.weights if w.name.startswith("moving")]
    assert statistics and all(np.array_equal(numbers(w), before[w.path]) for w in statistics)


def test_it_learns_and_same_steps_are_bit_equal() -> None:
    def trained(n_steps: int) -> tuple[list[np.ndarray], float]:
        model = small_backbone()
        cut = find_blocks(model)[0]
        tail = build_tail(model, cut, 2)
        trainer, (x, y) = trainer_of(model, cut, tail, mixup=0.2, label_smoothing=0.1), batch()
        x[1::2] += 1.0
        losses = [trainer.train_on_batch(x, y)["loss"] for _ in range(n_steps)]
        assert np.mean(losses[-5:]) < 0.8 * losses[0]
        return tail.get_weights(), losses[-1]

    first, again = trained(40), trained(40)
    assert first[1] == again[1]
    assert all(np.array_equal(a, b) for a, b in zip(first[0], again[0], strict=True))


def test_weights_count_and_smoothing_raises_the_loss() -> None:
    model = small_backbone()
    cut = find_blocks(model)[0]
    tail = build_tail(model, cut, 2)
    x, y = batch()
    plain = trainer_of(model, cut, tail, rate=1e-9).train_on_batch(x, y)["loss"]
    assert plain == pytest.approx(np.log(2))
    double = trainer_of(model, cut, tail, rate=1e-9).train_on_batch(x, y, np.full(8, 2.0))["loss"]
    assert double == pytest.approx(2 * plain)
    put_head(tail, Head(np.zeros((4, 2), np.float32), np.array([3.0, -3.0], np.float32)))
    first = np.repeat(y[:1], 8, axis=0)
    sure = trainer_of(model, cut, tail, rate=1e-9).train_on_batch(x, first)["loss"]
    doubted = trainer_of(model, cut, tail, rate=1e-9, label_smoothing=0.2).train_on_batch(x, first)["loss"]
    assert doubted - sure == pytest.approx(0.1 * 6, abs=1e-4)


def test_mixing_leaves_pairs_of_equals_alone() -> None:
    """All images alike: mixed or not is the same. All different: it is not."""
    def loss(x: np.ndarray, mixup: float) -> float:
        model = small_backbone()
        cut = find_blocks(model)[0]
        tail = build_tail(model, cut, 2)
        put_head(tail, Head(np.ones((4, 2), np.float32) * [9, -9], np.zeros(2, np.float32)))
        y = np.repeat(np.eye(2, dtype=np.float32)[:1], len(x), axis=0)
        return trainer_of(model, cut, tail, rate=1e-9, mixup=mixup).train_on_batch(x, y)["loss"]

    x, _ = batch()
    same = np.repeat(x[:1], 8, axis=0)
    assert loss(same, 1.0) == pytest.approx(loss(same, 0.0), rel=1e-5)
    assert loss(x, 1.0) != pytest.approx(loss(x, 0.0), rel=1e-5)


def test_measuring_and_resetting_leave_no_trace() -> None:
    model = small_backbone()
    cut = find_blocks(model)[0]
    tail = build_tail(model, cut, 2)
    trainer, (x, y) = trainer_of(model, cut, tail), batch()
    first = tail.get_weights()
    with trainer.undone():
        trainer.train_on_batch(x, y)
    assert all(np.array_equal(a, b) for a, b in zip(first, tail.get_weights(), strict=True))
    assert int(trainer.optimizer.iterations) == 0
    trainer.train_on_batch(x, y)
    trainer.reset()
    assert all(np.array_equal(a, b) for a, b in zip(first, tail.get_weights(), strict=True))
    with pytest.raises(ValueError, match="same network"):
        trainer.set_state([np.zeros(3)])
    assert head_of(tail).kernel.shape == (4, 2) and tail.get_layer(LOGITS)


def test_every_view_is_learnt_from_in_turn(tmp_path: Path) -> None:
    plan = CachePlan(tmp_path, (1,), 6, np.array([1, 2, 5]), 3, AugmentSettings(), 0)
    for k in range(3):
        (100 * k + plan.rows(k)).astype("<f2").tofile(plan.path(k))
    cache = TrunkCache(plan)
    views = EpochViews(cache, plan.learn_rows, seed=0)
    epochs = [views[np.array([2, 0, 1])][:, 0].astype(int) for _ in range(6)]
    assert all((epoch % 100 == [5, 1, 2]).all() for epoch in epochs)
    for place in range(3):
        assert sorted(epoch[place] // 100 for epoch in epochs[:3]) == [0, 1, 2]
    later = EpochViews(cache, plan.learn_rows, seed=0, n_past=4)
    assert (later[np.array([2, 0, 1])][:, 0] == epochs[4]).all()
    assert views.shape == (3, 1) and len(views) == 3
    assert PlainViews(cache, np.array([5, 0, 3]))[1:3][:, 0].tolist() == [0, 3]


def test_a_loss_that_is_no_number_is_explained(tmp_path: Path) -> None:
    model = small_backbone()
    cut = find_blocks(model)[0]
    tail = build_tail(model, cut, 2)
    put_head(tail, Head(np.full((4, 2), [3e38, -3e38], np.float32), np.zeros(2, np.float32)))
    x, _ = batch()
    data = EpochData(cast(Any, 100 * x), np.arange(8) % 2, cast(Any, x), np.arange(8) % 2, 2)
    with pytest.raises(RunError, match="no longer a number"):
        fit_epochs(tail, data, settings=EpochSettings(n_epochs=1), folder=tmp_path, context=JobContext(),
                   trainer=trainer_of(model, cut, tail))
    assert list(tmp_path.iterdir()) == []

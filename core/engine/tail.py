"""The part of a backbone that learns in fine-tuning: the tail behind the cut, its first head, and how it takes steps.

Adam divides a gradient by its own size, so a multiplied gradient would change nothing: what
decays from block to block is the step itself. Batch normalisation stays in inference mode, for
its statistics come from a million photographs and ours from some hundred; its scale and shift learn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.engine.checkpoints import Trainer
from core.engine.cut import CutPoint, layers_after
from core.engine.trunk_cache import TrunkCache
from core.jobs import JobContext
from core.training.folds import assign_folds
from core.runs.head import Head
from core.training.logistic import fit_transfer

LOGITS = "logits"
N_FOLDS = 5
BATCH = 64
LARGEST_GRADIENT = 5.0


def build_tail(model: keras.Model, cut: CutPoint, n_classes: int) -> keras.Model:
    """The backbone behind a cut with a dense head; it shares the backbone's layers.

    Args:
        model: The whole backbone.
        n_classes: Outputs of the head, at least 2.

    Returns:
        From activations (n_images, …) float32 to logits (n_images, n_classes).
    """
    head = keras.layers.Dense(n_classes, name=LOGITS, kernel_initializer="zeros", dtype="float32")
    return keras.Model(cut.tensor, head(model.output), name=f"{model.name}_tail")


def step_shares(
    model: keras.Model, cut: CutPoint, blocks: Sequence[CutPoint], *, decay: float,
) -> Mapping[str, float]:
    """By layer name the share of the head's steps: 1 in the last block, `decay` times as much in each before."""
    inner = {block.name for block in blocks}
    shares: dict[str, float] = {}
    share = 1.0
    for layer in reversed(layers_after(model, cut)):
        if layer.name in inner:
            share *= decay
        shares[layer.name] = share
    return shares


def put_head(tail: keras.Model, head: Head) -> None:
    """Start the tail's head from a solution on its features."""
    tail.get_layer(LOGITS).set_weights([head.kernel, head.bias])


def head_of(tail: keras.Model) -> Head:
    """The tail's head as arrays."""
    kernel, bias = tail.get_layer(LOGITS).get_weights()
    return Head(kernel, bias)


def feature_function(body: keras.Model) -> Callable[[NDArray[Any]], NDArray[np.float32]]:
    """A tail without its head, compiled: (n, …) activations → (n, n_features) float32."""
    compiled = tf.function(lambda batch: tf.cast(body(batch, training=False), tf.float32), reduce_retracing=True)

    def features(activations: NDArray[Any]) -> NDArray[np.float32]:
        parts = [
            np.asarray(compiled(tf.convert_to_tensor(activations[start:start + BATCH], tf.float32)))
            for start in range(0, len(activations), BATCH)
        ]
        return np.concatenate(parts)

    return features


def transfer_head(
    features: NDArray[np.float32], labels: NDArray[np.int64], groups: NDArray[np.int64], *, n_classes: int,
    seed: int, context: JobContext, weighting: str = "none",
) -> Head:
    """The best linear head on features, its strength chosen by cross-validation on these same images.

    Args:
        features: (n_images, n_features) float32, of the training images alone.
        labels: (n_images,) int64.
        groups: Equal numbers mark exact duplicates, (n_images,) int64.
        n_classes: At least 2; each has at least one image.
        context: Asked whether to go on, and told the models fitted.
    """
    rarest = int(np.bincount(labels, minlength=n_classes).min())
    folds = assign_folds(labels, groups, n_folds=max(2, min(N_FOLDS, rarest)), seed=seed)
    return fit_transfer(
        features, labels, folds=folds, n_classes=n_classes, context=context, weighting=weighting,
    ).head


class _LayerwiseAdam(keras.optimizers.Adam):
    """Adam whose steps are smaller the further a layer lies from the head."""

    def __init__(self, rate: float, shares: Sequence[float]) -> None:
        super().__init__(rate, global_clipnorm=LARGEST_GRADIENT, name="layerwise_adam")
        self._shares = shares

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """See Keras."""
        super().update_step(gradient, variable, learning_rate * self._shares[self._get_variable_index(variable)])


class TailTrainer(Trainer):
    """Takes the steps of a tail: layer-wise rates, smoothed labels, mixed pairs.

    The random numbers come from the seed and the number of the step alone, so that a training that
    goes on later takes the very same steps.

    Args:
        shares: From `step_shares`; layers that are not in it, such as the head, take whole steps.
        label_smoothing: 0 … 0.5.
        mixup: Parameter of the Beta distribution (H. Zhang et al., "mixup", 2017), used on the activations
            at the cut; 0 for none.
    """

    def __init__(
        self, tail: keras.Model, *, shares: Mapping[str, float], rate: float, label_smoothing: float, mixup: float,
        seed: int,
    ) -> None:
        self._tail, self._smoothing, self._mixup, self._seed = tail, label_smoothing, mixup, seed % 2**31
        self._variables = tail.trainable_variables
        by_variable = {
            id(variable): shares.get(layer.name, 1.0) for layer in tail.layers
            for variable in layer.trainable_variables
        }
        self.optimizer = _LayerwiseAdam(rate, [by_variable[id(v)] for v in self._variables])
        self.optimizer.build(self._variables)
        self._first_weights, self._first_state = tail.get_weights(), self.state()
        self._step = tf.function(self._take_step, reduce_retracing=True)

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
        """One step.

        Args:
            x: (n_images, …) float32 activations.
            y: (n_images, n_classes) float32, rows sum to 1.
            sample_weight: (n_images,) what each image counts; None for 1.

        Returns:
            `loss` and `accuracy`, means over the batch as mixed.
        """
        weight = np.ones(len(y), np.float32) if sample_weight is None else sample_weight
        found = self._step(*(tf.convert_to_tensor(np.asarray(a, np.float32)) for a in (x, y, weight)))
        return {"loss": float(found[0]), "accuracy": float(found[1])}

    def reset(self) -> None:
        """Forget all steps: the network as it was when the trainer was made, the optimizer as new."""
        self._tail.set_weights(self._first_weights)
        self.set_state(self._first_state)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Steps taken inside leave no trace."""
        weights, state = self._tail.get_weights(), self.state()
        try:
            yield
        finally:
            self._tail.set_weights(weights)
            self.set_state(state)

    def _take_step(self, x: Any, y: Any, weight: Any) -> tuple[Any, Any]:
        n_classes = tf.cast(tf.shape(y)[1], tf.float32)
        target = (y * (1 - self._smoothing) + self._smoothing / n_classes) * weight[:, None]
        if self._mixup:
            x, target = self._mixed(x, target)
        with tf.GradientTape() as tape:
            logits = self._tail(x, training=False)
            loss = -tf.reduce_mean(tf.reduce_sum(target * tf.nn.log_softmax(logits), axis=1))
        self.optimizer.apply(tape.gradient(loss, self._variables), self._variables)
        is_right = tf.equal(tf.argmax(logits, axis=1), tf.argmax(target, axis=1))
        return loss, tf.reduce_mean(tf.cast(is_right, tf.float32))

    def _mixed(self, x: Any, target: Any) -> tuple[Any, Any]:
        """Each image with the one at the other end of the batch, which was shuffled before."""
        step = tf.cast(self.optimizer.iterations, tf.int32)
        drawn = tf.random.stateless_gamma([2, tf.shape(x)[0]], [self._seed, step], alpha=self._mixup)
        # for a small parameter both may be 0
        share = tf.math.divide_no_nan(drawn[0], drawn[0] + drawn[1])
        share = tf.maximum(share, 1 - share)
        of_images = tf.reshape(share, [-1] + [1] * (len(x.shape) - 1))
        return (
            of_images * x + (1 - of_images) * tf.reverse(x, [0]),
            share[:, None] * target + (1 - share[:, None]) * tf.reverse(target, [0]),
        )


class EpochViews:
    """The cached views as the epochs need them: in each epoch another view of every image.

    Looks like an array to `fit_epochs`, which asks for each row once an epoch.

    Args:
        rows: Images that are learnt from, (n,) int64.
        seed: Start of the order of the views.
        n_past: Epochs that are complete already.
    """

    def __init__(self, cache: TrunkCache, rows: NDArray[np.int64], *, seed: int, n_past: int = 0) -> None:
        self.shape = (len(rows), *cache.plan.shape)
        self._cache, self._rows = cache, rows
        n_variants = cache.plan.n_variants
        # each image has an order of its own, so that an epoch holds all kinds of views
        self._orders = np.argsort(np.random.default_rng(seed).random((len(rows), n_variants)), axis=1)
        self._n_asked = np.full(len(rows), n_past, np.int64)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, places: NDArray[np.int64]) -> NDArray[np.float16]:
        turn = self._n_asked[places] % self._orders.shape[1]
        self._n_asked[places] += 1
        return self._cache.views(self._rows[places], self._orders[places, turn])


class PlainViews:
    """The plain views of some images, for judging; looks like an array that can be sliced."""

    def __init__(self, cache: TrunkCache, rows: NDArray[np.int64]) -> None:
        self._cache, self._rows = cache, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, places: slice) -> NDArray[np.float16]:
        return self._cache.plain(self._rows[places])

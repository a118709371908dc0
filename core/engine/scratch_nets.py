"""Networks that are trained from nothing: LeNet, a small VGG, and three averaged branches.

Any size from one pixel on: a side is halved only while it has at least two pixels, and a large
picture is halved further before the dense layer, whose weights would outgrow memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import layers, regularizers

from core.errors import InputError
from core.training.settings import NETWORKS

LARGEST_FLAT_SIDE = 16
"""LeNet's dense layer sees a map of at most 16 × 16."""

L2 = 1e-4


def build_scratch_net(name: str, shape: tuple[int, int, int], n_classes: int, *, seed: int) -> keras.Model:
    """A network with random weights, the same ones for the same seed.

    Args:
        name: One of `core.training.settings.NETWORKS`.
        shape: (height, width, channels) of the prepared pictures, each at least 1.
        n_classes: 2 … 1,000 or more.
        seed: Start of the random numbers; also seeds the dropout.

    Returns:
        From (n, height, width, channels) float32 of 0 … 255 to (n, n_classes) logits. Its last
        layer, "logits", is dense; what enters it are the features of a picture.

    Raises:
        InputError: Unknown name.
    """
    if name not in _BODIES:
        raise InputError(f"There is no network “{name}”.", f"Choose one of: {', '.join(NETWORKS)}.")
    keras.utils.set_random_seed(seed)
    inputs = keras.Input(shape)
    features = _BODIES[name](layers.Rescaling(1 / 127.5, offset=-1.0)(inputs))
    logits = layers.Dense(n_classes, name="logits", kernel_regularizer=regularizers.L2(L2))(features)
    return keras.Model(inputs, logits, name=name)


def _halve(x: Any) -> Any:
    """2×2 maximum pooling along the sides that still have two pixels."""
    height, width = x.shape[1:3]
    size = (min(2, height), min(2, width))
    return x if size == (1, 1) else layers.MaxPooling2D(size)(x)


def _lenet(x: Any) -> Any:
    """Two stages of 5×5 filters and a dense layer (Y. LeCun et al., 1998; sizes as in Caffe's version)."""
    for n_filters in (20, 50):
        x = _halve(layers.Conv2D(n_filters, 5, padding="same", activation="relu")(x))
    while max(x.shape[1:3]) > LARGEST_FLAT_SIDE:
        x = _halve(x)
    x = layers.Dense(500, activation="relu")(layers.Flatten()(x))
    return layers.Dropout(0.5)(x)


def _convolve(x: Any, n_filters: int, kernel: int) -> Any:
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(
        n_filters, kernel, padding="same", use_bias=False, kernel_initializer="he_normal",
        kernel_regularizer=regularizers.L2(L2),
    )(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def _vgg(x: Any) -> Any:
    """Pairs of 3×3 filters between poolings (K. Simonyan, A. Zisserman, 2014), with batch normalisation."""
    for n_filters in (24, 48, 96, 128):
        x = _halve(_convolve(_convolve(x, n_filters, 3), n_filters, 3))
    return layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))


def _branch(x: Any, kernel: int) -> Any:
    """One of the averaged networks; `kernel` is the size of its first filters, which sets what it sees."""
    x = _halve(_convolve(x, 24, kernel))
    for n_filters in (48, 80, 128):
        x = _halve(_convolve(x, n_filters, 3))
    return layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))


def _branches(x: Any) -> Any:
    """Three branches with other first filters, their logits averaged.

    One dense layer on the three features side by side is that average: its kernel holds a third
    of each branch's own.
    """
    return layers.Concatenate()([_branch(x, kernel) for kernel in (3, 5, 7)])


_BODIES: Mapping[str, Callable[[Any], Any]] = {"branches": _branches, "lenet": _lenet, "vgg": _vgg}

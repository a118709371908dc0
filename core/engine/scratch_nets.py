"""Networks that are trained from scratch: LeNet, a small VGG, three averaged branches; built, written and read.

Any size from one pixel on: a side is halved only while it has at least two pixels, and a large
image is halved further before the dense layer, whose weights would outgrow memory.

On disk `network.json` says how to build one and `best.weights.h5` fills it. Never a `.keras` file: those may hold
code, while a name, a shape and numbers cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers, regularizers

from core.engine.checkpoints import BEST
from core.engine.devices import prepare_tensorflow
from core.errors import AppError, InputError, RunError
from core.files.foreign import read_json
from core.files.writing import write_json
from core.images.recipe import Recipe
from core.runs.sums import require_sound
from core.training.strategies.scratch import NETWORKS

LARGEST_FLAT_SIDE = 16
"""LeNet's dense layer sees a map of at most 16 × 16."""

L2 = 1e-4


def build_scratch_net(name: str, shape: tuple[int, int, int], n_classes: int, *, seed: int) -> keras.Model:
    """A network with random weights, the same ones for the same seed.

    Args:
        name: One of `core.training.strategies.scratch.NETWORKS`.
        shape: (height, width, channels) of the prepared images, each at least 1.
        n_classes: 2 … 1,000 or more.
        seed: Start of the random numbers; also seeds the dropout.

    Returns:
        From (n, height, width, channels) float32 of 0 … 255 to (n, n_classes) logits. Its last
        layer, "logits", is dense; what enters it are the features of an image.

    Raises:
        InputError: Unknown name.
    """
    if name not in _BODIES:
        raise InputError("training.no_such_network", name=name, names=NETWORKS)
    prepare_tensorflow()
    keras.utils.set_random_seed(seed)
    inputs = keras.Input(shape)
    features = _BODIES[name](layers.Rescaling(1 / 127.5, offset=-1.0)(inputs))
    logits = layers.Dense(n_classes, name="logits", kernel_regularizer=regularizers.L2(L2), dtype="float32")(features)
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

NETWORK_NAME = "network.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """How to build a scratch network.

    Attributes:
        network: One of `core.training.strategies.scratch.NETWORKS`.
        recipe: How its images are prepared.
        classes: Names in the order of its outputs.
        seed: Of the random weights that it started from.
    """

    network: str
    recipe: Recipe
    classes: tuple[str, ...]
    seed: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of its input."""
        return (self.recipe.height_px, self.recipe.width_px, self.recipe.n_channels)

    def build(self) -> keras.Model:
        """The network with fresh random weights; what Keras remembers of earlier networks is forgotten."""
        keras.backend.clear_session()
        return build_scratch_net(self.network, self.shape, len(self.classes), seed=self.seed)


def write_plan(folder: Path, plan: NetworkPlan) -> None:
    """Write `network.json` into an existing folder."""
    write_json(folder / NETWORK_NAME, {"format": FORMAT, **asdict(plan)})


def read_network(folder: Path) -> tuple[NetworkPlan, keras.Model]:
    """The plan and the trained network of a run.

    Raises:
        RunError: Missing, damaged, or written by a newer program.
    """
    try:
        stored = read_json(folder / NETWORK_NAME)
        if stored["format"] != FORMAT:
            raise RunError("training.network_of_other_version", folder=folder)
        recipe = Recipe.from_json(stored["recipe"])
        require_sound(folder / BEST)
        plan = NetworkPlan(stored["network"], recipe, tuple(stored["classes"]), stored["seed"])
        net = plan.build()
        net.load_weights(folder / BEST)
    except AppError:
        raise
    except (OSError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise RunError("training.network_damaged", folder=folder) from error
    return plan, net

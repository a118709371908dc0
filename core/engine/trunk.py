"""The frozen part of a network, made ready to run: compiled by OpenVINO, or Keras where that is missing.

Training needs TensorFlow in this process anyway, so the truncated network is converted here,
without a child process and for any backbone alike.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.engine.network import CompiledNetwork, has_openvino, import_openvino, padded
from core.engine.cut import CutPoint

Batch = NDArray[Any]

KERAS_BATCH = 16


class Trunk(Protocol):
    """From images to the activations at a cut.

    Attributes:
        batch_size: Largest batch of `embed_stream`; full batches cost least.
    """

    batch_size: int

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        """(n, side, side, 3) uint8 or float32 RGB 0 … 255 → (n, …) float32, in order, some batches later."""


def open_trunk(model: keras.Model, cut: CutPoint, backbone: Backbone) -> Trunk:
    """The part of a network before a cut.

    Args:
        model: The whole backbone, with its weights.
        cut: Where; the input itself gives the images back.
        backbone: What it is.
    """
    if cut.tensor is model.input:
        return _NoTrunk()
    trunk = keras.Model(model.input, cut.tensor, name=f"{backbone.name}_trunk")
    if not has_openvino():
        return _KerasTrunk(trunk)
    openvino = import_openvino()
    with warnings.catch_warnings():
        # the converter calls the model with a tuple, at which Keras 3.15 warns
        warnings.filterwarnings("ignore", message="The structure of `inputs`", category=UserWarning)
        converted = openvino.convert_model(trunk)
    return CompiledNetwork(backbone, cut.name, converted)


class _NoTrunk:
    """Where the whole network learns: the images themselves."""

    batch_size = KERAS_BATCH

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        """See `Trunk`."""
        return (np.asarray(batch, np.float32) for batch in batches)


class _KerasTrunk:
    """One compiled function of a fixed batch size."""

    batch_size = KERAS_BATCH

    def __init__(self, trunk: keras.Model) -> None:
        self._run = tf.function(lambda batch: trunk(batch, training=False))

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        """See `Trunk`."""
        for batch in batches:
            found = self._run(tf.convert_to_tensor(padded(batch, self.batch_size), tf.float32))
            yield np.asarray(found, np.float32)[: len(batch)]

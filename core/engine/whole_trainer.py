"""Takes the steps of a whole network behind its augmenter, and can tell and take back what it remembers.

What it remembers beside the network's weights: what the optimizer keeps, and where the random numbers of
augmenter and dropout stand. With these a training goes on as if it had never been interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.training.settings import EpochSettings

LARGEST_GRADIENT = 5.0


class WholeTrainer:
    """The network behind its augmenter, ready to train; the network itself stays free of the augmenter.

    Args:
        net: From (n, height, width, channels) float32 of 0 … 255 to (n, n_classes) logits.
        settings: First learning rate and smoothing of labels.
        augmenter: Applied to training batches only.
    """

    def __init__(self, net: keras.Model, settings: EpochSettings, augmenter: keras.Layer | None) -> None:
        first = [keras.Input(net.input_shape[1:])]
        self._model = keras.Sequential([*first, *([augmenter] if augmenter is not None else []), net])
        self._model.compile(
            optimizer=keras.optimizers.Adam(settings.learning_rate, clipnorm=LARGEST_GRADIENT),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing),
            metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
        )
        self.optimizer = self._model.optimizer
        self.optimizer.build(self._model.trainable_variables)

    def train_on_batch(self, x: Any, y: Any, sample_weight: Any = None, return_dict: bool = True) -> Any:
        """See Keras."""
        return self._model.train_on_batch(x, y, sample_weight=sample_weight, return_dict=return_dict)

    def state(self) -> list[NDArray[Any]]:
        """What the optimizer and the random numbers remember, in a fixed order."""
        return [np.array(keras.ops.convert_to_numpy(variable)) for variable in self._variables()]

    def set_state(self, arrays: Sequence[NDArray[Any]]) -> None:
        """Go on from what `state` gave.

        Raises:
            ValueError: It is of another network.
        """
        own = self._variables()
        if [tuple(v.shape) for v in own] != [a.shape for a in arrays]:
            raise ValueError("expected the state of the same network and augmenter")
        for variable, array in zip(own, arrays, strict=True):
            variable.assign(array)

    def _variables(self) -> list[Any]:
        weights = {id(weight) for weight in self._model.weights}
        random = [variable for variable in self._model.variables if id(variable) not in weights]
        return [*self.optimizer.variables, *random]

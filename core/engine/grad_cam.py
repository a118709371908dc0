"""Grad-CAM: class maps of a network of Keras from the gradients at its last feature maps.

Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based localization". Each
channel of a feature map is weighed by the mean of the score's gradient over the map; where a mean and a dense layer
follow, that is the class activation map. A network of several branches has several last maps, and one that is used as
a layer of another is looked into. Where the weights are the same at every place, the score is the sum of the maps but
for a bias, which is given beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray


SAME = 0.01
"""Slopes that differ by less than this share of the largest are the same: bfloat16 has two to three digits."""


class GradCam:
    """A network that is asked for class maps.

    Args:
        model: From inputs (n, …) to logits (n, n_classes); functional or sequential, also nested.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = model
        self._ends = find_last_maps(model)
        self._compiled = tf.function(self._maps)

    @property
    def has_maps(self) -> bool:
        return bool(self._ends)

    def look(self, inputs: NDArray[Any], columns: Sequence[int],
             ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]], NDArray[np.float32]]:
        """Logits and class maps of one input, and what of the scores is in no map.

        Args:
            inputs: (1, …), as the network takes it.
            columns: The classes asked for.

        Returns:
            Logits (n_classes,) float32; for each last map (n_asked, height, width) float32: what its cells add to the
            score of a class, its logit less the mean logit; and (n_asked,) float32, what maps and score differ by
            where the score is linear in the maps, else 0.
        """
        found = self._compiled(tf.convert_to_tensor(inputs, tf.float32), tf.constant(list(columns), tf.int32))
        logits, scores, is_linear, maps = found
        maps = [np.asarray(one, np.float32) for one in maps]
        rest = np.asarray(scores, np.float32) - sum(one.sum(axis=(1, 2)) for one in maps)
        return np.asarray(logits, np.float32)[0], maps, rest if bool(is_linear) else np.zeros_like(rest)

    def _maps(self, inputs: Any, columns: Any) -> tuple[Any, Any, Any, list[Any]]:
        with tf.GradientTape(persistent=True) as tape, _recorded(self._ends, tape) as found:
            logits = tf.cast(self._model(inputs, training=False), tf.float32)
            scores = tf.gather(logits[0] - tf.reduce_mean(logits[0]), columns)
            each = tf.unstack(scores, num=columns.shape[0])
        maps, is_linear = [], tf.constant(True)
        slopes_of = [tape.gradient(score, found) for score in each]
        for at, end in enumerate(found):
            slopes = tf.cast(tf.stack([slopes[at][0] for slopes in slopes_of]), tf.float32)
            weights = tf.reduce_mean(slopes, axis=(1, 2), keepdims=True)
            is_linear &= tf.reduce_max(tf.abs(slopes - weights)) <= SAME * tf.reduce_max(tf.abs(weights))
            maps.append(tf.reduce_sum(weights * tf.cast(end[0], tf.float32), axis=3))
        return logits, scores, is_linear, maps


def find_last_maps(model: keras.Model) -> list[Any]:
    """The layers whose outputs (n, height, width, n_channels) are the last that still say where something is."""
    graph = getattr(model, "_functional", None) or model
    found = []
    for tensor in _outputs(graph):
        layer = tensor._keras_history.operation
        consumers = _consumers(graph, tensor)
        is_last = len(tensor.shape) == 4 and bool(consumers) and all(_forgets_places(one) for one in consumers)
        if _is_model(layer) and len(tensor.shape) != 4:
            found += find_last_maps(layer)
        elif is_last and not any(_is_model(one) for one in consumers):
            found.append(layer)
    return found


def _outputs(graph: Any) -> list[Any]:
    """The outputs of all layers but the inputs, in order."""
    return [output for operation in graph.operations if not isinstance(operation, keras.layers.InputLayer)
            for output in _outputs_in(graph, operation)]


def _outputs_in(graph: Any, operation: Any) -> list[Any]:
    """Of an operation as it is used in this graph; layers may have been used elsewhere as well."""
    ours = {id(node) for nodes in graph._nodes_by_depth.values() for node in nodes}
    return [output for node in operation._inbound_nodes if id(node) in ours for output in node.output_tensors]


def _consumers(graph: Any, tensor: Any) -> list[Any]:
    return [node.operation for nodes in graph._nodes_by_depth.values() for node in nodes
            if any(one is tensor for one in node.input_tensors)]


def _forgets_places(operation: Any) -> bool:
    """Whether its output is no map any more; a network inside may have maps of its own."""
    return all(len(output.shape) != 4 for node in operation._inbound_nodes for output in node.output_tensors)


def _is_model(operation: Any) -> bool:
    return isinstance(operation, keras.Model)


@contextmanager
def _recorded(layers: Sequence[Any], tape: Any) -> Iterator[list[Any]]:
    """While open, what the layers give is watched by the tape, and listed once the network was called."""
    found: list[Any] = []
    calls = [layer.call for layer in layers]

    def recording(call: Any) -> Any:
        def called(*args: Any, **kwargs: Any) -> Any:
            output = call(*args, **kwargs)
            tape.watch(output)
            found.append(output)
            return output
        return called

    try:
        for layer, call in zip(layers, calls, strict=True):
            layer.call = recording(call)
        yield found
    finally:
        for layer, call in zip(layers, calls, strict=True):
            layer.call = call

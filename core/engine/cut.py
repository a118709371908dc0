"""Where a network may be cut in two: a frozen trunk that is computed once, and a tail that learns; opens the trunk.

A cut must lie where one tensor alone feeds everything after it (an articulation point of the
graph), so that the tail needs nothing else from the trunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.engine.devices import training_card
from core.engine.network import (
    KERAS_BATCH_SIZE, Batch, CompiledNetwork, KerasNetwork, Network, convert_model,
)
from core.engine.openvino_library import has_openvino

MUCH_SMALLER = 1 / 3
"""Within a block, an earlier cut is preferred if it has at most this share of the values to keep."""

MERGES = ("Add", "Concatenate", "Multiply", "Average", "Maximum", "Subtract")
"""Names of what joins two branches, as a layer or, in some networks, as a plain operation."""


@dataclass(frozen=True, slots=True)
class CutPoint:
    """One place to cut.

    Attributes:
        name: Of the layer whose output is cut.
        tensor: That output, a Keras tensor (n_images, …).
    """

    name: str
    tensor: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one image's activations."""
        return tuple(int(side) for side in self.tensor.shape[1:])

    @property
    def n_values(self) -> int:
        """Numbers that are to be kept for one image."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class _Graph:
    """Operations from input to output, with the numbers of those that consume each."""

    operations: tuple[Any, ...]
    tensors: tuple[Any, ...]
    consumers: tuple[tuple[int, ...], ...]


def find_blocks(model: keras.Model) -> tuple[CutPoint, ...]:
    """The places between a network's blocks, from input to output; () where it cannot be cut inside.

    A block is the shortest stretch, seen from the output, that holds a convolution over more than
    one pixel. For an EfficientNet-Lite these are its named blocks.

    Args:
        model: A functional model with one input and one output.
    """
    return _blocks_of_graph(_graph_of(model))


def choose_cut(model: keras.Model, blocks: Sequence[CutPoint], n_blocks: int) -> CutPoint:
    """Where to cut so that the last `n_blocks` blocks learn; the input itself if there are no more than that."""
    if n_blocks <= len(blocks):
        return blocks[-n_blocks]
    return CutPoint("input", model.input)


def open_trunk(model: keras.Model, cut: CutPoint, backbone: Backbone) -> Network:
    """The part of a network before a cut, ready to run; the input itself gives the images back.

    Training needs TensorFlow in this process anyway, so it is converted here, without a child process and for any
    backbone alike.
    """
    if cut.tensor is model.input:
        return _NoTrunk(backbone, cut.name, batch_size=KERAS_BATCH_SIZE)
    trunk = keras.Model(model.input, cut.tensor, name=f"{backbone.name}_trunk")
    if training_card() or not has_openvino():
        return KerasNetwork(backbone, cut.name, trunk)
    return CompiledNetwork(backbone, cut.name, convert_model(trunk))


class _NoTrunk(Network):
    """Where the whole network learns: the images themselves."""

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        return (np.asarray(batch, np.float32) for batch in batches)


def layers_after(model: keras.Model, cut: CutPoint) -> tuple[keras.Layer, ...]:
    """The layers behind a cut, from input to output."""
    graph = _graph_of(model)
    at = next(i for i, tensor in enumerate(graph.tensors) if tensor is cut.tensor)
    return tuple(op for op in graph.operations[at + 1:] if isinstance(op, keras.Layer))


def _graph_of(model: keras.Model) -> _Graph:
    """Walk back from the output; an operation comes after all that it needs."""
    order: list[Any] = []
    seen: set[int] = set()
    stack = [(model.output, False)]
    while stack:
        tensor, is_done = stack.pop()
        if is_done:
            order.append(tensor)
        elif id(tensor) not in seen:
            seen.add(id(tensor))
            stack.append((tensor, True))
            stack.extend((parent, False) for parent in _parents(tensor) if id(parent) not in seen)
    place = {id(tensor): i for i, tensor in enumerate(order)}
    consumers: list[set[int]] = [set() for _ in order]
    for tensor in order:
        for parent in _parents(tensor):
            consumers[place[id(parent)]].add(place[id(tensor)])
    return _Graph(
        tuple(tensor._keras_history.operation for tensor in order), tuple(order),
        tuple(tuple(sorted(c)) for c in consumers),
    )


def _parents(tensor: Any) -> list[Any]:
    operation, node, _ = tensor._keras_history
    return list(operation._inbound_nodes[node].input_tensors)


def _articulations(graph: _Graph) -> list[int]:
    """Numbers of the operations that no edge passes by; in any topological order these are all."""
    found, reach = [], 0
    for at, consumers in enumerate(graph.consumers[:-1]):
        if at and reach <= at:
            found.append(at)
        reach = max(reach, *consumers)
    return found


def _blocks_of_graph(graph: _Graph) -> tuple[CutPoint, ...]:
    """From the output backwards: the shortest stretches that hold a spatial convolution."""
    cuts: list[CutPoint] = []
    n_spatial, open_cut = 0, None
    candidates = [at for at in _articulations(graph) if _is_between_units(graph, at)]
    end = len(graph.operations)
    for at in reversed(candidates):
        found = sum(max(map(max, _kernels(op)), default=0) > 1 for op in graph.operations[at + 1:end])
        end = at + 1
        if open_cut is not None and found:
            cuts.append(open_cut)
            open_cut, n_spatial = None, 0
        n_spatial += found
        point = CutPoint(graph.operations[at].name, graph.tensors[at])
        if n_spatial and (open_cut is None or point.n_values <= MUCH_SMALLER * open_cut.n_values):
            open_cut = point
    return tuple(reversed(cuts + ([open_cut] if open_cut else [])))


def _is_between_units(graph: _Graph, at: int) -> bool:
    """Not between a convolution and its normalisation or activation."""
    if type(graph.operations[at]).__name__ in MERGES:
        return True
    is_padding = isinstance(graph.operations[at], keras.layers.ZeroPadding2D)
    return not is_padding and all(_begins_unit(graph, consumer) for consumer in graph.consumers[at])


def _begins_unit(graph: _Graph, at: int) -> bool:
    operation = graph.operations[at]
    if isinstance(operation, keras.layers.ZeroPadding2D):
        return all(_begins_unit(graph, consumer) for consumer in graph.consumers[at])
    is_pool = "Pooling" in type(operation).__name__ and hasattr(operation, "pool_size")
    return type(operation).__name__ in MERGES or is_pool or bool(_kernels(operation))


def _kernels(operation: Any) -> list[tuple[int, ...]]:
    """Sizes of the convolutions in a layer, or in a model that is used as one."""
    inner = getattr(operation, "layers", None)
    if inner is not None:
        return [kernel for layer in inner for kernel in _kernels(layer)]
    kernel = getattr(operation, "kernel_size", None)
    return [kernel] if isinstance(kernel, tuple) else []

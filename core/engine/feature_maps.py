"""Feature maps of a backbone beside its features: what its spatial means are means of, compiled by OpenVINO.

The maps are found in the graph itself: the embedding is one spatial mean, or several side by side, and what each mean
is taken of becomes an output as well. So every family is served alike, no gradient is needed, and TensorFlow is not
imported. A network whose embedding is anything else (VGG sees through dense layers) has no such maps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.backbones.weights import LocatedWeights, locate_weights
from core.engine.devices import openvino_device
from core.engine.network import Network, network_key, open_located
from core.engine.openvino_library import has_openvino, import_openvino
from core.jobs import JobContext

Maps = tuple[NDArray[np.float32], ...]
"""In the order of the embedding's numbers, each (height, width, n_channels) float32; all channels together are
`n_stored`, and the means over height and width are the embedding."""

PASSED_THROUGH = ("Reshape", "Squeeze", "Unsqueeze", "Convert", "Result")
"""Operations behind a mean that change its shape only."""

KEPT_NETWORKS = 3
"""So many stay compiled: an ensemble and the best of `auto` have two or three."""


class MapNetwork:
    """A compiled backbone that gives its feature maps; to be used by one thread at a time.

    Attributes:
        key: Names backbone and weights.
        side_px: Side of the square input.
    """

    def __init__(self, backbone: Backbone, key: str, model: Any, axes: tuple[tuple[int, ...], ...]) -> None:
        self.backbone, self.key, self.side_px = backbone, key, backbone.side_px
        self._axes = axes
        openvino = import_openvino()
        model.reshape([1, self.side_px, self.side_px, 3])
        prepared = openvino.preprocess.PrePostProcessor(model)
        prepared.input().tensor().set_element_type(openvino.Type.u8)
        compiled = openvino.Core().compile_model(
            prepared.build(), openvino_device(), {"PERFORMANCE_HINT": "LATENCY"})
        self._request = compiled.create_infer_request()

    def look(self, pixels: NDArray[np.uint8]) -> Maps:
        """Feature maps of one image.

        Args:
            pixels: (side, side, 3) uint8 RGB.
        """
        self._request.get_input_tensor(0).data[...] = pixels[None]
        self._request.infer()
        return tuple(
            np.moveaxis(self._request.get_output_tensor(at).data[0], [axis - 1 for axis in axes], [0, 1]).copy()
            for at, axes in enumerate(self._axes))


def open_map_network(backbone: Backbone, located: LocatedWeights, *, context: JobContext | None = None
                     ) -> MapNetwork | None:
    """Compile a backbone with its feature maps as outputs; None where its features are no spatial means.

    Raises:
        WeightsDamaged: The file is not of this backbone.
        StorageError: The cache of compiled networks cannot be written.
        EngineError: The network could not be compiled.
    """
    if not has_openvino():
        return None
    model = backbone.engine.build_graph(backbone, located, context or JobContext())
    means = _find_means(model)
    if means is None:
        return None
    maps = [mean.input_value(0) for mean in means]
    axes = tuple(_axes_of(mean) for mean in means)
    parameters = model.get_parameters()
    return MapNetwork(backbone, network_key(backbone, located), import_openvino().Model(maps, parameters), axes)


@lru_cache(maxsize=KEPT_NETWORKS)
def kept_map_network(backbone: Backbone, located: LocatedWeights) -> MapNetwork | None:
    """Like `open_map_network`; compiled once in a process."""
    return open_map_network(backbone, located)


@lru_cache(maxsize=KEPT_NETWORKS)
def kept_network(backbone: Backbone, located: LocatedWeights) -> Network:
    """The backbone as it embeds, opened once in a process, for maps that come from many looks (occlusion)."""
    return open_located(backbone, located)


def locate_published(backbone: Backbone) -> LocatedWeights:
    """The published weights, which must be on this computer; see `locate_weights`.

    Raises:
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: See `locate_weights`.
    """
    return locate_weights(backbone)


def _find_means(model: Any) -> list[Any] | None:
    """The spatial means that make the embedding, in its order; None where it is made of anything else."""
    last = _behind(model.get_results()[0])
    ends = [_behind(source) for source in _sources(last)] if last.get_type_name() == "Concat" else [last]
    return ends if ends and all(_is_spatial_mean(end) for end in ends) else None


def _behind(node: Any) -> Any:
    """The first operation before a node that does more than change the shape."""
    while node.get_type_name() in PASSED_THROUGH:
        node = node.input_value(0).get_node()
    return node


def _sources(node: Any) -> list[Any]:
    return [node.input_value(at).get_node() for at in range(node.get_input_size())]


def _is_spatial_mean(node: Any) -> bool:
    return (node.get_type_name() == "ReduceMean" and len(node.get_input_partial_shape(0)) == 4
            and len(_axes_of(node)) == 2)


def _axes_of(mean: Any) -> tuple[int, ...]:
    """Height and width among the axes of what a mean is taken of."""
    return tuple(sorted(int(axis) % 4 for axis in np.ravel(mean.input_value(1).get_node().get_data())))

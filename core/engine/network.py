"""From a backbone to a network that embeds: compiled by OpenVINO, or Keras where that is missing.

EfficientNet-Lite is built for OpenVINO straight from its weights file. The networks of
`keras.applications` are exported once into the user's cache by a child process, so that
this process never imports TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import Backbone
from core.backbones.weights import LocatedWeights, locate_weights
from core.jobs import JobContext

Batch = NDArray[Any]
"""(n, side, side, 3) uint8 or float32 RGB, 0 … 255."""


class Network(Protocol):
    """A backbone that is ready to embed.

    Attributes:
        backbone: Which.
        key: Names backbone and weights; equal keys give comparable embeddings.
        side_px: Side of the square input.
        n_features: Length of an embedding.
        batch_size: Largest batch of `embed_stream`; full batches cost least.
    """

    backbone: Backbone
    key: str
    side_px: int
    n_features: int
    batch_size: int

    def embed(self, batch: Batch) -> NDArray[np.float32]:
        """Embed images: (n, side, side, 3) uint8 or float32 RGB 0 … 255 → (n, n_features) float32."""

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        """Embed batches of 1 … batch_size images; results come in order, some batches later."""


def open_network(
    backbone: Backbone, *, cache_dir: Path | None = None, weights: Path | None = None,
    allow_download: bool = False, context: JobContext | None = None,
) -> Network:
    """Make a backbone ready to embed.

    Args:
        backbone: Which network.
        cache_dir: Where compiled networks are kept; the user's cache folder by default.
        weights: A weights file of the user's own; None for the published one.
        allow_download: Whether the published file may be fetched.
        context: Hears of progress, and may end the preparation.

    Raises:
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: See `locate_weights`.
        StorageError: The cache cannot be written.
        EngineError: The network could not be compiled.
    """
    context = context or JobContext()
    located = locate_weights(backbone, weights=weights, allow_download=allow_download, context=context)
    return open_located(backbone, located, cache_dir=cache_dir, context=context)


def open_located(
    backbone: Backbone, located: LocatedWeights, *, cache_dir: Path | None = None, context: JobContext | None = None,
) -> Network:
    """Like `open_network`, with weights that were found before.

    Raises:
        WeightsDamaged, StorageError, EngineError: See `open_network`.
    """
    context = context or JobContext()
    if not has_openvino():
        from core.engine.keras_network import KerasNetwork
        return KerasNetwork(backbone, network_key(backbone, located), located)
    from core.engine.compiled import CompiledNetwork
    model = _openvino_model(backbone, located, cache_dir, context)
    return CompiledNetwork(backbone, network_key(backbone, located), model)


def _openvino_model(
    backbone: Backbone, located: LocatedWeights, cache_dir: Path | None, context: JobContext,
) -> Any:
    if backbone.is_lite:
        from core.engine.lite_graph import build_lite_graph
        from core.backbones.torch_legacy import read_torch_legacy
        return build_lite_graph(backbone, read_torch_legacy(located.path))
    from core.engine.exported import read_exported
    return read_exported(backbone, located, cache_dir, context)


def network_key(backbone: Backbone, located: LocatedWeights) -> str:
    """Names backbone and weights, usable as a file name."""
    return f"{backbone.name}-{located.sha256[:12]}"


def has_openvino() -> bool:
    """Whether OpenVINO is installed and loads on this computer."""
    if find_spec("openvino") is None:
        return False
    from core.engine.openvino_quiet import import_openvino
    try:
        import_openvino()
    except (ImportError, OSError):
        return False
    return True


def padded(batch: Batch, n_images: int) -> Batch:
    """The batch brought to `n_images` with black ones, for networks of a fixed batch size."""
    n_missing = n_images - len(batch)
    return np.pad(batch, ((0, n_missing), (0, 0), (0, 0), (0, 0))) if n_missing > 0 else batch


def chunks(batch: Batch, n_images: int) -> Iterator[Batch]:
    """The batch in parts of at most `n_images`."""
    return (batch[start:start + n_images] for start in range(0, len(batch), n_images))

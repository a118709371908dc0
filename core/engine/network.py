"""From a backbone to a network that embeds: compiled by OpenVINO, or Keras where that is missing.

OpenVINO chooses its own precision (bf16 on CPUs that have it, else float32). Its batch size is fixed, so that an
image gives the same numbers whatever it is embedded with. No family makes this process import TensorFlow while
OpenVINO is there.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.backbones.backbone import Backbone
from core.backbones.weights import LocatedWeights, locate_weights
from core.engine.devices import batch_size_on, openvino_device, prepare_tensorflow, training_card
from core.engine.openvino_library import has_openvino, import_openvino
from core.jobs import JobContext

if TYPE_CHECKING:
    import keras

Batch = NDArray[Any]
"""(n, side, side, 3) uint8 or float32 RGB, 0 … 255."""

COMPILED_BATCH_SIZE = 4
"""Small batches stay in the processor's cache: measured 10 % cheaper than 8; the numbers are the same bits."""

KERAS_BATCH_SIZE = 16


class Network(ABC):
    """A backbone, or its frozen part, that is ready to embed.

    Attributes:
        key: Names backbone and weights; equal keys give comparable embeddings.
        side_px: Side of the square input.
        batch_size: Largest batch of `embed_stream`; full batches cost least.
    """

    def __init__(self, backbone: Backbone, key: str, *, batch_size: int) -> None:
        self.backbone, self.key, self.batch_size = backbone, key, batch_size
        self.side_px, self.n_stored = backbone.side_px, backbone.n_stored

    def embed(self, batch: Batch) -> NDArray[np.float32]:
        """Embed images: (n, side, side, 3) uint8 or float32 RGB 0 … 255 → (n, n_stored) float32."""
        starts = range(0, len(batch), self.batch_size)
        parts = list(self.embed_stream(batch[start:start + self.batch_size] for start in starts))
        return np.concatenate(parts) if parts else np.zeros((0, self.n_stored), np.float32)

    @abstractmethod
    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        """Embed batches of 1 … batch_size images; results come in order, some batches later."""


def open_network(backbone: Backbone, *, context: JobContext | None = None) -> Network:
    """Make a backbone ready to embed, with its published weights.

    Raises:
        WeightsMissing, WeightsDamaged, DownloadNotAllowed: See `locate_weights`.
        StorageError: The cache of compiled networks cannot be written.
        EngineError: The network could not be compiled.
    """
    return open_located(backbone, locate_weights(backbone, context=context), context=context)


def open_located(backbone: Backbone, located: LocatedWeights, *, context: JobContext | None = None) -> Network:
    """Like `open_network`, with weights that were found before."""
    key = network_key(backbone, located)
    if training_card() or not has_openvino():
        return KerasNetwork(backbone, key, with_stages(backbone, build_backbone(backbone, located)))
    return CompiledNetwork(backbone, key, backbone.engine.build_graph(backbone, located, context or JobContext()))


class CompiledNetwork(Network):
    """A network of OpenVINO, several batches at work at once; to be used by one thread at a time."""

    def __init__(self, backbone: Backbone, key: str, model: Any) -> None:
        super().__init__(backbone, key, batch_size=COMPILED_BATCH_SIZE)
        self._model = model
        self._requests: dict[str, list[Any]] = {}

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        running: deque[tuple[Any, int]] = deque()
        n_started = 0
        try:
            for batch in batches:
                requests = self._requests_for(batch.dtype.name)
                if len(running) == len(requests):
                    yield self._finish(*running.popleft())
                request = requests[n_started % len(requests)]
                request.get_input_tensor(0).data[...] = padded(batch, self.batch_size)
                request.start_async()
                running.append((request, len(batch)))
                n_started += 1
            while running:
                yield self._finish(*running.popleft())
        finally:
            for request, _ in running:
                request.wait()

    def _finish(self, request: Any, n_images: int) -> NDArray[np.float32]:
        request.wait()
        features: NDArray[np.float32] = request.get_output_tensor(0).data[:n_images].copy()
        return features

    def _requests_for(self, dtype: str) -> list[Any]:
        """Requests for uint8 or float32 images; compiled when first asked for."""
        if dtype not in self._requests:
            compiled = self._compile(dtype)
            n_requests = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
            self._requests[dtype] = [compiled.create_infer_request() for _ in range(max(2, n_requests))]
        return self._requests[dtype]

    def _compile(self, dtype: str) -> Any:
        openvino = import_openvino()
        model = self._model.clone()
        model.reshape([self.batch_size, self.side_px, self.side_px, 3])
        prepared = openvino.preprocess.PrePostProcessor(model)
        prepared.input().tensor().set_element_type({"uint8": openvino.Type.u8, "float32": openvino.Type.f32}[dtype])
        core = openvino.Core()
        return core.compile_model(prepared.build(), openvino_device(), {"PERFORMANCE_HINT": "THROUGHPUT"})


class KerasNetwork(Network):
    """A network that runs in Keras itself: on a graphics card, or where OpenVINO is missing."""

    def __init__(self, backbone: Backbone, key: str, model: keras.Model) -> None:
        card = training_card()
        super().__init__(
            backbone, key, batch_size=batch_size_on(card, backbone.side_px) if card else KERAS_BATCH_SIZE)
        self._model = model

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        for batch in batches:  # brought to one size, so that Keras traces once
            features = self._model.predict_on_batch(padded(batch, self.batch_size).astype(np.float32))
            yield np.asarray(features, np.float32)[: len(batch)]


def with_stages(backbone: Backbone, model: keras.Model) -> keras.Model:
    """The network with the means over the outputs of its stages after its features."""
    import keras

    stages = backbone.engine.stage_outputs(backbone, model)
    pooled = [keras.layers.GlobalAveragePooling2D()(output) for output in stages]
    return keras.Model(model.input, keras.layers.Concatenate()([model.output, *pooled])) if pooled else model


def build_backbone(backbone: Backbone, located: LocatedWeights) -> keras.Model:
    """A backbone in Keras; imports TensorFlow (3–5 s), so it belongs into a process that can end.

    Returns:
        A flat model from images (n_images, side, side, 3), uint8 or float32 RGB 0 … 255, to
        features (n_images, n_features) float32; preprocessing is its first layers.

    Raises:
        WeightsDamaged: The file is not of this backbone.
    """
    prepare_tensorflow()
    import keras

    image = keras.Input((backbone.side_px, backbone.side_px, 3), name="image")
    x, preprocessing = image, backbone.preprocessing
    if preprocessing.is_bgr:
        x = keras.ops.flip(x, axis=-1)
    if preprocessing.mode != "built-in":
        scale, offset = list(preprocessing.scale), list(preprocessing.offset)
        x = keras.layers.Rescaling(scale, offset, name="preprocessing")(x)
    return backbone.engine.build_model(backbone, located, image, x)


def network_key(backbone: Backbone, located: LocatedWeights) -> str:
    """Names backbone and weights, usable as a file name."""
    return f"{backbone.name}-{located.sha256[:12]}"


def padded(batch: Batch, n_images: int) -> Batch:
    """The batch brought to `n_images` with black ones, for networks of a fixed batch size."""
    n_missing = n_images - len(batch)
    return np.pad(batch, ((0, n_missing), (0, 0), (0, 0), (0, 0))) if n_missing > 0 else batch


def convert_model(model: keras.Model) -> Any:
    """A network of Keras as an `openvino.Model`."""
    openvino = import_openvino()
    with warnings.catch_warnings():
        # the converter calls the model with a tuple, at which Keras 3.15 warns
        warnings.filterwarnings("ignore", message="The structure of `inputs`", category=UserWarning)
        return openvino.convert_model(model)

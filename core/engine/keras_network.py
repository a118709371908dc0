"""A network that runs in Keras itself: slower, for computers where OpenVINO is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from core.backbones.registry import Backbone
from core.engine.keras_backbone import build_backbone
from core.engine.network import Batch, chunks, padded
from core.backbones.weights import LocatedWeights

BATCH_SIZE = 16


class KerasNetwork:
    """A `Network` of Keras."""

    def __init__(self, backbone: Backbone, key: str, located: LocatedWeights) -> None:
        self.backbone = backbone
        self.key = key
        self.side_px = backbone.side_px
        self.n_features = backbone.n_features
        self.batch_size = BATCH_SIZE
        self._model = build_backbone(backbone, located)

    def embed(self, batch: Batch) -> NDArray[np.float32]:
        """See `Network`."""
        parts = list(self.embed_stream(chunks(batch, self.batch_size)))
        return np.concatenate(parts) if parts else np.zeros((0, self.n_features), np.float32)

    def embed_stream(self, batches: Iterable[Batch]) -> Iterator[NDArray[np.float32]]:
        """See `Network`; the batch size is fixed so that Keras traces once."""
        for batch in batches:
            features = self._model.predict_on_batch(padded(batch, self.batch_size).astype(np.float32))
            yield np.asarray(features, np.float32)[: len(batch)]

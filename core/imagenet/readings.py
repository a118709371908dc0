"""The job `read-imagenet`: what the pretrained network itself would call each picture."""

from __future__ import annotations

import numpy as np

from core.backbones.registry import find_backbone
from core.embeddings.embed import EmbedInput, embed_images
from core.imagenet.classifier import read_imagenet
from core.embeddings.store import EmbeddingStore
from core.jobs import JobContext
from core.training.job import ReadingInput, ReadingResult


def read_images(inputs: ReadingInput, context: JobContext) -> ReadingResult:
    """The ImageNet reading of each image.

    Raises:
        WeightsError: The backbone's weights or its classifier cannot be had.
        JobCancelled: The caller asked the job to end.
    """
    embedded = embed_images(EmbedInput(inputs.images, inputs.backbone, inputs.embeddings), context)
    store = EmbeddingStore(inputs.embeddings / embedded.key, embedded.n_features)
    rows = store.rows_of([image.content_hash for image in inputs.images])
    there = np.flatnonzero(rows >= 0)
    reading = read_imagenet(store.read(rows[there]), find_backbone(inputs.backbone), top=inputs.top)
    pairs = (tuple(zip(names, map(float, values), strict=True))
             for names, values in zip(reading.names, reading.probabilities, strict=True))
    return ReadingResult({inputs.images[i].id: pair for i, pair in zip(there, pairs, strict=True)})

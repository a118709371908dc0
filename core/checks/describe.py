"""The job `describe`: embeddings of images as an array, computed where they are missing."""

from __future__ import annotations

import numpy as np

from core.embeddings.embed import EmbedInput, embed_images
from core.embeddings.store import EmbeddingStore
from core.jobs import JobContext
from core.checks.inputs import DescribeInput, DescribeResult


def describe_images(inputs: DescribeInput, context: JobContext) -> DescribeResult:
    """Embed what has no embedding yet, and read all of them.

    Raises:
        WeightsError, EngineError: The network cannot be had, or failed.
        ProjectLocked, ProjectReadOnly, StorageError: The embeddings cannot be written.
        JobCancelled: The caller asked the job to end.
    """
    embedded = embed_images(
        EmbedInput(inputs.images, inputs.backbone, inputs.embeddings, allow_download=inputs.allow_download), context
    )
    store = EmbeddingStore(inputs.embeddings / embedded.key, embedded.n_features)
    rows = store.rows_of([image.content_hash for image in inputs.images])
    vectors = np.full((len(rows), embedded.n_features), np.nan, np.float32)
    vectors[rows >= 0] = store.read(rows[rows >= 0])
    return DescribeResult(embedded.key, vectors, embedded.skipped)

"""The job `describe`: embeddings of images as an array, computed where they are missing."""

from __future__ import annotations

import numpy as np

from core.checks.inputs import DescribeInput, DescribeResult
from core.embeddings.embedded import embed
from core.jobs import JobContext


def describe_images(inputs: DescribeInput, context: JobContext) -> DescribeResult:
    """Embed what has no embedding yet, and read all of them.

    Raises:
        WeightsError, EngineError: The network cannot be had, or failed.
        ProjectLocked, ProjectReadOnly, StorageError: The embeddings cannot be written.
        JobCancelled: The caller asked the job to end.
    """
    found = embed(inputs.images, inputs.backbone, inputs.embeddings, context)
    vectors = np.full((len(found.rows), found.store.n_features), np.nan, np.float32)
    is_there = found.rows >= 0
    vectors[is_there] = found.store.read(found.rows[is_there])
    return DescribeResult(found.key, vectors, found.skipped)

"""The job `check-health`: runs all checks; one that cannot be done is listed with its reason and stops no other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from core import __version__
from core.checks.check import CheckData, attempt
from core.checks.cues import measure_cues
from core.checks.duplicate_pairs import DuplicatePair, pairs_of
from core.checks.inputs import (
    DescribeInput, DescribeResult, HealthCheck, HealthJob, HealthResult, Unchecked, UnreadableFile,
)
from core.checks.registry import CHECKS
from core.embeddings.similar_pairs import group_ids
from core.images.files import CHANGED, HASH_BYTES
from core.jobs import JobContext
from core.processors import n_processors
from core.tasks import run_here
from core.text import Message
from core.types import Skipped

CUES_NAME = "cues.npz"
SMALL_CHECK = 3_000
"""Images below which linear algebra keeps to one thread; with more, one core is left free."""

MEASUREMENTS, CHANGED_FILES, EMBEDDINGS = "measurements", "changed_files", "embeddings"
"""What all checks need, by the names in `HealthResult.unchecked`."""


def check_health(job: HealthJob, context: JobContext) -> HealthCheck:
    """Look for everything that makes data unsound; a check that cannot be done says why.

    Raises:
        JobCancelled: The caller asked the job to end; what was measured is kept.
    """
    # as in training: BLAS's threads wait for each other by spinning, which other programs pay for
    n_threads = 1 if len(job.images) < SMALL_CHECK else max(n_processors() - 1, 1)
    with threadpool_limits(limits=n_threads, user_api="blas"):
        return _check(job, context)


def _check(job: HealthJob, context: JobContext) -> HealthCheck:
    started = time.monotonic()
    data = _gather(job, context)
    evidence = {}
    for check in CHECKS:
        if data.vectors is None and check.needs_embeddings:
            continue
        found = attempt(data.unchecked, check.name, lambda: check.run(data, context))
        if found is not None:
            evidence[check.name] = found
    result = HealthResult(
        job.digest, datetime.now(UTC).isoformat(timespec="seconds"), __version__,
        round(time.monotonic() - started, 2), len(job.images), job.is_quick,
        job.backbone if data.vectors is not None else "", evidence, tuple(data.unchecked), _skipped(data),
    )
    hashes = np.frombuffer(b"".join(i.content_hash for i in job.images), np.uint8).reshape(-1, HASH_BYTES)
    pairs, n = pairs_of(data, context), len(job.images)
    return HealthCheck(result, hashes, number_groups(n, pairs.close), number_groups(n, pairs.all))


def number_groups(n_images: int, pairs: Sequence[DuplicatePair]) -> NDArray[np.int64]:
    """Number the groups that should stay in one fold, (n_images,) int64; most groups have one image."""
    left, right = np.array([p.left for p in pairs], np.int64), np.array([p.right for p in pairs], np.int64)
    return group_ids(n_images, left, right)


def _gather(job: HealthJob, context: JobContext) -> CheckData:
    """Embeddings and measurements of all images; what of them cannot be had is listed."""
    unchecked: list[Unchecked] = []
    described: DescribeResult | None = None
    if job.images and not job.is_quick:
        inputs = DescribeInput(job.images, job.backbone, job.embeddings)
        described = attempt(unchecked, EMBEDDINGS, lambda: run_here("describe", inputs, context))
    cache = job.folder / CUES_NAME if job.folder is not None else None
    cues = attempt(unchecked, MEASUREMENTS, lambda: measure_cues(job.images, context, cache=cache))
    if cues is None:  # they could not be kept
        cues = measure_cues(job.images, context)
    changed = [Skipped(image.path, reason) for image in job.images
               if (reason := cues.unread.get(image.content_hash)) is not None and reason.code == CHANGED]
    if changed:
        unchecked.append(Unchecked(CHANGED_FILES, Message("checks.images_changed", n=len(changed))))
    return CheckData(job, cues, described.vectors if described else None, described.key if described else "",
                     unchecked, [*changed, *(described.skipped if described else ())])


def _skipped(data: CheckData) -> tuple[UnreadableFile, ...]:
    """Images that some check had to skip; those that cannot be decoded are a finding of their own."""
    reasons = {skipped.path: skipped.reason for skipped in reversed(data.skipped)}
    broken = {content for content, reason in data.cues.unread.items() if reason.code != CHANGED}
    return tuple(UnreadableFile(image.id, reasons[image.path]) for image in data.job.images
                 if image.path in reasons and image.content_hash not in broken)

"""The check of the data as a job: each part by itself, so that one that cannot be done does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from core import __version__
from core.errors import AppError, StorageError
from core.checks import count_check as counts
from core.checks import shortcut_check as cues
from core.checks import label_check as labels
from core.checks import outlier_check as pictures
from core.checks import duplicate_check as twins
from core.checks.data import HealthData
from core.checks.inputs import HealthCheck, HealthJob
from core.images.files import CHANGED
from core.jobs import JobContext
from core.processors import n_processors
from core.checks.cues import CueInput, CueTable, measure_cues
from core.checks.duplicates import DuplicateInput, Duplicates, TwinKind, find_duplicates
from core.checks.health_result import HealthResult, Sizes, Unchecked
from core.checks.leaks import groups_for_folds
from core.checks.engine_inputs import DescribeInput, DescribeResult
from core.tasks import run_here

T = TypeVar("T")
CUES_NAME = "cues.npz"
HASH_BYTES = 32
SMALL_CHECK = 3_000
"""Images below which linear algebra keeps to one thread; with more, one core is left free."""


def check_health(job: HealthJob, context: JobContext) -> HealthCheck:
    """Look for everything that makes data unsound; a part that cannot be done says why.

    Raises:
        JobCancelled: The caller asked the job to end; what was measured is kept.
    """
    # as in training: BLAS's threads wait for each other by spinning, which other programs pay for
    n_threads = 1 if len(job.images) < SMALL_CHECK else max(n_processors() - 1, 1)
    with threadpool_limits(limits=n_threads, user_api="blas"):
        return _Check(job, context).run()


class _Check:
    """One check; collects the parts that could not be done."""

    def __init__(self, job: HealthJob, context: JobContext) -> None:
        self._job, self._context = job, context
        self._unchecked: list[Unchecked] = []
        self._started = time.monotonic()

    def run(self) -> HealthCheck:
        job, context = self._job, self._context
        described = self._describe()
        data = HealthData(job, self._measure(), described.vectors if described else None,
                          described.key if described else "")
        result = self._begin(data)
        found = self._try("duplicates", lambda: _find_duplicates(data, context))
        if found is not None:
            in_folds = self._try("twins in folds", lambda: twins.fold_twins(data, found))
            result = replace(result, **twins.twin_parts(data, found), twins_in_folds=in_folds)
        result = self._judge_labels(result, data)
        outliers = self._try("odd pictures", lambda: pictures.odd_pictures(data, context)) or ()
        result = replace(result, outliers=outliers)
        if data.vectors is not None:
            result = replace(
                result, uncovered=self._try("coverage", lambda: pictures.coverage(data, context)),
                more_labels=self._try("more labels", lambda: counts.more_labels(data)),
            )
        result = replace(result, unchecked=tuple(self._unchecked), seconds=round(time.monotonic() - self._started, 2))
        return _with_groups(job, result, found)

    def _begin(self, data: HealthData) -> HealthResult:
        job = self._job
        nothing = Sizes((), 1.0, 0, 0, "")
        return HealthResult(
            job.digest, datetime.now(UTC).isoformat(timespec="seconds"), __version__, 0.0, len(job.images),
            self._try("balance", lambda: counts.sizes(data)) or nothing, is_quick=job.is_quick,
            backbone=job.backbone if data.vectors is not None else "", unreadable=counts.broken_files(data),
        )

    def _judge_labels(self, result: HealthResult, data: HealthData) -> HealthResult:
        """Wrong labels, classes alike, shortcuts and the counter-test to the gravest."""
        context = self._context
        opinion = self._try("wrong labels", lambda: labels.form_opinion(data))
        if opinion is not None:
            wrong = self._try("wrong labels", lambda: labels.wrong_labels(data, opinion)) or {}
            result = replace(result, **wrong, alike_classes=labels.alike_classes(data, opinion))
        accuracy = opinion.accuracy if opinion is not None else None
        found = self._try("shortcuts", lambda: cues.shortcuts(data, accuracy, context))
        if found is None:
            return result
        result = replace(result, shortcuts=found[0], shortcuts_sentence=found[1])
        if data.vectors is None or not cues.has_counter_test(result.shortcuts):
            return result
        counter = self._try("counter-test", lambda: cues.counter_test(data, result.shortcuts, context))
        return replace(result, counter_test=counter)

    def _measure(self) -> CueTable:
        table = self._measure_all()
        if n := sum(skipped.reason.code == CHANGED for skipped in table.skipped):
            what = "1 image" if n == 1 else f"{n:,} images"
            self._unchecked.append(Unchecked(
                "changed files", f"{what} changed after the last import. Import the folder again."))
        return table

    def _measure_all(self) -> CueTable:
        images, folder = self._job.images, self._job.folder
        try:
            return measure_cues(CueInput(images, folder / CUES_NAME if folder is not None else None), self._context)
        except StorageError as error:
            self._unchecked.append(Unchecked("measurements", f"{error} They will be made again next time."))
            return measure_cues(CueInput(images), self._context)

    def _describe(self) -> DescribeResult | None:
        """Embeddings of all images; None without a network."""
        job = self._job
        if job.is_quick or not job.images:
            return None
        inputs = DescribeInput(job.images, job.backbone, job.embeddings)
        found: DescribeResult | None = self._try("likeness", lambda: run_here("describe", inputs, self._context))
        return found

    def _try(self, part: str, find: Callable[[], T]) -> T | None:
        try:
            return find()
        except AppError as error:
            self._unchecked.append(Unchecked(part, str(error)))
            return None


def _find_duplicates(data: HealthData, context: JobContext) -> Duplicates:
    job = data.job
    hashes = tuple(image.content_hash for image in job.images)
    return find_duplicates(DuplicateInput(hashes, data.cues, data.labels, job.classes, data.vectors), context)


def _with_groups(job: HealthJob, result: HealthResult, found: Duplicates | None) -> HealthCheck:
    hashes = np.frombuffer(b"".join(i.content_hash for i in job.images), np.uint8).reshape(-1, HASH_BYTES)
    pairs = found.pairs if found is not None else ()
    close = [pair for pair in pairs if pair.kind is not TwinKind.NEAR_TWIN]
    n = len(job.images)
    return HealthCheck(result, hashes, groups_for_folds(n, close), groups_for_folds(n, pairs))

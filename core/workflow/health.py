"""The check of the data of a project: prepared, kept beside the catalog with what it belongs to, read again.

    health/result.json    HealthResult, with the digest of images and labels that it belongs to
           twins.npz      content hashes, and which of them are duplicates or near-duplicates
           cues.npz       measurements by content hash; may be deleted at any time
           times.npz      capture times by content hash, read by a training; may be deleted at any time

A decision of a person (a label that is right, a finding that is accepted) is in the catalog and is
laid over the kept result when it is read, so that no decision costs a new check.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.backbones.registry import JOINED_BY
from core.checks.check import CatalogState, Finding
from core.checks.inputs import HealthCheck, HealthJob, HealthResult, HealthRun, UnreadableFile
from core.checks.job import EMBEDDINGS
from core.checks.label_issues import LabelIssues
from core.checks.registry import list_facts, list_findings, result_from_json
from core.errors import AppError, InputError, StorageError
from core.files.foreign import read_json
from core.files.writing import write_arrays, write_errors, write_json
from core.images.decode import DECODER_VERSION
from core.images.reasons import read_reason
from core.jobs import JobContext
from core.project.catalog import as_json
from core.project.classes import list_classes
from core.project.exclusion import count_excluded
from core.project.decisions import FINDING, LABEL, acknowledge, list_decisions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows, path_names, refs_of
from core.project.runs import list_runs
from core.runs.repository import read_run
from core.tasks import run_here
from core.text import Message
from core.training.strategies.transfer import TransferSettings
from core.workflow.confusion import learnt_by_run, run_class_ids
from core.workflow.known_duplicates import TWINS_NAME

RESULT_NAME, CAPTURE_TIMES_NAME = "result.json", "times.npz"
FORMAT = 2
"""Number of the layout of `result.json`; another one counts as no result."""

MOST_RESULT_BYTES = 512 * 1024 * 1024
"""A result names images one by one."""

ON_EMBEDDINGS = ("transfer", "auto")
"""The strategies whose runs are asked: their head sits on embeddings, their folds are recorded."""

_STATE = (
    "SELECT i.id, i.content_hash, i.split, i.status, coalesce(c.name, '') FROM image i "
    "LEFT JOIN class c ON c.id = i.class_id AND i.label_content IS NULL "
    "WHERE i.status <> 'missing' AND i.excluded IS NULL ORDER BY i.id"
)


def health_digest(project: Project) -> str:
    """64 hex digits that change with any image, split, label, exclusion or name of a class, and with the decoder.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    digest = hashlib.sha256(bytes([DECODER_VERSION]))
    for image_id, content_hash, split, status, name in project.catalog.rows(_STATE):
        digest.update(f"{image_id}\0{split}\0{status}\0{name}\0".encode("utf-8", "surrogateescape"))
        digest.update(content_hash or b"")
    return digest.hexdigest()


def prepare_health(project: Project, *, is_quick: bool = False) -> HealthJob:
    """The frozen snapshot that the job `check-health` looks at.

    Args:
        project: An open project; reading is enough.
        is_quick: Look only at what needs no network.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    found = image_rows(project, image_ids(project, ImageFilter(is_excluded=False)))
    rows = [row for row in found if row.content_hash is not None]
    classes = list_classes(project)
    place = {row.id: at for at, row in enumerate(classes)}
    run = _find_run(project)
    unreadable = project.catalog.rows(
        "SELECT id, reason FROM image WHERE status = 'unreadable' AND excluded IS NULL ORDER BY sort_key")
    return HealthJob(
        digest=health_digest(project), images=refs_of(rows),
        names=path_names(rows),
        labels=tuple(-1 if r.label_content else place.get(r.class_id or 0, -1) for r in rows),
        is_test=tuple(r.split == "test" for r in rows), classes=tuple(c.name for c in classes),
        class_ids=tuple(c.id for c in classes),
        unreadable=tuple(UnreadableFile(i, read_reason(reason) if reason else None) for i, reason in unreadable),
        folder=project.health_path if os.access(project.folder, os.W_OK) else None,
        embeddings=project.embeddings_path, backbone=run[1] if run else str(TransferSettings().backbone),
        run=run[0] if run else None, is_quick=is_quick,
    )


def keep_health(project: Project, check: HealthCheck) -> None:
    """Keep what was found; a quick check does not take the place of a whole one of the same images and labels.

    Raises:
        StorageError: Nothing can be written there.
    """
    before = read_health(project)
    if check.result.is_quick and before and not before.is_quick and before.digest == check.result.digest:
        return
    folder = project.health_path
    with write_errors(folder):
        folder.mkdir(exist_ok=True)
    write_arrays(folder / TWINS_NAME, hashes=check.hashes, same_picture=check.duplicates.astype(np.int32),
                 near_twin=check.near_duplicates.astype(np.int32))
    write_json(folder / RESULT_NAME, {"format": FORMAT, **asdict(check.result)}, indent=None)


def read_health(project: Project) -> HealthResult | None:
    """What the latest check found, current or not; None if there is none that can be read."""
    try:
        content = read_json(project.health_path / RESULT_NAME, most_bytes=MOST_RESULT_BYTES)
        return result_from_json(content) if content.pop("format") == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def is_current(project: Project, result: HealthResult | None) -> bool:
    """Whether images and labels are still those that were checked."""
    return result is not None and result.digest == health_digest(project)


def has_more_to_say(result: HealthResult, job: HealthJob) -> bool:
    """Whether a check of the same images and labels would know more: of a run or a network that is there now."""
    if result.is_quick and not job.is_quick or any(u.check == EMBEDDINGS for u in result.unchecked):
        return True
    issues = result.find(LabelIssues)
    source = issues.source if issues is not None else ""
    return job.run is not None and job.run.is_current and source != job.run.id


def findings_of(project: Project, result: HealthResult) -> tuple[Finding, ...]:
    """What was found, with what a person decided since; gravest first, accepted findings last."""
    return list_findings(result, catalog_state(project, result))


def catalog_state(project: Project, result: HealthResult | None) -> CatalogState:
    """What the catalog says now: decisions, and labels that changed since."""
    earlier = project.catalog.rows(
        "SELECT id FROM image WHERE label_content IS NOT NULL AND status = 'ok' AND excluded IS NULL "
        "ORDER BY sort_key")
    return CatalogState(
        _settled_labels(project, result) if result is not None else frozenset(), tuple(i for i, in earlier),
        accepted_reasons(project),
    )


def _settled_labels(project: Project, result: HealthResult) -> frozenset[str]:
    """Labels that need no look any more: a person is sure of them, or has changed or excluded them since."""
    found = result.find(LabelIssues)
    issues = found.issues if found is not None else ()
    rows = project.catalog.rows(
        "SELECT id, class_id FROM image WHERE id IN (SELECT value FROM json_each(?)) AND status = 'ok' "
        "AND excluded IS NULL",
        (as_json([issue.image_id for issue in issues]),),
    )
    now = dict(rows)
    changed = (issue.subject for issue in issues if now.get(issue.image_id) != issue.label_id)
    return frozenset(list_decisions(project, LABEL)).union(changed)


def accepted_reasons(project: Project) -> dict[str, str]:
    """Why findings were accepted, by key."""
    return {key: decision.reason or "" for key, decision in list_decisions(project, FINDING).items()}


def _find_run(project: Project) -> tuple[HealthRun, str] | None:
    """The latest run on embeddings, the one that fits the labels before others, and its backbone."""
    runs = [row for row in list_runs(project) if row.strategy in ON_EMBEDDINGS and row.status == "finished"]
    found: tuple[HealthRun, str] | None = None
    labels_now = {image_id: (class_id, content_hash) for image_id, class_id, content_hash in project.catalog.rows(
        "SELECT id, class_id, content_hash FROM image WHERE status = 'ok' AND split = 'train' "
        "AND class_id IS NOT NULL AND label_content IS NULL AND excluded IS NULL")}
    for row in runs:
        with suppress(AppError):
            folder = project.run_path(row.id)
            fits = learnt_by_run(project, row.id) == labels_now
            record = read_run(folder)
            n_features = int(record.fit.get("n_features", 0))
            run = HealthRun(row.id, folder, run_class_ids(project, row.id), fits, record.weights, n_features)
            backbone = row.backbone.partition(JOINED_BY)[0]
            if run.is_current:
                return run, backbone
            found = found or (run, backbone)
    return found


def check_health(folder: Path, context: JobContext, *, is_quick: bool = False) -> Mapping[str, Any]:
    """Check the data of a project, or read what was found if nothing changed since.

    Args:
        is_quick: Look only at what needs no network.

    Returns:
        `label_errors, duplicates, leaks, shortcuts, unreadable, outliers, balance` as JSON values and messages,
        lists worst first, and besides `findings, duplicate_groups, near_twins, wrong_labels, twins_in_folds,
        counter_test, alike_classes, uncovered, shift, more_labels, unchecked, skipped, is_kept, seconds, backbone,
        label_source`, and `excluded`, how many images were left out because they are excluded.

    Raises:
        ProjectError, StorageError: The project cannot be opened.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder, read_only=True) as project:
        result, job = read_health(project), prepare_health(project, is_quick=is_quick)
        is_kept = result is not None and result.digest == job.digest and not has_more_to_say(result, job)
        if result is None or not is_kept:
            check: HealthCheck = run_here("check-health", job, context)
            result = check.result
            with suppress(StorageError):  # the answer does not depend on it
                keep_health(project, check)
        return describe_health(project, result) | {
            "is_kept": is_kept, "excluded": count_excluded(project, is_readable=True)}


def acknowledge_finding(folder: Path, key: str, reason: str) -> Mapping[str, Any]:
    """Accept a finding of the latest check, with the reason.

    Returns:
        `key, reason`.

    Raises:
        InputError: There is no such finding, or no reason.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    if not reason.strip():
        raise InputError("checks.reason_missing")
    with Project.open(folder) as project:
        result = read_health(project)
        known = {finding.key for finding in findings_of(project, result)} if result is not None else set()
        if key not in known:
            hint = Message("checks.known_findings" if known else "checks.no_findings_known", keys=sorted(known))
            raise InputError("checks.no_such_finding", hint=hint, key=key)
        acknowledge(project, key, reason.strip())
    return {"key": key, "reason": reason.strip()}


def describe_health(project: Project, result: HealthResult) -> dict[str, Any]:
    """A result as JSON values and messages."""
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    paths = dict(zip((row.id for row in rows), path_names(rows), strict=True))
    return list_facts(result, replace(catalog_state(project, result), paths=paths))

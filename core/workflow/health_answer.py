"""The command `health`: check, keep, and say it as JSON values by paths instead of image ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError, StorageError
from core.checks.inputs import HealthCheck
from core.jobs import JobContext
from core.project.decisions import acknowledge
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows
from core.checks.findings import Finding, doubtful_labels
from core.checks.health_result import FoundShortcut, HealthResult, Sizes, TwinSet
from core.tasks import run_here
from core.workflow.health import (
    findings_of, has_more_to_say, keep_health, prepare_health, read_health, settled_labels,
)
from core.workflow.naming import path_names


def check_health(folder: Path, context: JobContext, *, is_quick: bool = False) -> Mapping[str, Any]:
    """Check the data of a project, or read what was found if nothing changed since.

    Args:
        folder: The project's folder.
        context: Told of progress.
        is_quick: Look only at what needs no network.

    Returns:
        `label_errors, duplicates, leaks, shortcuts, unreadable, outliers, balance` as JSON values, lists worst
        first, and besides `findings, near_twins, wrong_labels, twins_in_folds, counter_test, alike_classes,
        uncovered, more_labels, unchecked, is_kept, seconds, backbone, label_source`.

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
            _keep(project, check)
        return describe_health(project, result) | {"is_kept": is_kept}


def acknowledge_finding(folder: Path, key: str, reason: str) -> Mapping[str, Any]:
    """Accept a finding of the latest check, with the reason.

    Returns:
        `key, reason`.

    Raises:
        InputError: There is no such finding, or no reason.
        ProjectError, StorageError: The project cannot be opened or written.
    """
    if not reason.strip():
        raise InputError("A finding is accepted with a reason only.", "Say why with --reason.")
    with Project.open(folder) as project:
        result = read_health(project)
        known = {finding.key for finding in findings_of(project, result)} if result is not None else set()
        if key not in known:
            has = ", ".join(sorted(known)) or "none"
            raise InputError(f"There is no finding “{key}”.", f"The latest check knows: {has}.")
        acknowledge(project, key, reason.strip())
    return {"key": key, "reason": reason.strip()}


def describe_health(project: Project, result: HealthResult) -> dict[str, Any]:
    """A result as JSON values."""
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    names = dict(zip((row.id for row in rows), path_names(rows), strict=True))
    path = _Paths(names)
    return {
        "label_errors": [
            {"path": path.of(s.image_id), "label": s.label, "suggested": s.suggested, "probability": s.probability,
             "trust": s.trust, "is_confident": s.is_confident, "sentence": s.sentence, "reason": s.reason}
            for s in doubtful_labels(result, settled_labels(project, result))
        ],
        "duplicates": [path.all_of(group.image_ids) for group in result.duplicates],
        "leaks": [
            {"test": path.of(leak.test_id), "train": path.of(leak.train_id), "kind": leak.kind,
             "similarity": leak.similarity}
            for leak in result.leaks
        ],
        "shortcuts": [_shortcut(s) for s in result.shortcuts],
        "unreadable": [{"path": path.of(b.image_id), "reason": b.reason} for b in result.unreadable],
        "outliers": [
            {"path": path.of(o.image_id), "kind": o.oddity, "strength": o.strength, "reason": o.sentence}
            for o in result.outliers
        ],
        "balance": _balance(result.sizes),
        **_besides(project, result, path),
    }


def describe_finding(finding: Finding) -> dict[str, Any]:
    """A finding as JSON values, without its images."""
    return {
        "key": finding.key, "kind": str(finding.kind), "level": finding.level.name.lower(),
        "gravity": round(finding.gravity, 3), "title": finding.title, "sentence": finding.sentence,
        "figure": finding.figure, "details": list(finding.details), "acknowledged": finding.reason,
    }


class _Paths:
    """What images are called; one that has left the project since is left out of lists."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names

    def of(self, image_id: int) -> str:
        return self._names.get(image_id, "")

    def all_of(self, ids: Sequence[int]) -> list[str]:
        return [self._names[i] for i in ids if i in self._names]


def _besides(project: Project, result: HealthResult, path: _Paths) -> dict[str, Any]:
    wrong, folds, test = result.wrong_labels, result.twins_in_folds, result.counter_test
    more, uncovered = result.more_labels, result.uncovered
    return {
        "findings": [describe_finding(f) for f in findings_of(project, result)],
        "duplicate_groups": [_twins(group, path) for group in result.duplicates],
        "near_twins": [_twins(group, path) for group in result.near_twins],
        "wrong_labels": wrong and {
            "expected": wrong.expected, "interval": [wrong.low, wrong.high], "sentence": wrong.sentence},
        "twins_in_folds": folds and {
            "run": folds.run, "twins": folds.n_twins, "accuracy": folds.accuracy,
            "accuracy_without": folds.accuracy_without, "sentence": folds.sentence},
        "counter_test": test and {
            "cue": test.cue, "transform": test.transform, "images": test.n_images, "changed": test.n_changed,
            "interval": list(test.interval), "model": test.model, "sentence": test.sentence},
        "alike_classes": [
            {"classes": [a.first, a.second], "confused": a.n_confused, "images": a.n_images, "sentence": a.sentence}
            for a in result.alike_classes],
        "uncovered": path.all_of(uncovered.image_ids) if uncovered else [],
        "more_labels": more and {
            "n_labels": list(more.n_labels), "accuracies": list(more.accuracies), "expected": more.expected,
            "sentence": more.sentence},
        "unchecked": [{"part": u.part, "reason": u.sentence} for u in result.unchecked],
        "n_images": result.n_images, "seconds": result.seconds, "is_quick": result.is_quick,
        "backbone": result.backbone, "label_source": result.label_source, "checked_at": result.checked_at,
    }


def _shortcut(found: FoundShortcut) -> dict[str, Any]:
    return {
        "cue": found.cue, "accuracy": found.accuracy, "majority": found.majority, "rule": found.rule,
        "interval": list(found.interval), "kind": found.kind, "severity": found.severity,
        "sentences": list(found.sentences), "n_images": len(found.image_ids),
    }


def _twins(group: TwinSet, path: _Paths) -> dict[str, Any]:
    return {
        "paths": path.all_of(group.image_ids), "kind": group.kind, "has_two_labels": group.has_two_labels,
        "is_on_both_sides": group.is_on_both_sides, "differences": list(group.differences),
        "sentence": group.sentence,
    }


def _balance(sizes: Sizes) -> dict[str, Any]:
    counts = {c.name: c.n_labels for c in sizes.classes}
    return {
        "counts": counts, "smallest": min(counts.values(), default=0), "largest": max(counts.values(), default=0),
        "ratio": sizes.ratio, "unlabelled": sizes.n_unlabelled, "test_images": sizes.n_test,
        "sentence": sizes.sentence,
    }


def _keep(project: Project, check: HealthCheck) -> None:
    """Keep the result where something can be written; the answer does not depend on it."""
    try:
        keep_health(project, check)
    except StorageError:
        return

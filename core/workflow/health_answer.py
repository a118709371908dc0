"""The command `health`: checks, keeps the result, and gives it by paths instead of image ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.checks.inputs import HealthCheck, HealthResult
from core.checks.registry import list_facts
from core.errors import InputError, StorageError
from core.jobs import JobContext
from core.project.decisions import acknowledge
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows, path_names
from core.tasks import run_here
from core.text import Message
from core.workflow.health import catalog_state, findings_of, has_more_to_say, keep_health, prepare_health, read_health


def check_health(folder: Path, context: JobContext, *, is_quick: bool = False) -> Mapping[str, Any]:
    """Check the data of a project, or read what was found if nothing changed since.

    Args:
        folder: The project's folder.
        context: Told of progress.
        is_quick: Look only at what needs no network.

    Returns:
        `label_errors, duplicates, leaks, shortcuts, unreadable, outliers, balance` as JSON values and messages,
        lists worst first, and besides `findings, duplicate_groups, near_twins, wrong_labels, twins_in_folds,
        counter_test, alike_classes, uncovered, more_labels, unchecked, is_kept, seconds, backbone, label_source`.

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


def _keep(project: Project, check: HealthCheck) -> None:
    """Keep the result where something can be written; the answer does not depend on it."""
    try:
        keep_health(project, check)
    except StorageError:
        return

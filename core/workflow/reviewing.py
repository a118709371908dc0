"""The review page of a run, and the first questions about the health of the data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AppError, InputError, WeightsError
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.project import Project
from core.project.queries import count_all
from core.project.rows import image_refs
from core.project.runs import find_run
from core.review.mistakes import Mistake, find_mistakes
from core.review.report import ReportInput, write_report
from core.runs.folder import OUT_OF_FOLD, read_predictions, read_run, read_snapshot
from core.runs.job import ReadingInput, ReadingResult
from core.runs.record import RunRecord
from core.tasks import run_here
from core.workflow.importing import list_unreadable

DEFAULT_BACKBONE = "efficientnet-lite0"
"""Reads the mistakes of runs whose own backbone has no ImageNet classifier at hand."""


def write_review(folder: Path, out: Path, context: JobContext, *, run_id: str | None = None) -> Mapping[str, Any]:
    """Write the review page of a run.

    Returns:
        `run, out, mistakes`.

    Raises:
        ProjectError, RunError, StorageError, InputError: See each.
        JobCancelled: The caller asked to end.
    """
    if not out.parent.is_dir():
        raise InputError(f"“{out}” cannot be written.", "Name a file in a folder that exists.")
    with Project.open(folder) as project:
        record = read_run(project.run_path(find_run(project, run_id).id))
        mistakes = find_run_mistakes(project, record, context)
        colors = {row.name: row.color for row in list_classes(project)}
        name = project.folder.name.removesuffix(".catalejo")
    write_report(ReportInput(name, record, mistakes, colors), out, context=context)
    return {"run": record.run, "out": str(out), "mistakes": len(mistakes)}


def find_run_mistakes(project: Project, record: RunRecord, context: JobContext) -> tuple[Mistake, ...]:
    """The mistakes of a run on what it was judged by, worst first, with their ImageNet readings."""
    folder = project.run_path(record.run)
    said = read_predictions(folder)
    label_of = {row.image_id: row.label for row in read_snapshot(folder)}
    judged = [i for i in np.flatnonzero(said.kinds == OUT_OF_FOLD) if int(said.image_ids[i]) in label_of]
    refs = {ref.id: ref for ref in image_refs(project, said.image_ids[judged])}
    judged = [i for i in judged if int(said.image_ids[i]) in refs]
    place = {name: at for at, name in enumerate(record.classes)}
    labels = np.array([place[label_of[int(said.image_ids[i])]] for i in judged], np.int64)
    images = [refs[int(said.image_ids[i])] for i in judged]
    wrong = said.probabilities[judged].argmax(axis=1) != labels if judged else np.zeros(0, bool)
    readings = read_with_imagenet(project, said.image_ids[judged][wrong], record.backbone, context)
    return find_mistakes(
        said.probabilities[judged], labels, images=images, classes=record.classes, readings=readings
    )


def read_with_imagenet(
    project: Project, ids: NDArray[np.int64], backbone: str, context: JobContext
) -> dict[int, str]:
    """ “window screen 0.41” by image id; empty where no classifier can be had."""
    if not len(ids):
        return {}
    images = image_refs(project, ids)
    try:
        result = _read(project, images, backbone or DEFAULT_BACKBONE, context)
    except WeightsError:
        result = _read(project, images, DEFAULT_BACKBONE, context)
    except AppError:
        return {}
    return {i: f"{pairs[0][0]} {pairs[0][1]:.2f}" for i, pairs in result.by_image.items()}


def _read(project: Project, images: Any, backbone: str, context: JobContext) -> ReadingResult:
    inputs = ReadingInput(images, project.embeddings_path, backbone, top=1)
    result: ReadingResult = run_here("read-imagenet", inputs, context)
    return result


def check_health(folder: Path, context: JobContext) -> Mapping[str, Any]:
    """Unreadable files, exact duplicates (under two labels first) and balance.

    Returns:
        `unreadable, duplicates, balance` as JSON values.

    Raises:
        ProjectError: The project cannot be opened.
    """
    with Project.open(folder, read_only=True) as project:
        counts = count_all(project)
        by_class = {row.name: counts.by_class.get(row.id, 0) for row in list_classes(project)}
        found = list(by_class.values())
        return {
            "unreadable": list_unreadable(project),
            "duplicates": find_exact_duplicates(project),
            "balance": {
                "counts": by_class, "smallest": min(found, default=0), "largest": max(found, default=0),
                "unlabelled": counts.by_split.get("train", 0) - counts.n_labelled,
                "test_images": counts.by_split.get("test", 0),
            },
        }


def find_exact_duplicates(project: Project) -> list[list[str]]:
    """Groups of files with equal content: under several labels first, then across splits, then the rest."""
    rows = project.catalog.rows(
        "SELECT content_hash, name, class_id, split FROM image WHERE content_hash IN "
        "(SELECT content_hash FROM image WHERE content_hash IS NOT NULL AND status <> 'missing' "
        "GROUP BY 1 HAVING count(*) > 1) AND status <> 'missing' ORDER BY sort_key"
    )
    groups: dict[bytes, list[tuple[str, int | None, str]]] = {}
    for content_hash, name, class_id, split in rows:
        groups.setdefault(content_hash, []).append((name, class_id, split))
    ordered = sorted(groups.values(), key=_gravity)
    return [[name for name, _, _ in group] for group in ordered]


def _gravity(group: list[tuple[str, int | None, str]]) -> tuple[bool, bool]:
    """Smallest for what matters most."""
    labels = {class_id for _, class_id, _ in group if class_id is not None}
    return len(labels) < 2, len({split for _, _, split in group}) < 2

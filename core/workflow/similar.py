"""What the jobs for similar images and contributions of training images are asked, and the command `similar`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.backbones.registry import find_backbone
from core.errors import ImageUnreadable
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.label_tables.finder import ImageFinder
from core.project.project import Project
from core.project.rows import image_row, image_rows, path_names, refs_of
from core.project.runs import RunRow, list_runs
from core.review.novelty import backbone_to_compare
from core.review.similar_images import SimilarInput, SimilarResult
from core.tasks import run_here
from core.text import Message
from core.training.contribution_answer import ContributionInput
from core.training.strategies.transfer import TransferSettings
from core.workflow.image_acts import find_images


def prepare_similar(
    project: Project, image_ids: Sequence[int] | np.ndarray = (), files: Sequence[Path] = (), *,
    run: RunRow | None = None, n_similar: int = 12, embeds: bool = False,
) -> SimilarInput:
    """What to ask about images of the project, files from elsewhere, or both together.

    Args:
        run: Its backbone compares; the usual one where there is no run.
        n_similar: At most so many images are found, at least 1.
        embeds: Embed what has no embedding yet first.

    Raises:
        ImageUnreadable: One image is asked about, and it was never readable.
    """
    rows = image_rows(project, np.asarray(image_ids, np.int64))
    refs = refs_of(rows)
    if not refs and not files:
        raise ImageUnreadable(rows[0].reason if rows and rows[0].reason else Message("images.gone"))
    backbone = backbone_to_compare(run.backbone) if run is not None else str(TransferSettings().backbone)
    return SimilarInput(project.folder, refs, tuple(files), backbone, n_similar, embeds)


def prepare_contributions(project: Project, image_id: int, run: RunRow, *, toward: str = "") -> ContributionInput:
    """What to ask about the training images behind a prediction.

    Args:
        toward: Name of the class as the run knows it; "" for the one that it predicts.

    Raises:
        InputError: There is no such image.
        ImageUnreadable: It was never readable.
    """
    row = image_row(project, image_id)
    refs = refs_of([row])
    if not refs:
        raise ImageUnreadable(row.reason or Message("images.gone"))
    return ContributionInput(project.folder, project.run_path(run.id), refs[0], project.embeddings_path, toward)


def find_similar_images(
    folder: Path, names: Sequence[str], context: JobContext, *, n_similar: int = 12, backbone: str | None = None,
    embeds: bool = False,
) -> Mapping[str, Any]:
    """The images most similar to one, or to several together.

    Args:
        names: Images of the project, as `find_images` takes them, or files from elsewhere, which are not imported.
        n_similar: How many, at least 1.
        backbone: Compares by this network; None for that of the latest run.
        embeds: Embed what has no embedding yet first.

    Returns:
        `project, backbone, images` (paths that were asked about), `similar` (`path, label, split, similarity, copy`
        of each, the most similar first), `n_searched`, `n_without` (images without an embedding, which were not
        compared) and `skipped` (`path, reason`).

    Raises:
        InputError: A name fits no image and no file, or several images; there is no such backbone.
        ImageUnreadable: Nothing that was named can be read as the project knows it.
        WeightsError, EngineError: The backbone is not installed or cannot be used.
        ProjectError, StorageError: The project cannot be read.
        JobCancelled: The caller asked to end.
    """
    with Project.open(folder, read_only=True) as project:
        ids, files = _sort_out(project, names)
        asked = prepare_similar(project, ids, files, run=next(iter(list_runs(project)), None), n_similar=n_similar,
                                embeds=embeds)
    if backbone is not None:
        asked = replace(asked, backbone=find_backbone(backbone).name)
    found: SimilarResult = run_here("find-similar", asked, context)
    with Project.open(folder, read_only=True) as project:
        return {
            "project": str(project.folder), "backbone": asked.backbone,
            "images": [str(path) for path in (*(one.path for one in asked.images), *asked.files)],
            "similar": _describe(project, found), "n_searched": found.n_searched, "n_without": found.n_without,
            "skipped": [one.to_json() for one in found.skipped],
        }


def _sort_out(project: Project, names: Sequence[str]) -> tuple[list[int], list[Path]]:
    """Images of the project, and files that are none of its images."""
    finder = ImageFinder(project, [Path.cwd()])
    files = [Path(name).expanduser() for name in names
             if Path(name).expanduser().is_file() and finder.find_file(str(Path(name).expanduser())) is None]
    inside = [name for name in names if Path(name).expanduser() not in files]
    return find_images(project, inside), [path.absolute() for path in files]


def _describe(project: Project, found: SimilarResult) -> list[dict[str, Any]]:
    rows = image_rows(project, [one.image_id for one in found.found])
    names = {row.id: row.name for row in list_classes(project)}
    by_id = {row.id: (row, path) for row, path in zip(rows, path_names(rows), strict=True)}
    return [
        {"path": path, "label": names.get(row.class_id or 0), "split": row.split,
         "similarity": round(one.similarity, 4), "copy": one.is_copy}
        for one in found.found if one.image_id in by_id for row, path in [by_id[one.image_id]]]

"""What a run says of the pictures of a project, as a table and as a competition file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.jobs import JobContext
from core.project.predictions import NEW, PredictionTable, record_predictions
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import ImageRow, image_refs, image_rows
from core.project.runs import find_run
from core.runs.folder import read_predictions, read_run
from core.runs.job import PredictRunInput
from core.runs.submission import SubmissionInput, parse_class_map
from core.runs.submission import write_submission as write_submission_file
from core.runs.tables import write_predictions as write_table
from core.tasks import run_here
from core.types import Skipped

SPLITS = ("train", "test")


@dataclass(frozen=True, slots=True)
class RunAnswers:
    """What a run says of images.

    Attributes:
        run: Id of the run.
        classes: Names in the order of the columns.
        rows: The images, in natural order.
        probabilities: (n_images, n_classes) float32; of labelled images by models that did not see them.
        skipped: Images that could not be predicted.
    """

    run: str
    classes: tuple[str, ...]
    rows: tuple[ImageRow, ...]
    probabilities: NDArray[np.float32]
    skipped: tuple[Skipped, ...]


def ask_run(project: Project, run_id: str | None, split: str | None, context: JobContext) -> RunAnswers:
    """What a run says of the readable images of a split; images that are new since are predicted now.

    Raises:
        InputError: No such split.
        RunError: The run is missing or damaged.
        WeightsError, StorageError: New images cannot be predicted.
        JobCancelled: The caller asked to end.
    """
    if split is not None and split not in SPLITS:
        raise InputError(f"There is no part “{split}”.", f"Choose one of: {', '.join(SPLITS)}.")
    run = find_run(project, run_id).id
    folder = project.run_path(run)
    wanted = image_ids(project, ImageFilter(split=split))
    known = read_predictions(folder)
    skipped: tuple[Skipped, ...] = ()
    ids, probabilities = known.image_ids, known.probabilities
    missing = wanted[~np.isin(wanted, ids)]
    if len(missing):
        result = _predict_new(project, run, missing, context)
        skipped = result.skipped
        ids = np.concatenate([ids, [image.id for image in result.images]]).astype(np.int64)
        probabilities = np.concatenate([probabilities, result.probabilities])
    place = {int(i): at for at, i in enumerate(ids)}
    rows = image_rows(project, [i for i in wanted.tolist() if i in place])
    return RunAnswers(
        run, read_run(folder).classes, rows, probabilities[[place[row.id] for row in rows]], skipped
    )


def _predict_new(project: Project, run: str, ids: NDArray[np.int64], context: JobContext) -> Any:
    result = run_here("predict", PredictRunInput(
        project.run_path(run), image_refs(project, ids), project.embeddings_path), context)
    if not project.is_read_only:
        class_ids = dict(project.catalog.rows("SELECT name, id FROM class ORDER BY deleted DESC"))
        if len(result.images) and all(name in class_ids for name in result.classes):
            record_predictions(project, run, PredictionTable(
                np.array([i.id for i in result.images], np.int64), np.full(len(result.images), NEW, np.uint8),
                result.probabilities, tuple(class_ids[name] for name in result.classes)))
    return result


def write_predictions(
    folder: Path, out: Path, context: JobContext, *, run_id: str | None = None, split: str | None = None
) -> Mapping[str, Any]:
    """Write `path,prediction,confidence,p_<class>…` for the pictures of a project.

    Returns:
        `run, out, rows, skipped`.

    Raises:
        InputError, ProjectError, RunError, StorageError: See `ask_run`.
    """
    with Project.open(folder) as project:
        answers = ask_run(project, run_id, split, context)
    n = write_table(out, _names(answers.rows), classes=answers.classes, probabilities=answers.probabilities)
    return {"run": answers.run, "out": str(out), "rows": n, "skipped": _as_json(answers.skipped)}


def _names(rows: Sequence[ImageRow]) -> list[str]:
    """Paths below the source folder; absolute where two sources share one."""
    seen: dict[str, int] = {}
    for row in rows:
        seen[row.name] = seen.get(row.name, 0) + 1
    return [row.name if seen[row.name] == 1 else str(row.path) for row in rows]


def _as_json(skipped: Sequence[Skipped]) -> list[dict[str, str]]:
    return [{"path": str(s.path), "reason": s.reason} for s in skipped]


def write_submission(
    folder: Path, out: Path, context: JobContext, *, run_id: str | None = None, template: Path | None = None,
    class_map: str | None = None,
) -> Mapping[str, Any]:
    """Write the competition file for the test pictures.

    Returns:
        `run, out, rows, class_map, skipped`.

    Raises:
        InputError: Ids that are missing, doubled or unknown; a template or map that does not fit; no test pictures.
        ProjectError, RunError, StorageError: See `ask_run`.
    """
    with Project.open(folder) as project:
        answers = ask_run(project, run_id, "test", context)
    best = answers.probabilities.argmax(axis=1)
    result = write_submission_file(SubmissionInput(
        names=tuple(row.name for row in answers.rows), predictions=tuple(answers.classes[i] for i in best),
        classes=answers.classes, template=template, class_map=parse_class_map(class_map) if class_map else None,
    ), out)
    return {"run": answers.run, "out": str(out), "rows": result.n_rows, "class_map": dict(result.class_map),
            "skipped": _as_json(answers.skipped)}

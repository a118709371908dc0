"""Why an image was predicted as it was: what to ask of which run, and the command `explain`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ImageUnreadable, InputError
from core.files.user_files import require_outside_of_projects, write_bytes_to_replace
from core.files.writing import write_errors
from core.heat_maps.grid import BORDER_AREA, border_share
from core.heat_maps.inputs import LIKELIEST, Explained, ExplainInput, ExplainResult, HeatMap
from core.heat_maps.paint import scale_of
from core.heat_maps.picture import LARGEST_SIDE_PX, heat_picture
from core.images.files import hash_file
from core.images.formats import has_image_extension
from core.images.reading import read_rgb
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.predictions import PredictionRow, list_predictions
from core.project.project import Project
from core.project.rows import ImageRow, image_rows, path_names, refs_of
from core.project.runs import RunRow, find_run
from core.review.inspection import InspectInput, InspectResult
from core.runs.predictions import OUT_OF_FOLD
from core.tasks import run_here
from core.text import Message
from core.types import ImageRef, Skipped
from core.workflow.answers import UNUSABLE, names_now
from core.workflow.confusion import run_class_ids
from core.workflow.image_acts import find_images
from core.workflow.inspecting import inspection_backbone

N_NAMES, N_NEIGHBOURS = 5, 8
PREDICTED, LABEL = ROLES = ("predicted", "label")
LONGEST_PART = 60
"""Letters of an image or class that are part of a file's name."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about one image.

    Attributes:
        image: The image.
        row: Its row in the catalog; None for a file that is not in the project.
        said: What the run says of it; None where it has not predicted it.
        columns: Classes that heat maps are wanted for, as places in the run's record: first the predicted one; see
            `ExplainInput`.
        label: Place of the label among the run's classes; None without one that the run knows.
    """

    image: ImageRef
    row: ImageRow | None
    said: PredictionRow | None
    columns: tuple[int, ...]
    label: int | None = None

    @property
    def is_out_of_fold(self) -> bool:
        """Whether the prediction comes from a model that had not seen the image, unlike the heat maps."""
        return self.said is not None and self.said.kind == OUT_OF_FOLD

    def roles(self, explained: Explained) -> tuple[tuple[str, ...], ...]:
        """What the class of each heat map is, of `ROLES`; one class may be both."""
        return tuple(((PREDICTED,) if at == 0 else ()) + ((LABEL,) if one.column == self.label else ())
                     for at, one in enumerate(explained.maps))


def ask_about(project: Project, run: RunRow, image_ids: Sequence[int] | np.ndarray) -> tuple[Question, ...]:
    """What to ask about some images: for the predicted class, and for the label where that is another.

    Images that could never be read are left out.

    Raises:
        RunError: There is no such run.
        ProjectDamaged, StorageError: The catalog cannot be read.
    """
    ids = [int(image_id) for image_id in image_ids]
    said = {row.image_id: row for row in list_predictions(project, run.id, ids)}
    places = {class_id: at for at, class_id in enumerate(run_class_ids(project, run.id))}
    rows = [row for row in image_rows(project, ids) if row.status == "ok" and row.content_hash is not None]
    return tuple(_question(image, row, said.get(row.id), places)
                 for image, row in zip(refs_of(rows), rows, strict=True))


def _question(
    image: ImageRef, row: ImageRow | None, said: PredictionRow | None, places: Mapping[int, int]
) -> Question:
    predicted = LIKELIEST if said is None else places.get(said.class_id, LIKELIEST)
    label = None if row is None or row.class_id is None else places.get(row.class_id)
    columns = (predicted,) if label is None or label == predicted else (predicted, label)
    return Question(image, row, said, columns, label)


def explain_input(project: Project, run: RunRow, questions: Sequence[Question], *, is_by_occlusion: bool = False
                  ) -> ExplainInput:
    """What the job `explain` works from."""
    return ExplainInput(tuple(one.image for one in questions), tuple(one.columns for one in questions),
                        project.run_path(run.id), is_by_occlusion, names_now(project, run)[0])


def explain(
    folder: Path, names: Sequence[str], out: Path, context: JobContext, *, run_id: str | None = None,
    is_by_occlusion: bool = False,
) -> Mapping[str, Any]:
    """Heat maps of images as PNG files, with their ImageNet readings and the training images most like them.

    Args:
        names: Images of the project, see `find_images`, or image files that are not in it.
        out: A folder; made if missing.

    Returns:
        `run, out, area` (share of an image that the border takes), `images` – of each `path, label, predicted,
        confidence, is_out_of_fold, method, heat` (`class, role, score, probability, border, file` of each map),
        `imagenet` (`name, p`), `similar` (`path, label, similarity`), `reading_reason, similar_reason` – `skipped`
        and `notes`.

    Raises:
        InputError: There is no run, no such image, or a file cannot be written there.
        RunError, WeightsError, EngineError: The run or its network cannot be used.
        ProjectError, StorageError: The project cannot be opened, or nothing can be written.
        JobCancelled: The caller asked to end.
    """
    if not names:
        raise InputError("heat.which_images")
    with Project.open(folder, read_only=True) as project:
        run = find_run(project, run_id)
        questions, unusable = _questions(project, run, names)
        require_outside_of_projects(out / "file")
        found: ExplainResult = run_here(
            "explain", explain_input(project, run, questions, is_by_occlusion=is_by_occlusion), context)
        written = write_heat_maps(out, found)
        asked = {one.image: one for one in questions}
        images = [_describe(project, run, asked[one.image], one, found.classes, written.files[one.image], context)
                  for one in found.explained if one.image in written.files]
    any_unseen = any(image["is_out_of_fold"] for image in images)
    return {"run": run.id, "out": str(out), "area": round(BORDER_AREA, 4), "images": images,
            "skipped": [one.to_json() for one in (*written.skipped, *unusable)],
            "notes": [Message("heat.meaning"), *((Message("heat.final_model"),) if any_unseen else ())]}


def _questions(
    project: Project, run: RunRow, names: Sequence[str]
) -> tuple[tuple[Question, ...], tuple[Skipped, ...]]:
    """About images of the project, and files that are not in it; and images that could never be read."""
    found, unusable = list[Question](), list[Skipped]()
    for name in names:
        try:
            ids = find_images(project, [name])
            found += ask_about(project, run, ids)
            unusable += [Skipped(row.path, row.reason or UNUSABLE[row.status])
                         for row in image_rows(project, ids) if row.status in UNUSABLE]
        except InputError:
            path = Path(name)
            if not (path.is_file() and has_image_extension(path.name)):
                raise
            found.append(_question(ImageRef(0, path.absolute(), hash_file(path)), None, None, {}))
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(unusable))


@dataclass(frozen=True, slots=True)
class WrittenMaps:
    """PNG files of heat maps.

    Attributes:
        folder: Where they lie.
        files: Their names by image, in the order of its maps.
        skipped: Images without any.
    """

    folder: Path
    files: Mapping[ImageRef, tuple[str, ...]]
    skipped: tuple[Skipped, ...]


def write_heat_maps(out: Path, found: ExplainResult) -> WrittenMaps:
    """Write a PNG file for each heat map.

    Args:
        out: A folder outside of projects; made if missing.

    Raises:
        InputError, StorageError: See `write_bytes_to_replace`.
    """
    require_outside_of_projects(out / "file")
    with write_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    used, files, skipped = set[str](), dict[ImageRef, tuple[str, ...]](), list(found.skipped)
    for explained in found.explained:
        try:
            files[explained.image] = _write_pictures(out, explained, found.classes, used)
        except ImageUnreadable as error:  # it went while others were looked at
            skipped.append(Skipped(explained.image.path, error.message))
    return WrittenMaps(out, files, tuple(skipped))


def _write_pictures(out: Path, explained: Explained, classes: Sequence[str], used: set[str]) -> tuple[str, ...]:
    image = read_rgb(explained.image.path, explained.image.content_hash, side_px=LARGEST_SIDE_PX)
    scale = scale_of([one.cells for one in explained.maps])
    names = []
    for one in explained.maps:
        name = _free_name(explained.image.path.stem, classes[one.column], used)
        title = str(Message("heat.evidence_in_percent", name=classes[one.column]))
        write_bytes_to_replace(out / name, heat_picture(image, one.cells, scale, title=title))
        names.append(name)
    return tuple(names)


def _free_name(image: str, class_name: str, used: set[str]) -> str:
    """“photo.heat-tulip.png”, with a number where that is taken."""
    first, second = (re.sub(r"[^\w.-]+", "_", part)[:LONGEST_PART] for part in (image, class_name))
    stem, n = f"{first}.heat-{second}", 1
    name = f"{stem}.png"
    while name.lower() in used:
        n += 1
        name = f"{stem}-{n}.png"
    used.add(name.lower())
    return name


def _describe(
    project: Project, run: RunRow, question: Question, explained: Explained, classes: Sequence[str],
    files: Sequence[str], context: JobContext,
) -> dict[str, Any]:
    """What is known of an image, as JSON values and messages."""
    names = {one.id: one.name for one in list_classes(project)}
    row, said = question.row, question.said
    seen: InspectResult = run_here("inspect", InspectInput(
        explained.image, project.folder, inspection_backbone(run), N_NAMES, N_NEIGHBOURS), context)
    return {
        "path": path_names([row])[0] if row is not None else str(explained.image.path),
        "label": names.get(row.class_id or 0) if row is not None else None,
        "predicted": classes[explained.maps[0].column],
        "confidence": said.confidence if said and question.columns[0] != LIKELIEST else float(
            explained.probabilities[explained.maps[0].column]),
        "is_out_of_fold": question.is_out_of_fold, "method": explained.method,
        "heat": [describe_map(one, explained, roles, classes, file)
                 for one, roles, file in zip(explained.maps, question.roles(explained), files, strict=True)],
        "imagenet": [{"name": name, "p": p} for name, p in seen.reading], "reading_reason": seen.reading_reason,
        "similar": _describe_neighbours(project, seen, names), "similar_reason": seen.neighbours_reason,
    }


def describe_map(
    one: HeatMap, explained: Explained, roles: Sequence[str], classes: Sequence[str], file: str
) -> dict[str, Any]:
    """A heat map in figures; `score` is the sum of the map, `border` the share of the evidence at the border."""
    return {"class": classes[one.column], "role": list(roles), "score": round(one.score, 4),
            "probability": round(float(explained.probabilities[one.column]), 6),
            "border": round(border_share(one.cells), 4), "file": file}


def _describe_neighbours(project: Project, seen: InspectResult, names: Mapping[int, str]) -> list[dict[str, Any]]:
    rows = {row.id: row for row in image_rows(project, [one.image_id for one in seen.neighbours])}
    return [{"path": path_names([rows[one.image_id]])[0], "label": names.get(rows[one.image_id].class_id or 0),
             "similarity": round(one.similarity, 4)} for one in seen.neighbours if one.image_id in rows]

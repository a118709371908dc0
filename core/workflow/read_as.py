"""What the images of each class are read as by a `zero-shot` run, by the labels as they are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.project.classes import list_classes
from core.project.project import Project
from core.project.runs import find_run
from core.runs.predictions import NO_HASH, read_predictions
from core.runs.readings import StoredReadings, read_readings, read_stands_for
from core.workflow.comparing import contents_now


@dataclass(frozen=True, slots=True)
class ReadAs:
    """One line: an ImageNet class and the images that it is the likeliest one of.

    Attributes:
        index: ImageNet class, 0 … 999.
        name: Its name.
        stands_for: Class of the project that it counted as; empty for none of them.
        image_ids: The images, the surest first.
        share: Of all images of the class, 0 … 1.
    """

    index: int
    name: str
    stands_for: str
    image_ids: tuple[int, ...]
    share: float


@dataclass(frozen=True, slots=True)
class ClassReadAs:
    """What one class is read as.

    Attributes:
        class_id: Row in the catalog.
        name: As the class is called now.
        n_images: Its images that were read.
        lines: The most frequent first.
    """

    class_id: int
    name: str
    n_images: int
    lines: tuple[ReadAs, ...]


@dataclass(frozen=True, slots=True)
class ReadingTable:
    """The readings of a run.

    Attributes:
        classes: Those with images, in the order of the project.
        is_by_label: Whether a person said what is of which class; where nobody labelled, the reading itself did.
    """

    classes: tuple[ClassReadAs, ...]
    is_by_label: bool


def tabulate_readings(project: Project, run_id: str) -> ReadingTable:
    """What each class is read as, the most frequent first.

    Raises:
        RunError: There is no such run, or it was not made by reading.
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    folder = project.run_path(run_id)
    readings, stands_for = _still_true(project, run_id, read_readings(folder)), read_stands_for(folder)
    sql = "SELECT id, class_id FROM image WHERE class_id IS NOT NULL AND status = 'ok' AND excluded IS NULL"
    class_of = dict(project.catalog.rows(sql))
    of_image = np.array([class_of.get(int(i), -1) for i in readings.image_ids], np.int64)
    is_by_label = bool((of_image >= 0).any())
    if not is_by_label:
        of_image = _said(project, run_id, readings.image_ids)
    classes = [
        ClassReadAs(row.id, row.name, int((of_image == row.id).sum()),
                    _lines(readings, np.flatnonzero(of_image == row.id), stands_for))
        for row in list_classes(project)
    ]
    return ReadingTable(tuple(one for one in classes if one.n_images), is_by_label)


def _still_true(project: Project, run_id: str, readings: StoredReadings) -> StoredReadings:
    """The readings of images that show what was read."""
    said = read_predictions(project.run_path(run_id))
    assert said.hashes is not None, "a run that was read has hashes"
    is_unknown = (said.hashes == np.frombuffer(NO_HASH, np.uint8)).all(axis=1)  # an older version noted no content
    current = set(said.image_ids[said.of_contents(contents_now(project)) | is_unknown].tolist())
    is_kept = np.fromiter((i in current for i in readings.image_ids.tolist()), bool, len(readings.image_ids))
    return replace(
        readings, image_ids=readings.image_ids[is_kept], places=readings.places[is_kept],
        probabilities=readings.probabilities[is_kept],
    )


def _said(project: Project, run_id: str, image_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Row in the catalog of the class that the run says of each image, −1 where it says none."""
    class_ids = np.array(find_run(project, run_id).figures["class_ids"], np.int64)
    said = read_predictions(project.run_path(run_id))
    by_id = dict(zip(said.image_ids.tolist(), class_ids[said.probabilities.argmax(axis=1)].tolist(), strict=True))
    return np.array([by_id.get(int(i), -1) for i in image_ids], np.int64)


def _lines(
    readings: StoredReadings, members: NDArray[np.int64], stands_for: Mapping[int, str]
) -> tuple[ReadAs, ...]:
    surest_first = members[np.argsort(-readings.probabilities[members], kind="stable")]
    found: dict[int, list[int]] = {}
    for row in surest_first:
        found.setdefault(int(readings.places[row]), []).append(int(readings.image_ids[row]))
    most_first = sorted(found.items(), key=lambda pair: (-len(pair[1]), readings.names[pair[0]]))
    return tuple(
        ReadAs(readings.indices[place], readings.names[place], stands_for.get(readings.indices[place], ""),
               tuple(ids), len(ids) / len(members))
        for place, ids in most_first
    )

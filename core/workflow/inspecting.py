"""All that the project itself knows about one image: its row, what a run says of it, where it is twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import RunError
from core.images.files import find_changed_files
from core.jobs import JobContext
from core.project.classes import list_classes
from core.project.rows import ImageRow, image_row, refs_of, same_content
from core.project.predictions import PredictionRow, list_predictions
from core.runs.predictions import OUT_OF_FOLD, read_answer
from core.project.project import Project
from core.project.runs import RunRow
from core.review.inspection import InspectInput
from core.training.strategies.transfer import TransferSettings


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a run finds one class.

    Attributes:
        class_id: Its row in the catalog; None for a class that the project no longer has.
        name: Its name now, or as the run knew it.
        p: Probability, 0 … 1.
    """

    class_id: int | None
    name: str
    p: float


@dataclass(frozen=True, slots=True)
class Look:
    """One image, as far as it can be told at once.

    Attributes:
        row: The image.
        chances: What the run says, the likeliest first; empty if it says nothing. They need not add up
            to 1 where only the likeliest class is on record.
        is_held_back: The run's model had not seen the image although it had a label.
        twins: Other images with the same bytes.
        file_changed: The file has another content than the last import saw; what is known is not of it.
    """

    row: ImageRow
    chances: tuple[Chance, ...]
    is_held_back: bool
    twins: tuple[ImageRow, ...]
    file_changed: bool = False

    @property
    def says(self) -> Chance | None:
        """The likeliest class."""
        return self.chances[0] if self.chances else None

    @property
    def is_mistake(self) -> bool:
        """Whether the run says another class than the person."""
        said = self.says
        return said is not None and self.row.class_id is not None and said.class_id != self.row.class_id

    def top_chances(self, n: int) -> tuple[Chance, ...]:
        """The n likeliest, the last of them giving way to the label's class if that is further down."""
        top = self.chances[:n]
        label = next((c for c in self.chances[n:] if c.class_id == self.row.class_id), None)
        return top if label is None or self.row.class_id is None else (*top[:n - 1], label)


def look_at(project: Project, image_id: int, *, run: RunRow | None = None) -> Look:
    """What the project knows about an image; quick enough to be asked at each step through a list.

    Raises:
        InputError: There is no such image.
        ProjectDamaged, StorageError: The catalog cannot be read.
    """
    row = image_row(project, image_id)
    if row.status == "ok" and find_changed_files(refs_of([row]), JobContext()):
        return Look(row, (), False, (), file_changed=True)
    said = next(iter(list_predictions(project, run.id, (image_id,))), None) if run is not None else None
    chances = _chances(project, run, said, row.content_hash) if run is not None and said is not None else ()
    is_held_back = said is not None and said.kind == OUT_OF_FOLD
    return Look(row, chances, is_held_back, same_content(project, row))


def prepare_inspection(project: Project, row: ImageRow, *, run: RunRow | None = None) -> InspectInput | None:
    """What to ask the engine about an image; None where it cannot be read as the project knows it."""
    if row.status != "ok" or row.content_hash is None or find_changed_files(refs_of([row]), JobContext()):
        return None
    folder = None if run is None else project.run_path(run.id)
    return InspectInput(refs_of([row])[0], project.folder, inspection_backbone(run), run=folder)


def inspection_backbone(run: RunRow | None) -> str:
    """Whose eyes an image is looked at with: those of the run, else the usual ones."""
    return run.backbone if run is not None and run.backbone else str(TransferSettings().backbone)


def _chances(
    project: Project, run: RunRow, said: PredictionRow, content_hash: bytes | None
) -> tuple[Chance, ...]:
    names_now = {c.id: c.name for c in list_classes(project)}
    try:
        probabilities = read_answer(project.run_path(run.id), said.image_id, content_hash)
    except RunError:  # the catalog still knows the likeliest class
        probabilities = None
    names = run.figures.get("classes") or ()
    if probabilities is None or len(names) != len(probabilities):
        return _known_chances(said, names_now)
    class_ids = _class_ids(run, names, names_now, probabilities, said)
    order = np.argsort(-probabilities, kind="stable")
    return tuple(
        Chance(class_ids[i], names_now.get(class_ids[i] or 0, names[i]), float(probabilities[i])) for i in order
    )


def _class_ids(
    run: RunRow, names: Sequence[str], names_now: dict[int, str], probabilities: NDArray[np.float32],
    said: PredictionRow,
) -> list[int | None]:
    """The class of each of the run's columns, None for those that are gone.

    By id where the run recorded ids; else by name, and the likeliest by what the catalog says, so
    that a class that was renamed since is still found.
    """
    recorded = run.figures.get("class_ids")
    if recorded and len(recorded) == len(names):
        return [i if i in names_now else None for i in recorded]
    ids_now = {name: class_id for class_id, name in names_now.items()}
    found = [ids_now.get(name) for name in names]
    if said.class_id in names_now:
        found[int(probabilities.argmax())] = said.class_id
    return found


def _known_chances(said: PredictionRow, names_now: dict[int, str]) -> tuple[Chance, ...]:
    """From the catalog alone: the likeliest class, and of two classes the other."""
    class_id = said.class_id if said.class_id in names_now else None
    best = Chance(class_id, names_now.get(said.class_id, "?"), said.confidence)
    others = [i for i in names_now if i != said.class_id]
    if len(others) != 1 or class_id is None:
        return (best,)
    return best, Chance(others[0], names_now[others[0]], 1 - said.confidence)

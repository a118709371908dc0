"""What the mistakes of a run are read as by ImageNet, class by class, beside the images of the class that are right.

Only stored embeddings are read; images without one are counted. Counts are of labels as they are now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.files.tables import harmless, write_csv
from core.imagenet.readings import ReadingInput, ReadingResult
from core.project.project import Project
from core.project.rows import image_refs
from core.project.runs import RunRow
from core.review.novelty import backbone_to_compare
from core.workflow.confusion import Judged


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """Images of one class with the same likeliest ImageNet class.

    Attributes:
        name: Of the ImageNet class.
        wrong_ids, right_ids: Images that the run gets wrong, and right; those that are read most surely first.
    """

    name: str
    wrong_ids: tuple[int, ...]
    right_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadingsOfClass:
    """One class.

    Attributes:
        class_id: Row in the catalog.
        name: As it is called now.
        lines: Those of most mistakes first, then those of most right images.
    """

    class_id: int
    name: str
    lines: tuple[ReadingLine, ...]

    @property
    def wrong_ids(self) -> tuple[int, ...]:
        """All mistakes of the class that were read."""
        return tuple(i for line in self.lines for i in line.wrong_ids)

    @property
    def right_ids(self) -> tuple[int, ...]:
        """All right ones that were read."""
        return tuple(i for line in self.lines for i in line.right_ids)


@dataclass(frozen=True, slots=True)
class MistakeReadings:
    """What all mistakes are read as.

    Attributes:
        backbone: Whose classifier read them.
        classes: Those with judged images, in the order of the matrix.
        n_without: Judged images without an embedding, which are not among them.
    """

    backbone: str
    classes: tuple[ReadingsOfClass, ...]
    n_without: int

    @property
    def n_wrong(self) -> int:
        """Mistakes that were read."""
        return sum(len(one.wrong_ids) for one in self.classes)


def prepare_readings(project: Project, run: RunRow, judged: Judged) -> ReadingInput:
    """What to read for the judged images of a run.

    Raises:
        ProjectDamaged, StorageError: The catalog cannot be read.
    """
    images = image_refs(project, judged.image_ids)
    backbone = backbone_to_compare(run.backbone)
    return ReadingInput(images, project.embeddings_path, backbone, top=1, only_stored=True)


def tabulate_mistakes(judged: Judged, asked: ReadingInput, found: ReadingResult) -> MistakeReadings:
    """Count by class what was read.

    Args:
        judged: The images by their labels as they are now; images that were not asked about are left out.
        asked: What was asked about them.
        found: The answer.
    """
    by_class: dict[int, dict[str, list[tuple[float, int, bool]]]] = {}
    for image_id, label, predicted in zip(
            judged.image_ids.tolist(), judged.label_ids.tolist(), judged.predicted_ids.tolist(), strict=True):
        reading = found.by_image.get(image_id)
        if reading:
            name, p = reading[0]
            by_class.setdefault(label, {}).setdefault(name, []).append((-p, image_id, label != predicted))
    classes = tuple(
        ReadingsOfClass(one.class_id, one.name, _lines(by_class[one.class_id]))
        for one in judged.classes if one.class_id in by_class)
    return MistakeReadings(asked.backbone, classes, len(found.without))


def _lines(by_name: Mapping[str, list[tuple[float, int, bool]]]) -> tuple[ReadingLine, ...]:
    lines = [
        ReadingLine(name, tuple(i for _, i, is_wrong in sorted(read) if is_wrong),
                    tuple(i for _, i, is_wrong in sorted(read) if not is_wrong))
        for name, read in by_name.items()]
    return tuple(sorted(lines, key=lambda line: (-len(line.wrong_ids), -len(line.right_ids), line.name)))


def write_mistake_readings(path: Path, readings: MistakeReadings) -> int:
    """Write the table as CSV `class, imagenet_class, wrong, right` (counts of images); returns the number of lines.

    Args:
        path: The file; “-” for the standard output.

    Raises:
        InputError, StorageError: See `open_to_replace`.
    """
    return write_csv(path, ("class", "imagenet_class", "wrong", "right"), (
        (harmless(one.name), harmless(line.name), len(line.wrong_ids), len(line.right_ids))
        for one in readings.classes for line in one.lines))

"""The labelled images and classes that a training starts from, as they are at one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.project.catalog import damaged
from core.project.project import Project
from core.project.rows import REF_COLUMNS, image_ref, require_hashes
from core.types import ImageRef


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Labelled images and their labels, ordered by row.

    Attributes:
        images: The images, n_images of them.
        labels: Index into `classes` of each image, (n_images,) int64.
        classes: Names of the classes that have images (or of all), in the order of the project.
        class_ids: Their rows in the catalog.
    """

    images: tuple[ImageRef, ...]
    labels: np.ndarray
    classes: tuple[str, ...]
    class_ids: tuple[int, ...]


def take_snapshot(project: Project, *, split: str = "train", has_empty_classes: bool = False) -> Snapshot:
    """The labelled, readable images of a split; not those whose label was given to an earlier version of the file.

    Args:
        project: An open project.
        split: "train" or "test".
        has_empty_classes: Whether classes without an image count too.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    sql = (
        f"SELECT {REF_COLUMNS}, i.class_id FROM image i JOIN source s ON s.id = i.source_id "
        "WHERE i.status = 'ok' AND i.split = ? AND i.class_id IS NOT NULL AND i.label_content IS NULL ORDER BY i.id"
    )
    rows = project.catalog.rows(sql, (split,))
    require_hashes(project, [row[3] for row in rows])
    used = {row[-1] for row in rows}
    names = project.catalog.rows("SELECT id, name FROM class WHERE deleted = 0 ORDER BY position, id")
    if not used <= {i for i, _ in names}:
        raise damaged(project.folder, "project.label_without_class")
    class_ids = tuple(i for i, _ in names if has_empty_classes or i in used)
    classes = tuple(name for i, name in names if i in class_ids)
    index = {class_id: i for i, class_id in enumerate(class_ids)}
    labels = np.fromiter((index[row[-1]] for row in rows), np.int64, len(rows))
    images = tuple(image_ref(*row[:-1]) for row in rows)
    return Snapshot(images, labels, classes, class_ids)

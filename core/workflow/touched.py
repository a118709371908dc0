"""How many training and how many test images an act is about, counted and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.project.catalog import as_json
from core.project.project import Project
from core.text import Message


@dataclass(frozen=True, slots=True)
class Touched:
    """Images of either part.

    Attributes:
        train_ids, test_ids: (n,) int64, in the order in which they were given.
    """

    train_ids: np.ndarray
    test_ids: np.ndarray

    @property
    def is_mixed(self) -> bool:
        """Whether there are images of both parts."""
        return bool(len(self.train_ids) and len(self.test_ids))

    @property
    def words(self) -> Message:
        """“24 training images and 18 test images”, or one of both."""
        return say_parts(len(self.train_ids), len(self.test_ids))


def split_touched(project: Project, image_ids: Sequence[int] | np.ndarray) -> Touched:
    """The training and the test images among some.

    Raises:
        ProjectDamaged, StorageError: See `Catalog.rows`.
    """
    ids = np.asarray(image_ids, np.int64)
    sql = "SELECT i.id FROM json_each(?) j CROSS JOIN image i ON i.id = j.value WHERE i.split = 'test'"
    rows = project.catalog.rows(sql, (as_json(ids),))
    is_test = np.isin(ids, np.fromiter((row[0] for row in rows), np.int64, len(rows)))
    return Touched(ids[~is_test], ids[is_test])


def say_parts(n_train: int, n_test: int) -> Message:
    """“24 training images and 18 test images”, or one of both; “0 images” without any."""
    train, test = Message("text.training_images", n=n_train), Message("text.test_images", n=n_test)
    if n_train and n_test:
        return Message("text.list_and", first=train, last=test)
    return test if n_test else train if n_train else Message("text.images", n=0)

"""Projects of which only the names of the images matter, and what is written into their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.project.label_csv import LabelCsvSummary, import_labels
from core.project.project import Project
from tests.conftest import draw_picture
from tests.project_acts import import_folder


class Desk:
    """A project over some images, and tables for it.

    Attributes:
        folder: Holds the images in `train` and `test`.
    """

    def __init__(self, folder: Path, project: Project) -> None:
        self.folder, self.project = folder, project

    def read(self, text: str | bytes, name: str = "table.csv", **options: str) -> LabelCsvSummary:
        """Label from a table of this text."""
        table = self.folder / name
        table.write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_labels(self.project, table, **options)

    def labels(self, split: str = "train") -> dict[str, str]:
        """The label of each labelled image."""
        sql = ("SELECT i.name, c.name FROM image i JOIN class c ON c.id = i.class_id "
               "WHERE i.split = ? ORDER BY i.sort_key")
        return dict(self.project.catalog.rows(sql, (split,)))


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    """Make a project from names of training and test images."""
    with ExitStack() as stack:

        def make(train: Iterable[str], test: Iterable[str] = (), *, with_labels: bool = False) -> Desk:
            project = stack.enter_context(Project.create(tmp_path / "p.catalejo"))
            for split, names in (("train", train), ("test", test)):
                for i, name in enumerate(names):
                    path = tmp_path / split / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        draw_picture(i + 1000 * (split == "test"), "red", (8, 8)).save(file, "PNG")
                if (tmp_path / split).is_dir():
                    import_folder(project, tmp_path / split, split=split,
                                  with_labels=with_labels and split == "train")
            return Desk(tmp_path, project)

        yield make

"""Projects for the tests of the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.project.project import Project
from tests.project_acts import import_folder


@pytest.fixture
def empty_project(tmp_path: Path) -> Iterator[Project]:
    """A project without images."""
    with Project.create(tmp_path / "empty.catalejo") as project:
        yield project


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """`image_folder` imported with its labels: 20 good pictures (10 blue, 10 red) and one unreadable."""
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, image_folder)
        yield made

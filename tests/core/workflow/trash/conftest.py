"""A project of copies, and a trash that is not the user's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.project.project import Project
from core.workflow import system_trash
from tests.project_acts import import_folder
from tests.trash_acts import draw_copies, trash_as_specified


@pytest.fixture(autouse=True)
def readable_trash() -> None:
    """Elsewhere the system's own trash puts files back."""
    if sys.platform in ("win32", "darwin"):
        pytest.skip("another system's own trash")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Six pictures, the last three copies of the first three, and a trash of their own."""
    monkeypatch.setattr(system_trash, "send2trash", lambda path: trash_as_specified(tmp_path, Path(path)))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with Project.create(tmp_path / "p") as project:
        draw_copies(tmp_path / "pictures" / "red")
        import_folder(project, tmp_path / "pictures")
        yield project

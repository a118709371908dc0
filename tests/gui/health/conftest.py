"""Drawn pictures for the data check, and their embeddings, which are computed once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.project.project import Project
from core.tasks import run_here
from core.workflow.health import prepare_health
from tests.conftest import draw_picture
from tests.project_acts import import_folder

GiveEmbeddings = Callable[[Project], None]


def draw_reds_and_blues(train: Path) -> None:
    """Small reds, large blues, twelve each; one red among the blues."""
    for name, size, seed in (("red", (96, 72), 0), ("blue", (160, 120), 100)):
        (train / name).mkdir(parents=True)
        for i in range(12):
            draw_picture(seed + i, name, size).save(train / name / f"{name}_{i}.png")
    draw_picture(55, "red", (96, 72)).save(train / "blue" / "stray.png")


@pytest.fixture(scope="session")
def checked_embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a check of these pictures embedded; by content, so that it holds for all copies of them."""
    home = tmp_path_factory.mktemp("checked")
    draw_reds_and_blues(home / "train")
    with Project.create(home / "drawn.catalejo") as project:
        import_folder(project, home / "train")
        run_here("check-health", prepare_health(project))
        return project.embeddings_path


@pytest.fixture
def give_embeddings(checked_embeddings: Path) -> GiveEmbeddings:
    """Lets a new project of these pictures have them."""
    def give(project: Project) -> None:
        shutil.copytree(checked_embeddings, project.embeddings_path)

    return give

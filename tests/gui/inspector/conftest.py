"""An inspector over a drawn project with a run, and a runner whose jobs can be held back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.embeddings.embed import EmbedInput, embed_images
from core.jobs import JobContext
from core.project.classes import add_class, list_classes
from core.project.predictions import record_predictions
from core.runs.predictions import NO_HASH, OUT_OF_FOLD, RunPredictions, as_rows
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import ImageRow, image_refs, image_rows
from core.project.runs import RunRow, record_run
from core.runs.sums import PREDICTIONS_NAME
from gui.inspector.inspector import Inspector
from gui.furnish import build_context
from gui.jobs import Job
from gui.widgets.thumbnails import ProjectThumbnails
from gui.main_window import MainWindow
from gui.preferences import Preferences
from gui.session import Session
from gui.session_jobs import SessionJobs
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder

CLASSES = ("blue", "red", "green", "grey", "white", "black", "brown")
CHANCES = (0.5, 0.001, 0.2, 0.15, 0.1, 0.04, 0.009)
"""What the run says of each class: of a red picture that it is blue, and red the least likely of all."""


class HeldRunner(RunnerNow):
    """Runs nothing by itself: `run_all` does."""

    def __init__(self) -> None:
        super().__init__({"train": "tests.jobs_for_tests:echo"})
        self.started: list[Job] = []
        self.job_started.connect(self.started.append)

    def _hand_over(self, job: Job) -> None:
        self._handed.append(job)


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that a test of the inspector needs."""

    inspector: Inspector
    session: Session
    runner: HeldRunner
    thumbnails: ProjectThumbnails
    rows: dict[str, ImageRow]

    def choose(self, name: str) -> ImageRow:
        row = self.rows[name]
        self.session.choose_image(row.id)
        return row

    def settle(self) -> None:
        """Let the inspector hear of changed labels, which it shows with the next turn."""
        QApplication.processEvents()


@pytest.fixture
def drawn(tmp_path: Path, image_folder: Path) -> Project:
    """`image_folder`, `red_0.png` twice, seven classes, and a run that takes all for blue."""
    copyfile(image_folder / "red" / "red_0.png", image_folder / "blue" / "same.png")
    project = Project.create(tmp_path / "drawn.catalejo")
    import_folder(project, image_folder)
    for name in CLASSES[2:]:
        add_class(project, name)
    ids = image_ids(project)
    classes = {c.name: c.id for c in list_classes(project)}
    probabilities = np.tile(np.array(CHANCES, np.float32), (len(ids), 1))
    kinds = np.full(len(ids), OUT_OF_FOLD, np.uint8)
    record_run(project, RunRow("r", "transfer", "efficientnet-lite0", 0, 20, figures={"classes": list(CLASSES)}))
    class_ids = tuple(classes[name] for name in CLASSES)
    record_predictions(project, "r", RunPredictions(ids, kinds, probabilities), class_ids)
    project.run_path("r").mkdir(parents=True)
    hashes = as_rows([row.content_hash or NO_HASH for row in image_rows(project, ids)])
    np.savez(project.run_path("r") / PREDICTIONS_NAME, image_id=ids, kind=kinds, probabilities=probabilities,
             content_hash=hashes)
    return project


@pytest.fixture
def bench(drawn: Project, preferences: Preferences, qtbot: QtBot) -> Iterator[Bench]:
    """The inspector, shown at its first width; nothing is chosen."""
    runner = HeldRunner()
    window = MainWindow(preferences, runner)
    session = Session(window)
    thumbnails = ProjectThumbnails(session, parent=window)
    session.adopt(drawn)
    context = build_context(
        session, SessionJobs(session, runner, window), runner, preferences, thumbnails.cache, window)
    inspector = Inspector(context)
    qtbot.addWidget(inspector)
    inspector.resize(288, 900)
    inspector.show()
    rows = {row.name: row for row in image_rows(drawn, image_ids(drawn, ImageFilter(status=None)))}
    yield Bench(inspector, session, runner, thumbnails, rows)
    inspector.close_files()
    thumbnails.close()
    runner.close()
    session.close()
    window.deleteLater()  # closing it would ask about the jobs that are held back


@pytest.fixture
def embedded(drawn: Project) -> Project:
    """The same with embeddings."""
    images = image_refs(drawn, ImageFilter())
    embed_images(EmbedInput(images, "efficientnet-lite0", drawn.embeddings_path), JobContext())
    return drawn

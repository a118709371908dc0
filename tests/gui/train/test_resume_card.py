"""A training that was killed is offered, and goes on where it was."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import AppError
from core.project.classes import list_classes
from core.project.labels import set_labels
from core.project.queries import ImageFilter, image_ids
from gui.pages import PageContext
from tests.core.workflow.test_resuming import KILLED, SCRATCH
from tests.gui.conftest import RunnerNow
from tests.gui.train.conftest import BuildContext, show_page

HOME = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def killed_folder(embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose training was killed in its third epoch."""
    folder = Path(shutil.copytree(embedded, tmp_path_factory.mktemp("killed") / "drawn.catalejo"))
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), "scratch", json.dumps(SCRATCH), "2"], cwd=HOME,
        check=False, capture_output=True,
    )
    assert ended.returncode == -signal.SIGKILL
    return folder


@pytest.fixture
def project_folder(killed_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(killed_folder, tmp_path / "drawn.catalejo"))


@pytest.fixture
def killed(build_context: BuildContext, runner_now: RunnerNow) -> PageContext:
    """The page on a copy of it."""
    return build_context(runner_now)


def test_a_killed_training_is_offered_and_goes_on(killed: PageContext, runner_now: RunnerNow) -> None:
    page, watch = show_page(killed), killed.training
    assert page.resume.isVisible() and "done so far: 2 epochs" in page.resume.said.text()
    page.resume.go_on_button.click()
    runner_now.prepare_all()
    assert watch.job is not None and watch.job.inputs.strategy == "scratch"  # type: ignore[attr-defined]
    assert watch.job.inputs.resume_from is not None  # type: ignore[attr-defined]
    assert not page.resume.isVisible()
    watch.job.cancel()


def test_changed_labels_are_named_and_nothing_is_lost(
    killed: PageContext, runner_now: RunnerNow
) -> None:
    page, project = show_page(killed), killed.session.project
    one = image_ids(project, ImageFilter(is_labelled=True))[:1]
    set_labels(project, one.tolist(), list_classes(project)[-1].id)
    errors: list[AppError] = []
    runner_now.job_failed.connect(lambda _, error: errors.append(error))
    page.resume.go_on_button.click()
    runner_now.run_all()
    assert len(errors) == 1 and "labelled otherwise" in errors[0].sentence
    assert page.resume.isVisible()

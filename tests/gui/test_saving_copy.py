"""File → Save a copy: a job that can be cancelled; what is refused or left out is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project.project import Project
from core.project.queries import image_ids
from gui import saving_copy
from gui.cancelling import kept_if_cancelled
from gui.messages import Message
from gui.pages import PageContext
from tests.gui.conftest import RunnerNow
from tests.project_acts import import_folder


@pytest.fixture
def project_folder(tmp_path: Path, image_folder: Path) -> Path:
    with Project.create(tmp_path / "drawn.catalejo") as project:
        import_folder(project, image_folder)
        return project.folder


def test_a_copy_is_saved_beside_the_project_and_a_refused_one_says_why(
    context: PageContext, runner_now: RunnerNow, project_folder: Path, messages: list[Message],
    monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project_folder
    monkeypatch.setattr(saving_copy, "ask_for_folder", lambda *_: folder.parent)
    context.window.open_asked.emit(folder)
    (folder / "notes.txt").write_text("mine")
    context.window.actions_table.do("file.save_copy")
    runner_now.run_all()
    copy = folder.with_name("drawn 2.catalejo")
    assert str(copy) in messages[-1].sentence and "notes.txt" in messages[-1].sentence
    with Project.open(copy) as copied:
        assert len(image_ids(copied)) == 20
    assert context.session.project.folder == folder
    monkeypatch.setattr(saving_copy, "ask_for_folder", lambda *_: folder)
    context.window.actions_table.do("file.save_copy")
    assert "into itself" in messages[-1].sentence and not runner_now.is_busy
    monkeypatch.setattr(saving_copy, "ask_for_folder", lambda *_: folder.parent)
    context.window.actions_table.do("file.save_copy")
    job = runner_now.current
    assert job is not None and "copy" in kept_if_cancelled(job)
    context.window.actions_table.do("file.save_copy")
    assert not runner_now.waiting, "it is under way"
    job.cancel()
    runner_now.run_all()
    assert not folder.with_name("drawn 3.catalejo").exists()

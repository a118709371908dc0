"""“Open sample” opens a project that is trained already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.text import text
from gui.furnish import furnish
from gui.main_window import MainWindow
from gui.pages import PageContext
from gui.preferences import Preferences
from tests.gui.conftest import RunnerNow


@pytest.fixture
def context(
    qtbot: QtBot, preferences: Preferences, runner_now: RunnerNow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PageContext]:
    """The real window without a project; the user's data lie in the test's folder."""
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    window = MainWindow(preferences, runner_now)
    context = furnish(window, runner_now, preferences)
    window.show()
    yield context
    window.close()
    window.deleteLater()


def test_the_sample_opens_trained_and_beside_an_earlier_one(
    context: PageContext, runner_now: RunnerNow, tmp_path: Path
) -> None:
    tasks: list[str] = []
    runner_now.job_started.connect(lambda job: None if job.is_quiet else tasks.append(job.task))
    earlier = tmp_path / "data" / "sample" / "sample.catalejo"
    earlier.mkdir(parents=True)
    for _ in range(2):
        context.window.sample_asked.emit()
    assert [m.sentence for m in context.window.message_bar.messages] == [
        text("window.already_under_way", title=text("window.copying_sample"))]
    runner_now.run_all()
    assert tasks == ["copy-sample"], "nothing is trained or embedded"
    session = context.session
    assert session.is_open and session.run is not None and session.run.accuracy
    assert session.project.folder != earlier and not list(earlier.iterdir())
    first = session.project.folder
    session.close()
    context.window.sample_asked.emit()
    runner_now.run_all()
    assert session.project.folder == first

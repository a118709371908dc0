"""The start: a sound pair of Qt and Python, nothing heavy in the window's process, nothing lost with each call."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.errors import InputError
from gui.screen import check_qt_pair

HOME = Path(__file__).resolve().parents[2]

STARTED = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from gui import app
painted = []
def on_painted():
    painted.append(True)
    heavy = {
        "tensorflow", "keras", "openvino", "openTSNE", "sklearn", "scipy", "pyqtgraph", "typer", "h5py", "numpy",
        "PIL", "sqlite3", "gui.session", "gui.preferences_dialog", "importlib.metadata",
    } & set(sys.modules)
    print("heavy", sorted(heavy), flush=True)
    QTimer.singleShot(0, QApplication.instance().closeAllWindows)
app.JobRunner.warm = lambda runner: print("engine starts", flush=True)
def furnish(window, runner, preferences):
    window.open_asked.connect(lambda project: print("open", project.name, flush=True))
code = app.run(project=Path("guns.catalejo"), furnish=furnish, on_painted=on_painted)
print("code", code, bool(painted))
"""


def environment(home: Path) -> dict[str, str]:
    """Settings and logs in a folder of the test."""
    return {
        **os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(HOME), "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"),
    }


def test_the_window_opens_without_the_engines_libraries(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error::ResourceWarning", "-c", STARTED], env=environment(tmp_path), cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert ran.stdout.splitlines() == ["heavy []", "open guns.catalejo", "engine starts", "code 0 True"], ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "state" / "catalejo" / "log" / "catalejo.log").is_file() or sys.platform != "linux"


@pytest.mark.parametrize(
    ("python", "pyside", "is_sound"),
    [
        ((3, 11), (6, 12), False), ((3, 11, 7), (6, 12, 0), False), ((3, 11), (6, 13), False),
        ((3, 11), (6, 11, 3), True), ((3, 11), (6, 8, 1), True), ((3, 12), (6, 12), True),
        ((3, 13), (6, 12, 1), True),
    ],
)
def test_a_pair_that_would_abort_is_refused(
    python: tuple[int, ...], pyside: tuple[int, ...], is_sound: bool
) -> None:
    if is_sound:
        check_qt_pair(python, pyside)
    else:
        with pytest.raises(InputError, match=r"PySide6 6\.1\d crashes on Python 3\.11"):
            check_qt_pair(python, pyside)


def test_an_unsound_pair_ends_the_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from gui import app

    monkeypatch.setattr(app.PySide6, "__version_info__", (6, 12, 0, "", ""))
    monkeypatch.setattr(app.sys, "version_info", (3, 11, 7))
    assert app.run() == 2
    assert "PySide6 6.12 crashes on Python 3.11" in capsys.readouterr().err


def test_no_call_of_qt_loses_a_reference_to_none(qtbot: QtBot, qapp: QApplication) -> None:
    """PySide6 6.12.0 on Python 3.11 loses one with each call; a short run does not show it otherwise."""
    widget, other = QWidget(), QObject()
    qtbot.addWidget(widget)
    heard: list[str] = []
    other.objectNameChanged.connect(heard.append)

    def call_often() -> None:
        for n in range(300):
            widget.setObjectName("a")
            widget.setGeometry(QRect(0, 0, 10, 10))
            widget.move(QPoint(1, 1))
            widget.update()
            other.setObjectName(str(n))

    call_often()
    before = sys.getrefcount(None)
    call_often()
    assert len(heard) == 600
    assert abs(sys.getrefcount(None) - before) < 300

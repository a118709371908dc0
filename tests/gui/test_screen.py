"""No screen, or none that Qt can use: a sentence, before Qt could end the process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
import main
from core.errors import InputError
from gui.screen import check_connection, check_screen, needs_display_libraries

HOME = Path(__file__).resolve().parents[2]

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can be without a screen")


@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_a_screen_that_is_named_will_do(name: str) -> None:
    check_screen(environment={name: "x"}, system="linux")


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ""}])
def test_no_screen_is_said(environment: dict[str, str]) -> None:
    with pytest.raises(InputError, match="screen here") as caught:
        check_screen(environment=environment, system="linux")
    assert "--help" in caught.value.hint


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_always_have_one(system: str) -> None:
    check_screen(["libgl1"], environment={}, system=system)


def test_missing_libraries_are_named_as_one_line_to_type() -> None:
    with pytest.raises(InputError, match="libraries") as caught:
        check_screen(["libgl1", "libegl1"], environment={"DISPLAY": ":0"}, system="linux")
    assert caught.value.hint.endswith("apt-get install libgl1 libegl1")


@pytest.mark.parametrize(
    ("environment", "is_needed"),
    [
        ({"DISPLAY": ":0"}, True), ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False), ({"QT_QPA_PLATFORM": "xcb"}, True), ({}, False),
    ],
)
def test_libraries_of_the_display_are_asked_for_where_one_is_used(
    environment: dict[str, str], is_needed: bool
) -> None:
    assert needs_display_libraries(environment) is is_needed


@on_linux
def test_the_program_ends_with_a_sentence_where_there_is_no_screen() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    ran = subprocess.run(
        [sys.executable, "main.py"], env=environment | {"CATALEJO_NO_BOOTSTRAP": "1"}, cwd=HOME, capture_output=True,
        text=True, timeout=60, check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[0] == "There is no screen here for Catalejo’s window."
    assert len(ran.stderr.splitlines()) == 2


@on_linux
@pytest.mark.parametrize(
    "environment",
    [{"DISPLAY": ":4711"}, {"DISPLAY": "nonsense"}, {"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": "/nowhere"},
     {"DISPLAY": ":4711", "QT_QPA_PLATFORM": "xcb"}],
)
def test_a_screen_that_does_not_answer_is_said(environment: dict[str, str]) -> None:
    with pytest.raises(InputError, match="does not answer") as caught:
        check_connection(environment=environment)
    assert "--help" in caught.value.hint


@on_linux
def test_a_screen_that_answers_will_do(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        check_connection(environment={"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)})


def test_what_needs_no_screen_is_believed() -> None:
    check_connection(environment={"DISPLAY": ":4711", "QT_QPA_PLATFORM": "offscreen"}, system="linux")
    check_connection(environment={}, system="darwin")


@on_linux
def test_the_program_ends_with_a_sentence_where_the_screen_does_not_answer() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}
    ran = subprocess.run(
        [sys.executable, "main.py"], env=environment | {
            "CATALEJO_NO_BOOTSTRAP": "1", "DISPLAY": ":4711", "QT_QPA_PLATFORM": "xcb"},
        cwd=HOME, capture_output=True, text=True, timeout=60, check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert len(ran.stderr.splitlines()) == 2


@on_linux
def test_missing_libraries_end_the_start_before_qt_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "missing_qt_libraries", lambda *, with_display: ["libegl1"])
    assert main.main(["open", "nowhere"]) == 2
    assert "libegl1" in capsys.readouterr().err

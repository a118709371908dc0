"""The set-up: what is installed, when it counts as complete, and what it says when it cannot."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

HOME = Path(bootstrap.__file__).resolve().parent


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that set-up reads, with `bootstrap` looking there."""
    for name in ("setup.cfg", "constraints.txt"):
        shutil.copy(HOME / name, tmp_path)
    monkeypatch.setattr(bootstrap, "HOME", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    return tmp_path


def stamp(checkout: Path, *extras: str) -> None:
    python = bootstrap._python()
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()
    for extra in ("", *extras):
        bootstrap._stamp_file(extra).write_text(bootstrap._fingerprint())


def test_requirements_are_the_lines_without_the_reasons() -> None:
    lines = bootstrap.requirements()
    assert any(line.startswith("keras>=3.15.1") for line in lines)
    assert not any(line.startswith("#") for line in lines)
    assert not any(line.startswith("pytest") for line in lines)
    assert any(line.startswith("pytest-qt") for line in bootstrap.requirements("test"))


def test_every_requirement_is_pinned() -> None:
    pinned = {line.split("==")[0].lower().replace("_", "-")
              for line in (HOME / "constraints.txt").read_text().splitlines() if "==" in line}
    wanted = bootstrap.requirements("test")
    names = {line.split(";")[0].split(">")[0].split("=")[0].strip().lower() for line in wanted}
    assert names <= pinned


def test_complete_only_once_every_stamp_is_there(checkout: Path) -> None:
    assert not bootstrap._is_complete(())
    stamp(checkout)
    assert bootstrap._is_complete(())
    assert not bootstrap._is_complete(("test",))


def test_a_changed_requirement_asks_for_set_up_again(checkout: Path) -> None:
    stamp(checkout)
    with (checkout / "constraints.txt").open("a") as file:
        file.write("something==1\n")
    assert not bootstrap._is_complete(())


def test_an_interrupted_environment_is_not_complete(checkout: Path) -> None:
    stamp(checkout)
    bootstrap._python().unlink()
    assert not bootstrap._is_complete(())


def test_a_broken_environment_is_noticed(checkout: Path) -> None:
    stamp(checkout)
    assert not bootstrap._works(bootstrap._python())
    assert bootstrap._works(Path(sys.executable))


def test_too_old_python_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1, "final", 0))
    with pytest.raises(bootstrap.SetupError, match=r"3\.11 to 3\.13; this is 3\.9\.1"):
        bootstrap._check_python()


def test_missing_libraries_are_told_with_the_line_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OFFSCREEN_LIBRARIES", {"libnowhere.so.7": "libnowhere7"})
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    missing = bootstrap.missing_qt_libraries(with_display=False)
    assert missing == ["libnowhere7"]
    with pytest.raises(bootstrap.SetupError, match="sudo apt-get install -y .*libnowhere7"):
        bootstrap._apt_install(missing, "system libraries")


def test_a_failing_installation_shows_why_and_leaves_no_stamp(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "_python", lambda: Path(sys.executable))
    monkeypatch.setattr(bootstrap, "requirements", lambda *extras: ["./no-such-folder/x.whl"])
    bootstrap.VENV.mkdir()
    with pytest.raises(bootstrap.SetupError, match="could not be installed"):
        bootstrap._make(())
    assert not bootstrap._stamp_file("").exists()


def test_an_installed_package_makes_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "HOME", tmp_path)  # no setup.cfg beside it
    bootstrap.ensure()
    assert not list(tmp_path.iterdir())


def test_bootstrap_needs_the_standard_library_alone() -> None:
    code = "import sys; sys.path[:0] = [sys.argv[1]]; import bootstrap; print('pip' in sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-E", "-c", code, str(HOME)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

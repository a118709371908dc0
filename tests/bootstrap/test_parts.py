"""The parts of the set-up: requirements, stamps, probes, and what is said where it cannot go on."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from core import venv
from tests.bootstrap.checkouts import HOME, stamp


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


def test_this_very_environment_has_all_that_is_asked_for() -> None:
    found = venv.look_at(Path(sys.prefix), bootstrap.requirements("test"), ())
    assert found is not None and found.lacking == ()


def test_a_system_python_in_a_folder_is_no_environment(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    assert venv.look_at(tmp_path, (), ()) is None, "what is installed into it would go into the system"


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
        bootstrap._apt_install(missing, "libraries")


def test_a_full_disk_is_said_before_anything_is_made(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "SIZE_GB", 1e9)
    with pytest.raises(bootstrap.SetupError, match="GB are free"):
        bootstrap._make(())
    assert not bootstrap.VENV.exists()


def test_a_disk_that_fails_is_said_in_a_sentence(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(extras: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.delenv("CATALEJO_NO_BOOTSTRAP", raising=False)
    monkeypatch.setattr(bootstrap, "_make", fail)
    with pytest.raises(SystemExit) as caught:
        bootstrap.ensure()
    assert caught.value.code == 2 and "No space left" in capsys.readouterr().err


def test_an_installed_package_makes_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "HOME", tmp_path)  # no setup.cfg beside it
    bootstrap.ensure()
    assert not list(tmp_path.iterdir())


def test_bootstrap_needs_the_standard_library_alone() -> None:
    code = "import sys; sys.path[:0] = [sys.argv[1]]; import bootstrap; print('pip' in sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-E", "-c", code, str(HOME)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_probe_says_what_it_was_asked(tmp_path: Path) -> None:
    asked = json.dumps({"requirements": ["pip", "no-such-package>=1", "not a requirement"], "pins": ["pip==0.1"]})
    done = subprocess.run([sys.executable, "-c", venv.PROBE, asked], capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["lacking"] == ["no-such-package>=1", "not a requirement"] and said["other"] == ["pip"]

"""An environment that works is used; what it lacks is installed into it, or said."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

import bootstrap
from core import venv
from core.text import text
from tests.bootstrap.checkouts import all_of, leftovers, require, stamp, start, write_wheel


def test_what_is_set_up_starts_without_a_word_and_unchanged(program: Path) -> None:
    before = all_of(program / ".venv")
    done = start(program)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{program / '.venv'} 1.0\n", "")
    assert all_of(program / ".venv") == before


def test_the_fingerprint_knows_nothing_of_the_python_that_starts(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp(checkout)
    monkeypatch.setattr(sys, "version", "3.11.99 (another patch)")
    monkeypatch.setattr(sys, "version_info", (3, 12, 0, "final", 0))
    assert bootstrap._is_complete(())
    (checkout / ".venv" / "pyvenv.cfg").write_text("version = 3.12.1\n")
    assert not bootstrap._is_complete(())


def test_another_python_of_the_path_uses_what_is_there(program: Path) -> None:
    others = {os.path.realpath(found) for name in ("python3", "python3.11", "python3.12", "python3.13")
              for folder in ("/usr/bin", "/usr/local/bin") if (found := shutil.which(name, path=folder))}
    before = all_of(program / ".venv")
    for python in others - {os.path.realpath(sys.executable)}:
        done = start(program, python=python, PATH="/usr/bin")
        assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n"), done.stderr
    assert all_of(program / ".venv") == before


def test_lost_or_old_stamps_cost_no_installation(program: Path) -> None:
    bootstrap_stamp = program / ".venv" / "catalejo-run.stamp"
    bootstrap_stamp.write_text("of an older version of the program")
    shutil.rmtree(program / "wheels")
    done = start(program)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(bootstrap_stamp.read_text()) == 64


def test_a_starting_python_that_leads_elsewhere_does_no_harm(program: Path, tmp_path: Path) -> None:
    (program / ".venv" / "catalejo-run.stamp").unlink()
    done = start(program, PIP_TARGET=str(tmp_path / "away"), PYTHONPATH=str(tmp_path), PIP_USER="1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("pin", ["", "tiny==1.5"])
def test_what_is_new_is_installed_into_it(program: Path, pin: str) -> None:
    write_wheel(program / "wheels", "1.5")
    require(program, "tiny>=1.5", pin)
    (program / ".venv" / "kept").touch()
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.5\n"), done.stderr
    assert (program / ".venv" / "kept").exists() and not leftovers(program)
    assert start(program).stderr == ""


def test_without_a_network_what_does_is_used_and_what_lacks_is_said(program: Path) -> None:
    require(program, "tiny>=1", "tiny==1.5")
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n")
    assert text("setup.goes_on_untested", names="tiny") in done.stderr and "tiny" in done.stderr
    assert start(program).stderr == "", "once a day is enough"
    require(program, "tiny>=2")
    before = {name: c for name, c in all_of(program / ".venv").items() if not name.endswith(".stamp")}
    done = start(program)
    assert done.returncode == 2 and "could not be installed" in done.stderr and done.stdout == ""
    assert all_of(program / ".venv") == before, "the stamps are gone, for they are not true; all else is there"
    require(program, "tiny>=1")
    assert start(program).stdout == f"{program / '.venv'} 1.0\n"


def test_the_packages_of_an_extra_are_asked_for_too(program: Path) -> None:
    assert start(program, "test").stderr == ""
    assert (program / ".venv" / "catalejo-test.stamp").exists()


def test_a_package_that_was_half_installed_is_installed_again(program: Path) -> None:
    write_wheel(program / "wheels", "1.5")
    require(program, "tiny>=1.5")
    assert start(program).returncode == 0
    (info,) = (program / ".venv").rglob("tiny-1.5.dist-info")
    for name in ("RECORD", "INSTALLER"):
        (info / name).unlink()
    (program / ".venv" / "catalejo-run.stamp").unlink()
    found = venv.look_at(program / ".venv", ["tiny>=1.5"], [])
    assert found is not None and found.lacking == ("tiny>=1.5",)


def lose_package(program: Path) -> dict[str, bytes]:
    [module] = (program / ".venv").rglob("tiny.py")
    module.unlink()
    shutil.rmtree(module.parent / "__pycache__", ignore_errors=True)
    return all_of(program / ".venv")


def test_a_package_whose_files_are_gone_is_said_once_and_installed_again(program: Path) -> None:
    lose_package(program)
    done = start(program)
    assert done.returncode == 2 and "damaged: it lacks tiny" in done.stderr and "Traceback" not in done.stderr
    done = start(program)
    assert (done.returncode, done.stdout) == (0, f"{program / '.venv'} 1.0\n"), done.stderr
    assert start(program).stderr == ""


def test_without_a_network_all_that_does_not_need_the_lost_package_goes_on(program: Path) -> None:
    before = lose_package(program)
    shutil.rmtree(program / "wheels")
    assert start(program).returncode == 2
    done = start(program, idle="1")
    assert done.returncode == 0 and text("setup.goes_on_without", names="tiny") in done.stderr
    assert start(program, idle="1").stderr == ""
    assert before.keys() == all_of(program / ".venv").keys(), "nothing was taken out of it"


def test_a_lost_package_of_an_environment_behind_a_link_is_not_mended(program: Path, tmp_path: Path) -> None:
    (program / ".venv").rename(tmp_path / "real")
    (program / ".venv").symlink_to(tmp_path / "real")
    [module] = (tmp_path / "real").rglob("tiny.py")
    module.unlink()
    before = all_of(tmp_path / "real")
    done = start(program)
    assert done.returncode == 2 and "-m pip install --force-reinstall tiny" in done.stderr
    assert start(program).returncode == 2 and all_of(tmp_path / "real") == before


def test_a_module_of_the_program_itself_that_is_gone_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATALEJO_NO_BOOTSTRAP", raising=False)
    error = ModuleNotFoundError("No module named 'core.gone'", name="core.gone")
    with pytest.raises(ModuleNotFoundError):
        bootstrap.explain_lost_package(error)

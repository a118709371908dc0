"""What is no environment of its own is never changed: links, folders and files in its place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.text import text
from tests.bootstrap.checkouts import all_of, require, start, write_wheel


def test_a_link_to_an_environment_that_works_is_used_and_not_written_through(program: Path, tmp_path: Path) -> None:
    (program / ".venv").rename(tmp_path / "shared")
    (program / ".venv").symlink_to(tmp_path / "shared")
    (tmp_path / "shared" / "catalejo-run.stamp").unlink()
    before = all_of(tmp_path / "shared")
    done = start(program)
    assert (done.returncode, done.stderr) == (0, "")
    require(program, "tiny>=1", "tiny==9")
    assert start(program).returncode == 0
    require(program, "tiny>=2")
    write_wheel(program / "wheels", "2.0")
    done = start(program)
    assert done.returncode == 2 and "not changed" in done.stderr and "pip install 'tiny>=2'" in done.stderr
    assert all_of(tmp_path / "shared") == before and (program / ".venv").is_symlink()


@pytest.mark.parametrize("what", ["nothing", "folder", "file"])
def test_a_link_to_anything_else_is_refused(program: Path, tmp_path: Path, what: str) -> None:
    shutil.rmtree(program / ".venv")
    if what == "folder":
        (tmp_path / "away").mkdir()
        (tmp_path / "away" / "thesis.txt").write_text("years of work")
    elif what == "file":
        (tmp_path / "away").write_text("years of work")
    (program / ".venv").symlink_to(tmp_path / "away")
    before = all_of(tmp_path)
    done = start(program)
    assert done.returncode == 2 and "is a link to" in done.stderr
    after = all_of(tmp_path)
    assert {name: after[name] for name in before} == before


def test_an_environment_whose_libraries_lie_elsewhere_is_not_installed_into(program: Path, tmp_path: Path) -> None:
    (program / ".venv" / "lib").rename(tmp_path / "lib")
    (program / ".venv" / "lib").symlink_to(tmp_path / "lib")
    (program / ".venv" / "catalejo-run.stamp").unlink()
    assert start(program).returncode == 0
    require(program, "tiny>=2")
    write_wheel(program / "wheels", "2.0")
    done = start(program)
    assert done.returncode == 2 and not list((tmp_path / "lib").rglob("tiny-2.0*"))


@pytest.mark.parametrize("is_folder", [False, True])
def test_something_else_in_its_place_is_refused(program: Path, is_folder: bool) -> None:
    place = program / ".venv"
    shutil.rmtree(place)
    if is_folder:
        place.mkdir()
    (place / "thesis.txt" if is_folder else place).write_text("years of work")
    before = all_of(program)
    done = start(program)
    assert done.returncode == 2 and text("setup.no_environment", venv=program / ".venv") in done.stderr
    after = all_of(program)
    assert {name: after[name] for name in before} == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_checkout_that_cannot_be_written_runs(program: Path) -> None:
    (program / ".venv" / "catalejo-run.stamp").unlink()
    folders = [program, program / ".venv"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert start(program).returncode == 0
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_planted_lock_is_not_followed(program: Path, tmp_path: Path) -> None:
    (program / ".venv.lock").unlink(missing_ok=True)
    (program / ".venv.lock").symlink_to(tmp_path / "made")
    (program / ".venv" / "catalejo-run.stamp").unlink()
    require(program, "tiny>=7")
    done = start(program)
    assert done.returncode == 2 and "could not be set up" in done.stderr
    assert not (tmp_path / "made").exists()

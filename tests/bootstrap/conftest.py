"""A checkout that is set up: made once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import bootstrap

from tests.bootstrap.checkouts import HOME, MAIN, require, start, write_wheel


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that is set up, to be copied: an environment takes seconds to make."""
    folder = tmp_path_factory.mktemp("template") / "program"
    (folder / "core").mkdir(parents=True)
    for name in ("bootstrap.py", "core/__init__.py", "core/venv.py", "core/lost_package.py"):
        shutil.copy(HOME / name, folder / name)
    for name in ("core/text", "resources/locale"):
        shutil.copytree(HOME / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "main.py").write_text(MAIN)
    write_wheel(folder / "wheels", "1.0")
    require(folder, "tiny>=1")
    done = start(folder)
    assert (done.returncode, done.stdout) == (0, f"{folder / '.venv'} 1.0\n"), done.stderr
    return folder


@pytest.fixture
def program(template: Path, tmp_path: Path) -> Path:
    """A checkout that is set up, and was moved since."""
    folder = tmp_path / "program"
    shutil.copytree(template, folder, symlinks=True)
    return folder


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that set-up reads, with `bootstrap` looking there."""
    for name in ("setup.cfg", "constraints.txt"):
        shutil.copy(HOME / name, tmp_path)
    monkeypatch.setattr(bootstrap, "HOME", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    return tmp_path

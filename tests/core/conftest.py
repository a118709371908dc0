"""Commands as a user types them, and pictures to try them on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli import run_command
from tests.conftest import write_class_folder

Run = Callable[..., Any]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with --json and return its object."""

    def run_json(*arguments: object) -> Any:
        code = run_command([*map(str, arguments), "--json"])
        output, errors = capsys.readouterr()
        assert (code, errors) == (0, "")
        return json.loads(output)

    return run_json


@pytest.fixture
def fail(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that must end with a foreseen error; returns its sentence and hint."""

    def run_failing(*arguments: object) -> list[str]:
        assert run_command([*map(str, arguments), "--json"]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        lines = errors.strip().splitlines()
        assert len(lines) == 2, lines
        return lines

    return run_failing


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes of twelve to train on and five test pictures."""
    write_class_folder(tmp_path / "train" / "red", "red", 12)
    write_class_folder(tmp_path / "train" / "blue", "blue", 12, first_seed=100)
    write_class_folder(tmp_path / "test", "red", 3, first_seed=200)
    write_class_folder(tmp_path / "test", "blue", 2, first_seed=300)
    return tmp_path


@pytest.fixture
def project(pictures: Path, run: Run) -> Path:
    folder = pictures / "colours.catalejo"
    run("new", folder, "--from", pictures / "train", "--test", pictures / "test")
    return folder

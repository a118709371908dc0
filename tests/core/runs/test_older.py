"""Runs of earlier versions are converted where the project can be written, and lose nothing whatever happens."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.runs import repository
from core.runs.predictions import OLDER_NAME, read_predictions
from core.runs.repository import convert_older_runs, find_damage, read_run, read_whole
from core.runs.sums import PREDICTIONS_NAME
from tests.core.runs.test_repository import PREDICTIONS, make_record, write


def as_before(folder: Path, *, without: tuple[str, ...] = (), **changes: object) -> None:
    """Turn a run into one as version 0.1 left it: one archive, format 1."""
    content = json.loads((folder / "run.json").read_text("utf-8"))
    arrays = {path.stem: np.load(path) for path in (folder / PREDICTIONS_NAME).iterdir() if path.stem not in without}
    np.savez(folder / OLDER_NAME, **arrays)
    shutil.rmtree(folder / PREDICTIONS_NAME)
    content["files"] = {name: value for name, value in content["files"].items() if "/" not in name}
    content["files"][OLDER_NAME] = hashlib.sha256((folder / OLDER_NAME).read_bytes()).hexdigest()
    (folder / "run.json").write_text(json.dumps(content | {"format": 1} | changes), "utf-8")


def write_as_before(folder: Path, *, has_hashes: bool = True) -> None:
    """A run as version 0.1 left it, with notes in English."""
    write(folder)
    if has_hashes:
        np.save(folder / PREDICTIONS_NAME / "content_hash.npy", np.arange(64, dtype=np.uint8).reshape(2, 32))
    as_before(folder, notes=["Left out: “b”."])


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    write_as_before(tmp_path / "runs" / "r1")
    return tmp_path / "runs"


def require_same(folder: Path) -> None:
    """Record and predictions are those of before, in whichever form."""
    record, said = read_whole(folder)
    assert record.accuracy == make_record().accuracy and [str(note) for note in record.notes] == ["Left out: “b”."]
    assert said.hashes is not None and said.image_ids.tolist() == [7, 9]
    assert said.probabilities.tobytes() == PREDICTIONS.probabilities.tobytes()
    assert said.hashes.tobytes() == bytes(range(64)) and find_damage(folder) is None


def test_an_older_run_is_read_as_it_is(runs: Path) -> None:
    require_same(runs / "r1")


def test_it_is_converted_once(runs: Path) -> None:
    head = read_run(runs / "r1").files["head.weights.h5"]
    assert convert_older_runs(runs) == 1 and convert_older_runs(runs) == 0
    require_same(runs / "r1")
    assert not (runs / "r1" / OLDER_NAME).exists() and not list(runs.rglob("*.unfinished"))
    files = read_run(runs / "r1").files
    assert files["head.weights.h5"] == head and "predictions/probabilities.npy" in files and OLDER_NAME not in files
    path = runs / "r1" / PREDICTIONS_NAME / "kind.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\2")
    assert find_damage(runs / "r1") is not None, "the new arrays have checksums"


@pytest.mark.parametrize("step", ["write_predictions", "_is_same", "sum_files", "write_record"])
def test_killed_at_any_step_nothing_is_lost(runs: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def die(*_: object) -> None:
        os._exit(9)

    child = os.fork()
    if not child:
        monkeypatch.setattr(repository, step, die)
        convert_older_runs(runs)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    require_same(runs / "r1")
    assert convert_older_runs(runs) == 1
    require_same(runs / "r1")
    assert not list(runs.rglob("*.unfinished"))


def test_arrays_that_read_back_otherwise_are_not_believed(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "_is_same", lambda *_: False)
    assert convert_older_runs(runs) == 0
    assert (runs / "r1" / OLDER_NAME).is_file() and not (runs / "r1" / PREDICTIONS_NAME).exists()
    require_same(runs / "r1")


def test_a_full_disk_changes_nothing(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for step in ("write_predictions", "write_record"):
        with monkeypatch.context() as patch:
            patch.setattr(repository, step, fail)
            assert convert_older_runs(runs) == 0
        require_same(runs / "r1")


@pytest.mark.parametrize("name", [OLDER_NAME, "run.json"])
def test_a_damaged_run_stays_as_it_is(runs: Path, name: str) -> None:
    path = runs / "r1" / name
    path.write_bytes(path.read_bytes()[:-9])
    before = {file.name: file.read_bytes() for file in (runs / "r1").iterdir()}
    assert convert_older_runs(runs) == 0
    assert {file.name: file.read_bytes() for file in (runs / "r1").iterdir()} == before


def test_what_is_reached_through_a_link_is_left_alone(runs: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (runs / "r1").rename(elsewhere)
    (runs / "r1").symlink_to(elsewhere)
    assert convert_older_runs(runs) == 0 and (elsewhere / OLDER_NAME).is_file()
    (tmp_path / "linked").symlink_to(runs)
    assert convert_older_runs(tmp_path / "linked") == 0


def test_contents_that_only_the_snapshot_noted_are_kept(tmp_path: Path) -> None:
    write_as_before(tmp_path / "runs" / "r1", has_hashes=False)
    before = read_predictions(tmp_path / "runs" / "r1").hashes
    assert convert_older_runs(tmp_path / "runs") == 1
    after = read_predictions(tmp_path / "runs" / "r1").hashes
    assert before is not None and after is not None and after.tobytes() == before.tobytes()

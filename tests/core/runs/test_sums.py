"""A file of a run that is not as it was written is found before anything is said by it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.runs.predictions import read_answer, read_predictions
from core.runs.repository import find_damage, read_run, read_run_head
from core.runs.snapshot import read_snapshot
from core.runs.head import read_head
from core.runs.sums import find_damaged, noted_sums
from core.text import Message
from tests.core.runs.test_repository import write


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write(tmp_path / "r1")
    return tmp_path / "r1"


def flip_bit(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_whole_run_is_whole(run: Path) -> None:
    assert find_damaged(run) == "" and find_damage(run) is None
    assert len(read_predictions(run).image_ids) == 2


@pytest.mark.parametrize("at", [0.3, 0.6, 0.95])
def test_a_flipped_bit_in_the_head_is_found(run: Path, at: float) -> None:
    path = run / "head.weights.h5"
    flip_bit(path, int(path.stat().st_size * at))
    with pytest.raises(RunError, match="r1” is damaged: its file head.weights.h5"):
        read_run_head(run, read_run(run))
    assert find_damage(run) == Message("runs.its_file_changed", file="head.weights.h5")


@pytest.mark.parametrize("at", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("name", ["image_id", "kind", "probabilities"])
def test_a_flipped_bit_in_the_predictions_is_found(run: Path, name: str, at: float) -> None:
    path = run / "predictions" / f"{name}.npy"
    flip_bit(path, int(path.stat().st_size * at))
    for ask in (lambda: read_predictions(run), lambda: read_answer(run, 7, bytes(32))):
        with pytest.raises(RunError, match=f"r1” is damaged: its file predictions/{name}.npy"):
            ask()
    assert find_damage(run) == Message("runs.its_file_changed", file=f"predictions/{name}.npy")


def test_a_lost_file_is_found(run: Path) -> None:
    (run / "snapshot.csv").unlink()
    assert find_damage(run) == Message("runs.its_file_changed", file="snapshot.csv")


@pytest.mark.parametrize("files", [None, {"../other/secret": "00"}, [1], "x"])
def test_a_record_without_sums_is_believed(run: Path, files: object) -> None:
    content = json.loads((run / "run.json").read_text())
    content["files"] = files
    (run / "run.json").write_text(json.dumps(content))
    assert noted_sums(run) == {}
    assert np.isfinite(read_predictions(run).probabilities).all()


def _put_pipe(path: Path) -> None:
    os.mkfifo(path)


def _put_loop(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.skipif(os.name == "nt", reason="no such pipes and links")
@pytest.mark.parametrize("name", ["run.json", "head.weights.h5", "predictions/kind.npy", "snapshot.csv"])
@pytest.mark.parametrize("put", [_put_pipe, _put_loop, Path.mkdir])
def test_what_is_no_file_is_said_and_not_waited_for(run: Path, name: str, put: Callable[[Path], None]) -> None:
    (run / name).unlink()
    put(run / name)
    assert find_damage(run) is not None
    readers: dict[str, Callable[[Path], object]] = {
        "run.json": read_run, "head.weights.h5": lambda folder: read_head(folder / "head.weights.h5"),
        "predictions/kind.npy": read_predictions, "snapshot.csv": read_snapshot,
    }
    with pytest.raises(RunError):
        readers[name](run)

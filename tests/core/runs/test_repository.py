"""A run is whole or not there, and reads back as it was written."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError, StorageError
from core.review.metrics import class_figures, confusion_matrix
from core.runs import repository
from core.runs.predictions import RunPredictions, read_predictions
from core.runs.repository import read_run, read_run_head, take_file, write_run
from core.runs.snapshot import SnapshotRow, read_snapshot
from core.runs.head import Head
from core.runs.record import RunRecord
from core.text import Message
from core.training.unfinished import clear_hopeless

HEAD = Head(np.arange(8, dtype=np.float32).reshape(4, 2), np.array([0.5, -0.5], np.float32))
PREDICTIONS = RunPredictions(
    np.array([7, 9]), np.array([0, 1], np.uint8), np.array([[0.25, 0.75], [1, 0]], np.float32)
)
SNAPSHOT = (
    SnapshotRow(7, bytes(range(32)), Path("/pictures/=odd, “name”\n.jpg"), "niño"),
    SnapshotRow(8, bytes(32), Path(os.fsdecode(b"/pictures/\xff.jpg")), "gun"),
)


def make_record(**changes: object) -> RunRecord:
    confusion = confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    record = RunRecord(
        run="r1", created_at="2026-11-22T10:00:00+00:00", program_version="0.1.0", strategy="transfer",
        backbone="efficientnet-lite0", seed=0, settings={"n_folds": 5}, classes=("gun", "niño"), n_train=3,
        n_validation=3, accuracy=2 / 3, accuracy_kind="cross-validation", interval=(0.2, 0.9), log_loss=0.5,
        per_class=class_figures(confusion, ("gun", "niño")), confusion=tuple(map(tuple, confusion.tolist())),
        seconds=0.3, fit={"strength": 0.01}, notes=(Message("A note."), Message("text.runs", n=2)),
    )
    return dataclasses.replace(record, **changes)  # type: ignore[arg-type]


def write(folder: Path) -> None:
    write_run(folder, make_record(), head=HEAD, snapshot=SNAPSHOT, predictions=PREDICTIONS)


def test_round_trip(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "r1"
    write(folder)
    record = read_run(folder)
    assert dataclasses.replace(record, files={}) == make_record()
    assert sorted(record.files) == [
        "head.weights.h5", "predictions/image_id.npy", "predictions/kind.npy", "predictions/probabilities.npy",
        "snapshot.csv"]
    np.testing.assert_array_equal(read_run_head(folder, record).kernel, HEAD.kernel)
    found = read_predictions(folder)
    np.testing.assert_array_equal(found.image_ids, [7, 9])
    np.testing.assert_array_equal(found.kinds, [0, 1])
    np.testing.assert_array_equal(found.probabilities, PREDICTIONS.probabilities)
    assert read_snapshot(folder) == SNAPSHOT
    assert sorted(p.name for p in folder.iterdir()) == [
        "head.weights.h5", "predictions", "run.json", "snapshot.csv"
    ]


def test_a_run_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "r1")
    with pytest.raises(RunError) as caught:
        write(tmp_path / "r1")
    assert caught.value.message.code == "runs.exists"


@pytest.mark.parametrize("step", ["write_predictions", "write_rows", "write_head", "write_record", "put_in_place"])
def test_killed_at_any_step_leaves_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def die(*_: object) -> None:
        os._exit(9)

    child = os.fork()
    if not child:
        monkeypatch.setattr(repository, step, die)
        write(tmp_path / "r1")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert not (tmp_path / "r1").exists()
    with pytest.raises(RunError, match="no run"):
        read_run(tmp_path / "r1")
    assert clear_hopeless(tmp_path) == 1 and not any(tmp_path.iterdir())
    write(tmp_path / "r1")


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(repository, "write_head", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "r1")
    assert not any(tmp_path.iterdir())


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(repository, "write_head", fail)
    with pytest.raises(StorageError) as caught:
        write(tmp_path / "r1")
    assert caught.value.message.code == "files.disk_is_full"
    assert not any(tmp_path.iterdir())


def test_damage_is_a_run_error(tmp_path: Path) -> None:
    write(tmp_path / "r1")
    record = read_run(tmp_path / "r1")
    for name in ("run.json", "snapshot.csv", "predictions/kind.npy"):
        path = tmp_path / "r1" / name
        path.write_bytes(path.read_bytes()[:60])
    for read in (read_run, read_predictions, read_snapshot):
        with pytest.raises(RunError):
            read(tmp_path / "r1")
    with pytest.raises(RunError, match="2 classes"):
        read_run_head(tmp_path / "r1", dataclasses.replace(record, classes=("a", "b", "c")))


def test_a_snapshot_without_its_last_rows_is_damage(tmp_path: Path) -> None:
    """Images that a run learnt from would pass for test images."""
    write(tmp_path / "r1")
    path = tmp_path / "r1" / "snapshot.csv"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(RunError, match="its file snapshot.csv is not as it was written"):
        read_snapshot(tmp_path / "r1")


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "r1")
    path = tmp_path / "r1" / "run.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 2', '"format": 99'), encoding="utf-8")
    with pytest.raises(RunError, match="newer"):
        read_run(tmp_path / "r1")


def test_a_strategys_own_files_come_before_the_name(tmp_path: Path) -> None:
    folder, weights = tmp_path / "runs" / "r1", tmp_path / "best.weights.h5"
    weights.write_bytes(b"numbers")

    def add(unfinished: Path) -> None:
        assert not folder.exists()
        take_file(weights, unfinished)

    write_run(folder, make_record(), head=HEAD, snapshot=SNAPSHOT, predictions=PREDICTIONS, add_files=add)
    assert (folder / weights.name).read_bytes() == weights.read_bytes() == b"numbers"
    for error in (StorageError("No room.", "Make room."), OSError(28, "No space left")):
        def fail(unfinished: Path, error: Exception = error) -> None:
            raise error

        with pytest.raises(StorageError):
            write_run(tmp_path / "runs" / "r2", make_record(), head=HEAD, snapshot=SNAPSHOT,
                      predictions=PREDICTIONS, add_files=fail)
        assert [path.name for path in folder.parent.iterdir()] == ["r1"]

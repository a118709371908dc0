"""What is kept of a running training, and how the difference to the data of now is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.runs.snapshot import SnapshotRow
from core.text import Message
from core.training.unfinished import (
    PROGRESS_NAME, TRAINING_NAME, Begun, clear_hopeless, clear_working, describe_changed_settings,
    describe_difference, find_resumable, forget_unfinished, list_resumable, working_folder, write_begun,
)


def row(number: int, label: str) -> SnapshotRow:
    return SnapshotRow(number, number.to_bytes(32, "big"), Path(f"/pictures/{number}.jpg"), label)


ROWS = tuple(row(i, ("cat", "dog")[i % 2]) for i in range(6))


def begin(runs: Path, run: str, *, strategy: str = "scratch", n_epochs: int | None = 2, at: str = "") -> Path:
    """A training as it lies there after some epochs; None for none."""
    folder = working_folder(runs / run)
    (folder / "views").mkdir(parents=True)
    write_begun(folder, Begun(run, strategy, {"seed": 1}, at or f"2026-11-22T10:00:0{run[-1]}+00:00"), ROWS)
    if n_epochs is not None:
        text = json.dumps({"history": [{}] * n_epochs}).encode()
        np.savez(folder / PROGRESS_NAME, text=np.frombuffer(text, np.uint8))
    return folder


def test_what_can_be_gone_on_with_is_found_and_the_rest_is_cleared(tmp_path: Path) -> None:
    kept, other = begin(tmp_path, "r1"), begin(tmp_path, "r2", strategy="fine-tune")
    early, damaged = begin(tmp_path, "r3", n_epochs=None), begin(tmp_path, "r4")
    (damaged / PROGRESS_NAME).write_bytes(b"PK nothing")
    (tmp_path / "r5.unfinished").mkdir()
    (tmp_path / "r6").mkdir()
    assert [one.begun.run for one in list_resumable(tmp_path)] == ["r2", "r1"]
    found = find_resumable(kept)
    assert found is not None and found.n_epochs_done == 2 and not found.is_run and found.begun.settings == {"seed": 1}
    assert clear_hopeless(tmp_path) == 3 and not early.exists()
    forget_unfinished(tmp_path, "scratch")
    assert not kept.exists() and other.exists() and (tmp_path / "r6").exists()


@pytest.mark.parametrize("name", [TRAINING_NAME, "labels.csv", PROGRESS_NAME])
def test_a_damaged_or_missing_file_leaves_nothing_to_go_on_with(tmp_path: Path, name: str) -> None:
    path = begin(tmp_path, "r1") / name
    path.write_bytes(path.read_bytes()[:60])
    assert find_resumable(path.parent) is None
    path.unlink()
    assert find_resumable(path.parent) is None


def test_a_training_that_failed_keeps_only_what_it_can_go_on_with(tmp_path: Path) -> None:
    kept, early = begin(tmp_path, "r1"), begin(tmp_path, "r2", n_epochs=None)
    clear_working(kept)
    clear_working(early)
    assert not early.exists() and not (kept / "views").exists() and find_resumable(kept) is not None


@pytest.mark.parametrize(("now", "differences"), [
    (ROWS, {}),
    (ROWS[::-1], {}),
    (ROWS + (row(9, "cat"),), {"added": 1}),
    (ROWS[2:], {"removed": 2}),
    ((row(0, "dog"),) + ROWS[1:], {"relabelled": 1}),
    ((row(0, "dog"), row(8, "dog")) + ROWS[2:], {"added": 1, "removed": 1, "relabelled": 1}),
    (ROWS + (row(9, "emu"),), {"class_added": "emu"}),
    (ROWS[::2], {"class_removed": "dog"}),
])
def test_a_difference_is_counted(now: tuple[SnapshotRow, ...], differences: dict[str, int | str]) -> None:
    found = describe_difference(ROWS, now)
    assert {one.code.removeprefix("training.changed."): one.params.get("n", one.params.get("class_name"))
            for one in found} == differences


def test_changed_settings_are_named_with_both_values() -> None:
    before = {"mixup": 0.2, "n_epochs": 3, "seed": 0}
    now = {"mixup": 0.4, "n_epochs": 9, "seed": 0}
    changed = Message("training.changed.setting", setting="mixup", now=0.4, before=0.2)
    assert describe_changed_settings(before, now) == (changed,)
    assert describe_changed_settings(before, dict(before, patience=3)) == ()

"""What is kept of a cross-validation: each judged fold, whole, and only for the same images, labels and folds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.runs.snapshot import SnapshotRow
from core.training.fold_progress import DoneFold, FoldFacts, FoldKeeper, all_epochs
from core.training.settings import EpochFigures, StopReason
from core.training.unfinished import (
    FOLDS_NAME, PROGRESS_NAME, Begun, describe_changed_settings, find_resumable, working_folder, write_begun,
)


def judged(fold: int, n_epochs: int = 2) -> DoneFold:
    history = tuple(EpochFigures(epoch, 9, 1.0, 0.5, 0.7, 0.5, 1e-3, 1.0, 2.0, True, fold)
                    for epoch in range(1, n_epochs + 1))
    said = np.random.default_rng(fold).random((3, 2)).astype(np.float32)
    facts = FoldFacts(StopReason.NO_IMPROVEMENT, history, n_epochs, 0.75)
    return DoneFold(facts, {"said": said, "transfer": said / 2})


def test_folds_are_read_back_as_they_were(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    first = FoldKeeper(tmp_path, "a", None)
    first.add(judged(1))
    first.add(judged(2, n_epochs=3))
    again = FoldKeeper(elsewhere, "a", tmp_path)
    assert [one.facts for one in again.done] == [one.facts for one in first.done]
    assert [epoch.fold for epoch in all_epochs(again.done)] == [1, 1, 2, 2, 2]
    for one, other in zip(again.done, first.done, strict=True):
        assert all(np.array_equal(one.said[name], other.said[name]) for name in ("said", "transfer"))
    assert len(FoldKeeper(tmp_path, "a", elsewhere).done) == 2  # taken over into the folder that it works in
    assert FoldKeeper(elsewhere, "b", None).done == []


def test_folds_of_other_images_are_refused_and_damaged_ones_trained_again(tmp_path: Path) -> None:
    FoldKeeper(tmp_path, "a", None).add(judged(1))
    with pytest.raises(RunError, match="kept together"):
        FoldKeeper(tmp_path, "b", tmp_path)
    path = tmp_path / FOLDS_NAME
    path.write_bytes(path.read_bytes()[:200])
    assert FoldKeeper(tmp_path, "a", tmp_path).done == []


@pytest.mark.parametrize(("fold", "n_done"), [(2, 5), (3, 6), (0, 6)])
def test_epochs_of_all_folds_are_counted_once(tmp_path: Path, fold: int, n_done: int) -> None:
    """Two folds of two and three epochs are done; the state is that of the second, the third, or the final one."""
    folder = working_folder(tmp_path / "r1")
    folder.mkdir()
    row = SnapshotRow(1, bytes(32), Path("/a.jpg"), "cat")
    write_begun(folder, Begun("r1", "scratch", {"n_folds": 3}, "2026-11-22T10:00:00+00:00"), [row])
    keeper = FoldKeeper(folder, "a", None)
    keeper.add(judged(1))
    keeper.add(judged(2, n_epochs=3))
    history = [{"fold": fold}] * (3 if fold == 2 else 1)
    np.savez(folder / PROGRESS_NAME, text=np.frombuffer(json.dumps({"history": history}).encode(), np.uint8))
    found = find_resumable(folder)
    assert found is not None and found.n_epochs_done == n_done


def test_all_folds_are_trained_alike() -> None:
    before = {"n_folds": 5, "n_epochs": 10, "cache_gb": 1.0}
    assert describe_changed_settings(before, {**before, "cache_gb": 2.0}) == ()
    (said,) = describe_changed_settings(before, {**before, "n_epochs": 12})
    assert said.code == "training.changed.setting"
    assert describe_changed_settings({**before, "n_folds": 0}, {**before, "n_folds": 0, "n_epochs": 12}) == ()

"""Repeated cross-validation: the sets of folds are those that other seeds give, and mean and spread are theirs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from tests.core.conftest import Run


@pytest.mark.parametrize("strategy", ["transfer", "auto", "ensemble"])
def test_each_set_of_folds_is_that_of_another_seed(project: Path, run: Run, strategy: str) -> None:
    """Labels are drawn by lot, so that folds matter."""
    with Project.open(project) as opened:
        ids = [*image_ids(opened, ImageFilter(class_ids=(1,))), *image_ids(opened, ImageFilter(class_ids=(2,)))]
        order = np.random.default_rng(0).permutation(len(ids)).tolist()
        for class_id in (1, 2):
            set_labels(opened, [ids[at] for at in order[class_id - 1::2]], class_id)
    more = {"ensemble": ["--set", "voting=equal", "--set", "members=efficientnet-lite0, efficientnet-lite1"],
            "auto": ["--quick"]}.get(strategy, [])

    def train(seed: int, n_repeats: int) -> dict:
        return dict(run("train", project, "--strategy", strategy, "--seed", seed, "--set", "n_folds=3", "--set",
                        f"n_repeats={n_repeats}", *more))

    alone = [train(seed, 1) for seed in (3, 4, 5)]
    assert all("repeats" not in facts for facts in alone)
    facts = train(3, 3)
    repeats, accuracies = facts["repeats"], [one["accuracy"] for one in alone]
    assert len(set(accuracies)) > 1
    assert repeats["accuracies"] == pytest.approx(accuracies, abs=1e-6)
    assert repeats["mean"] == pytest.approx(np.mean(accuracies), abs=1e-6)
    assert repeats["spread"] == pytest.approx(np.std(accuracies, ddof=1), abs=1e-6)
    assert any("3 sets of folds" in note for note in facts["notes"])

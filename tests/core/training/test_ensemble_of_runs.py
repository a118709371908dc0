"""Finished runs as members: weighed out of fold where the folds agree, else refused; whole without their members."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import RunError
from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs
from core.review.calibrate import scale_rows
from core.runs.predictions import NEW, read_predictions
from core.runs.repository import find_damage, read_run
from core.training.ensemble import vote
from core.training.job import PredictRunInput, predict
from core.workflow.repeating import compare_repetition
from tests.core.conftest import Run

FOLDS = ("--set", "n_folds=3", "--set", "groups=duplicates")

SMALL = tuple(
    word for one in ("network=lenet", "width_px=16", "height_px=16", "n_epochs=1") for word in ("--set", one))


@pytest.fixture
def runs(project: Path, run: Run) -> list[str]:
    """Two members with the same folds and labels drawn by lot, so that they err."""
    with Project.open(project) as opened:
        ids = [*image_ids(opened, ImageFilter(class_ids=(1,))), *image_ids(opened, ImageFilter(class_ids=(2,)))]
        order = np.random.default_rng(0).permutation(len(ids)).tolist()
        for class_id in (1, 2):
            set_labels(opened, [ids[at] for at in order[class_id - 1::2]], class_id)
    return [str(run("train", project, "--strategy", "transfer", "--set", f"features={kind}", *FOLDS)["run"])
            for kind in ("final", "stages")]


def join(run: Run, project: Path, runs: list[str], *more: object) -> dict[str, Any]:
    return dict(run("train", project, "--strategy", "ensemble", "--set", f"runs={', '.join(runs)}", *more))


def test_runs_vote_and_predict_like_their_members(project: Path, run: Run, runs: list[str]) -> None:
    facts = join(run, project, runs, "--set", "voting=equal")
    folder = project / "runs" / facts["run"]
    record = read_run(folder)
    assert [one["run"] for one in record.fit["members"]] == runs and record.n_validation == 24
    assert find_damage(folder) is None and facts["accuracy_kind"] == "cross-validation"
    members, own = [read_predictions(project / "runs" / name) for name in runs], read_predictions(folder)
    new = own.kinds == NEW
    assert new.sum() == 5
    wanted = vote(np.stack([one.probabilities[one.kinds == NEW] for one in members]), np.array([0.5, 0.5]))
    np.testing.assert_allclose(own.probabilities[new], scale_rows(wanted, record.temperature), atol=1e-6)
    judged = vote(np.stack([one.probabilities[one.kinds != NEW] for one in members]), np.array([0.5, 0.5]))
    assert np.array_equal(judged.argmax(axis=1), own.probabilities[~new].argmax(axis=1))


def test_the_run_stands_without_its_members_and_breaks_with_its_files(
    project: Path, run: Run, runs: list[str],
) -> None:
    facts = join(run, project, runs, "--set", "voting=equal")
    for name in runs:
        shutil.rmtree(project / "runs" / name)
    before = read_predictions(project / "runs" / facts["run"])
    again = predict_all(project, facts["run"])
    np.testing.assert_allclose(again, before.probabilities[before.kinds == NEW], atol=1e-6)
    record = project / "runs" / facts["run"] / "member-2" / "run.json"
    record.write_text(record.read_text("utf-8").replace("stages", "final"), "utf-8")
    with pytest.raises(RunError, match="missing or damaged"):
        predict_all(project, facts["run"])


def predict_all(project: Path, name: str) -> np.ndarray:
    with Project.open(project) as opened:
        images = tuple(image_refs(opened, ImageFilter(split="test")))
        asked = PredictRunInput(opened.run_path(name), images, opened.embeddings_path)
        return predict(asked, JobContext()).probabilities


def test_a_network_that_was_trained_in_the_same_folds_votes_beside_a_head(
    project: Path, run: Run, runs: list[str],
) -> None:
    network = run("train", project, "--strategy", "scratch", *SMALL, *FOLDS)["run"]
    facts = join(run, project, [runs[0], network], "--set", "voting=equal")
    assert facts["n_validation"] == 24
    folds = [read_predictions(project / "runs" / name).folds for name in (runs[0], facts["run"])]
    assert folds[0] is not None and np.array_equal(folds[0], folds[1])


def test_a_repeated_ensemble_is_equal(project: Path, run: Run, runs: list[str]) -> None:
    facts = join(run, project, runs)
    again = run("train", project, "--like", facts["run"])
    with Project.open(project) as opened:
        assert compare_repetition(opened, facts["run"], again["run"]).is_equal


def test_what_does_not_fit_is_refused(project: Path, run: Run, fail: Run, runs: list[str]) -> None:
    def refused(*ids: str, more: tuple[str, ...] = ()) -> str:
        return str(fail("train", project, "--strategy", "ensemble", "--set", f"runs={','.join(ids)}", *more)[0])

    other = run("train", project, "--strategy", "transfer", "--seed", 9, *FOLDS)["run"]
    assert "different folds" in refused(runs[0], other)
    held_out = run("train", project, "--strategy", "scratch", *SMALL)["run"]
    assert "not cross-validated" in refused(runs[0], held_out)
    assert "at least two" in refused(runs[0], runs[0])
    assert "not of both" in refused(*runs, more=("--set", "members=efficientnet-lite0, efficientnet-lite1"))
    assert "other folds" in refused(*runs, more=("--set", "n_repeats=3"))
    assert "no run" in refused(runs[0], "nothing").lower()
    with Project.open(project) as opened:
        set_labels(opened, image_ids(opened, ImageFilter(class_ids=(1,)))[:2], None)
    assert "2 images were removed" in refused(*runs)

"""A training that is killed goes on to the very same weights; what is others now is refused by name."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from core.cli import console
from core.cli.commands import run_command
from core.errors import InputError, RunError, StorageError
from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.runs.predictions import read_predictions
from core.training.unfinished import working_folder
from core.training.settings import EpochFigures
from core.workflow.importing import new_project
from core.workflow.resuming import (
    prepare_resuming, resumable_trainings, start_from, train_as_asked,
)
from core.training.registry import make_settings
from core.workflow.runs import describe_runs
from core.workflow.training import prepare_training, train_project
from tests.conftest import write_class_folder
from tests.full_disk import FillingDisk

HOME = Path(__file__).resolve().parents[3]
SCRATCH = {"network": "lenet", "width_px": 16, "height_px": 16, "n_epochs": 4, "batch_size": 4, "seed": 3}
FINE_TUNE = {"n_blocks": 1, "n_variants": 2, "n_epochs": 3, "batch_size": 4, "learning_rate": 1e-4}

SCRATCH_IN_FOLDS = {**SCRATCH, "n_epochs": 3, "n_folds": 2}
FINE_TUNE_IN_FOLDS = {**FINE_TUNE, "n_epochs": 2, "n_folds": 2}

KILLED = """
import json, os, signal, sys
from pathlib import Path
from core.jobs import JobContext
from core.training.settings import EpochFigures
from core.workflow.training import train_project

seen, n_epochs = [], int([*sys.argv, "2"][4])

def is_time():
    # in the middle of the epoch that follows
    if sum(isinstance(e, EpochFigures) for e in seen) == n_epochs:
        seen.append(None)
        if len(seen) > n_epochs + 3:
            os.kill(os.getpid(), signal.SIGKILL)
    return False

train_project(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), JobContext(
    on_publish=seen.append, is_cancelled=is_time))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of twelve pictures a class."""
    write_class_folder(tmp_path / "train" / "red", "red", 12)
    write_class_folder(tmp_path / "train" / "blue", "blue", 12, first_seed=100)
    project = tmp_path / "p.catalejo"
    new_project(project, tmp_path / "train", None, JobContext())
    return project


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def run_json(*arguments: object) -> Any:
        code = run_command([*map(str, arguments), "--json"])
        output, errors = capsys.readouterr()
        assert (code, errors) == (0, ""), errors
        return json.loads(output)

    return run_json


def kill_after(n_epochs: int, folder: Path, strategy: str, chosen: dict[str, Any]) -> None:
    """A process of its own that ends by SIGKILL between two batches."""
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), strategy, json.dumps(chosen), str(n_epochs)], cwd=HOME,
        capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def stopping_after(n_epochs: int) -> JobContext:
    """Ends the job once that many epochs are complete."""
    seen: list[object] = []
    return JobContext(
        on_publish=seen.append, is_cancelled=lambda: sum(isinstance(e, EpochFigures) for e in seen) >= n_epochs)


def stopping_at(stage: str) -> JobContext:
    """Ends the job once that stage has begun."""
    seen: list[str] = []
    return JobContext(on_progress=lambda progress: seen.append(progress.stage.code),
                      is_cancelled=lambda: stage in seen)


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def assert_same_weights(one: Path, other: Path) -> None:
    first, second = arrays_of(one / "best.weights.h5"), arrays_of(other / "best.weights.h5")
    assert first and first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(("strategy", "chosen"), [
    pytest.param("scratch", SCRATCH, marks=pytest.mark.slow),
    pytest.param("fine-tune", FINE_TUNE, marks=pytest.mark.long),
])
def test_a_killed_training_goes_on_to_the_same_bits(
    folder: Path, run: Callable[..., Any], strategy: str, chosen: dict[str, Any],
) -> None:
    kill_after(2, folder, strategy, chosen)
    (found,) = run("runs", folder)["unfinished"]
    assert found["epochs"] == 2 and found["strategy"] == strategy
    with Project.open(folder) as project:
        anew = prepare_training(project, strategy, make_settings(strategy, chosen))
        assert anew.run != found["run"] and len(resumable_trainings(project)) == 1

        red = int(prepare_resuming(project).images[0].id)
        class_id = next(iter(project.catalog.rows("SELECT class_id FROM image WHERE id = ?", (red,))))[0]
        set_labels(project, [red], None)
        with pytest.raises(RunError, match="1 image was removed") as caught:
            prepare_resuming(project)
        assert "start" in caught.value.hint
        set_labels(project, [red], class_id)
        with pytest.raises(RunError, match="“learning_rate” is 0.5 instead of"):
            prepare_resuming(project, chosen={"learning_rate": 0.5})

    resumed = run("train", folder, "--resume")
    assert resumed["run"] == found["run"] and resumed["seed"] == chosen.get("seed", 0)
    assert [f["epoch"] for f in resumed["history"]] == list(range(1, chosen["n_epochs"] + 1))
    assert run("runs", folder)["unfinished"] == [] and len(run("runs", folder)["runs"]) == 1
    assert not working_folder(folder / "runs" / found["run"]).exists()

    whole = train_project(folder, strategy, chosen, JobContext())
    assert_same_weights(folder / "runs" / resumed["run"], folder / "runs" / whole["run"])
    wanted, got = ([(f["loss"], f["val_loss"]) for f in one["history"]] for one in (whole, resumed))
    assert wanted == got and whole["accuracy"] == resumed["accuracy"]


@pytest.mark.parametrize(("strategy", "chosen", "n_done"), [
    pytest.param("scratch", SCRATCH_IN_FOLDS, 1, marks=pytest.mark.long),
    pytest.param("scratch", SCRATCH_IN_FOLDS, 4, marks=pytest.mark.slow),
    pytest.param("scratch", SCRATCH_IN_FOLDS, 7, marks=pytest.mark.long),
    pytest.param("fine-tune", FINE_TUNE_IN_FOLDS, 3, marks=pytest.mark.long),
])
def test_a_killed_cross_validation_goes_on_with_its_fold_to_the_same_bits(
    folder: Path, run: Callable[..., Any], strategy: str, chosen: dict[str, Any], n_done: int,
) -> None:
    """Killed in the first fold, in the second, and in the final training on all images."""
    kill_after(n_done, folder, strategy, chosen)
    (found,) = run("runs", folder)["unfinished"]
    assert found["epochs"] == n_done
    trained: list[EpochFigures] = []

    def note(event: object) -> None:
        if isinstance(event, EpochFigures):
            trained.append(event)

    with pytest.raises(RunError, match="“n_epochs” is 9 instead of"):
        train_as_asked(folder, strategy, {"n_epochs": 9}, JobContext(), resume=found["run"])
    resumed = train_as_asked(folder, strategy, {}, JobContext(on_publish=note), resume=found["run"])
    n_folds, n_epochs = chosen["n_folds"], chosen["n_epochs"]
    n_told = (n_folds + 1) * n_epochs if strategy == "scratch" else n_folds * n_epochs
    assert len(trained) == n_told - n_done
    assert trained[0].fold == (n_done // n_epochs + 1) % (n_folds + 1)
    whole = train_project(folder, strategy, chosen, JobContext())
    one, other = folder / "runs" / resumed["run"], folder / "runs" / whole["run"]
    assert_same_weights(one, other)
    assert whole["accuracy"] == resumed["accuracy"] and not list((folder / "runs").glob("*unfinished"))
    said = [read_predictions(place) for place in (one, other)]
    assert np.array_equal(said[0].probabilities, said[1].probabilities)


@pytest.mark.slow
def test_a_stopped_run_goes_on_as_a_new_one(
    folder: Path, run: Callable[..., Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = [f"--set={name}={value}" for name, value in SCRATCH.items()]
    with monkeypatch.context() as patched:
        patched.setattr(console, "command_context", lambda is_quiet: nullcontext(stopping_after(2)))
        assert run_command(["train", str(folder), "--strategy", "scratch", *given, "--json"]) == 130
        output, errors = capsys.readouterr()
        stopped = json.loads(output)
        assert stopped["run"] in stopped["cancelled"] and stopped["cancelled"] in errors
        # nothing comes to it: it stays the only one
        patched.setattr(console, "command_context", lambda is_quiet: nullcontext(stopping_at("jobs.training")))
        assert run_command(["train", str(folder), "--resume", "--json"]) == 130
        assert stopped["run"] in capsys.readouterr().err
    assert [row["run"] for row in describe_runs(folder)["runs"]] == [stopped["run"]]
    assert stopped["stop_reason"] == "stopped by user" and describe_runs(folder)["unfinished"] == []
    resumed = run("train", folder, "--resume", stopped["run"])
    assert resumed["run"] != stopped["run"] and len(resumed["history"]) == 4
    whole = train_project(folder, "scratch", SCRATCH, JobContext())
    assert_same_weights(folder / "runs" / resumed["run"], folder / "runs" / whole["run"])
    with Project.open(folder) as project:
        assert resumable_trainings(project) == ()  # a later one made up for it
        assert prepare_resuming(project, stopped["run"], {"n_epochs": 6}).settings.n_epochs == 6
        with pytest.raises(RunError, match="is complete"):
            prepare_resuming(project, resumed["run"])


@pytest.mark.slow
def test_a_disk_that_fills_up_costs_no_epoch_that_was_complete(folder: Path, run: Callable[..., Any]) -> None:
    with FillingDisk() as disk, pytest.raises(StorageError) as caught:
        def fill(event: object) -> None:
            if isinstance(event, EpochFigures) and event.epoch == 2:
                disk.fill(100)

        train_project(folder, "scratch", SCRATCH, JobContext(on_publish=fill))
    assert caught.value.message.code == "files.disk_is_full"
    (found,) = run("runs", folder)["unfinished"]
    assert found["epochs"] == 2
    assert len(run("train", folder, "--resume")["history"]) == 4


def test_what_cannot_be_gone_on_with_is_said(folder: Path) -> None:
    with Project.open(folder) as project:
        with pytest.raises(RunError, match="none was stopped"):
            prepare_resuming(project)
        with pytest.raises(RunError, match="no training “x”"):
            prepare_resuming(project, "x")
    with pytest.raises(RunError, match="no training “x”"):
        train_as_asked(folder, "scratch", {}, JobContext(), resume="x")
    assert run_command(["train", str(folder), "--resume"]) == 2


def test_a_start_is_a_run_a_folder_or_a_file(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "weights.h5"
    file.write_bytes(b"")
    assert start_from(folder, str(file), {"seed": 1}) == {"seed": 1, "start_from": str(file)}
    transfer = train_project(folder, "transfer", {}, JobContext())
    with pytest.raises(RunError, match="leaves no network"):
        start_from(folder, transfer["run"], {})
    with pytest.raises(InputError, match="no run and no weights file"):
        train_as_asked(folder, "fine-tune", {}, JobContext(), start="nowhere")


@pytest.mark.long
def test_a_start_from_a_run_takes_its_network_even_with_another_class(folder: Path, tmp_path: Path) -> None:
    first = train_project(folder, "fine-tune", FINE_TUNE, JobContext())
    write_class_folder(tmp_path / "train" / "green", "green", 12, first_seed=200)
    new_project(folder, tmp_path / "train", None, JobContext())
    chosen = {name: value for name, value in FINE_TUNE.items() if name != "n_blocks"}
    later = train_as_asked(folder, "fine-tune", chosen, JobContext(), start=first["run"])
    assert later["classes"] == ["blue", "red", "green"] and later["settings"]["n_blocks"] == 1
    assert later["settings"]["start_from"].endswith(first["run"])

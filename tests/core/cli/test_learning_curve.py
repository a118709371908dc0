"""`learning-curve` on a small project, in JSON and in words; nothing is trained or recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.commands import run_command
from core.text import text
from tests.conftest import write_class_folder
from tests.core.conftest import Run


def test_it_measures_and_foresees(
    project: Path, pictures: Path, run: Run, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "too few" in run("learning-curve", project)["sentence"]
    write_class_folder(pictures / "train" / "red", "red", 28)
    write_class_folder(pictures / "train" / "blue", "blue", 28, first_seed=100)
    run("new", project, "--from", pictures / "train")
    facts = run("learning-curve", project, "--set", "features=final")
    assert [point["n_labels"] for point in facts["points"]] == [10, 20, 40] and facts["n_labels"] == 56
    assert facts["doubled"]["n_labels"] == 112 and facts["doubled"]["accuracy"] > 0.8
    assert (facts["classes"], facts["features"]) == (["blue", "red"], "final")
    monkeypatch.setattr("core.training.learning_curve.MOST_LABELS", 50)
    assert run_command(["learning-curve", str(project)]) == 0
    said = capsys.readouterr().out
    assert text("training.curve.some", n=50, n_all=56) in said
    assert "10 labels (5 per class)" in said and "wice as many" in said
    assert run("runs", project)["runs"] == [] and not list((project / "runs").glob("*"))

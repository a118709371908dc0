"""The command `compare`: sentences with lists of images, JSON, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.commands import run_command
from tests.core.conftest import Run


def test_two_runs_are_compared(project: Path, run: Run, fail: Run, capsys: pytest.CaptureFixture[str]) -> None:
    first = run("train", project, "--strategy", "transfer")["run"]
    assert "cannot be compared with itself" in fail("compare", project, first, "latest")[0]
    table = project.parent / "labels.csv"
    table.write_text("path,label\nred/red_0.png,blue\nred/red_1.png,blue\n")
    run("label", project, "--csv", table)
    second = run("train", project, "--strategy", "transfer", "--seed", "1")["run"]
    facts = run("compare", project, first, "latest")
    assert (facts["before"], facts["after"]) == (first, second)
    judged = facts["judged"]
    assert judged["n"] == 24 and facts["test"] is None
    assert judged["after"] - judged["before"] == pytest.approx(judged["difference"])
    assert len(judged["fixed"]) - len(judged["broken"]) == round(24 * judged["difference"])
    assert [row["path"] for row in judged["still_wrong"]] == ["red/red_0.png", "red/red_1.png"], "both runs say red"
    assert facts["notes"] == [f"“{first}” was trained before 2 relabels."]
    assert run_command(["compare", str(project), first, second]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{first} → {second}") and judged["sentences"][2] in said
    assert "red/red_0.png: labelled blue, predicted red → red" in said
    assert "no run “gone”" in fail("compare", project, first, "gone")[0]

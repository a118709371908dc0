"""`show` and what `runs` lists of it: stars, notes, deleted runs, the environment; lists sorted and narrowed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli.commands import run_command
from core.text import text
from core.workflow import system_trash
from tests.core.conftest import Run


def names(facts: Any) -> list[str]:
    return [row["run"] for row in facts["runs"]]


def test_marks_narrow_the_list_and_a_deleted_run_comes_back(project: Path, run: Run, fail: Run) -> None:
    first, second = (run("train", project, "--strategy", "transfer", "--seed", seed)["run"] for seed in (1, 2))
    assert run("show", project, first, "--star", "--note", "the good one") == {
        "run": first, "star": True, "user_note": "the good one", "deleted": False}
    starred = run("runs", project, "--starred")
    assert names(starred) == [first] and starred["left_out"] == 1
    assert (starred["runs"][0]["star"], starred["runs"][0]["user_note"]) == (True, "the good one")
    assert names(run("runs", project, "--filter", "GOOD")) == [first]
    assert names(run("runs", project, "--sort", "run")) == [first, second]
    assert names(run("runs", project, "--sort", "run", "--reverse")) == [second, first]
    assert run("show", project, "--delete")["run"] == second
    left = run("runs", project)
    assert names(left) == [first] and left["deleted"] == [second] and left["not_recorded"] == []
    assert second in fail("show", project, second)[0]
    assert not run("show", project, second, "--restore")["deleted"]
    assert names(run("runs", project)) == [second, first]
    assert "“x”" in fail("show", project, "x", "--star")[0]
    assert "colour" in fail("runs", project, "--sort", "colour")[0]


def test_the_run_itself_is_never_touched_and_emptied_on_request(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system_trash, "send2trash", lambda folder: Path(folder).rename(tmp_path / "trash"))
    name = run("train", project, "--strategy", "transfer")["run"]
    record = project / "runs" / name / "run.json"
    before = record.read_bytes()
    run("show", project, name, "--star", "--note", "n", "--delete")
    assert record.read_bytes() == before
    facts = run("runs", project, "--empty")
    assert (facts["emptied"], facts["deleted"], facts["runs"]) == ([name], [], []) and not record.exists()


def test_the_environment_is_noted_and_shown(project: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    import numpy

    name = run("train", project, "--strategy", "transfer")["run"]
    noted = json.loads((project / "runs" / name / "run.json").read_text("utf-8"))["environment"]
    assert noted["numpy"] == numpy.__version__ and noted["n_threads"] >= 1 and noted["processor"]
    facts = run("show", project)
    assert facts["environment"].items() >= noted.items() and facts["gap"] is None
    assert run_command(["show", str(project)]) == 0
    said = capsys.readouterr().out
    assert f"NumPy {numpy.__version__}" in said and name in said and "n_folds: 5" in said
    record = project / "runs" / name / "run.json"
    record.write_text(json.dumps({k: v for k, v in json.loads(record.read_text("utf-8")).items()
                                  if k != "environment"}), "utf-8")
    assert run_command(["show", str(project)]) == 0
    assert text("runs.environment.not_noted", machine=facts["environment"]["machine"]) in capsys.readouterr().out

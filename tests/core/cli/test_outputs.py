"""What commands write: never over what somebody needs, and on the standard output if asked."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest

from core.cli.commands import run_command
from tests.core.conftest import Run


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_commands_refuse_what_must_not_be_replaced(project: Path, run: Run, fail: Run, tmp_path: Path) -> None:
    run("train", project)
    table = tmp_path / "labels.csv"
    table.write_text("path,label\nred/red_0.png,red\n")
    run("label", project, "--csv", table)
    (run_folder,) = (project / "runs").iterdir()
    template = tmp_path / "template.csv"
    names = sorted(path.name for path in (tmp_path / "test").iterdir())
    template.write_text("ID,Ground_Truth\n" + "".join(f"{name},0\n" for name in names))
    os.mkfifo(tmp_path / "pipe")
    for command in ("predict", "submit", "review"):
        for out, word in ((table, "is an input"), (run_folder / "run.json", "is inside the project"),
                          (tmp_path / "pipe", "a pipe"), (Path("/dev/null"), "a device"),
                          (tmp_path / "train" / "red" / "red_0.png", "not a text file")):
            before = out.read_bytes() if out.is_file() else b""
            assert word in fail(command, project, "--out", out)[0], (command, out)
            assert not out.is_file() or out.read_bytes() == before
        assert "--json" in fail(command, project, "--out", "-")[0]
    assert "is an input" in fail("submit", project, "--template", template, "--out", template)[0]
    assert template.read_text().startswith("ID,Ground_Truth\n")


def test_a_dash_is_the_standard_output(
    project: Path, run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run_command(["train", str(project)]) == 0
    capsys.readouterr()
    for command, first in (("predict", "path,prediction"), ("submit", "ID,Ground_Truth"), ("review", "<!")):
        assert run_command([command, str(project), "--out", "-"]) == 0
        out, errors = capsys.readouterr()
        assert out.lstrip().lower().startswith(first.lower()), (command, out[:100])
        assert errors
        if command != "review":
            rows = list(csv.reader(io.StringIO(out)))
            assert len({len(row) for row in rows}) == 1 and len(rows) > 5
    assert not (tmp_path / "-").exists() and not Path("-").exists()

"""The command `copy`: a whole project in another folder, or a sentence why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_a_copy_is_a_project_of_its_own(project: Path, run: Run, fail: Run, pictures: Path) -> None:
    (project / "notes.txt").write_text("mine")
    facts = run("copy", project, pictures / "copy")
    assert facts["copy"] == str(pictures / "copy") and facts["left_out"] == ["notes.txt"]
    assert facts["files"] >= 1 and facts["bytes"] >= (pictures / "copy" / "catalog.sqlite").stat().st_size
    run("classes", pictures / "copy", "rename", "red", "crimson")
    assert "red" in run("classes", project)["classes"] and "crimson" in run("classes", pictures / "copy")["classes"]
    assert "already a project" in fail("copy", project, pictures / "copy")[0]
    assert "into itself" in fail("copy", project, project / "copy")[0]

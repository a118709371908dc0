"""The command `classes`: each act, each slip, and that undo takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.commands import run_command
from core.project.project import Project
from tests.core.conftest import Run
from tests.project_acts import undo


@pytest.fixture
def project(image_folder: Path, run: Run) -> Path:
    """Ten images of each of red and blue."""
    run("new", image_folder.parent / "p", "--from", image_folder)
    return image_folder.parent / "p"


def test_list_names_classes_with_their_images(project: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("classes", project)["classes"] == run("classes", project, "list")["classes"] == {"blue": 10, "red": 10}
    assert run_command(["classes", str(project)]) == 0
    assert capsys.readouterr().out.splitlines() == ["  blue: 10 images", "  red: 10 images"]


def test_each_act_changes_the_classes_and_can_be_undone(project: Path, run: Run) -> None:
    assert run("classes", project, "rename", "red", "cri\u0301mson")["classes"] == {"blue": 10, "crímson": 10}
    assert run("classes", project, "rename", "crímson", "Blue")["similar_classes"] == [["blue", "Blue"]]
    run("classes", project, "add", " green  lamp ")
    facts = run("classes", project, "merge", "Blue", "green lamp", "--into", "blue")
    assert (facts["classes"], facts["images"]) == ({"blue": 20}, 10)
    assert run("classes", project, "delete", "blue")["images"] == 21, "with the one that cannot be read"
    with Project.open(project) as opened:
        for _ in range(3):
            undo(opened)
    assert run("classes", project)["classes"] == {"blue": 10, "Blue": 10, "green lamp": 0}


@pytest.mark.parametrize("words,sentence,hint", [
    (("renam", "a", "b"), "cannot “renam”", "rename"),
    (("rename", "Red", "x"), "no class “Red”", "“red”"),
    (("rename", "rde", "x"), "no class “rde”", "“red”"),
    (("delete", "zebra"), "no class “zebra”", "“blue”, “red”"),
    (("rename", "red", "blue"), "already a class", "merge"),
    (("rename", "red"), "needs 2 names", "OLD NEW"),
    (("merge", "red"), "the one that stays", "--into"),
    (("merge", "red", "--into", "red"), "into itself", "another"),
    (("merge", "red", "--into", "bleu"), "no class “bleu”", "“blue”"),
    (("add", "red"), "already a class", ""),
    (("add", "  "), "needs a name", ""),
    (("list", "red"), "takes no names", ""),
    (("delete", "red", "--into", "blue"), "belongs to merge", "merge"),
])
def test_slips_are_named(
    words: tuple[str, ...], sentence: str, hint: str, project: Path, fail: Run, run: Run
) -> None:
    said = fail("classes", project, *words)
    assert sentence in said[0] and hint in said[1]
    assert run("classes", project)["classes"] == {"blue": 10, "red": 10}

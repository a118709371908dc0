"""The commands `flag` and `tag`: set and taken away by name, listed, refused as a whole."""

from __future__ import annotations

from pathlib import Path

from core.cli.tag_commands import say_tagged
from core.project.label_csv import export_labels
from core.project.project import Project
from tests.core.conftest import Run
from tests.project_acts import undo


def test_flags_by_the_command_line(project: Path, run: Run, fail: Run) -> None:
    facts = run("flag", project, "red/red_0.png", "red_7.png", "--set", "label issue", "--set", "star")
    assert (facts["changed"], facts["flags"]) == (2, {"label_issue": 2, "star": 2})
    assert {row["path"]: row["flags"] for row in facts["images"]} == {
        "red/red_0.png": ["label_issue", "star"], "red/red_7.png": ["label_issue", "star"]}
    facts = run("flag", project, "red_7.png", "--clear", "STAR")
    assert (facts["changed"], facts["flags"]) == (1, {"label_issue": 2, "star": 1})
    assert [row["path"] for row in run("flag", project, "--with", "star")["images"]] == ["red/red_0.png"]
    assert len(run("flag", project)["images"]) == 2
    fail("flag", project, "red/red_0.png", "--set", "nonsense")
    fail("flag", project, "--set", "star")
    sentence, _ = fail("flag", project, "red_1.png", "nowhere.png", "--set", "star")
    assert "nowhere.png" in sentence and run("flag", project)["flags"]["star"] == 1, "all or none"
    with Project.open(project) as opened:
        undo(opened)
    assert run("flag", project)["flags"]["star"] == 2


def test_tags_by_the_command_line(project: Path, run: Run, fail: Run) -> None:
    facts = run("tag", project, "red/red_0.png", "--add", "Night; two  words", "--add", "x")
    assert (facts["changed"], facts["tags"]) == (1, {"Night": 1, "two words": 1, "x": 1})
    run("tag", project, "red/red_1.png", "--add", "NIGHT")
    assert run("tag", project)["tags"] == {"Night": 2, "two words": 1, "x": 1}
    assert [row["tags"] for row in run("tag", project, "--with", "night", "--with", "X")["images"]] == [
        ["Night", "two words", "x"]]
    assert run("tag", project, "red/red_0.png", "red/red_1.png", "--remove", "night;x")["tags"] == {"two words": 1}
    fail("tag", project, "red/red_0.png", "--add", " ")
    fail("tag", project, "red/red_0.png", "--add", "y" * 61)
    assert run("tag", project, "red_9.png")["images"] == [
        {"path": "red/red_9.png", "split": "train", "flags": [], "tags": []}]
    with Project.open(project) as opened:
        export_labels(opened, project.parent / "l.csv")
    run("tag", project, "red/red_0.png", "--remove", "two words")
    facts = run("label", project, "--csv", project.parent / "l.csv")
    assert facts["tagged"] == 1 and run("tag", project)["tags"] == {"two words": 1}


def test_beside_names_what_they_must_have_counts_too(project: Path, run: Run) -> None:
    run("tag", project, "red/red_0.png", "--add", "Day")
    facts = run("tag", project, "red/red_0.png", "red/red_1.png", "--with", "day", "--add", "x")
    assert facts["changed"] == 1 and [row["tags"] for row in facts["images"]] == [["Day", "x"]]
    assert run("tag", project, "red/red_1.png", "--with", "day")["images"] == []


def test_a_tag_that_is_called_as_a_flag_is_said_as_it_is_written(project: Path, run: Run) -> None:
    facts = run("tag", project, "red/red_0.png", "--add", "label_issue")
    assert "label_issue 1" in say_tagged(facts, "tag", True)
    facts = run("flag", project, "red/red_0.png", "--set", "label_issue")
    assert "label issue 1" in say_tagged(facts, "flag", True).lower()

"""What a person said to findings is kept, undone and redone."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.project.decisions import (
    FINDING, LABEL, acknowledge, keep_labels, label_subject, list_decisions, take_back,
)
from core.project.project import Project
from tests.conftest import write_older_catalog
from tests.project_acts import list_journal, next_undo, redo, undo


def test_sure_labels_are_kept_once(empty_project: Project) -> None:
    subjects = [label_subject("ab" * 32, 1), label_subject("cd" * 32, 2)]
    assert keep_labels(empty_project, [*subjects, subjects[0]]) == 2
    assert keep_labels(empty_project, subjects[:1]) == 0
    assert set(list_decisions(empty_project, LABEL)) == set(subjects)
    assert len(list_journal(empty_project)) == 1
    assert str(next_undo(empty_project)) == "Confirm 2 labels"


def test_decisions_are_undone_and_redone(empty_project: Project) -> None:
    acknowledge(empty_project, "shortcut:width", "first")
    acknowledge(empty_project, "shortcut:width", "better")
    take_back(empty_project, "shortcut:width")
    take_back(empty_project, "never there")
    reasons = []
    for act in (undo, undo, undo, redo, redo, redo):
        act(empty_project)
        found = list_decisions(empty_project, FINDING).get("shortcut:width")
        reasons.append(found.reason if found else None)
    assert reasons == ["better", "first", None, "first", "better", None]


def test_decisions_outlive_the_program(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        acknowledge(project, "leaks", "They are meant to be there.")
    with Project.open(tmp_path / "p", read_only=True) as project:
        found = list_decisions(project, FINDING)["leaks"]
    assert found.reason == "They are meant to be there." and found.at


def test_an_older_project_can_be_looked_at_and_is_brought_up_to_date(tmp_path: Path) -> None:
    write_older_catalog(tmp_path / "p", version=1)
    shutil.copytree(tmp_path / "p", tmp_path / "q")
    with Project.open(tmp_path / "p", read_only=True) as project:
        assert list_decisions(project, FINDING) == {}
    with Project.open(tmp_path / "q") as project:
        acknowledge(project, "leaks", "why")
        assert list_decisions(project, FINDING)["leaks"].reason == "why"
    assert len(list((tmp_path / "q" / "backups").iterdir())) == 1

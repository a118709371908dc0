"""Jumps in the undo history: to any point and back, over imports after a question, over files until one is stuck."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.project.classes import add_class, list_classes
from core.project.decisions import acknowledge, list_decisions
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, count_all, image_ids
from core.project.thresholds import Thresholds, keep_thresholds, read_thresholds
from core.text import render
from core.workflow import system_trash
from core.workflow.history import (
    BEGINNING, Travelled, carry_out, changed_by, jump_questions, list_history, plan_jump, redo, undo, undo_question,
)
from core.workflow.trashing import move_to_trash, plan_duplicates
from tests.conftest import write_class_folder
from tests.project_acts import import_folder
from tests.trash_acts import trash_as_specified


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Fourteen pictures labelled by their folders, two of them copies of others."""
    monkeypatch.setattr(system_trash, "send2trash", lambda path: trash_as_specified(tmp_path, Path(path)))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "pictures" / "red"
    write_class_folder(folder, "red", 12)
    for i in range(2):
        shutil.copy(folder / f"red_{i}.png", folder / f"copy_{i}.png")
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "pictures")
        yield project


def jump(project: Project, point: int) -> Travelled | None:
    return carry_out(project, plan_jump(project, point))


def test_one_jumps_to_any_point_and_back_also_after_a_restart(project: Project) -> None:
    ids = image_ids(project, ImageFilter())
    blue = add_class(project, "blue")
    points = [list_history(project)[0].entry.id]
    for at in range(3):
        set_labels(project, ids[at:at + 1], blue.id)
        points.append(list_history(project)[0].entry.id)
    planned = plan_jump(project, points[1])
    assert planned.is_undo and [entry.id for entry in planned.entries] == [points[3], points[2]]
    assert changed_by(project, planned).tolist() == ids[1:3].tolist()
    assert plan_jump(project, points[3]).entries == ()
    found = carry_out(project, planned)
    assert found is not None and found.n_changes == 2 and count_all(project).by_class[blue.id] == 1
    assert [one.is_undone for one in list_history(project)[:3]] == [True, True, False]
    with Project.open(project.folder, read_only=True) as again:
        assert plan_jump(again, points[3]).entries[0].id == points[2]
    found = jump(project, points[3])
    assert found is not None and found.n_changes == 2 and count_all(project).by_class[blue.id] == 3
    assert jump(project, points[3]) is None


def test_a_jump_over_an_import_is_asked_about(project: Project) -> None:
    blue = add_class(project, "blue")
    set_labels(project, image_ids(project, ImageFilter())[:1], blue.id)
    to_beginning = plan_jump(project, BEGINNING)
    (question,) = jump_questions(project, to_beginning)
    assert render(question) == "Undo “Label by the folders of “pictures”” (14 labels, 1 class)?"
    first = list_history(project)[-1].entry.id
    assert jump_questions(project, plan_jump(project, first)) == ()
    carry_out(project, to_beginning)
    assert count_all(project).n_labelled == 0 and list_classes(project) == ()
    assert jump_questions(project, plan_jump(project, first)) == (), "what comes back is not lost"


def test_every_kind_of_change_comes_in_order_and_says_what_it_was(project: Project) -> None:
    """After duplicates went to the trash, an undo took back the labels of the import."""
    ids = image_ids(project, ImageFilter())
    groups = [[row, copy] for row, copy in zip(ids[2:4].tolist(), ids[:2].tolist(), strict=True)]
    moves = [(kept.id, moved.id) for kept, moved in plan_duplicates(project, groups).moves]
    assert len(move_to_trash(project, moves).image_ids) == 2
    acknowledge(project, "leakage", "a series")
    keep_thresholds(project, Thresholds(0.5))
    titles = [render(one.entry.title) for one in list_history(project)]
    assert titles == ["Set the confidence threshold to 50.0 %", "Accept a finding", "Move 2 duplicates to the trash",
                      "Label by the folders of “pictures”"]
    undo(project)
    assert read_thresholds(project) is None and list_decisions(project, "finding")
    found = jump(project, list_history(project)[-1].entry.id)
    assert found is not None and (found.n_changes, found.n_files, found.left) == (2, 2, ())
    assert count_all(project).n_labelled == 14 and not list_decisions(project, "finding")
    assert redo(project) is not None


def test_a_jump_ends_at_files_that_cannot_be_put_back_and_goes_on_after_the_question(
    project: Project, tmp_path: Path
) -> None:
    ids = image_ids(project, ImageFilter())
    groups = [[row, copy] for row, copy in zip(ids[2:4].tolist(), ids[:2].tolist(), strict=True)]
    moves = [(kept.id, moved.id) for kept, moved in plan_duplicates(project, groups).moves]
    blue = add_class(project, "blue")
    move_to_trash(project, moves)
    shutil.rmtree(tmp_path / "data" / "Trash")
    first = list_history(project)[-1].entry.id
    found = jump(project, first)
    assert found is not None and len(found.left) == 2 and found.n_changes == 1
    assert blue.name in [row.name for row in list_classes(project)], "it went no further"
    planned = plan_jump(project, first)
    assert [q.code for q in jump_questions(project, planned)] == ["trash.leave_in_trash"]
    found = carry_out(project, planned, gives_up=True)
    assert found is not None and found.n_changes == 2 and plan_jump(project, first).entries == ()


def test_a_jump_that_was_planned_before_another_change_does_nothing(project: Project) -> None:
    add_class(project, "blue")
    planned = plan_jump(project, BEGINNING)
    add_class(project, "green")
    assert carry_out(project, planned) is None and len(list_classes(project)) == 3


def test_taking_back_an_import_of_many_labels_is_asked_about(tmp_path: Path) -> None:
    write_class_folder(tmp_path / "train" / "red", "red", 6)
    write_class_folder(tmp_path / "train" / "blue", "blue", 6)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "train")
        question = undo_question(project)
        assert question is not None and question.code == "trash.undo_labels_and_classes"
        assert "12 labels, 2 classes" in str(question)

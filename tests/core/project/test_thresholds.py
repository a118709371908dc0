"""The confidence threshold of a project is kept, undone and redone."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.project.classes import add_class, delete_class
from core.project.project import Project
from core.project.thresholds import Thresholds, keep_thresholds, read_thresholds
from tests.project_acts import list_journal, next_undo, redo, undo


def test_a_threshold_is_kept_and_undone(empty_project: Project) -> None:
    assert read_thresholds(empty_project) is None
    assert keep_thresholds(empty_project, Thresholds(0.9))
    assert not keep_thresholds(empty_project, Thresholds(0.9)) and len(list_journal(empty_project)) == 1
    assert keep_thresholds(empty_project, Thresholds(0.8))
    assert str(next_undo(empty_project)) == "Set the confidence threshold to 80.0 %"
    seen = []
    for act in (undo, undo, redo, redo):
        act(empty_project)
        found = read_thresholds(empty_project)
        seen.append(found and found.sure)
    assert seen == [0.9, None, 0.9, 0.8]
    assert keep_thresholds(empty_project, None) and read_thresholds(empty_project) is None
    assert not keep_thresholds(empty_project, None)


def test_classes_may_have_their_own(empty_project: Project) -> None:
    pistol = add_class(empty_project, "pistol")
    with pytest.raises(InputError, match="no class “knife”"):
        keep_thresholds(empty_project, Thresholds(0.9, {"knife": 0.5}))
    keep_thresholds(empty_project, Thresholds(0.9, {"pistol": 0.97}))
    assert read_thresholds(empty_project) == Thresholds(0.9, {"pistol": 0.97})
    delete_class(empty_project, pistol.id)
    assert read_thresholds(empty_project) == Thresholds(0.9)

"""The undo history as a state machine: whatever is done, undo and redo go through the very same states."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.errors import InputError
from core.project.classes import (
    add_class, delete_class, list_classes, merge_classes, recolor_class, rename_class, set_class_key,
)
from core.project.labels import set_labels
from core.project.project import Project
from tests.conftest import write_class_folder
from tests.project_acts import import_folder, next_redo, next_undo, redo, undo

NAMES = some.sampled_from(["cat", "dog", "Dog", "a/b", "ñandú", "=1", "cat "])
PLACES = some.integers(0, 5)


class History(RuleBasedStateMachine):
    """Changes of classes and labels; `states` is what undo and redo must bring back, `at` where one is."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=self.template.parent)) / "p.catalejo"
        shutil.copytree(self.template, self.folder)
        self.project = Project.open(self.folder)
        self.states, self.at = [self.seen()], 0

    def seen(self) -> tuple[object, ...]:
        """All that undo must bring back."""
        return list_classes(self.project), self.project.catalog.rows("SELECT id, class_id FROM image ORDER BY id")

    def change(self, act: Callable[[], object]) -> None:
        """Do something; what was undone can be redone no more, unless nothing changed."""
        title = next_redo(self.project)
        try:
            act()
        except InputError:
            pass  # a name that is taken; nothing changed then
        if self.seen() != self.states[self.at]:
            self.states = [*self.states[:self.at + 1], self.seen()]
            self.at += 1
            assert next_redo(self.project) is None and next_undo(self.project) is not None
        else:
            assert next_redo(self.project) == title

    def class_id(self, place: int) -> int:
        found = list_classes(self.project)
        return found[place % len(found)].id if found else 0

    @rule(name=NAMES)
    def add(self, name: str) -> None:
        self.change(lambda: add_class(self.project, name))

    @rule(place=PLACES, name=NAMES)
    def rename(self, place: int, name: str) -> None:
        self.change(lambda: rename_class(self.project, self.class_id(place), name=name))

    @rule(place=PLACES, color=some.sampled_from(["#123456", "#ABCDEF"]), key=some.sampled_from(["x", "y", None]))
    def restyle(self, place: int, color: str, key: str | None) -> None:
        self.change(lambda: recolor_class(self.project, self.class_id(place), color=color))
        self.change(lambda: set_class_key(self.project, self.class_id(place), key=key))

    @rule(one=PLACES, other=PLACES)
    def merge(self, one: int, other: int) -> None:
        self.change(lambda: merge_classes(self.project, self.class_id(one), into_id=self.class_id(other)))

    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        self.change(lambda: delete_class(self.project, self.class_id(place)))

    @rule(images=some.lists(some.integers(1, 6), max_size=4), place=some.none() | PLACES)
    def label(self, images: list[int], place: int | None) -> None:
        self.change(lambda: set_labels(self.project, images, None if place is None else self.class_id(place)))

    @rule()
    def undo(self) -> None:
        title = undo(self.project)
        assert (title is None) == (self.at == 0) and (title is None or next_redo(self.project) == title)
        self.at = max(self.at - 1, 0)

    @rule()
    def redo(self) -> None:
        title = redo(self.project)
        assert (title is None) == (self.at == len(self.states) - 1)
        self.at = min(self.at + 1, len(self.states) - 1)

    @precondition(lambda self: self.at > 0)
    @rule()
    def reopen(self) -> None:
        titles = next_undo(self.project), next_redo(self.project)
        self.project.close()
        self.project = Project.open(self.folder)
        assert (next_undo(self.project), next_redo(self.project)) == titles

    @invariant()
    def is_where_the_history_says(self) -> None:
        assert self.seen() == self.states[self.at]

    def teardown(self) -> None:
        while undo(self.project) is not None:
            self.at -= 1
            assert self.seen() == self.states[self.at]
        assert self.at == 0
        self.project.close()
        shutil.rmtree(self.folder.parent)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    write_class_folder(tmp_path / "images" / "red", "red", 3)
    write_class_folder(tmp_path / "images" / "blue", "blue", 3)
    with Project.create(tmp_path / "template.catalejo") as project:
        import_folder(project, tmp_path / "images")
        while undo(project) is not None:  # begin without a history and without labels
            pass
        project.catalog.db.execute("DELETE FROM journal")
    return tmp_path / "template.catalejo"


def test_undo_and_redo_go_through_the_same_states(template: Path) -> None:
    class OfTemplate(History):
        pass

    OfTemplate.template = template
    run_state_machine_as_test(OfTemplate, settings=settings(
        max_examples=12, stateful_step_count=18, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck)))

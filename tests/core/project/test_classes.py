"""Classes: made, changed, merged, deleted; each can be undone and redone, also after a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import InputError
from core.project.classes import (
    OKABE_ITO, add_class, delete_class, list_classes, merge_classes, next_color, recolor_class,
    rename_class, set_class_key,
)
from core.project.journal import ClassRow
from core.project.labels import set_labels
from core.project.project import Project
from core.text import Message
from core.project.queries import image_ids
from tests.conftest import draw_picture
from tests.project_acts import import_folder, list_journal, next_redo, next_undo, redo, undo


def state(project: Project) -> tuple[tuple[ClassRow, ...], list[tuple[int, int | None]]]:
    """All that undo must bring back."""
    rows = project.catalog.rows("SELECT id, class_id FROM image ORDER BY id")
    return list_classes(project), [(row[0], row[1]) for row in rows]


def by_name(project: Project, name: str) -> int:
    return next(c.id for c in list_classes(project) if c.name == name)


CHANGES: dict[str, Callable[[Project], object]] = {
    "add": lambda p: add_class(p, "new"),
    "rename": lambda p: rename_class(p, by_name(p, "red"), name="rojo"),
    "recolour": lambda p: recolor_class(p, by_name(p, "red"), color="#123456"),
    "key": lambda p: set_class_key(p, by_name(p, "red"), key="x"),
    "merge": lambda p: merge_classes(p, by_name(p, "red"), into_id=by_name(p, "blue")),
    "delete": lambda p: delete_class(p, by_name(p, "red")),
    "label": lambda p: set_labels(p, image_ids(p)[:3], by_name(p, "red")),
    "unlabel": lambda p: set_labels(p, image_ids(p)[:3], None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_can_be_undone_and_redone_after_a_restart(project: Project, change: str) -> None:
    before = state(project)
    CHANGES[change](project)
    after = state(project)
    assert after != before
    title = next_undo(project)
    project.close()
    with Project.open(project.folder) as again:
        assert undo(again) == title and state(again) == before and next_redo(again) == title
        assert list_journal(again)[0].is_undone
    with Project.open(project.folder) as once_more:
        assert redo(once_more) == title and state(once_more) == after
        assert redo(once_more) is None and state(once_more) == after


def test_a_long_history_goes_back_to_the_start_and_forward_again(project: Project) -> None:
    states = [state(project)]
    for change in ("rename", "undo name", "add", "merge", "label new", "delete new", "add"):
        if change == "undo name":
            rename_class(project, by_name(project, "rojo"), name="red")
        elif change == "label new":
            set_labels(project, image_ids(project)[5:9], by_name(project, "new"))
        elif change == "delete new":
            delete_class(project, by_name(project, "new"))
        else:
            CHANGES[change](project)
        states.append(state(project))
    for expected in reversed(states[:-1]):
        assert undo(project) and state(project) == expected
    for expected in states[1:]:
        assert redo(project) and state(project) == expected


def test_renames_and_imports_of_the_same_name_do_not_collide(project: Project, image_folder: Path) -> None:
    rename_class(project, by_name(project, "red"), name="green")
    draw_picture(7, "green").save(image_folder / "red" / "new.png")
    undo(project)
    import_folder(project, image_folder)
    assert redo(project) is None
    rename_class(project, by_name(project, "red"), name="green")
    draw_picture(8, "green").save(image_folder / "red" / "newer.png")
    import_folder(project, image_folder)
    assert [c.name for c in list_classes(project)] == ["blue", "green"], "red is called green by now"
    while undo(project):
        pass
    while redo(project):
        pass
    assert len({c.name for c in list_classes(project)}) == len(list_classes(project))


def test_a_new_change_ends_what_could_be_redone(project: Project) -> None:
    add_class(project, "one")
    undo(project)
    add_class(project, "two")
    assert redo(project) is None and [c.name for c in list_classes(project)] == ["blue", "red", "two"]


def test_there_is_nothing_to_undo_at_first(empty_project: Project) -> None:
    assert undo(empty_project) is None and redo(empty_project) is None and next_undo(empty_project) is None


def test_names_and_keys_can_change_places(project: Project) -> None:
    red, blue = by_name(project, "red"), by_name(project, "blue")
    for class_id, name in ((red, "aside"), (blue, "red"), (red, "blue")):
        rename_class(project, class_id, name=name)
    assert [c.name for c in list_classes(project)] == ["red", "blue"]
    while undo(project):
        pass
    while redo(project):
        pass
    assert [c.name for c in list_classes(project)] == ["red", "blue"]


def test_merging_and_deleting_say_how_many(project: Project) -> None:
    red, blue = by_name(project, "red"), by_name(project, "blue")
    assert merge_classes(project, red, into_id=blue) == 10
    assert delete_class(project, blue) == 21 and list_classes(project) == ()
    assert len(list_journal(project)) == 3
    add_class(project, "red")
    assert by_name(project, "red") not in (red, blue)


@pytest.mark.parametrize(("act", "word"), [
    (lambda p: add_class(p, "red"), "already"),
    (lambda p: add_class(p, "  "), "name"),
    (lambda p: add_class(p, " / "), "name"),
    (lambda p: add_class(p, "x", color="blue"), "colour"),
    (lambda p: add_class(p, "x", key="1"), "belongs"),
    (lambda p: add_class(p, "x", key="ab"), "single"),
    (lambda p: rename_class(p, 1, name="red"), "already"),
    (lambda p: rename_class(p, 77, name="x"), "exist"),
    (lambda p: set_class_key(p, 1, key="2"), "belongs"),
    (lambda p: recolor_class(p, 1, color="#12345"), "colour"),
    (lambda p: merge_classes(p, 1, into_id=1), "itself"),
    (lambda p: merge_classes(p, 1, into_id=9), "exist"),
    (lambda p: delete_class(p, 9), "exist"),
    (lambda p: set_labels(p, [1], 9), "exist"),
])
def test_what_cannot_be_is_refused_and_changes_nothing(
    project: Project, act: Callable[[Project], object], word: str
) -> None:
    before, entries = state(project), list_journal(project)
    with pytest.raises(InputError, match=word) as caught:
        act(project)
    assert caught.value.hint and state(project) == before and list_journal(project) == entries


def test_what_changes_nothing_leaves_no_entry(project: Project) -> None:
    entries = list_journal(project)
    rename_class(project, 1, name=" blue ")
    assert set_labels(project, [], 1) == 0 and set_labels(project, [123456], 1) == 0
    assert list_journal(project) == entries


def test_new_classes_get_the_next_colour_and_key(empty_project: Project) -> None:
    made = [add_class(empty_project, f"class {i}") for i in range(30)]
    assert [c.color for c in made[:8]] == list(OKABE_ITO) and len({c.color for c in made}) == 30
    assert [c.key for c in made[:11]] == [*"1234567890", None]
    assert [c.position for c in made] == list(range(30)) and tuple(made) == list_classes(empty_project)
    assert next_color({OKABE_ITO[0].lower()}) == OKABE_ITO[1]
    undo(empty_project)
    set_class_key(empty_project, made[0].id, key=None)
    assert add_class(empty_project, "later").key == "1"


def test_labelling_many_is_one_step(project: Project) -> None:
    assert set_labels(project, image_ids(project), 1) == 10
    assert next_undo(project) == Message("project.journal.label", n=10, name="blue")
    assert set_labels(project, image_ids(project)[:1], None) == 1
    assert str(next_undo(project)) == "Remove the label of 1 image"

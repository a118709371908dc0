"""A label that a person gave to an earlier version of a file is marked; undo and redo bring the right mark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.project.classes import delete_class, list_classes, merge_classes
from core.project.journal import count_marked, marked_ids
from core.project.label_csv import import_labels
from core.project.labels import set_labels, take_snapshot
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_row, image_rows
from tests.conftest import draw_picture, write_class_folder
from tests.project_acts import import_folder, redo, undo

BY_HAND, BY_FOLDER = "red/red_0.png", "red/red_1.png"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three red and three blue images; red_0 was labelled blue by hand."""
    write_class_folder(tmp_path / "in" / "red", "red", 3)
    write_class_folder(tmp_path / "in" / "blue", "blue", 3, first_seed=100)
    with Project.create(tmp_path / "p") as made:
        import_folder(made, tmp_path / "in")
        set_labels(made, [id_of(made, BY_HAND)], class_id(made, "blue"))
        yield made


def id_of(project: Project, name: str) -> int:
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    return next(row.id for row in rows if row.name == name)


def class_id(project: Project, name: str) -> int:
    return next(row.id for row in list_classes(project) if row.name == name)


def label_of(project: Project, name: str) -> str | None:
    row = image_row(project, id_of(project, name))
    return next((c.name for c in list_classes(project) if c.id == row.class_id), None)


def is_marked(project: Project, name: str) -> bool:
    return id_of(project, name) in marked_ids(project)


def change(project: Project, folder: Path, name: str, seed: int = 900) -> None:
    draw_picture(seed, "green").save(folder / "in" / name)
    import_folder(project, folder / "in")


def test_only_a_label_that_a_person_gave_is_marked(project: Project, tmp_path: Path) -> None:
    before = image_row(project, id_of(project, BY_HAND)).content_hash
    draw_picture(901, "green").save(tmp_path / "in" / BY_FOLDER)
    draw_picture(900, "green").save(tmp_path / "in" / BY_HAND)
    summary = import_folder(project, tmp_path / "in")
    assert (summary.n_changed, summary.n_marked, summary.changed) == (2, 1, (BY_HAND, BY_FOLDER))
    assert (label_of(project, BY_HAND), label_of(project, BY_FOLDER)) == ("blue", "red")
    assert image_row(project, id_of(project, BY_HAND)).label_content == before
    assert not is_marked(project, BY_FOLDER), "the folder says the same of the new content"
    assert image_ids(project, ImageFilter(is_of_earlier_version=True)).tolist() == [id_of(project, BY_HAND)]
    learnt = {ref.id for ref in take_snapshot(project).images}
    assert id_of(project, BY_HAND) not in learnt and id_of(project, BY_FOLDER) in learnt


def test_the_mark_goes_when_the_content_comes_back(project: Project, tmp_path: Path) -> None:
    first = (tmp_path / "in" / BY_HAND).read_bytes()
    change(project, tmp_path, BY_HAND)
    change(project, tmp_path, BY_HAND, seed=902)
    assert is_marked(project, BY_HAND)
    (tmp_path / "in" / BY_HAND).write_bytes(first)
    import_folder(project, tmp_path / "in")
    assert not is_marked(project, BY_HAND)


def test_giving_the_label_again_confirms_it_and_can_be_undone(project: Project, tmp_path: Path) -> None:
    change(project, tmp_path, BY_HAND)
    assert set_labels(project, [id_of(project, BY_HAND)], class_id(project, "blue")) == 1
    assert not is_marked(project, BY_HAND)
    assert set_labels(project, [id_of(project, BY_HAND)], class_id(project, "blue")) == 0
    undo(project)
    assert is_marked(project, BY_HAND) and label_of(project, BY_HAND) == "blue"
    redo(project)
    assert not is_marked(project, BY_HAND)


def test_redo_of_a_label_that_was_given_to_another_content_marks_it(project: Project, tmp_path: Path) -> None:
    """Label, change, undo past it, redo: the label comes back as one of the earlier version."""
    undo(project)
    assert label_of(project, BY_HAND) == "red"
    change(project, tmp_path, BY_HAND)
    assert not is_marked(project, BY_HAND), "the label of the folder holds"
    redo(project)
    assert label_of(project, BY_HAND) == "blue" and is_marked(project, BY_HAND)
    undo(project)
    assert label_of(project, BY_HAND) == "red" and not is_marked(project, BY_HAND)


def test_a_confirmation_holds_for_the_content_that_it_was_given_to(project: Project, tmp_path: Path) -> None:
    change(project, tmp_path, BY_HAND)
    set_labels(project, [id_of(project, BY_HAND)], class_id(project, "blue"))
    change(project, tmp_path, BY_HAND, seed=903)
    assert is_marked(project, BY_HAND)
    undo(project)
    redo(project)
    assert is_marked(project, BY_HAND), "what was confirmed was the second content, and this is the third"


def test_marks_outlive_a_restart(project: Project, tmp_path: Path) -> None:
    change(project, tmp_path, BY_HAND)
    set_labels(project, [id_of(project, BY_HAND)], class_id(project, "red"))
    project.close()
    with Project.open(project.folder) as again:
        undo(again)
        assert is_marked(again, BY_HAND) and label_of(again, BY_HAND) == "blue"
        redo(again)
        assert not is_marked(again, BY_HAND)


def test_a_table_confirms_as_well(project: Project, tmp_path: Path) -> None:
    change(project, tmp_path, BY_HAND)
    (tmp_path / "labels.csv").write_text(f"path,label\n{BY_HAND},blue\n")
    assert import_labels(project, tmp_path / "labels.csv").n_labelled == 1
    assert count_marked(project) == 0


def test_merging_and_deleting_a_class_confirms_nothing(project: Project, tmp_path: Path) -> None:
    change(project, tmp_path, BY_HAND)
    merge_classes(project, class_id(project, "blue"), into_id=class_id(project, "red"))
    assert is_marked(project, BY_HAND)
    undo(project)
    assert is_marked(project, BY_HAND)
    delete_class(project, class_id(project, "blue"))
    assert not is_marked(project, BY_HAND), "there is no label to mark"
    undo(project)
    assert is_marked(project, BY_HAND)


def test_files_that_change_places_keep_labels_with_their_contents(project: Project, tmp_path: Path) -> None:
    a, b = tmp_path / "in" / BY_HAND, tmp_path / "in" / "red" / "red_2.png"
    one, other = a.read_bytes(), b.read_bytes()
    a.write_bytes(other)
    b.write_bytes(one)
    assert import_folder(project, tmp_path / "in").n_changed == 0
    assert label_of(project, "red/red_2.png") == "blue" and label_of(project, BY_HAND) == "red"
    assert count_marked(project) == 0

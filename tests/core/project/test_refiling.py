"""What becomes of a label whose picture is moved to the folder of another class."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project.classes import list_classes, rename_class
from core.project.importer import import_folder
from core.project.journal import redo, undo
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.refiling import N_EXAMPLES, Refiled, Refiling
from core.project.rows import image_rows
from tests.conftest import draw_picture


def labels(project: Project) -> dict[str, str]:
    names = {c.id: c.name for c in list_classes(project)}
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    return {row.name: names.get(row.class_id or 0, "") for row in rows}


def class_of(project: Project, name: str) -> int:
    return next(c.id for c in list_classes(project) if c.name == name)


def id_of(project: Project, name: str) -> int:
    return next(row.id for row in image_rows(project, image_ids(project)) if row.name == name)


def refile(folder: Path, name: str, to: str) -> None:
    (folder / to).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).rename(folder / to)


def test_a_label_that_came_from_the_folder_follows_and_can_be_undone(project: Project, image_folder: Path) -> None:
    refile(image_folder, "red/red_3.png", "blue/red_3.png")
    found = import_folder(project, image_folder).refiling
    assert found == Refiling(1, 0, (Refiled("blue/red_3.png", "blue", "red"),), ())
    assert labels(project)["blue/red_3.png"] == "blue"
    assert undo(project) == "Labels of 1 image that moved to another class folder"
    assert labels(project)["blue/red_3.png"] == "red"
    assert import_folder(project, image_folder).refiling == Refiling(), "undone is undone"
    assert labels(project)["blue/red_3.png"] == "red"
    redo(project)
    assert labels(project)["blue/red_3.png"] == "blue"


@pytest.mark.parametrize("by_hand", ["blue", "", "red"])
def test_a_label_that_a_person_touched_stays_and_is_told(
    project: Project, image_folder: Path, tmp_path: Path, by_hand: str
) -> None:
    row = id_of(project, "red/red_3.png")
    set_labels(project, [row], class_of(project, "blue"))
    set_labels(project, [row], class_of(project, by_hand) if by_hand else None)
    draw_picture(7, "green").save(tmp_path / "g.png")
    refile(tmp_path, "g.png", "pictures/green/g.png")
    import_folder(project, image_folder)
    refile(image_folder, "red/red_3.png", "green/red_3.png")
    found = import_folder(project, image_folder).refiling
    assert labels(project)["green/red_3.png"] == by_hand
    assert (found.n_followed, found.kept) == (0, (Refiled("green/red_3.png", "green", by_hand),))


def test_a_change_that_was_undone_is_no_touch(project: Project, image_folder: Path) -> None:
    set_labels(project, [id_of(project, "red/red_3.png")], class_of(project, "blue"))
    undo(project)
    refile(image_folder, "red/red_3.png", "blue/red_3.png")
    assert import_folder(project, image_folder).refiling.n_followed == 1


def test_no_class_is_made_for_moved_pictures(project: Project, image_folder: Path) -> None:
    (image_folder / "red").rename(image_folder / "crimson")
    found = import_folder(project, image_folder).refiling
    assert (found.n_followed, found.n_kept) == (0, 10) and len(found.kept) == N_EXAMPLES
    assert [c.name for c in list_classes(project)] == ["blue", "red"]
    assert labels(project)["crimson/red_0.png"] == "red"


def test_a_class_that_was_renamed_keeps_its_pictures(project: Project, image_folder: Path) -> None:
    rename_class(project, class_of(project, "red"), name="crimson")
    refile(image_folder, "red/red_3.png", "blue/red_3.png")
    assert import_folder(project, image_folder).refiling.kept == (Refiled("blue/red_3.png", "blue", "crimson"),)


def test_where_the_picture_folder_begins_does_not_matter(project: Project, image_folder: Path) -> None:
    set_labels(project, [id_of(project, "red/red_3.png")], class_of(project, "blue"))
    before = labels(project)
    (image_folder.parent / "all").mkdir()
    image_folder.rename(image_folder.parent / "all" / "train")
    summary = import_folder(project, image_folder.parent / "all")
    assert (summary.n_moved, summary.refiling) == (21, Refiling())
    assert labels(project) == {f"train/{name}": label for name, label in before.items()}


def test_the_root_names_no_class_and_unlabelled_pictures_take_what_the_folder_says(
    project: Project, image_folder: Path
) -> None:
    refile(image_folder, "red/red_3.png", "aside.png")
    assert import_folder(project, image_folder).refiling == Refiling()
    assert labels(project)["aside.png"] == "red"
    draw_picture(77, "blue").save(image_folder / "new.png")
    import_folder(project, image_folder)
    refile(image_folder, "new.png", "blue/new.png")
    assert import_folder(project, image_folder).refiling.n_followed == 1
    assert labels(project)["blue/new.png"] == "blue"


def test_without_labels_from_folders_nothing_is_said_or_done(project: Project, image_folder: Path) -> None:
    refile(image_folder, "red/red_3.png", "blue/red_3.png")
    assert import_folder(project, image_folder, with_labels=False).refiling == Refiling()
    assert labels(project)["blue/red_3.png"] == "red"

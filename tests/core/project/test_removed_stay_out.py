"""Images that were removed by themselves stay out, however their folder comes into the project, and it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, count_all, image_ids
from core.project.removal import list_removed, remove_images, remove_source, return_images
from core.project.rows import image_rows, list_sources
from tests.conftest import write_class_folder
from tests.project_acts import import_folder, redo, undo


@pytest.fixture
def images(tmp_path: Path) -> Path:
    write_class_folder(tmp_path / "images" / "red", "red", 4)
    write_class_folder(tmp_path / "images" / "blue", "blue", 4, first_seed=50)
    return tmp_path / "images"


@pytest.fixture
def made(empty_project: Project, images: Path) -> Project:
    """Eight images; `red_0.png` and `blue_0.png` were removed by themselves."""
    import_folder(empty_project, images)
    remove_images(empty_project, [id_of(empty_project, "red_0.png"), id_of(empty_project, "blue_0.png")])
    return empty_project


def id_of(project: Project, name: str) -> int:
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    return next(row.id for row in rows if row.path.name == name)


def names(project: Project) -> list[str]:
    """Of the images that are in the project with a file."""
    return sorted(row.path.name for row in image_rows(project, image_ids(project)))


def removed(project: Project) -> list[Path]:
    return sorted(one.path for one in list_removed(project))


REST = ["blue_1.png", "blue_2.png", "blue_3.png", "red_1.png", "red_2.png", "red_3.png"]


def test_after_their_whole_source_was_removed_and_imported_again(made: Project, images: Path) -> None:
    by_hand = id_of(made, "red_1.png")
    set_labels(made, [by_hand], None)
    remove_source(made, 1)
    assert count_all(made).n_images == 0 and len(removed(made)) == 8
    summary = import_folder(made, images)
    assert (summary.n_brought_back, summary.n_added, summary.n_removed) == (6, 0, 2)
    assert names(made) == REST and removed(made) == [images / "blue" / "blue_0.png", images / "red" / "red_0.png"]
    assert image_rows(made, [by_hand])[0].class_id is None
    undo(made)  # the removal of the source, of which nothing is left
    assert names(made) == REST
    undo(made)
    undo(made)
    assert len(names(made)) == 8 and not removed(made)


def test_a_source_of_which_each_image_was_removed_by_itself_keeps_its_row(made: Project, images: Path) -> None:
    remove_images(made, image_ids(made))
    remove_source(made, 1)
    summary = import_folder(made, images)
    assert (summary.n_brought_back, summary.n_added, summary.n_removed) == (0, 0, 8)
    assert [one.id for one in list_sources(made)] == [1] and count_all(made).n_images == 0
    undo(made)
    redo(made)
    assert list_sources(made) == ()
    undo(made)
    assert [one.path for one in list_sources(made)] == [images], "a source without images comes back too"


def test_an_image_that_came_back_and_goes_with_its_source_is_not_one_removed_by_itself(
    made: Project, images: Path
) -> None:
    return_images(made, [one.id for one in list_removed(made)])
    remove_source(made, 1)
    assert import_folder(made, images).n_brought_back == 8
    remove_images(made, [id_of(made, "red_0.png")])
    remove_source(made, 1)
    assert import_folder(made, images).n_brought_back == 7, "this one was, after it had come back"


def test_after_their_folder_was_renamed(made: Project, images: Path) -> None:
    new = images.rename(images.with_name("pictures"))
    ids = {row.path.name: row.id for row in image_rows(made, image_ids(made))}
    summary = import_folder(made, new)
    assert (summary.n_moved, summary.n_added, summary.n_removed) == (6, 0, 2)
    assert names(made) == REST and ids == {row.path.name: row.id for row in image_rows(made, image_ids(made))}
    assert removed(made) == [new / "blue" / "blue_0.png", new / "red" / "red_0.png"]
    assert [one.path for one in list_sources(made)] == [new]
    assert import_folder(made, new).n_removed == 2, "again and again"
    return_images(made, [one.id for one in list_removed(made)])
    assert len(names(made)) == 8 and all(row.path.is_file() for row in image_rows(made, image_ids(made)))


def test_after_a_class_folder_was_renamed(made: Project, images: Path) -> None:
    (images / "red").rename(images / "crimson")
    summary = import_folder(made, images)
    assert (summary.n_added, summary.n_removed, names(made)) == (0, 2, REST)
    assert images / "crimson" / "red_0.png" in removed(made)


def test_after_their_source_was_removed_and_its_folder_renamed(made: Project, images: Path) -> None:
    by_hand = id_of(made, "red_1.png")
    set_labels(made, [by_hand], None)
    remove_source(made, 1)
    new = images.rename(images.with_name("pictures"))
    summary = import_folder(made, new)
    assert (summary.n_brought_back, summary.n_added, summary.n_removed) == (6, 0, 2)
    assert names(made) == REST and image_rows(made, [by_hand])[0].class_id is None, "the same rows, with their labels"
    assert [one.path for one in list_sources(made)] == [new] and all(path.is_file() for path in removed(made))


def test_what_is_left_of_a_removed_source_waits_on(made: Project, images: Path) -> None:
    remove_source(made, 1)
    new = images.with_name("pictures")
    (new / "red").mkdir(parents=True)
    for path in (images / "red").iterdir():
        path.rename(new / "red" / path.name)
    assert import_folder(made, new).n_brought_back == 3
    assert [one.path for one in list_sources(made)] == [new] and len(removed(made)) == 5
    assert import_folder(made, images).n_brought_back == 3
    assert names(made) == REST


def test_through_a_wider_and_a_narrower_folder(made: Project, images: Path) -> None:
    summary = import_folder(made, images.parent, with_labels=False)
    assert (summary.n_added, summary.n_removed) == (0, 2)
    summary = import_folder(made, images / "red", with_labels=False)
    assert (summary.n_added, summary.n_removed, names(made)) == (0, 1, REST)


def test_a_copy_of_a_removed_image_is_another_image_and_one_of_two_copies_that_moved_stays_out(
    made: Project, images: Path
) -> None:
    (images / "red" / "copy.png").write_bytes((images / "red" / "red_0.png").read_bytes())
    assert import_folder(made, images).n_added == 1
    new = images.rename(images.with_name("pictures"))
    summary = import_folder(made, new)
    assert (summary.n_added, summary.n_moved, summary.n_removed) == (0, 7, 2)
    assert names(made) == sorted([*REST, "copy.png"])


def test_the_place_of_an_image_that_a_removed_one_was_moved_onto(made: Project, images: Path) -> None:
    (images / "red" / "red_0.png").replace(images / "red" / "red_1.png")
    summary = import_folder(made, images)
    assert (summary.n_added, summary.n_removed, summary.n_missing) == (0, 2, 1)
    assert names(made) == [name for name in REST if name != "red_1.png"]
    assert import_folder(made, images).n_missing == 1


def test_one_that_cannot_be_read_stays_out_too(empty_project: Project, images: Path) -> None:
    (images / "red" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    import_folder(empty_project, images)
    remove_images(empty_project, [id_of(empty_project, "broken.png")])
    remove_source(empty_project, 1)
    summary = import_folder(empty_project, images)
    assert summary.n_removed == 1 and summary.unreadable == () and summary.n_unreadable == 0
    new = images.rename(images.with_name("pictures"))
    assert import_folder(empty_project, new).n_removed == 1

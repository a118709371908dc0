"""What becomes of a label whose picture is moved to the folder of another class."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project.classes import list_classes, merge_classes, rename_class
from core.project.labels import set_labels
from core.project.project import Project
from core.text import Message
from core.project.queries import ImageFilter, image_ids
from core.project.refiling import Refiled, Refiling, Unsettled
from core.project.rows import image_rows
from tests.conftest import draw_picture
from tests.project_acts import import_folder, redo, undo


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
    assert found == Refiling(1, (Refiled("blue/red_3.png", "blue", "red"),))
    assert labels(project)["blue/red_3.png"] == "blue"
    assert undo(project) == Message("project.journal.moved_images", n=1)
    assert labels(project)["blue/red_3.png"] == "red"
    again = import_folder(project, image_folder).refiling
    assert again == Refiling(unsettled=(Unsettled("blue", "red", 1),)), "undone is undone, but not forgotten"
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
    for _ in range(2):
        found = import_folder(project, image_folder).refiling
        assert labels(project)["green/red_3.png"] == by_hand
        assert (found.n_followed, found.unsettled) == (0, (Unsettled("green", by_hand, 1, is_by_hand=True),))
    assert import_folder(project, image_folder, follow="none").refiling == Refiling()
    assert import_folder(project, image_folder).refiling == Refiling(), "it was settled"


def test_a_label_that_a_person_touched_follows_when_asked(project: Project, image_folder: Path) -> None:
    row = id_of(project, "red/red_3.png")
    set_labels(project, [row], None)
    refile(image_folder, "red/red_3.png", "blue/red_3.png")
    import_folder(project, image_folder)
    assert import_folder(project, image_folder, follow="all").refiling.n_followed == 1
    assert labels(project)["blue/red_3.png"] == "blue"
    assert import_folder(project, image_folder).refiling == Refiling()


def test_a_label_corrected_by_hand_where_it_lies_is_no_disagreement(project: Project, image_folder: Path) -> None:
    set_labels(project, [id_of(project, "red/red_3.png")], class_of(project, "blue"))
    assert import_folder(project, image_folder).refiling == Refiling()
    assert import_folder(project, image_folder, follow="all").refiling == Refiling()
    assert labels(project)["red/red_3.png"] == "blue"


def test_a_change_that_was_undone_is_no_touch(project: Project, image_folder: Path) -> None:
    set_labels(project, [id_of(project, "red/red_3.png")], class_of(project, "blue"))
    undo(project)
    refile(image_folder, "red/red_3.png", "blue/red_3.png")
    assert import_folder(project, image_folder).refiling.n_followed == 1


def test_a_renamed_folder_renames_its_class_in_one_step(project: Project, image_folder: Path) -> None:
    before = class_of(project, "red")
    (image_folder / "red").rename(image_folder / "crimson")
    draw_picture(77, "red").save(image_folder / "crimson" / "new.png")
    summary = import_folder(project, image_folder)
    assert summary.refiling == Refiling(renamed=(("red", "crimson"),)) and summary.new_classes == ()
    assert [c.name for c in list_classes(project)] == ["blue", "crimson"] and class_of(project, "crimson") == before
    assert labels(project)["crimson/red_0.png"] == labels(project)["crimson/new.png"] == "crimson"
    assert import_folder(project, image_folder).refiling == Refiling()
    undo(project)  # the label of the new image
    assert undo(project) == Message("project.journal.follow_folder", name="red", new="crimson")
    assert labels(project)["crimson/red_0.png"] == "red"


def test_hand_labels_in_the_renamed_folder_go_with_the_class(project: Project, image_folder: Path) -> None:
    row = id_of(project, "red/red_3.png")
    set_labels(project, [row], None)
    set_labels(project, [row], class_of(project, "red"))
    (image_folder / "red").rename(image_folder / "crimson")
    assert import_folder(project, image_folder).refiling == Refiling(renamed=(("red", "crimson"),))
    assert [c.name for c in list_classes(project)] == ["blue", "crimson"]


def test_a_class_that_a_person_gave_elsewhere_is_not_renamed_unasked(project: Project, image_folder: Path) -> None:
    set_labels(project, [id_of(project, "blue/blue_0.png")], class_of(project, "red"))
    (image_folder / "red").rename(image_folder / "crimson")
    for _ in range(2):
        assert import_folder(project, image_folder).refiling == Refiling(unsettled=(Unsettled("crimson", "red", 10),))
    assert import_folder(project, image_folder, follow="all").refiling == Refiling(renamed=(("red", "crimson"),))
    assert labels(project)["blue/blue_0.png"] == "crimson" == labels(project)["crimson/red_0.png"]


def test_new_images_of_an_unsettled_folder_are_of_the_same_class(project: Project, image_folder: Path) -> None:
    set_labels(project, [id_of(project, "blue/blue_0.png")], class_of(project, "red"))
    (image_folder / "red").rename(image_folder / "crimson")
    draw_picture(77, "red").save(image_folder / "crimson" / "new.png")
    assert import_folder(project, image_folder).new_classes == ()
    assert labels(project)["crimson/new.png"] == "red"
    import_folder(project, image_folder, follow="none")
    draw_picture(78, "red").save(image_folder / "crimson" / "newer.png")
    assert import_folder(project, image_folder).refiling == Refiling()
    assert labels(project)["crimson/newer.png"] == "red"


def test_a_part_in_a_new_folder_becomes_a_class(project: Project, image_folder: Path) -> None:
    for i in range(3):
        refile(image_folder, f"red/red_{i}.png", f"crimson/red_{i}.png")
    found = import_folder(project, image_folder).refiling
    assert (found.n_followed, found.made, found.renamed, found.removed) == (3, ("crimson",), (), ())
    assert labels(project)["crimson/red_0.png"] == "crimson" and labels(project)["red/red_3.png"] == "red"
    assert import_folder(project, image_folder).refiling == Refiling()
    undo(project)
    assert [c.name for c in list_classes(project)] == ["blue", "red"]
    assert import_folder(project, image_folder).refiling.unsettled == (Unsettled("crimson", "red", 3),)
    assert import_folder(project, image_folder, follow="all").refiling.made == ("crimson",)


def test_a_class_whose_folder_is_divided_gives_way_to_its_parts(project: Project, image_folder: Path) -> None:
    for i in range(8):
        refile(image_folder, f"red/red_{i}.png", f"{'crimson' if i % 2 else 'scarlet'}/red_{i}.png")
    for name in ("niño.jpg", "turned.jpg"):
        refile(image_folder, f"red/{name}", f"scarlet/{name}")
    found = import_folder(project, image_folder).refiling
    assert (found.n_followed, set(found.made), found.removed) == (10, {"crimson", "scarlet"}, ("red",))
    assert {c.name for c in list_classes(project)} == {"blue", "crimson", "scarlet"}
    undo(project)
    assert [c.name for c in list_classes(project)] == ["blue", "red"]
    assert labels(project)["scarlet/red_0.png"] == "red"


def test_a_folder_emptied_into_another_class_leaves_no_class_behind(project: Project, image_folder: Path) -> None:
    for path in sorted((image_folder / "red").iterdir()):
        refile(image_folder, f"red/{path.name}", f"blue/{path.name}")
    found = import_folder(project, image_folder).refiling
    assert (found.n_followed, found.removed) == (10, ("red",))
    assert [c.name for c in list_classes(project)] == ["blue"]


def test_two_folders_that_change_names_change_classes(project: Project, image_folder: Path) -> None:
    (image_folder / "red").rename(image_folder / "aside")
    (image_folder / "blue").rename(image_folder / "red")
    (image_folder / "aside").rename(image_folder / "blue")
    assert import_folder(project, image_folder).refiling.n_followed >= 20
    assert {name.split("/")[0]: label for name, label in labels(project).items()} == {"red": "red", "blue": "blue"}


def test_a_class_renamed_or_merged_by_a_person_is_still_that_of_its_folder(
    project: Project, image_folder: Path
) -> None:
    rename_class(project, class_of(project, "red"), name="crimson")
    draw_picture(77, "red").save(image_folder / "red" / "new.png")
    summary = import_folder(project, image_folder)
    assert (summary.refiling, summary.new_classes) == (Refiling(), ())
    assert labels(project)["red/new.png"] == "crimson"
    merge_classes(project, class_of(project, "crimson"), into_id=class_of(project, "blue"))
    draw_picture(78, "red").save(image_folder / "red" / "newer.png")
    summary = import_folder(project, image_folder)
    assert (summary.refiling, summary.new_classes) == (Refiling(), ())
    assert labels(project)["red/newer.png"] == "blue"


def test_an_image_of_a_renamed_class_follows_to_another_folder(project: Project, image_folder: Path) -> None:
    rename_class(project, class_of(project, "red"), name="crimson")
    refile(image_folder, "red/red_3.png", "blue/red_3.png")
    assert import_folder(project, image_folder).refiling.n_followed == 1
    assert labels(project)["blue/red_3.png"] == "blue"


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

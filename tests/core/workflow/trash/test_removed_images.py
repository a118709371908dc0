"""Trash, removal, import and undo in any order: an image counts as there exactly where its file is there."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from core.jobs import JobContext
from core.project.paths import absolute_path
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.removal import list_removed, remove_images, remove_source, return_images
from core.project.rows import image_rows, list_sources
from core.text import Message
from core.workflow.history import redo, undo
from core.workflow.image_acts import relocate_source
from core.workflow.trashing import can_put_back, move_to_trash, put_back, settle_trash
from tests.project_acts import import_folder
from tests.trash_acts import pairs, rows_of, statuses


def require_true_statuses(project: Project) -> None:
    """Of images in the project, and of those that are out and may come back."""
    for table in ("image", "removed_image"):
        rows = project.catalog.rows(
            f"SELECT i.status, coalesce(s.path, r.path), i.path FROM {table} i "
            "LEFT JOIN source s ON s.id = i.source_id LEFT JOIN removed_source r ON r.id = i.source_id")
        for status, root, path in rows:
            assert (status == "ok") == absolute_path(root, path).is_file(), (table, status, path)


def test_put_back_while_the_image_is_out_of_the_project(project: Project) -> None:
    move_to_trash(project, pairs(project, 0, 1))
    moved = [moved for _, moved in pairs(project, 0, 1)]
    remove_images(project, moved)
    assert can_put_back(project) == 2, "their files lie in the trash all the same"
    put_back(project)
    require_true_statuses(project)
    assert undo(project) is not None and statuses(project) == ["ok"] * 6
    remove_images(project, moved)
    assert return_images(project, moved) == 2 and statuses(project) == ["ok"] * 6


def test_a_kill_while_files_of_removed_images_are_on_their_way(project: Project) -> None:
    move_to_trash(project, pairs(project, 0))
    remove_source(project, 1)
    project.catalog.db.execute("UPDATE journal SET payload = replace(payload, '\"is_moving\": false', "
                               "'\"is_moving\": true') WHERE action = 'trash'")
    settle_trash(project)
    require_true_statuses(project)
    put_back(project)
    require_true_statuses(project)
    undo(project)
    assert statuses(project) == ["ok"] * 6


def test_an_import_in_between_keeps_the_reason(project: Project, tmp_path: Path) -> None:
    move_to_trash(project, pairs(project, 0))
    import_folder(project, tmp_path / "pictures")
    assert rows_of(project)[3].reason == Message("images.in_trash")
    undo(project)
    assert statuses(project) == ["ok"] * 6


def test_a_file_that_comes_back_to_the_old_place_is_not_that_of_the_new_one(project: Project, tmp_path: Path) -> None:
    move_to_trash(project, pairs(project, 0))
    shutil.copytree(tmp_path / "pictures", tmp_path / "copy")
    relocate_source(project, 1, tmp_path / "copy", JobContext())
    put_back(project)
    assert (tmp_path / "pictures" / "red" / "red_3.png").is_file()
    require_true_statuses(project)


def one_act(project: Project, tmp_path: Path, chance: random.Random) -> str:
    """Do something by chance that a person may do; what it was."""
    there = image_ids(project, ImageFilter()).tolist()
    sources = list_sources(project)
    act = chance.choice(["trash", "trash", "remove", "remove", "source", "return", "import", "rename", "put back",
                         "undo", "undo", "undo", "redo", "redo"])
    if act == "trash" and len(there) > 1:
        move_to_trash(project, [tuple(chance.sample(there, 2))])
    elif act == "remove":
        remove_images(project, chance.sample(there, min(2, len(there))))
    elif act == "source" and sources:
        remove_source(project, chance.choice(sources).id)
    elif act == "return":
        return_images(project, [one.id for one in list_removed(project)][:3])
    elif act in ("import", "rename"):
        folder = next(path for path in (tmp_path / "pictures", tmp_path / "photos") if path.is_dir())
        if act == "rename":
            folder = folder.rename(tmp_path / ("photos" if folder.name == "pictures" else "pictures"))
        import_folder(project, folder)
    elif act == "put back":
        put_back(project)
    elif act in ("undo", "redo"):
        (undo if act == "undo" else redo)(project)
    return act


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_acts(project: Project, tmp_path: Path, seed: int) -> None:
    chance, done = random.Random(seed), list[str]()
    for _ in range(40):
        done.append(one_act(project, tmp_path, chance))
        try:
            require_true_statuses(project)
        except AssertionError as error:
            raise AssertionError(done) from error
    ids = {row.id for row in image_rows(project, image_ids(project, ImageFilter(status=None)))}
    assert not ids & {one.id for one in list_removed(project)}

"""Duplicates go to the trash as one entry of the history; never the only copy, whatever happens."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, count_labels, image_ids
from core.project.rows import image_rows
from core.project.trash_entries import list_trash_entries
from core.text import Message
from core.workflow import trashing
from core.workflow.history import redo, undo, undo_question
from core.workflow.trashing import can_put_back, move_to_trash, plan_duplicates
from tests.project_acts import next_redo, next_undo
from tests.trash_acts import pairs, rows_of, statuses


def test_files_go_and_come_back_as_one_entry_of_the_history(project: Project, tmp_path: Path) -> None:
    content = {row.path: row.path.read_bytes() for row in rows_of(project)}
    found = move_to_trash(project, pairs(project))
    assert found.image_ids == tuple(moved for _, moved in pairs(project)) and found.left == ()
    assert statuses(project) == ["ok"] * 3 + ["missing"] * 3 and can_put_back(project) == 3
    assert {r.reason for r in rows_of(project)[3:]} == {Message("images.in_trash")}
    assert str(next_undo(project)) == "Move 3 duplicates to the trash" and undo_question(project) is None
    folder = project.folder
    project.close()
    with Project.open(folder) as again:
        done = undo(again)
        assert done is not None and (done.n_files, done.left) == (3, ())
        assert {row.path: row.path.read_bytes() for row in rows_of(again)} == content
        assert statuses(again) == ["ok"] * 6 and can_put_back(again) == 0
        ids = image_ids(again, ImageFilter())
        assert sum(count_labels(again, ids).values()) == 6, "the import of the labels was not undone"
        assert list((tmp_path / "data" / "Trash" / "info").iterdir()) == []
        redone = redo(again)
        assert redone is not None and redone.n_files == 3 and statuses(again).count("missing") == 3
        assert undo(again) is not None and statuses(again) == ["ok"] * 6
        assert str(next_redo(again)) == "Move 3 duplicates to the trash"


def test_a_label_after_the_trash_is_undone_before_it(project: Project) -> None:
    move_to_trash(project, pairs(project, 0))
    set_labels(project, [rows_of(project)[0].id], None)
    done = [undo(project), undo(project)]
    assert [str(d.title) for d in done if d] == ["Remove the label of 1 image", "Move 1 duplicate to the trash"]
    assert statuses(project) == ["ok"] * 6
    assert "Label by the folders" in str(next_undo(project)) and undo_question(project) is None


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize("spoil, word", [
    (lambda kept, moved: change(kept), "has changed"),
    (lambda kept, moved: change(moved), "has changed"),
    (lambda kept, moved: kept.unlink(), "no longer exists"),
    (lambda kept, moved: kept.write_bytes(b""), "cannot be read"),
    (lambda kept, moved: (kept.unlink(), kept.mkdir()), "cannot be read"),
    (lambda kept, moved: moved.unlink(), "no longer exists"),
    (lambda kept, moved: (moved.unlink(), os.link(kept, moved)), "another name"),
    (lambda kept, moved: (kept.unlink(), kept.symlink_to(moved)), "another name"),
    (lambda kept, moved: (moved.unlink(), moved.symlink_to(kept)), "link"),
])
def test_what_is_not_a_copy_now_stays_and_says_why(
    project: Project, spoil: Callable[[Path, Path], object], word: str
) -> None:
    rows = rows_of(project)
    spoil(rows[0].path, rows[3].path)
    was = sorted(path.name for path in rows[0].path.parent.iterdir())
    found = move_to_trash(project, pairs(project, 0, 1))
    assert found.image_ids == (rows[4].id,) and found.left[0].path == rows[3].path
    assert word in str(found.left[0].reason)
    now = sorted(path.name for path in rows[0].path.parent.iterdir())
    assert now == [name for name in was if name != "red_4.png"] and statuses(project)[3] == "ok"
    assert str(next_undo(project)) == "Move 1 duplicate to the trash"


def test_one_file_through_two_folders_is_not_two(project: Project, tmp_path: Path) -> None:
    """As where a folder is mounted or linked once more and imported there."""
    (tmp_path / "again").symlink_to(tmp_path / "pictures")
    first = rows_of(project)[0]
    project.catalog.db.execute(
        "INSERT INTO source(path, split, added_at) VALUES (?, 'train', '')", (os.fsencode(tmp_path / "again"),))
    project.catalog.db.execute(
        "UPDATE image SET source_id = 2, path = ? WHERE id = ?", (b"red/red_0.png", first.id + 3))
    group = (first.id, first.id + 3)
    plan = plan_duplicates(project, [group])
    assert plan.moves == () and "another name" in str(plan.protected[0].reason)
    found = move_to_trash(project, [(first.id, first.id + 3)])
    assert found.image_ids == () and "another name" in str(found.left[0].reason) and first.path.is_file()


def test_a_disk_that_hides_that_it_is_mounted_twice_gives_the_file_back(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept, moved = (rows_of(project)[i] for i in (0, 3))
    kept.path.unlink()
    kept.path.symlink_to(moved.path)
    monkeypatch.setattr(os.path, "samefile", lambda a, b: False)
    found = move_to_trash(project, [(kept.id, moved.id)])
    assert found.image_ids == () and "another name" in str(found.left[0].reason)
    assert moved.path.is_file() and kept.path.is_file() and statuses(project) == ["ok"] * 6


def test_a_circle_of_copies_keeps_one(project: Project) -> None:
    a, b = pairs(project, 0)[0]
    found = move_to_trash(project, [(a, b), (b, a)])
    left = [row.path.is_file() for row in image_rows(project, [a, b])]
    assert left.count(True) >= 1 and len(found.left) >= 1


def test_a_read_only_file_is_protected(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, row = (rows_of(project)[i] for i in (0, 3))
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: False if Path(path) == row.path else real(path, mode))
    group = (kept.id, row.id)
    assert [s.path for s in plan_duplicates(project, [group]).protected] == [row.path]
    assert move_to_trash(project, [(kept.id, row.id)]).image_ids == () and row.path.exists()
    assert "Label by the folders" in str(next_undo(project)), "no entry without a file"


def test_near_duplicates_are_each_compared_with_what_was_scanned(project: Project, tmp_path: Path) -> None:
    ids = [row.id for row in rows_of(project)]
    found = move_to_trash(project, [(ids[0], ids[1])])
    assert found.image_ids == (ids[1],)
    assert trashing.undo_trash(project, list_trash_entries(project)[0]).left == ()

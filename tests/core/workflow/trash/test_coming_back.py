"""Files come back from the trash to where they lay, or say why not; what an older version moved too."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.project.classes import add_class
from core.project.project import Project
from core.project.trash_entries import list_trash_entries
from core.workflow import system_trash
from core.workflow.history import redo, undo, undo_question
from core.workflow.trashing import can_put_back, move_to_trash, put_back
from tests.project_acts import list_journal, next_redo, next_undo
from tests.trash_acts import pairs, rows_of, statuses, trash_as_specified


def test_what_cannot_come_back_says_why_and_stays_in_the_history(project: Project, tmp_path: Path) -> None:
    paths = [row.path for row in rows_of(project)[3:]]
    move_to_trash(project, pairs(project))
    paths[0].write_bytes(b"somebody else's")
    next((tmp_path / "data" / "Trash" / "files").glob("red_4*")).unlink()
    done = undo(project)
    assert done is not None and done.n_files == 1
    assert ["again" in str(done.left[0].reason), "no longer" in str(done.left[1].reason)] == [True, True]
    assert paths[0].read_bytes() == b"somebody else's" and statuses(project) == ["ok"] * 3 + ["missing"] * 2 + ["ok"]
    assert str(next_undo(project)) == "Move 2 duplicates to the trash" and "2 files" in str(undo_question(project))
    paths[0].unlink()
    done = undo(project)
    assert done is not None and done.n_files == 1 and str(next_undo(project)) == "Move 1 duplicate to the trash"
    assert "Label by the folders" not in str(next_undo(project)), "an import must not be undone in its place"
    done = undo(project, gives_up=True)
    assert done is not None and len(done.left) == 1 and "Label by the folders" in str(next_undo(project))
    assert statuses(project).count("missing") == 1


def test_a_file_of_the_same_name_and_place_is_not_taken_for_it(project: Project, tmp_path: Path) -> None:
    path = rows_of(project)[3].path
    move_to_trash(project, pairs(project, 0))
    path.write_bytes(b"another one")
    trash_as_specified(tmp_path, path)
    assert undo(project) is not None and path.read_bytes() == rows_of(project)[0].path.read_bytes()
    move_to_trash(project, pairs(project, 0))
    for file in (tmp_path / "data" / "Trash" / "files").glob("red_3*"):
        file.write_bytes(b"changed in the trash")
    done = undo(project)
    assert done is not None and "a different one by now" in str(done.left[0].reason) and not path.exists()


def test_a_folder_that_is_gone_is_made_again(project: Project, tmp_path: Path) -> None:
    folder = rows_of(project)[0].path.parent
    move_to_trash(project, pairs(project, 0))
    folder.rename(tmp_path / "away")
    done = undo(project)
    assert done is not None and done.left == () and (folder / "red_3.png").is_file()


def test_putting_back_agrees_with_the_history(project: Project) -> None:
    move_to_trash(project, pairs(project, 0))
    add_class(project, "dog")
    move_to_trash(project, pairs(project, 1))
    assert can_put_back(project) == 2
    assert len(put_back(project).image_ids) == 2 and statuses(project) == ["ok"] * 6 and can_put_back(project) == 0
    assert str(next_redo(project)) == "Move 1 duplicate to the trash", "the newest can be moved again"
    assert [str(e.title) for e in list_journal(project) if not e.is_undone][:1] == ["Add the class “dog”"]
    assert redo(project) is not None and statuses(project)[4] == "missing"


def test_a_file_that_was_put_back_by_hand_counts_as_back(project: Project, tmp_path: Path) -> None:
    path = rows_of(project)[3].path
    move_to_trash(project, pairs(project, 0))
    shutil.copy(rows_of(project)[0].path, path)
    done = undo(project)
    assert done is not None and done.left == () and statuses(project) == ["ok"] * 6


def test_redo_compares_again(project: Project) -> None:
    move_to_trash(project, pairs(project, 0, 1))
    undo(project)
    rows_of(project)[0].path.write_bytes(b"changed")
    done = redo(project)
    assert done is not None and done.n_files == 1 and "has changed" in str(done.left[0].reason)
    assert str(next_undo(project)) == "Move 1 duplicate to the trash" and statuses(project)[3:5] == ["ok", "missing"]
    undo(project)
    rows_of(project)[1].path.write_bytes(b"changed")
    done = redo(project)
    assert done is not None and done.n_files == 0 and statuses(project) == ["ok"] * 6
    assert "Label by the folders" in str(next_undo(project))


def test_what_an_older_version_moved_comes_back_too(project: Project, tmp_path: Path) -> None:
    row = rows_of(project)[3]
    trash_as_specified(tmp_path, row.path)
    project.catalog.db.execute(
        "UPDATE image SET status = 'missing', reason = 'The file was moved to the trash.' WHERE id = ?", (row.id,))
    health = project.folder / "health"
    health.mkdir(exist_ok=True)
    (health / "trashed.json").write_text(json.dumps([[row.id, str(row.path)], [9999, "/nowhere"]]))
    assert can_put_back(project) >= 1
    done = undo(project)
    assert done is not None and done.n_files == 1 and row.path.is_file() and not (health / "trashed.json").exists()
    assert statuses(project) == ["ok"] * 6


def test_a_damaged_entry_stops_nothing(project: Project) -> None:
    move_to_trash(project, pairs(project, 0))
    project.catalog.db.execute("UPDATE journal SET payload = '[1,' WHERE action = 'trash'")
    assert list_trash_entries(project)[0].files == () and can_put_back(project) == 0
    done = undo(project)
    assert done is not None and "Label by the folders" in str(next_undo(project))


def test_files_below_the_data_folder_of_the_user_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """send2trash writes their paths relative to that folder; the sample lies there."""
    path = tmp_path / "data" / "catalejo" / "a name + 100 %ñ.png"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"1")
    subprocess.run(
        [sys.executable, "-c", "import sys; from send2trash import send2trash; send2trash(sys.argv[1])", str(path)],
        env={**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}, check=True)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert not path.exists()
    assert system_trash.SystemTrash().take_out(path, lambda file: file.read_bytes() == b"1") is None
    assert path.is_file()

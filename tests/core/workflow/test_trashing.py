"""Duplicates go to the trash and come back as one entry of the history; never the only copy, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.project.classes import add_class
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, count_labels, image_ids
from core.project.rows import ImageRow, image_rows
from core.project.trash_entries import list_trash_entries
from core.workflow import system_trash, trashing
from core.text import Message
from core.workflow.trashing import can_put_back, move_to_trash, plan_duplicates, put_back, settle_trash
from core.workflow.history import redo, undo, undo_question
from tests.conftest import write_class_folder
from tests.project_acts import import_folder, list_journal, next_redo, next_undo

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="another system's own trash")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Six pictures, the last three copies of the first three, and a trash of their own."""
    monkeypatch.setattr(system_trash, "send2trash", lambda path: trash_as_specified(tmp_path, Path(path)))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    with Project.create(tmp_path / "p") as project:
        draw_copies(tmp_path / "pictures" / "red")
        import_folder(project, tmp_path / "pictures")
        yield project


def draw_copies(folder: Path) -> None:
    write_class_folder(folder, "red", 3)
    for i in range(3):
        shutil.copy(folder / f"red_{i}.png", folder / f"red_{i + 3}.png")


def trash_as_specified(home: Path, path: Path) -> None:
    """What the specification says that a trash does; the user's own must not be filled by tests."""
    trash = home / "data" / "Trash"
    for part in ("files", "info"):
        (trash / part).mkdir(parents=True, exist_ok=True)
    n = sum(1 for _ in (trash / "info").iterdir())
    (trash / "info" / f"{path.stem} {n}{path.suffix}.trashinfo").write_text(
        f"[Trash Info]\nPath={path}\nDeletionDate=2026-11-22T10:00:{n:02}\n")
    shutil.move(path, trash / "files" / f"{path.stem} {n}{path.suffix}")


def rows_of(project: Project) -> tuple[ImageRow, ...]:
    return image_rows(project, image_ids(project, ImageFilter(status=None)))


def pairs(project: Project, *which: int) -> list[tuple[int, int]]:
    """(kept id, moved id) of the copies asked for, 0 … 2."""
    ids = [row.id for row in rows_of(project)]
    return [(ids[i], ids[i + 3]) for i in which or (0, 1, 2)]


def statuses(project: Project) -> list[str]:
    return [row.status for row in rows_of(project)]


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
    change(rows_of(project)[0].path)
    done = redo(project)
    assert done is not None and done.n_files == 1 and "has changed" in str(done.left[0].reason)
    assert str(next_undo(project)) == "Move 1 duplicate to the trash" and statuses(project)[3:5] == ["ok", "missing"]
    undo(project)
    change(rows_of(project)[1].path)
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


def test_taking_back_an_import_of_many_labels_is_asked_about(tmp_path: Path) -> None:
    write_class_folder(tmp_path / "train" / "red", "red", 6)
    write_class_folder(tmp_path / "train" / "blue", "blue", 6)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "train")
        question = undo_question(project)
        assert question is not None and question.code == "trash.undo_labels_and_classes"
        assert "12 labels, 2 classes" in str(question)


KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from core.project.catalog import Catalog
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.workflow import system_trash, trashing
from core.workflow.history import redo, undo
act, left = sys.argv[2], [int(sys.argv[3])]

def step():
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)

def counted(owner, name):
    true = getattr(owner, name)
    def stepping(*args, **kw):
        step()
        found = true(*args, **kw)
        step()
        return found
    setattr(owner, name, stepping)

project = Project.open(Path(sys.argv[1]))
ids = image_ids(project, ImageFilter(status=None)).tolist()
moves = [(ids[i], ids[i + 3]) for i in range(3)]
if act != "move":
    trashing.move_to_trash(project, moves)
if act == "redo":
    undo(project)
counted(trashing, "throw_away")
counted(system_trash.os, "rename")
counted(trashing, "change_trash_entry")
counted(trashing, "begin_trash_entry")
{"move": lambda: trashing.move_to_trash(project, moves), "undo": lambda: undo(project),
 "redo": lambda: redo(project)}[act]()
print("whole")
"""


@pytest.mark.parametrize("act", ["move", "undo", "redo"])
def test_a_kill_at_any_step_loses_no_file_and_no_label(tmp_path: Path, act: str) -> None:
    """The real trash, in a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "CATALEJO_NO_BOOTSTRAP": "1"}
    n_killed = 0
    for at in range(0, 40):
        place = tmp_path / f"{at}"
        draw_copies(place / "pictures" / "red")
        with Project.create(place / "p") as project:
            import_folder(project, place / "pictures")
            content = {row.path: row.path.read_bytes() for row in rows_of(project)}
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, str(place / "p"), act, str(at)], env=environment, capture_output=True,
            text=True, cwd=Path(__file__).parents[3])
        with pytest.MonkeyPatch.context() as patch, Project.open(place / "p") as project:
            patch.setenv("XDG_DATA_HOME", str(home / "data"))
            settle_trash(project)
            assert [s == "ok" for s in statuses(project)] == [row.path.is_file() for row in rows_of(project)]
            put_back(project)
            assert {row.path: row.path.read_bytes() for row in rows_of(project)} == content
            assert statuses(project) == ["ok"] * 6
            assert sum(count_labels(project, image_ids(project, ImageFilter())).values()) == 6
            assert not any(entry.is_moving for entry in list_trash_entries(project))
        if ended.returncode == 0:
            assert ended.stdout == "whole\n"
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        n_killed += 1
    assert ended.returncode == 0 and n_killed >= 8


def test_each_side_keeps_its_best_copy_and_labels_come_first(project: Project) -> None:
    rows = rows_of(project)
    ids = [row.id for row in rows]
    project.catalog.db.execute("UPDATE image SET split = 'test' WHERE id IN (?, ?)", ids[3:5])
    other = add_class(project, "blue").id
    set_labels(project, ids[5:], other)
    twins = tuple(ids[:5])
    two = (ids[0], ids[5])
    rows[2].path.unlink()
    plan = plan_duplicates(project, [twins, two])
    assert [(kept.id, moved.id) for kept, moved in plan.moves] == [(ids[0], ids[1]), (ids[3], ids[4])]
    assert [s.path for s in plan.protected] == [rows[2].path]
    assert [len(plan.moves_of(split)) for split in ("train", "test")] == [1, 1]


def test_no_label_goes_with_a_duplicate(project: Project) -> None:
    rows = rows_of(project)
    set_labels(project, [rows[0].id], None)
    group = (rows[0].id, rows[3].id)
    ((kept, moved),) = plan_duplicates(project, [group]).moves
    assert (kept.id, moved.id) == (rows[3].id, rows[0].id), "the labelled one stays"


def test_of_the_same_bytes_the_shortest_name_stays(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "red"
    (folder / "red_0.png").rename(folder / "copy of red_3.png")
    import_folder(project, tmp_path / "pictures")
    row_of = {row.path.name: row for row in rows_of(project)}
    copy, original = row_of["copy of red_3.png"], row_of["red_3.png"]
    group = (copy.id, original.id)
    ((kept, moved),) = plan_duplicates(project, [group]).moves
    assert (kept.id, moved.id) == (original.id, copy.id)


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

"""Projects are made, opened, locked and refused with a sentence."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import (
    AppError, InputError, NotAProject, ProjectDamaged, ProjectLocked, ProjectReadOnly, ProjectTooNew, StorageError,
)
from core.project import catalog as catalog_module
from core.project.catalog import CATALOG_NAME, Catalog
from core.project.classes import add_class, list_classes
from core.project.labels import set_labels
from core.project.lock import LOCK_NAME, OWNER_NAME
from core.project.project import Project
from core.project.queries import ImageFilter, count_images
from core.project.schema import APPLICATION_ID, MIGRATIONS, VERSION
from tests.project_acts import import_folder

ROOT = Path(__file__).resolve().parents[3]


def refused(kind: type[AppError], folder: Path, *, read_only: bool = False) -> AppError:
    with pytest.raises(kind) as caught:
        Project.open(folder, read_only=read_only).close()
    assert caught.value.sentence.endswith(".") and caught.value.hint.endswith(".")
    return caught.value


@pytest.mark.parametrize("name", ["plain", "niño perdido.catalejo", "line\nbreak", "100% #1?"])
def test_a_project_may_have_any_name(tmp_path: Path, name: str) -> None:
    with Project.create(tmp_path / name) as project:
        add_class(project, "cat")
    with Project.open(tmp_path / name) as project:
        assert [c.name for c in list_classes(project)] == ["cat"]
    with Project.open(tmp_path / name, read_only=True) as project:
        assert project.is_read_only and len(list_classes(project)) == 1


def test_the_catalog_is_marked_and_careful(empty_project: Project) -> None:
    db = empty_project.catalog.db
    pragmas = {n: db.execute(f"PRAGMA {n}").fetchone()[0] for n in (
        "application_id", "user_version", "journal_mode", "synchronous", "foreign_keys")}
    assert pragmas == {"application_id": APPLICATION_ID, "user_version": VERSION, "journal_mode": "wal",
                       "synchronous": 2, "foreign_keys": 1}
    assert empty_project.folder.is_absolute() and empty_project.run_path("r").parent == empty_project.runs_path
    assert {empty_project.embeddings_path.name, empty_project.thumbnails_path.name} == {
        "embeddings", "thumbnails.sqlite"}


def test_create_refuses_what_cannot_become_a_project(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").touch()
    (tmp_path / "file").touch()
    Project.create(tmp_path / "made").close()
    for folder, word in (("full", "not empty"), ("file", "file"), ("made", "already"), ("no/such", "does not exist"),
                         ("file/below", "file"), ("a\0b", "cannot")):
        with pytest.raises((InputError, StorageError), match=word) as caught:
            Project.create(tmp_path / folder)
        assert caught.value.hint
    assert os.listdir(tmp_path / "full") == ["letter.txt"]


def test_create_continues_where_it_was_killed(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / (CATALOG_NAME + ".new")).write_bytes(b"half")
    (tmp_path / "p" / LOCK_NAME).touch()
    Project.create(tmp_path / "p").close()


def test_where_nothing_may_be_written_create_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.mkdir", refuse)
    with pytest.raises(ProjectReadOnly, match="Nothing can be created"):
        Project.create(tmp_path / "p")


def test_open_refuses_what_is_no_project(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "does not exist" in refused(NotAProject, tmp_path / "nothing").sentence
    assert "not a Catalejo project" in refused(NotAProject, tmp_path / "folder").sentence
    assert os.listdir(tmp_path / "folder") == []


def test_a_catalog_of_another_program_is_left_alone(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / CATALOG_NAME)
    db.execute("CREATE TABLE theirs(x)")
    db.commit()
    db.close()
    before = (tmp_path / CATALOG_NAME).read_bytes()
    for read_only in (False, True):
        assert "another program" in refused(NotAProject, tmp_path, read_only=read_only).sentence
    assert (tmp_path / CATALOG_NAME).read_bytes() == before


def test_a_newer_catalog_is_left_alone(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    db = sqlite3.connect(tmp_path / "p" / CATALOG_NAME)
    db.execute(f"PRAGMA user_version={VERSION + 1}")
    db.close()
    before = (tmp_path / "p" / CATALOG_NAME).read_bytes()
    for read_only in (False, True):
        refused(ProjectTooNew, tmp_path / "p", read_only=read_only)
        assert (tmp_path / "p" / CATALOG_NAME).read_bytes() == before
    assert not (tmp_path / "p" / "backups").exists(), "nothing was migrated"


@pytest.mark.parametrize("damage", [
    lambda data: b"", lambda data: b"not SQLite" * 2000, lambda data: data[:5000], lambda data: data[:200],
    lambda data: data[:4096] + os.urandom(len(data) - 4096),
])
def test_a_damaged_catalog_is_said_to_be_damaged(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    Project.create(tmp_path / "p").close()
    path = tmp_path / "p" / CATALOG_NAME
    path.write_bytes(damage(path.read_bytes()))
    for read_only in (False, True):
        with pytest.raises((ProjectDamaged, NotAProject)) as caught:
            with Project.open(tmp_path / "p", read_only=read_only) as project:
                count_images(project, ImageFilter(status=None))
                list_classes(project)
        assert caught.value.hint


def test_the_second_opener_is_told_who_was_first(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", program="the window"):
        error = refused(ProjectLocked, tmp_path / "p")
        assert "the window" in error.sentence and str(os.getpid()) in error.sentence
        Project.open(tmp_path / "p", read_only=True).close()
    Project.open(tmp_path / "p").close()


def test_another_process_is_refused_as_well_and_its_death_frees_the_project(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    code = (f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom pathlib import Path\n"
            "from core.project.project import Project\n"
            "project = Project.open(Path(sys.argv[1]), program='other')\nprint('open', flush=True)\nsys.stdin.read()")
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "p")], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout is not None and child.stdout.readline() == "open\n"
        assert f"other (process {child.pid}" in refused(ProjectLocked, tmp_path / "p").sentence
        child.kill()
    assert json.loads((tmp_path / "p" / OWNER_NAME).read_text())["pid"] == child.pid
    Project.open(tmp_path / "p").close()


def test_an_unreadable_note_does_not_hide_the_lock(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p"):
        (tmp_path / "p" / OWNER_NAME).write_text("{")
        assert "another program" in refused(ProjectLocked, tmp_path / "p").sentence


def test_nothing_is_changed_when_opened_for_reading(tmp_path: Path) -> None:
    Project.create(tmp_path / "p").close()
    with Project.open(tmp_path / "p", read_only=True) as project:
        with pytest.raises(ProjectReadOnly):
            add_class(project, "cat")


def test_a_journal_that_cannot_be_taken_up_is_not_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project.create(tmp_path / "p")
    add_class(project, "cat")
    shutil.copytree(tmp_path / "p", tmp_path / "killed")
    project.close()
    connect = sqlite3.connect

    def refuse(place: str, *arguments: object, **named: object) -> sqlite3.Connection:
        if "mode=ro" in str(place):  # SQLite's answer on a disk where it cannot put its shared memory
            raise sqlite3.OperationalError("unable to open database file")
        return connect(place, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite3, "connect", refuse)
    assert "interrupted" in refused(ProjectReadOnly, tmp_path / "killed", read_only=True).sentence
    with Project.open(tmp_path / "p", read_only=True) as opened:
        assert [c.name for c in list_classes(opened)] == ["cat"]


def test_a_catalog_that_cannot_be_made_leaves_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(db: sqlite3.Connection, *, from_version: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(catalog_module, "migrate", fail)
    with pytest.raises(StorageError):
        Project.create(tmp_path / "p")
    assert not list((tmp_path / "p").glob("catalog.sqlite*"))


@pytest.mark.parametrize(("code", "kind"), [
    (sqlite3.SQLITE_FULL, StorageError), (sqlite3.SQLITE_IOERR, StorageError), (sqlite3.SQLITE_BUSY, ProjectLocked),
    (sqlite3.SQLITE_READONLY, ProjectReadOnly), (sqlite3.SQLITE_CORRUPT, ProjectDamaged),
])
def test_errors_of_the_disk_are_put_into_words(empty_project: Project, code: int, kind: type[AppError]) -> None:
    error = sqlite3.OperationalError("played")
    error.sqlite_errorcode = code
    with pytest.raises(kind) as caught, empty_project.catalog.transaction() as db:
        db.execute("INSERT INTO meta VALUES ('a', 'b')")
        raise error
    assert caught.value.hint
    assert empty_project.catalog.rows("SELECT * FROM meta") == []


def test_no_room_for_shared_memory_is_a_full_disk(empty_project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    with pytest.raises(StorageError, match="full"), empty_project.catalog.transaction():
        raise error


def test_a_really_full_disk_changes_nothing(empty_project: Project) -> None:
    add_class(empty_project, "cat")
    db = empty_project.catalog.db
    db.execute(f"PRAGMA max_page_count={db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StorageError, match="full"):
        for i in range(1000):
            add_class(empty_project, f"class {i} " + "x" * 1000)
    assert list_classes(empty_project)[0].name == "cat"


def test_an_older_catalog_is_copied_and_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Project.create(tmp_path / "p") as project:
        add_class(project, "cat")
    monkeypatch.setattr("core.project.schema.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE later(x INTEGER) STRICT;"))
    for module in ("schema", "catalog"):
        monkeypatch.setattr(f"core.project.{module}.VERSION", VERSION + 1)
    monkeypatch.setattr(catalog_module, "OLDEST_READABLE", VERSION + 1)
    with pytest.raises(ProjectReadOnly):
        Project.open(tmp_path / "p", read_only=True)
    with Project.open(tmp_path / "p") as project:
        assert project.catalog.rows("SELECT count(*) FROM later") == [(0,)]
        assert [c.name for c in list_classes(project)] == ["cat"]
    (backup,) = (tmp_path / "p" / "backups").iterdir()
    monkeypatch.setattr(catalog_module, "VERSION", VERSION)
    monkeypatch.setattr(catalog_module, "OLDEST_READABLE", VERSION)
    copy = Catalog(backup, is_read_only=True)
    assert copy.rows("SELECT name FROM class") == [("cat",)]
    copy.close()


def test_a_migration_that_fails_leaves_the_catalog_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Project.create(tmp_path / "p").close()
    broken = "CREATE TABLE later(x); CREATE TABLE later(x);"
    monkeypatch.setattr("core.project.schema.MIGRATIONS", (*MIGRATIONS, broken))
    for module in ("schema", "catalog"):
        monkeypatch.setattr(f"core.project.{module}.VERSION", VERSION + 1)
    with pytest.raises(sqlite3.OperationalError):
        Project.open(tmp_path / "p")
    for module in ("schema", "catalog"):
        monkeypatch.setattr(f"core.project.{module}.VERSION", VERSION)
    with Project.open(tmp_path / "p") as project:
        assert project.catalog.rows("SELECT name FROM sqlite_master WHERE name = 'later'") == []


def test_a_kill_while_labelling_loses_nothing_acknowledged(tmp_path: Path, image_folder: Path) -> None:
    with Project.create(tmp_path / "p") as project:
        import_folder(project, image_folder, with_labels=False)
        cat = add_class(project, "cat")
    code = (f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom pathlib import Path\n"
            "from core.project.project import Project\nfrom core.project.labels import set_labels\n"
            "project = Project.open(Path(sys.argv[1]))\ni = -1\n"
            "while True:\n    i += 1\n    label = None if i // 20 % 2 else int(sys.argv[2])\n"
            "    set_labels(project, [i % 20 + 1], label)\n    print(i, flush=True)\n")
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "p"), str(cat.id)],
                             stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout is not None
        for _ in range(50):
            last = int(child.stdout.readline())
        child.kill()
        last = max([last, *(int(line) for line in child.stdout if line.endswith("\n"))])
    with Project.open(tmp_path / "p") as project:
        n_entries = project.catalog.rows("SELECT count(*) FROM journal WHERE action = 'label'")[0][0]
        assert n_entries in (last + 1, last + 2)
        changes = project.catalog.rows("SELECT image_id, after_class_id FROM journal_label ORDER BY journal_id")
        labels = dict(project.catalog.rows("SELECT id, class_id FROM image"))
        assert {i: labels[i] for i, _ in changes} == dict(changes)
        assert project.catalog.rows("PRAGMA integrity_check") == [("ok",)]
        assert set_labels(project, [1], None) in (0, 1)

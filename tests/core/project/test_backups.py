"""Copies of the catalog: sound, few, made when it matters, and good to go back to."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from core.jobs import JobCancelled, JobContext
from core.errors import InputError, NotAProject, ProjectDamaged, ProjectLocked, StorageError
from core.project import backup_files
from core.project.backup_files import find_backups
from core.project.backups import keep_backup, list_contents, restore_backup
from core.project.project import Project, project_for_thread
from core.project.catalog import CATALOG_NAME
from core.project.classes import add_class, list_classes
from core.project.queries import count_all
from core.cli.project_commands import say_restored
from core.text import text
from tests.conftest import RecordingContext
from tests.core.crash_points import killed_at
from tests.project_acts import import_folder

NOON = datetime(2026, 11, 22, 12, 0)


class Clock(datetime):
    """A clock that tests set."""

    minutes = 0.0

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return NOON + timedelta(minutes=cls.minutes)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    monkeypatch.setattr(Clock, "minutes", 0.0)
    monkeypatch.setattr("core.project.backup_files.datetime", Clock)
    monkeypatch.setattr("core.project.backups.datetime", Clock)
    return Clock


def minutes_of(folder: Path) -> list[int]:
    return [int((b.made_at - NOON).total_seconds() // 60) for b in find_backups(folder)]


def damage(folder: Path) -> None:
    """Overwrite the pages behind the first one, as a failing disk does."""
    path = folder / CATALOG_NAME
    data = path.read_bytes()
    path.write_bytes(data[:16384] + os.urandom(len(data) - 16384))


def test_a_backup_is_a_whole_catalog_with_what_was_acknowledged(project: Project) -> None:
    add_class(project, "cat")
    path = keep_backup(project.folder)
    assert path is not None and [p.name for p in path.parent.iterdir()] == [path.name], "one file, no journal"
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert ("cat",) in db.execute("SELECT name FROM class").fetchall()
        assert db.execute("SELECT count(*) FROM image").fetchone() == (21,)
    db.close()


def test_the_newest_and_some_that_lie_apart_are_kept(empty_project: Project, clock: type[Clock]) -> None:
    kept = []
    for clock.minutes in (0, 4, 8, 12, 16, 20, 24, 60, 61):  # type: ignore[assignment]
        keep_backup(empty_project.folder)
        kept.append(minutes_of(empty_project.folder))
    assert kept == [[0], [4, 0], [8, 0], [12, 0], [16, 12, 0], [20, 12, 0], [24, 12, 0], [60, 24, 12], [61, 60, 24]]


def test_only_what_is_due_is_copied(empty_project: Project, clock: type[Clock]) -> None:
    folder = empty_project.folder
    assert keep_backup(folder, only_if_due=True) is not None
    clock.minutes = 9
    assert keep_backup(folder, only_if_due=True) is None
    clock.minutes = 11
    assert keep_backup(folder, only_if_due=True) is not None and minutes_of(folder) == [11, 0]


def test_copies_of_migrations_are_left_alone(empty_project: Project, clock: type[Clock]) -> None:
    keep_backup(empty_project.folder)
    old = empty_project.folder / "backups" / "catalog-version-1-20200101-000000-000000.sqlite"
    shutil.copy(find_backups(empty_project.folder)[0].path, old)
    (old.parent / "notes.txt").touch()
    for clock.minutes in range(20, 200, 20):  # type: ignore[assignment]
        keep_backup(empty_project.folder)
    assert old.is_file() and (old.parent / "notes.txt").is_file() and len(find_backups(empty_project.folder)) == 4


def test_a_damaged_catalog_replaces_no_sound_copy(project: Project, clock: type[Clock]) -> None:
    keep_backup(project.folder)
    project.close()
    damage(project.folder)
    for clock.minutes in (20, 40, 60, 80):  # type: ignore[assignment]
        with pytest.raises(ProjectDamaged) as caught:
            keep_backup(project.folder)
    assert minutes_of(project.folder) == [0] and "2026-11-22 12:00" in caught.value.hint
    assert len(list((project.folder / "backups").iterdir())) == 1


def test_a_full_disk_leaves_the_older_copy_and_nothing_half(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep_backup(project.folder)

    def refuse(draft: Path, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_files, "put_in_place", refuse)
    with pytest.raises(StorageError):
        keep_backup(project.folder)
    assert [b.path for b in find_backups(project.folder)] == [first]
    assert list((project.folder / "backups").iterdir()) == [first]


def test_a_damaged_catalog_names_its_backup_and_comes_back(project: Project, clock: type[Clock]) -> None:
    add_class(project, "cat")
    keep_backup(project.folder)
    wal = project.folder / (CATALOG_NAME + "-wal")
    add_class(project, "dog")
    journal = wal.read_bytes()
    project.close()
    damage(project.folder)
    with pytest.raises(ProjectDamaged) as caught, Project.open(project.folder) as opened:
        count_all(opened), list_classes(opened)
    newest = find_backups(project.folder)[0]
    assert newest.path.name in caught.value.hint and "main.py restore" in caught.value.hint
    wal.write_bytes(journal)
    restored = restore_backup(project.folder)
    assert [restored[name] for name in ("backup", "images", "labels", "runs")] == [str(newest.path), 20, 20, 0]
    with Project.open(project.folder) as opened:
        assert [c.name for c in list_classes(opened)] == ["blue", "red", "cat"], "nothing of the old journal"
        assert count_all(opened).n_images == 21
    aside = [p for p in newest.path.parent.iterdir() if p.name.startswith("damaged-")]
    assert any(p.suffix == ".sqlite" for p in aside), "the damaged one is kept"


def test_without_a_backup_the_hint_promises_none(empty_project: Project) -> None:
    empty_project.close()
    (empty_project.folder / CATALOG_NAME).write_bytes(b"not SQLite" * 2000)
    with pytest.raises(ProjectDamaged, match="no backup"):
        Project.open(empty_project.folder)
    with pytest.raises(InputError, match="no backup"):
        restore_backup(empty_project.folder)


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_lost_or_emptied_catalog_comes_back_too(project: Project, image_folder: Path, is_gone: bool) -> None:
    keep_backup(project.folder)
    project.close()
    (project.folder / CATALOG_NAME).write_bytes(b"")
    if is_gone:
        (project.folder / CATALOG_NAME).unlink()
    for act in (Project.open, *([Project.create] if is_gone else [])):
        with pytest.raises((ProjectDamaged, NotAProject)) as caught:
            act(project.folder)
        assert "main.py restore" in caught.value.hint
    said = say_restored(restore_backup(project.folder))
    assert (text("cli.restore.aside", folder=project.folder / "backups") in said) is not is_gone
    with Project.open(project.folder) as opened:
        assert import_folder(opened, image_folder).n_found == 20


def test_restoring_is_refused_where_it_would_lose_something(project: Project) -> None:
    path = keep_backup(project.folder)
    assert path is not None
    with pytest.raises(ProjectLocked):
        restore_backup(project.folder)
    project.close()
    with pytest.raises(InputError, match="sound"):
        restore_backup(project.folder)
    damage(project.folder)
    path.write_bytes(b"damaged as well")
    before = (project.folder / CATALOG_NAME).read_bytes()
    with pytest.raises(InputError, match="All backups"):
        restore_backup(project.folder)
    assert (project.folder / CATALOG_NAME).read_bytes() == before
    with pytest.raises(InputError, match="does not exist"):
        restore_backup(project.folder / "nowhere")


def test_an_older_sound_copy_is_taken_where_the_newest_is_damaged(project: Project, clock: type[Clock]) -> None:
    keep_backup(project.folder)
    clock.minutes = 30
    newest = keep_backup(project.folder)
    project.close()
    assert newest is not None
    newest.write_bytes(b"damaged as well")
    damage(project.folder)
    assert restore_backup(project.folder)["made_at"] == f"{NOON:%Y-%m-%d %H:%M}"


def test_a_chosen_copy_replaces_a_sound_catalog_which_is_kept(project: Project, clock: type[Clock]) -> None:
    add_class(project, "cat")
    first = keep_backup(project.folder)
    clock.minutes = 30
    add_class(project, "dog")
    keep_backup(project.folder)
    damaged = project.folder / "backups" / "catalog-000003-20261122-123000-000000.sqlite"
    damaged.write_bytes(b"no catalog")
    contents = list_contents(project.folder)
    assert [(c.n_images, c.n_labels, c.n_runs) for c in contents] == [(20, 20, 0)] * 2, "a damaged one is not offered"
    assert first is not None and contents[1].backup.path == first
    project.close()
    facts = restore_backup(project.folder, chosen=first)
    with Project.open(project.folder) as again:
        names = [row.name for row in list_classes(again)]
        assert "cat" in names and "dog" not in names
    aside = [*Path(facts["aside"]).glob("replaced-*.sqlite")]
    assert len(aside) == 1


def test_what_the_window_records_beside_is_backed_up_now_and_then(project: Project, clock: type[Clock]) -> None:
    for clock.minutes, n in ((0, 1), (5, 1), (11, 2)):  # type: ignore[assignment]
        with project_for_thread(project) as same:
            add_class(same, f"class {clock.minutes}")
        assert len(find_backups(project.folder)) == n
    project.close()
    with Project.open(project.folder, read_only=True) as looking:
        clock.minutes = 60
        with project_for_thread(looking):
            pass
    assert len(find_backups(project.folder)) == 2


def test_a_copy_dated_in_the_future_pushes_none_out(empty_project: Project, clock: type[Clock]) -> None:
    folder, days = empty_project.folder, 60 * 24
    clock.minutes = 30 * days  # type: ignore[assignment]
    keep_backup(folder)
    for clock.minutes in (0, 20, 40, 60):  # type: ignore[assignment]
        add_class(empty_project, f"class {clock.minutes}")
        path = keep_backup(folder)
        assert path is not None and path.is_file() and find_backups(folder)[0].path == path
    assert minutes_of(folder) == [60, 40, 20]
    empty_project.close()
    damage_all(folder)
    assert restore_backup(folder)["backup"] == str(path)
    with Project.open(folder) as opened:
        assert len(list_classes(opened)) == 4


def test_copies_of_older_versions_are_read_and_are_older_than_numbered_ones(
    empty_project: Project, clock: type[Clock]
) -> None:
    folder = empty_project.folder
    first = keep_backup(folder)
    assert first is not None and first.name == "catalog-000001-20261122-120000-000000.sqlite"
    for stamp in ("20261120-120000-000000", "20361122-120000-000000", "20261121-120000-000000"):
        shutil.copy(first, first.with_name(f"catalog-{stamp}.sqlite"))
    first.with_name("catalog-20269999-120000-000000.sqlite").touch()
    assert [b.made_at.isoformat()[:10] for b in find_backups(folder)] == [
        "2026-11-22", "2026-11-21", "2026-11-20", "2036-11-22"]
    clock.minutes = 20
    second = keep_backup(folder)
    assert second is not None and second.name.startswith("catalog-000002-") and find_backups(folder)[0].path == second
    assert only_due(folder) is None, "a clock that is wrong in an old name makes nothing due"


def test_a_copy_with_a_huge_number_pushes_none_out(empty_project: Project, clock: type[Clock]) -> None:
    copy = keep_backup(empty_project.folder)
    assert copy is not None
    copy.rename(copy.with_name("catalog-999999999999999999-20200101-000000-000000.sqlite"))
    for name in ("red", "blue"):
        clock.minutes += 20
        add_class(empty_project, name)
        copy = keep_backup(empty_project.folder)
        assert find_backups(empty_project.folder)[0].path == copy


def only_due(folder: Path) -> Path | None:
    return keep_backup(folder, only_if_due=True)


def damage_all(folder: Path) -> None:
    (folder / CATALOG_NAME).write_bytes(b"not SQLite" * 2000)


def test_drafts_that_a_kill_left_are_removed_but_not_one_that_is_being_written(
    empty_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = empty_project.folder
    keep_backup(folder)
    drafts = [folder / "backups" / f"catalog-000009-20261122-120000-000000.sqlite.new{ending}"
              for ending in ("", "-journal", "-wal", "-shm")]
    for draft in drafts:
        draft.write_bytes(b"half")
    monkeypatch.setattr(backup_files, "WRITING_TIMEOUT_S", 0.1)
    with FileLock(folder / "backups.lock"), pytest.raises(StorageError, match="being made"):
        keep_backup(folder)
    assert all(draft.exists() for draft in drafts), "somebody was writing"
    keep_backup(folder)
    assert not any(draft.exists() for draft in drafts)


def test_restoring_is_whole_after_a_kill_at_any_point(tmp_path: Path) -> None:
    for n in itertools.count(0, 3):
        folder = tmp_path / f"{n}.p"
        with Project.create(folder) as project:
            add_class(project, "cat")
            keep_backup(folder)
        damage_all(folder)
        (folder / (CATALOG_NAME + "-journal")).write_bytes(b"of the damaged one")
        is_whole = killed_at(n, folder, lambda: restore_backup(folder)) == 0
        with suppress(InputError):  # it was restored before the kill
            restore_backup(folder)
        with Project.open(folder) as opened:
            assert [c.name for c in list_classes(opened)] == ["cat"]
        assert not list(folder.glob("*.new*")) and list((folder / "backups").glob("damaged-*.sqlite"))
        if is_whole:
            assert n > 10
            return


def test_a_link_in_the_place_of_the_draft_is_not_followed(empty_project: Project, tmp_path: Path) -> None:
    keep_backup(empty_project.folder)
    empty_project.close()
    damage_all(empty_project.folder)
    (tmp_path / "letter.txt").write_text("dear")
    (empty_project.folder / (CATALOG_NAME + ".new")).symlink_to(tmp_path / "letter.txt")
    restore_backup(empty_project.folder)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_backup_that_is_cancelled_leaves_those_that_there_are(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_files, "PAGES_AT_ONCE", 4)
    monkeypatch.setattr(backup_files, "STEPS_AT_ONCE", 1)
    keep_backup(project.folder)
    before = sorted((project.folder / "backups").iterdir())
    whole = RecordingContext()
    keep_backup(project.folder, whole)
    newest = find_backups(project.folder)[0].path
    stages = [progress.stage for progress in whole.progresses]
    assert stages[-1] == backup_files.CHECKING and whole.progresses[-2].is_done and newest not in before
    newest.unlink()
    n_copying = stages.index(backup_files.CHECKING) + 1
    assert whole.n_checks > n_copying + 1, "the check of the copy can be cancelled, too"
    for n_looks in (1, whole.n_checks - 1):
        with pytest.raises(JobCancelled):
            keep_backup(project.folder, RecordingContext(cancel_after=n_looks))
    assert sorted((project.folder / "backups").iterdir()) == before


def test_labels_that_are_given_meanwhile_do_not_begin_a_backup_anew(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_files, "PAGES_AT_ONCE", 4)
    n_classes, n_told = len(list_classes(project)), itertools.count()

    def write(_: object) -> None:
        if next(n_told) < 5:
            add_class(project, f"class {n_told}")

    monkeypatch.setattr("core.jobs.EMIT_EVERY_S", 0.0)
    context = JobContext(on_progress=write)
    path = keep_backup(project.folder, context)
    assert path is not None and len(list_classes(project)) == n_classes + 5
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM class").fetchone() == (n_classes,), "of the moment when it began"


def test_a_restoring_that_is_cancelled_leaves_the_catalog(project: Project) -> None:
    folder = project.folder
    backup = keep_backup(folder)
    assert backup is not None
    add_class(project, "later")
    project.close()
    with pytest.raises(JobCancelled):
        restore_backup(folder, chosen=backup, context=RecordingContext(cancel_after=0))
    with Project.open(folder) as same:
        assert "later" in [row.name for row in list_classes(same)]

"""`new` that was killed, at whatever point, does not stand in the way of the next `new`."""

from __future__ import annotations

import itertools
import os
import sqlite3
from pathlib import Path

import pytest

from core.jobs import JobContext
from core.project.backup_files import find_backups
from core.project.catalog import CATALOG_NAME
from core.project.project import Project
from core.project.queries import count_all
from core.workflow.importing import new_project
from tests.conftest import write_class_folder
from tests.core.crash_points import KILLED, killed_at

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is a fork")


def make(folder: Path, pictures: Path) -> None:
    new_project(folder, pictures, None, JobContext())


def assert_whole(folder: Path) -> None:
    with Project.open(folder) as project:
        assert count_all(project).n_labelled == 4 and count_all(project).n_images == 4
    assert find_backups(folder), "a backup was made"
    assert not list(folder.rglob("*.new*"))


@pytest.mark.parametrize("stride", [17, pytest.param(1, marks=pytest.mark.long)])
def test_new_after_a_new_that_was_killed_succeeds(tmp_path: Path, stride: int) -> None:
    for hue in ("red", "blue"):
        write_class_folder(tmp_path / "train" / hue, hue, 2)
    for n in itertools.count(0, stride):
        folder = tmp_path / f"{n}.p"
        ended = killed_at(n, folder, lambda: make(folder, tmp_path / "train"))
        assert ended in (0, KILLED)
        make(folder, tmp_path / "train")
        assert_whole(folder)
        if ended == 0:
            assert n > 50
            return


def test_making_the_catalog_may_be_killed_anywhere(tmp_path: Path) -> None:
    for n in itertools.count(0, 4):
        folder = tmp_path / f"{n}.p"
        ended = killed_at(n, folder, lambda: Project.create(folder))
        if not (folder / CATALOG_NAME).exists():
            Project.create(folder).close()
        Project.open(folder).close()
        assert not list(folder.glob("*.new*"))
        if ended == 0:
            assert n > 20
            return


def test_a_journal_of_a_killed_draft_is_not_applied_to_the_next(tmp_path: Path) -> None:
    """A hot journal brings back the pages of another file."""
    folder = tmp_path / "p"
    folder.mkdir()
    other = folder / (CATALOG_NAME + ".new")
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE foreign_table(x)")
    db.commit()
    db.execute("PRAGMA cache_size=1")
    db.execute("PRAGMA cache_spill=1")
    db.execute("BEGIN")
    db.execute("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 9999) "
               "INSERT INTO foreign_table SELECT hex(randomblob(99)) FROM c")
    journal = (folder / (CATALOG_NAME + ".new-journal")).read_bytes()
    db.close()
    (folder / (CATALOG_NAME + ".new-journal")).write_bytes(journal)
    for beside in ("-wal", "-shm"):
        (folder / (CATALOG_NAME + ".new" + beside)).write_bytes(b"stale")
    with Project.create(folder) as project:
        assert project.catalog.rows("SELECT name FROM sqlite_master WHERE name = 'foreign_table'") == []
    assert sorted(p.name for p in folder.iterdir()) == ["catalog.lock", "catalog.sqlite"]


def test_a_folder_with_more_than_leftovers_is_still_refused(tmp_path: Path) -> None:
    from core.errors import InputError

    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "catalog.sqlite.new-journal").touch()
    (tmp_path / "p" / "thesis.txt").touch()
    with pytest.raises(InputError, match="not empty"):
        Project.create(tmp_path / "p")

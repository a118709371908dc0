"""Recording in another thread: whole or not at all, while the owner goes on reading."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import ProjectReadOnly
from core.project.project import Project, project_for_thread
from core.project.classes import add_class, list_classes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "guns.catalejo")


def in_a_thread(act: object) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()  # type: ignore[arg-type]


def test_what_another_thread_records_is_there_for_the_owner(project: Project) -> None:
    def record() -> None:
        with project_for_thread(project) as same:
            add_class(same, "pistol")

    in_a_thread(record)
    assert [row.name for row in list_classes(project)] == ["pistol"]
    project.close()


def test_the_owner_reads_and_writes_no_half_of_it(project: Project) -> None:
    with project_for_thread(project) as same:
        with pytest.raises(ZeroDivisionError), same.catalog.transaction() as db:
            db.execute("INSERT INTO meta VALUES ('half', 'written')")
            assert not project.catalog.rows("SELECT * FROM meta WHERE key = 'half'")
            raise ZeroDivisionError
    assert not project.catalog.rows("SELECT * FROM meta WHERE key = 'half'")
    add_class(project, "smartphone")
    project.close()


def test_the_lock_stays_with_the_owner(project: Project) -> None:
    with project_for_thread(project):
        pass
    add_class(project, "pistol")
    with pytest.raises(Exception, match="open"):
        Project.open(project.folder)
    project.close()


def test_a_project_for_looking_stays_one(project: Project) -> None:
    project.close()
    with Project.open(project.folder, read_only=True) as looking, project_for_thread(looking) as same:
        with pytest.raises(ProjectReadOnly):
            add_class(same, "pistol")

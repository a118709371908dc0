"""A catalog from elsewhere: other tables, triggers, links in its folder, values that cannot be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import ProjectDamaged, ProjectError
from core.project.classes import add_class, list_classes
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs, image_rows
from core.project.labels import take_snapshot
from tests.project_acts import undo


def edit(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


@pytest.fixture
def folder(project: Project) -> Path:
    project.close()
    return project.folder


@pytest.mark.parametrize("statements", [
    ("ALTER TABLE run RENAME TO old", "CREATE TABLE run AS SELECT * FROM old"),
    ("ALTER TABLE finding_decision RENAME TO f", "CREATE VIEW finding_decision AS SELECT * FROM f"),
    ("CREATE TRIGGER t AFTER UPDATE ON image BEGIN UPDATE image SET class_id = 1; END",),
    ("DROP TABLE journal_label",),
    ("ALTER TABLE image ADD COLUMN more TEXT",),
])
def test_other_tables_than_ours_are_refused(folder: Path, statements: tuple[str, ...]) -> None:
    edit(folder, *statements)
    for read_only in (True, False):
        with pytest.raises(ProjectError, match="damaged"):
            Project.open(folder, read_only=read_only)


@pytest.mark.parametrize("name", [
    "catalog.lock", "catalog.owner.json", "thumbnails.sqlite", "health", "health/result.json", "backups",
    "backups/x", "embeddings/key", "embeddings/key/hashes.bin", "runs/a.training.unfinished",
])
def test_nothing_is_written_through_a_link(folder: Path, tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    link = folder / name
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_dir():
        link.rename(tmp_path / "aside")
    link.unlink(missing_ok=True)
    link.symlink_to(victim)
    for read_only in (True, False):
        with pytest.raises(ProjectDamaged, match="is a link"):
            Project.open(folder, read_only=read_only)
    assert victim.read_text() == "precious"


def test_embeddings_and_runs_may_lie_on_another_disk(folder: Path, tmp_path: Path) -> None:
    for name in ("embeddings", "runs"):
        (tmp_path / name).mkdir()
        (folder / name).symlink_to(tmp_path / name)
    Project.open(folder).close()


@pytest.mark.parametrize("statement", [
    "UPDATE image SET content_hash = x'01' WHERE id = 1",
    "UPDATE image SET content_hash = zeroblob(100) WHERE id = 1",
    "UPDATE image SET class_id = 99 WHERE id = 1", "UPDATE image SET name = CAST(x'ff' AS TEXT) WHERE id = 1",
])
def test_a_damaged_image_is_said_and_hinders_no_one_else(folder: Path, statement: str) -> None:
    edit(folder, "PRAGMA foreign_keys=OFF", statement)
    with Project.open(folder) as project:
        with pytest.raises(ProjectDamaged, match="damaged"):
            take_snapshot(project)
            image_rows(project, image_ids(project, ImageFilter()))
        assert list_classes(project)
        if "content_hash" in statement:
            with pytest.raises(ProjectDamaged, match="hash"):
                image_refs(project, (1,))
        assert image_refs(project, (2,))


def test_a_class_with_an_impossible_colour_or_key_has_a_usual_one(folder: Path) -> None:
    edit(folder, "UPDATE class SET color = 'red;background:url(x)', key = 'Ctrl+Q' WHERE id = 1")
    with Project.open(folder, read_only=True) as project:
        found = next(row for row in list_classes(project) if row.id == 1)
        assert (found.color, found.key) == ("#808080", None)


@pytest.mark.parametrize("payload", ["{", "[]", "7", '{"before": [{"id": "x"}], "after": []}', "[" * 5000,
                                     '{"before": [{"id": {}, "name": 1}], "after": 3}'])
def test_a_damaged_history_is_said_and_changes_nothing(folder: Path, payload: str) -> None:
    with Project.open(folder) as project:
        add_class(project, "green")
        with project.catalog.transaction() as db:
            db.execute("UPDATE journal SET payload = ? WHERE id = (SELECT max(id) FROM journal)", (payload,))
        before = list_classes(project)
        with pytest.raises(ProjectDamaged, match="history"):
            undo(project)
        assert list_classes(project) == before

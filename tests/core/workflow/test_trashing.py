"""Copies go to the trash and come back; what is protected stays where it is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from core.project.classes import add_class
from core.project.importer import import_folder
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, count_labels, image_ids
from core.project.rows import image_rows
from core.review.health_result import HealthResult, Sizes, TwinSet
from core.workflow.trashing import can_put_back, find_protected, move_to_trash, plan_copies, put_back
from tests.conftest import write_class_folder

freedesktop = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="another system's own trash")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Six pictures and a trash of their own."""
    monkeypatch.setattr("core.workflow.trashing.send2trash", lambda path: trash_as_specified(tmp_path, Path(path)))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    write_class_folder(tmp_path / "pictures" / "red", "red", 6)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "pictures")
        yield project


def trash_as_specified(home: Path, path: Path) -> None:
    """What the specification says that a trash does; the user's own must not be filled by tests."""
    trash = home / "data" / "Trash"
    for part in ("files", "info"):
        (trash / part).mkdir(parents=True, exist_ok=True)
    (trash / "info" / f"{path.name}.trashinfo").write_text(
        f"[Trash Info]\nPath={path}\nDeletionDate=2026-11-22T10:00:00\n")
    shutil.move(path, trash / "files" / path.name)


@freedesktop
def test_files_go_and_come_back_with_their_labels(project: Project, tmp_path: Path) -> None:
    ids = image_ids(project, ImageFilter())
    content = {row.path: row.path.read_bytes() for row in image_rows(project, ids)}
    found = move_to_trash(project, ids[:2].tolist())
    assert found.image_ids == tuple(ids[:2].tolist()) and found.left == ()
    assert len(image_ids(project, ImageFilter())) == 4 and can_put_back(project) == 2
    assert {r.reason for r in image_rows(project, ids[:2])} == {"The file was moved to the trash."}
    assert put_back(project).image_ids == found.image_ids
    assert {row.path: row.path.read_bytes() for row in image_rows(project, ids)} == content
    assert sum(count_labels(project, ids).values()) == 6 and can_put_back(project) == 0
    assert list((tmp_path / "data" / "Trash" / "info").iterdir()) == []


@freedesktop
def test_what_cannot_come_back_says_why(project: Project, tmp_path: Path) -> None:
    ids = image_ids(project, ImageFilter())
    paths = [row.path for row in image_rows(project, ids[:2])]
    move_to_trash(project, ids[:2].tolist())
    paths[0].write_bytes(b"somebody else's")
    shutil.rmtree(tmp_path / "data" / "Trash" / "files")
    reasons = [skipped.reason for skipped in put_back(project).left]
    assert "again" in reasons[0] and "cannot be put back" in reasons[1]
    assert paths[0].read_bytes() == b"somebody else's"


def test_each_side_keeps_its_best_copy_and_labels_come_first(project: Project) -> None:
    rows = image_rows(project, image_ids(project, ImageFilter()))
    ids = [row.id for row in rows]
    project.catalog.db.execute("UPDATE image SET split = 'test' WHERE id IN (?, ?)", ids[3:5])
    other = add_class(project, "blue").id
    set_labels(project, ids[5:], other)
    twins = TwinSet(tuple(ids[:5]), "same picture", False, True, ("",) * 5, "")
    two = TwinSet((ids[0], ids[5]), "same file", True, False, ("", ""), "")
    rows[2].path.unlink()
    result = HealthResult("", "", "", 0.0, 6, Sizes((), 1.0, 0, 0, ""), duplicates=(twins, two))
    plan = plan_copies(project, result)
    assert [(kept.id, moved.id) for kept, moved in plan.moves] == [(ids[0], ids[1]), (ids[3], ids[4])]
    assert [s.path for s in plan.protected] == [rows[2].path]


def test_protected_files_and_links_are_left_alone(project: Project, tmp_path: Path) -> None:
    rows = image_rows(project, image_ids(project, ImageFilter()))
    rows[0].path.rename(tmp_path / "elsewhere.png")
    rows[0].path.symlink_to(tmp_path / "elsewhere.png")
    rows[1].path.unlink()
    found = move_to_trash(project, [rows[0].id, rows[1].id])
    assert found.image_ids == () and ["link" in found.left[0].reason, "gone" in found.left[1].reason] == [True, True]
    assert (tmp_path / "elsewhere.png").exists()


def test_a_read_only_file_is_protected(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    row = image_rows(project, image_ids(project, ImageFilter()))[0]
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: False if Path(path) == row.path else real(path, mode))
    assert [s.path for s in find_protected([row.path])] == [row.path]
    assert move_to_trash(project, [row.id]).image_ids == () and row.path.exists()

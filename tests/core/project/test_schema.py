"""A catalog of version 2 is brought up to date with a copy kept, and can be looked at without being written."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.project.catalog import CATALOG_NAME
from core.project.labels import set_labels, take_snapshot
from core.project.predictions import list_predictions
from core.project.project import Project
from core.project.rows import image_row
from core.project.schema import VERSION
from core.project.tags import set_flag
from tests.conftest import write_older_catalog
from tests.core.crash_points import killed_at

ROWS = """
INSERT INTO source VALUES (1, CAST('/pictures' AS BLOB), 'train', '2026-01-01T00:00:00+00:00');
INSERT INTO class VALUES (1, 'red', '#FF0000', '1', 0, 0), (2, 'blue', '#0000FF', '2', 1, 0);
INSERT INTO image VALUES (1, 1, CAST('a.png' AS BLOB), 'a.png', 'a', 10, 5, zeroblob(32), 'PNG', 8, 8, 'RGB', 'train',
    1, 'ok', NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO image VALUES (2, 1, CAST('b.png' AS BLOB), 'b.png', 'b', 10, 5, randomblob(32), 'PNG', 8, 8, 'RGB',
    'train', NULL, 'ok', NULL, '2026-01-01T00:00:00+00:00');
INSERT INTO run VALUES (1, 'r', '2026-01-02', 'transfer', 'x', 0, 'finished', 1.0, 0.5, 1.0, 1, '{}', '{}');
INSERT INTO prediction VALUES (1, 1, 0, 1, 0.9, 0.8, 0.1, 0.9, 0.1), (1, 2, 1, 2, 0.9, 0.8, 0.1, NULL, NULL);
"""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A labelled and an unlabelled image, each with a prediction, as version 2 kept them."""
    write_older_catalog(tmp_path / "p", version=2)
    with closing(sqlite3.connect(tmp_path / "p" / CATALOG_NAME, isolation_level=None)) as db:
        db.executescript(ROWS)
    return tmp_path / "p"


def test_it_is_migrated_with_a_copy_kept(older: Path) -> None:
    with Project.open(older) as project:
        assert project.catalog.upgraded_from == 2
        assert project.catalog.rows("PRAGMA user_version") == [(VERSION,)]
        said = list_predictions(project, "r")
        assert [p.image_id for p in said] == [1], "nobody noted what the unlabelled image showed"
        row = image_row(project, 1)
        assert row.class_id == 1 and row.label_content is None
        assert row.stamp is not None and row.stamp.ctime_ns is None and row.stamp.read_before_ns > 0
        assert set_labels(project, [2], 2) == 1
    assert len(list((older / "backups").iterdir())) == 1
    with Project.open(older) as project:
        assert project.catalog.upgraded_from is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_bringing_it_up_to_date_may_be_killed_anywhere(older: Path, tmp_path: Path) -> None:
    for n in itertools.count(0, 23):
        folder = tmp_path / f"{n}.p"
        shutil.copytree(older, folder)
        ended = killed_at(n, folder, lambda: Project.open(folder).close())
        with Project.open(folder) as project:
            assert project.catalog.rows("SELECT id, class_id, excluded FROM image") == [(1, 1, None), (2, None, None)]
            assert [p.image_id for p in list_predictions(project, "r")] == [1]
            assert set_flag(project, [2], "star") == 1
        assert not list(folder.glob("backups/*.new*"))
        if ended == 0:
            assert n > 50
            return


def test_it_is_read_without_being_written(older: Path) -> None:
    before = (older / CATALOG_NAME).read_bytes()
    with Project.open(older, read_only=True) as project:
        assert [ref.id for ref in take_snapshot(project).images] == [1]
        assert image_row(project, 2).label_content is None
    assert (older / CATALOG_NAME).read_bytes() == before


@pytest.mark.parametrize("run_is_recorded", [True, False], ids=["a run", "the run that is being recorded"])
def test_a_prediction_goes_with_its_content(older: Path, *, run_is_recorded: bool) -> None:
    with Project.open(older) as project, project.catalog.transaction() as db:
        if not run_is_recorded:  # its predictions come first, its own row last
            db.execute("PRAGMA defer_foreign_keys=ON")
            db.execute("UPDATE prediction SET run_number = 2")
        db.execute("UPDATE image SET content_hash = zeroblob(32) WHERE id = 1")
        assert db.execute("SELECT count(*) FROM prediction").fetchone() == (1,), "the content is the same"
        db.execute("UPDATE image SET content_hash = NULL WHERE id = 1")
        assert db.execute("SELECT count(*) FROM prediction").fetchone() == (0,)

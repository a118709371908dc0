"""A kill while files are on their way to the trash or back loses no file and no label."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.project.project import Project
from core.project.queries import ImageFilter, count_labels, image_ids
from core.project.trash_entries import list_trash_entries
from core.workflow.trashing import put_back, settle_trash
from tests.project_acts import import_folder
from tests.trash_acts import draw_copies, rows_of, statuses

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
            text=True, cwd=Path(__file__).parents[4])
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

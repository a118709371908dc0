"""Which duplicates are proposed for the trash: one stays on each side, and no label goes with a copy."""

from __future__ import annotations

from pathlib import Path

from core.project.classes import add_class
from core.project.labels import set_labels
from core.project.project import Project
from core.workflow.trashing import plan_duplicates
from tests.project_acts import import_folder
from tests.trash_acts import rows_of


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

"""Excluded images in label tables: written with the reason, read back in one step; what is not applied is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from core.project.excluded_rows import cell_of_reason, reason_of_cell
from core.project.exclusion import REASONS, exclude_images, include_images, reason_to_text
from core.project.label_csv import export_labels, import_labels
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import image_ids
from core.project.rows import image_rows
from core.workflow.importing import label_from_csv
from tests.project_acts import redo, undo

WORDS = ("=blurred, too dark", "no", "“yes”", '"quoted"', "x", "label_issue of Ana", "  two\nlines  ")


def states(project: Project) -> dict[str, tuple[int | None, object]]:
    """Label and exclusion of each image, by its name."""
    return {row.name: (row.class_id, row.excluded) for row in image_rows(project, image_ids(project))}


@pytest.mark.parametrize("reason", [*REASONS, *WORDS])
def test_each_reason_is_read_as_it_was(reason: str) -> None:
    stored = reason_to_text(reason)
    assert reason_of_cell(cell_of_reason(stored)) == stored
    assert reason_of_cell(cell_of_reason(None)) is None


def test_what_is_exported_is_read_back(project: Project, tmp_path: Path) -> None:
    ids = image_ids(project)
    for image_id, reason in zip(ids.tolist(), [*REASONS, *WORDS], strict=False):
        exclude_images(project, [image_id], reason)
    set_labels(project, ids[:2], None)
    before = states(project)
    assert export_labels(project, tmp_path / "l.csv") == 21
    assert (tmp_path / "l.csv").read_text().splitlines()[0] == "path,label,excluded"
    include_images(project, ids[1:9])
    exclude_images(project, ids[-2:], "outlier")
    changed = states(project)
    summary = import_labels(project, tmp_path / "l.csv")
    assert (summary.excluded.n_excluded, summary.excluded.n_included, summary.excluded.not_applied) == (8, 2, ())
    assert states(project) == before and summary.n_labelled == 0
    undo(project)
    assert states(project) == changed
    redo(project)
    assert states(project) == before
    assert not import_labels(project, tmp_path / "l.csv").has_changed, "nothing is left to do"


def test_a_table_without_the_column_says_nothing(project: Project, tmp_path: Path) -> None:
    ids = image_ids(project)
    assert export_labels(project, tmp_path / "l.csv")
    assert (tmp_path / "l.csv").read_text().splitlines()[0] == "path,label"
    exclude_images(project, ids[:2])
    assert not import_labels(project, tmp_path / "l.csv").has_changed
    assert [row.excluded is not None for row in image_rows(project, ids[:3])] == [True, True, False]


def test_labels_and_exclusions_are_one_step_and_what_cannot_be_applied_is_said(
    project: Project, tmp_path: Path
) -> None:
    folder, before = project.folder, states(project)
    (tmp_path / "l.csv").write_text(
        "path,label,Excluded\nred/red_0.png,blue,yes\nred/red_1.png,,outlier\nnothing.png,red,1\n"
        "red/red_2.png,red,\nred/red_3.png,red,outlier\nred/red_3.png,red,no\nother.png,red,0\n")
    project.close()
    said = label_from_csv(folder, tmp_path / "l.csv")
    assert (said["excluded"], said["included"], said["labelled"]) == (2, 0, 1)
    assert said["not_excluded"] == ["nothing.png", "red/red_3.png"]
    assert said["unknown"] == ["nothing.png", "other.png"]
    with Project.open(folder) as again:
        rows = {row.name: row.excluded for row in image_rows(again, image_ids(again))}
        assert [str(rows[f"red/red_{i}.png"]) for i in range(4)] == [
            "by hand", "outlier", "None", "None"]
        undo(again)
        assert states(again) == before


def test_a_table_of_reasons_alone_is_not_taken_for_labels(project: Project, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("path,excluded\n" + "".join(f"red/red_{i}.png,outlier\n" for i in range(8)))
    with pytest.raises(InputError):
        import_labels(project, tmp_path / "l.csv")


def test_a_table_that_labels_nothing_excludes_all_the_same(project: Project, tmp_path: Path) -> None:
    folder = project.folder
    (tmp_path / "l.csv").write_text("path,label,excluded\nred/red_0.png,,outlier\nred/red_1.png,,\n")
    project.close()
    assert label_from_csv(folder, tmp_path / "l.csv")["excluded"] == 1

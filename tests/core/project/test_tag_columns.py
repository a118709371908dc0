"""Flags and tags in the label table: written beside labels, read back as one step, refused where they are none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.errors import InputError
from core.project.label_csv import export_labels, import_labels
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import image_ids
from core.project.tag_names import FLAG, TAG
from core.project.tags import ImageTags, change_tags, read_tags
from tests.project_acts import list_journal, undo


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_table_without_any_is_as_ever(project: Project, tmp_path: Path) -> None:
    export_labels(project, tmp_path / "l.csv")
    assert (tmp_path / "l.csv").read_text(encoding="utf-8").startswith("path,label\n")


def test_they_come_back_with_the_labels_in_one_step(project: Project, tmp_path: Path) -> None:
    ids = image_ids(project)[:4]
    set_labels(project, ids[3:], None)  # an image without a label has tags, too
    change_tags(project, ids[:2], add=[(FLAG, "star"), (FLAG, "checked"), (TAG, "=night"), (TAG, "a, b")])
    change_tags(project, ids[3:], add=[(TAG, "ñ")])
    had = read_tags(project)
    export_labels(project, tmp_path / "l.csv")
    assert [(row["flags"], row["tags"]) for row in rows_of(tmp_path / "l.csv")][:4] == [
        ("checked; star", "'=night; a, b")] * 2 + [("", ""), ("", "ñ")]
    change_tags(project, ids, add=[(TAG, "later")], remove=[(FLAG, "star"), (TAG, "=night"), (TAG, "ñ")])
    set_labels(project, ids[:1], None)
    n_entries, now = len(list_journal(project)), read_tags(project)
    summary = import_labels(project, tmp_path / "l.csv")
    assert (summary.n_labelled, summary.n_tagged, summary.new_classes, summary.table.notes) == (1, 3, (), ())
    assert read_tags(project) == {**had, int(ids[2]): ImageTags(tags=("later",))}, "an empty cell changes nothing"
    assert len(list_journal(project)) == n_entries + 1
    undo(project)
    assert read_tags(project) == now
    assert import_labels(project, tmp_path / "l.csv").n_tagged == 3
    assert import_labels(project, tmp_path / "l.csv").n_tagged == 0


def test_what_is_no_flag_is_refused_before_anything_is_changed(project: Project, tmp_path: Path) -> None:
    n_entries = len(list_journal(project))
    for cells in ("nonsense,", f"star,{'x' * 61}"):
        (tmp_path / "l.csv").write_text(f"path,label,flags,tags\nred/red_0.png,blue,{cells}\n")
        with pytest.raises(InputError):
            import_labels(project, tmp_path / "l.csv")
    assert len(list_journal(project)) == n_entries and not read_tags(project)


def test_in_tables_of_others_a_column_of_tags_is_what_it_was(project: Project, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("file,tags\nred_0.png,cat\nred_1.png,dog\n")
    summary = import_labels(project, tmp_path / "l.csv")
    assert (summary.n_labelled, summary.n_tagged) == (2, 0)


def test_flags_and_tags_that_find_no_image_or_contradict_are_said(project: Project, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        "path,label,flags,tags\nred/red_0.png,,star,night\nred/gone.png,,star,\nred/red_1.png,,,day\n"
        "red/red_1.png,,hard,night\nred/red_2.png,,,\nred/red_3.png,,star,\nred/red_3.png,,,night; day\n")
    summary = import_labels(project, tmp_path / "l.csv")
    assert summary.n_tagged == 2 and summary.not_tagged == ("red/gone.png", "red/red_1.png")
    assert sorted(read_tags(project).values(), key=repr) == [
        ImageTags(("star",), ("day", "night")), ImageTags(("star",), ("night",))]

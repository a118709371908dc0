"""Excluded images: with a reason, undone and redone, kept over imports, filtered, counted; none in old catalogs."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project.exclusion import (
    BY_HAND, count_excluded, count_reasons, exclude_images, excluded_ids, include_images, reason_from_text,
    reason_to_text,
)
from core.project.labels import set_labels, take_snapshot
from core.project.project import Project
from core.project.queries import ImageFilter, count_all, count_images, image_ids
from core.project.rows import image_row
from core.project.saved_filters import SavedFilter, list_filters, save_filter
from core.text import Message
from tests.conftest import write_class_folder, write_older_catalog
from tests.project_acts import import_folder, list_journal, next_redo, next_undo, redo, undo


def test_it_is_one_step_with_its_reason(project: Project) -> None:
    ids = image_ids(project)[:3]
    assert exclude_images(project, ids, "near_duplicate") == 3
    assert next_undo(project) == Message("project.journal.exclude", n=3)
    assert image_row(project, int(ids[0])).excluded == Message("project.excluded.near_duplicate")
    assert exclude_images(project, ids, "near_duplicate") == 0, "said already"
    assert exclude_images(project, ids[:1], " too   dark ") == 1
    assert image_row(project, int(ids[0])).excluded == Message("too dark")
    assert include_images(project, ids[:2]) == 2
    assert excluded_ids(project) == {int(ids[2])}
    assert [entry.action for entry in list_journal(project)][:3] == ["exclude"] * 3


def test_undo_and_redo_go_back_and_forth_after_a_restart(project: Project) -> None:
    ids = image_ids(project)[:2]
    exclude_images(project, ids)
    include_images(project, ids[:1])
    project.close()
    with Project.open(project.folder) as again:
        undo(again)
        assert excluded_ids(again) == set(ids.tolist())
        undo(again)
        assert not excluded_ids(again) and next_redo(again) == Message("project.journal.exclude", n=2)
        redo(again)
        redo(again)
        assert excluded_ids(again) == {int(ids[1])}


def test_an_excluded_image_keeps_its_label_and_is_not_learnt_from(project: Project) -> None:
    ids = image_ids(project, ImageFilter(is_labelled=True))
    exclude_images(project, ids[:4])
    assert [ref.id for ref in take_snapshot(project).images] == sorted(ids[4:].tolist())
    assert image_row(project, int(ids[0])).class_id is not None
    set_labels(project, ids[:1], None)
    assert int(ids[0]) in excluded_ids(project), "a label changes nothing about it"


def test_filter_and_counts(project: Project) -> None:
    ids = image_ids(project)
    exclude_images(project, ids[:5])
    assert image_ids(project, ImageFilter(is_excluded=True)).tolist() == ids[:5].tolist()
    assert image_ids(project, ImageFilter(is_excluded=False)).tolist() == ids[5:].tolist()
    counts = count_all(project)
    assert (counts.n_excluded, counts.n_ok) == (5, len(ids)), "they are shown, and counted among the others"
    assert count_excluded(project, split="test") == 0 and count_excluded(project) == 5
    assert count_images(project, ImageFilter(is_excluded=True), among=ids[4:6]) == 1


def test_an_import_keeps_it_also_where_the_file_moved(project: Project, image_folder: Path) -> None:
    moved = next(i for i in image_ids(project).tolist() if image_row(project, i).name.startswith("red/red_"))
    exclude_images(project, [moved], "outlier")
    old = image_row(project, moved).path
    old.rename(old.with_name("elsewhere.png"))
    import_folder(project, image_folder)
    row = image_row(project, moved)
    assert (row.name, row.excluded) == ("red/elsewhere.png", Message("project.excluded.outlier"))


@pytest.mark.parametrize("reason", ["", BY_HAND, "label_issue", "mine & yours", "{odd"])
def test_reasons_come_back_from_the_catalog(reason: str) -> None:
    found = reason_from_text(reason_to_text(reason))
    named = reason in ("", BY_HAND, "label_issue")
    assert found == Message(f"project.excluded.{reason or BY_HAND}" if named else reason)


@pytest.mark.parametrize("version", [2, 4])
def test_in_an_older_catalog_that_is_only_looked_at_nothing_is_excluded(tmp_path: Path, version: int) -> None:
    write_older_catalog(tmp_path / "p", version=version)
    with Project.open(tmp_path / "p", read_only=True) as project:
        assert count_excluded(project) == 0 and not image_ids(project, ImageFilter(is_excluded=False)).size


def test_a_catalog_of_the_version_before_is_brought_up_to_date_with_a_copy_kept(tmp_path: Path) -> None:
    write_older_catalog(tmp_path / "p", version=4)
    write_class_folder(tmp_path / "red", "red", 2)
    with Project.open(tmp_path / "p") as project:
        assert project.catalog.upgraded_from == 4
        import_folder(project, tmp_path / "red", with_labels=False)
        assert exclude_images(project, image_ids(project)[:1]) == 1
    assert len(list((tmp_path / "p" / "backups").iterdir())) == 1


def test_images_are_found_and_counted_by_the_reason(project: Project) -> None:
    ids = image_ids(project)
    exclude_images(project, ids[:3], "outlier")
    exclude_images(project, ids[3:5], "  =blurred  & dark ")
    exclude_images(project, ids[5:6], "")
    assert count_reasons(project) == {"outlier": 3, "=blurred & dark": 2, "by_hand": 1}
    for reason, wanted in (("outlier", ids[:3]), ("=blurred & dark", ids[3:5]), ("by_hand", ids[5:6]), ("none", [])):
        which = ImageFilter(excluded_reason=reason)
        assert image_ids(project, which).tolist() == list(wanted) and count_images(project, which) == len(wanted)
    assert image_ids(project, ImageFilter(excluded_reason="outlier", is_excluded=False)).size == 0
    save_filter(project, SavedFilter("dark", ImageFilter(excluded_reason="=blurred & dark", is_excluded=True)))
    assert list_filters(project)[0].which.excluded_reason == "=blurred & dark"

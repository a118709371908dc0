"""Flags and tags: one step of undo each, kept over all that an image goes through, filtered, counted, named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.project import queries
from core.project.backups import keep_backup, restore_backup
from core.project.project import Project
from core.project.queries import ImageFilter, count_images, image_ids
from core.project.removal import remove_images, remove_source, return_images
from core.project.rows import image_row
from core.project.saved_filters import SavedFilter, list_filters, save_filter
from core.project.tag_names import FLAG, FLAGS, TAG, clean_tag, find_flag, split_tags
from core.project.tags import (
    MOST_OF_IMAGE, ImageTags, TagCount, change_tags, count_among, count_tags, read_tags, rename_tag, set_flag,
)
from core.text import Message
from tests.conftest import write_class_folder, write_older_catalog
from tests.project_acts import import_folder, list_journal, next_redo, next_undo, redo, undo


def add_tag(project: Project, ids: object, *names: str) -> int:
    return change_tags(project, np.asarray(ids), add=[(TAG, name) for name in names])


def test_each_act_is_one_step_that_says_what_it_did(project: Project) -> None:
    ids = image_ids(project)[:3]
    assert set_flag(project, ids, "checked") == 3
    assert next_undo(project) == Message("project.journal.add_flag", n=3, name=Message("project.flag.checked"))
    assert set_flag(project, ids, "checked") == 0, "they have it"
    assert set_flag(project, ids[:1], "checked", is_set=False) == 1
    assert add_tag(project, ids, "Blurry") == 3
    assert next_undo(project) == Message("project.journal.add_tag", n=3, name="Blurry")
    assert change_tags(project, ids, add=[(TAG, "night")], remove=[(FLAG, "checked"), (TAG, "BLURRY")]) == 3
    assert next_undo(project) == Message("project.journal.change_tags", n=3)
    assert [entry.action for entry in list_journal(project)][:4] == ["tag"] * 4
    assert read_tags(project) == {i: ImageTags(tags=("night",)) for i in ids.tolist()}


def test_one_tag_in_two_cases_is_one(project: Project) -> None:
    ids = image_ids(project)[:2]
    assert add_tag(project, ids[:1], "Day", "day", "ß", "SS") == 1
    assert read_tags(project) == {int(ids[0]): ImageTags(tags=("Day", "ß"))}
    assert change_tags(project, ids, add=[(TAG, "DAY")], remove=[(TAG, "day")]) == 1, "what is in both is removed"
    assert read_tags(project) == {int(ids[0]): ImageTags(tags=("ß",))}


def test_undo_and_redo_after_a_restart(project: Project) -> None:
    ids = image_ids(project)[:2]
    set_flag(project, ids[:1], "star")
    change_tags(project, ids, add=[(FLAG, "star"), (TAG, "x")])
    project.close()
    with Project.open(project.folder) as again:
        undo(again)
        assert read_tags(again) == {int(ids[0]): ImageTags(("star",))}, "the one that had it before keeps it"
        assert next_redo(again) == Message("project.journal.change_tags", n=2)
        redo(again)
        assert read_tags(again, ids[1:]) == {int(ids[1]): ImageTags(("star",), ("x",))}
        undo(again)
        undo(again)
        assert not read_tags(again) and not count_tags(again)


def test_they_are_kept_while_an_image_is_out_moved_or_imported_again(project: Project, image_folder: Path) -> None:
    moved = next(i for i in image_ids(project).tolist() if image_row(project, i).name.startswith("red/red_"))
    change_tags(project, [moved], add=[(FLAG, "hard"), (TAG, "odd")])
    had = read_tags(project)
    old = image_row(project, moved).path
    old.rename(old.with_name("elsewhere.png"))
    import_folder(project, image_folder)
    assert read_tags(project) == had
    remove_images(project, [moved])
    assert not count_tags(project) and not image_ids(project, ImageFilter(flags=("hard",))).size
    return_images(project, [moved])
    remove_source(project, 1)
    import_folder(project, image_folder)
    assert read_tags(project) == had and [one.n_images for one in count_tags(project)] == [1, 1]
    undo(project)


def test_what_was_undone_while_an_image_is_out_is_undone_when_it_is_back(project: Project) -> None:
    ids = image_ids(project)[:1]
    set_flag(project, ids, "star")
    remove_images(project, ids)
    undo(project)
    undo(project)
    assert not read_tags(project)


def test_a_backup_holds_them(project: Project) -> None:
    ids = image_ids(project)[:2]
    add_tag(project, ids, "kept")
    copy = keep_backup(project.folder)
    add_tag(project, ids, "later")
    project.close()
    restore_backup(project.folder, chosen=copy)
    with Project.open(project.folder) as again:
        assert [one.name for one in count_tags(again)] == ["kept"]


@pytest.mark.parametrize("many", [0, 50_000], ids=["chosen here", "chosen by SQLite"])
def test_filters_and_counts(project: Project, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(queries, "MANY", many)
    ids = image_ids(project)
    set_flag(project, ids[:6], "checked")
    set_flag(project, ids[4:8], "hard")
    add_tag(project, ids[5:7], "Night", "día")

    def shown(**parts: object) -> list[int]:
        which = ImageFilter(**parts)  # type: ignore[arg-type]
        found = image_ids(project, which)
        assert count_images(project, which) == len(found) == count_images(project, which, among=ids)
        return np.flatnonzero(np.isin(ids, found)).tolist()

    assert shown(flags=("checked",)) == [0, 1, 2, 3, 4, 5]
    assert shown(flags=("checked", "hard")) == [4, 5]
    assert shown(without_flags=("checked",))[:3] == [6, 7, 8]
    assert shown(flags=("hard",), without_flags=("checked", "star")) == [6, 7]
    assert shown(tags=("NIGHT",)) == [5, 6] and shown(tags=("night", "DI\u0301A"), flags=("checked",)) == [5]
    assert not shown(tags=("no such tag",))
    assert image_ids(project, ImageFilter(flags=("checked",)), order="added", is_descending=True).tolist() == sorted(
        ids[:6].tolist(), reverse=True)
    assert count_tags(project) == (TagCount(FLAG, "checked", 6), TagCount(FLAG, "hard", 4), TagCount(TAG, "día", 2),
                                   TagCount(TAG, "Night", 2))
    assert count_among(project, ids[6:9]) == {(FLAG, "hard"): 2, (TAG, "día"): 1, (TAG, "Night"): 1}


NAMES = {
    "  two   words ": "two words", "line\nbreak\ttab": "line break tab", "e\u0301": "é", "=1+1": "=1+1",
    "a\u202eb\u200bc\x00d": "abcd", "'), DROP TABLE tag --": "'), DROP TABLE tag --", "<b>&": "<b>&", "日本": "日本",
    "{n}": "{n}", "💡": "💡", "\udcff!": "!",
}


def test_names_are_cleaned(project: Project) -> None:
    ids = image_ids(project)[:1]
    for written, kept in NAMES.items():
        assert clean_tag(written) == kept
        add_tag(project, ids, written)
        assert str(next_undo(project)), "the title can be said"
        assert image_ids(project, ImageFilter(tags=(kept.upper(),))).tolist() == ids.tolist()
    assert set(read_tags(project, ids)[int(ids[0])].tags) == set(NAMES.values())


def test_names_that_are_none_are_refused_and_nothing_is_changed(project: Project) -> None:
    for written in ("", " \n ", "\u200b", "a;b", "x" * 61):
        with pytest.raises(InputError):
            add_tag(project, image_ids(project)[:1], "good", written)
    assert not count_tags(project)


def test_case_is_kept_as_first_written_until_nobody_has_it(project: Project) -> None:
    ids = image_ids(project)[:2]
    add_tag(project, ids[:1], "Straße")
    add_tag(project, ids[1:], "STRASSE")
    assert count_tags(project) == (TagCount(TAG, "Straße", 2),)
    change_tags(project, ids, remove=[(TAG, "strasse")])
    add_tag(project, ids[:1], "STRASSE")
    assert count_tags(project) == (TagCount(TAG, "STRASSE", 1),)
    assert split_tags(" a; B ;; b;") == ("a", "B")


def test_limits(project: Project) -> None:
    ids = image_ids(project)[:2]
    add_tag(project, ids, *(f"t{i}" for i in range(MOST_OF_IMAGE)))
    with pytest.raises(InputError, match=str(MOST_OF_IMAGE)):
        add_tag(project, ids[:1], "one more")
    assert len(count_tags(project)) == MOST_OF_IMAGE and len(list_journal(project)) == 2, "nothing was changed"


def test_a_tag_is_renamed_and_joined(project: Project) -> None:
    ids = image_ids(project)[:3]
    add_tag(project, ids[:2], "dim")
    add_tag(project, ids[1:], "dark")
    assert rename_tag(project, "DIM", "dark") == 2
    assert count_tags(project) == (TagCount(TAG, "dark", 3),)
    undo(project)
    assert count_tags(project) == (TagCount(TAG, "dark", 2), TagCount(TAG, "dim", 2))
    assert rename_tag(project, "dark", "Dark") == 0
    assert count_tags(project)[0].name == "Dark"
    with pytest.raises(InputError):
        rename_tag(project, "no such", "x")


@pytest.mark.parametrize(("written", "flag"), [
    ("checked", "checked"), ("Label issue", "label_issue"), ("ask-later", "ask_later"), ("STAR", "star"),
])
def test_flags_are_found_by_code_and_words(written: str, flag: str) -> None:
    assert find_flag(written) == flag and flag in FLAGS


def test_an_unknown_flag_is_refused(project: Project) -> None:
    with pytest.raises(InputError):
        set_flag(project, image_ids(project), "no such flag")


def test_saved_filters_carry_them(project: Project) -> None:
    which = ImageFilter(flags=("hard",), without_flags=("checked",), tags=("Night",), confidence_percent=(90, None))
    save_filter(project, SavedFilter("night", which))
    assert list_filters(project)[0].which == which


@pytest.mark.parametrize("version", [2, 5])
def test_an_older_catalog_that_is_only_looked_at_has_none(tmp_path: Path, version: int) -> None:
    write_older_catalog(tmp_path / "p", version=version)
    with Project.open(tmp_path / "p", read_only=True) as project:
        assert not read_tags(project) and not count_tags(project)
        assert not image_ids(project, ImageFilter(flags=("star",), without_flags=("hard",))).size


def test_the_version_before_is_brought_up_to_date_with_a_copy_kept(tmp_path: Path) -> None:
    write_older_catalog(tmp_path / "p", version=5)
    write_class_folder(tmp_path / "red", "red", 2)
    with Project.open(tmp_path / "p") as project:
        assert project.catalog.upgraded_from == 5
        import_folder(project, tmp_path / "red", with_labels=False)
        assert set_flag(project, image_ids(project)[:1], "star") == 1
    assert len(list((tmp_path / "p" / "backups").iterdir())) == 1

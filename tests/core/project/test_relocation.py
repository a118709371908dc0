"""A source that lies elsewhere now: images found by content, labels kept, what is not found is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.errors import InputError, ProjectDamaged
from core.jobs import JobContext
from core.project.exclusion import exclude_images
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.relocation import Relocation, record_relocation, relocation_input
from core.project.rows import image_rows, list_sources
from core.project.scan import scan_folder
from core.text import Message
from core.workflow import history
from tests.conftest import draw_picture, write_class_folder
from tests.project_acts import import_folder, list_journal, next_undo


def relocate(project: Project, folder: Path) -> Relocation:
    return record_relocation(project, 1, scan_folder(relocation_input(project, 1, folder), JobContext()))


def decisions(project: Project) -> dict[int, object]:
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    return {row.id: (row.class_id, row.excluded, row.content_hash) for row in rows}


@pytest.mark.parametrize("is_copied", [True, False], ids=["copied", "moved"])
def test_everything_is_found_at_the_new_place(
    project: Project, image_folder: Path, tmp_path: Path, *, is_copied: bool
) -> None:
    ids = image_ids(project)
    exclude_images(project, ids[:2])
    set_labels(project, ids[:1], None)
    before, new = decisions(project), tmp_path / "elsewhere" / "photos"
    (shutil.copytree if is_copied else shutil.move)(image_folder, new)
    found = relocate(project, new)
    assert (found.n_found, found.missing, found.n_others) == (len(before), (), 0)
    assert list_sources(project)[0].path == new
    assert decisions(project) == before
    assert all(row.path.is_file() and row.path.is_relative_to(new) for row in image_rows(project, ids))


def test_files_are_known_by_content_under_any_name(project: Project, image_folder: Path, tmp_path: Path) -> None:
    new = tmp_path / "elsewhere"
    shutil.copytree(image_folder, new)
    reds = sorted((new / "red").glob("red_*.png"))
    contents = {path.name: path.read_bytes() for path in reds}
    for path, other in zip(reds, reds[1:] + reds[:1], strict=True):  # each takes the name of the next
        other.write_bytes(contents[path.name])
    reds[0].unlink()
    draw_picture(900, "red").save(reds[0])
    before = decisions(project)
    found = relocate(project, new)
    assert (found.n_found, len(found.missing), found.n_others) == (len(before) - 1, 1, 1)
    assert decisions(project) == before, "each row keeps the content that it was labelled with"
    missing = image_rows(project, image_ids(project, ImageFilter(status="missing")))
    assert [row.status for row in missing] == ["missing"]
    summary = import_folder(project, new)
    assert summary.n_added == 1, "what relocating leaves, an import adds"


def test_a_folder_with_none_of_the_images_is_refused(project: Project, tmp_path: Path) -> None:
    write_class_folder(tmp_path / "other", "green", 2)
    before = list_sources(project), decisions(project)
    with pytest.raises(InputError, match="None of the images"):
        relocate(project, tmp_path / "other")
    assert (list_sources(project), decisions(project)) == before
    import_folder(project, tmp_path / "other")
    with pytest.raises(InputError, match="already another folder"):
        relocate(project, tmp_path / "other")


def places(project: Project) -> dict[int, tuple[object, ...]]:
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    return {row.id: (row.path, row.name, row.status, row.reason) for row in rows}


def test_it_is_one_step_of_the_history_also_after_a_restart(
    project: Project, image_folder: Path, tmp_path: Path
) -> None:
    new = tmp_path / "elsewhere"
    shutil.copytree(image_folder, new)
    reds = sorted((new / "red").glob("red_*.png"))
    reds[0].unlink()
    reds[1].rename(new / "renamed.png")
    reds[2].rename(reds[3].with_name("gone.png"))
    reds[3].rename(reds[2])  # two places that others have, of which one is free
    before, sources = places(project), list_sources(project)
    relocate(project, new)
    after, moved = places(project), list_sources(project)
    assert next_undo(project) == Message("project.journal.relocate", name="pictures", folder=str(new))
    set_labels(project, image_ids(project)[:1], None)
    project.close()
    with Project.open(project.folder) as again:
        history.undo(again)
        found = history.undo(again)
        assert found is not None and found.moves_images and not found.stays
        assert (places(again), list_sources(again)) == (before, sources)
        history.redo(again)
        assert (places(again), list_sources(again)) == (after, moved)
        assert jump_back(again) and (places(again), list_sources(again)) == (before, sources)
        assert import_folder(again, image_folder).n_changed == 0, "the files there are known by their contents"
        assert decisions(again).keys() == before.keys()


def jump_back(project: Project) -> bool:
    return history.carry_out(project, history.plan_jump(project, list_journal(project)[-1].id)) is not None


def test_what_took_the_place_meanwhile_keeps_it_and_it_is_said(
    project: Project, image_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(image_folder, tmp_path / "elsewhere")
    relocate(project, tmp_path / "elsewhere")
    after = places(project)
    import_folder(project, image_folder, with_labels=False)
    found = history.undo(project)
    assert found is not None and [message.code for message in found.stays] == ["project.place_is_taken"]
    assert {i: place for i, place in places(project).items() if i in after} == after
    assert next_undo(project) != found.title, "it does not hinder what lies before"


def test_an_image_whose_path_another_one_has_by_now_is_missing(
    project: Project, image_folder: Path, tmp_path: Path
) -> None:
    new = tmp_path / "elsewhere"
    shutil.copytree(image_folder, new)
    (new / "red" / "red_0.png").rename(new / "red" / "other.png")
    relocate(project, new)
    draw_picture(901, "red").save(new / "red" / "red_0.png")
    import_folder(project, new, with_labels=False)
    history.undo(project)
    rows = {row.path: row.status for row in image_rows(project, image_ids(project, ImageFilter(status=None)))}
    assert rows[image_folder / "red" / "red_0.png"] == "ok" and list(rows.values()).count("missing") == 1


def test_relocating_drops_no_other_source_and_a_damaged_entry_is_said(
    project: Project, image_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(image_folder, tmp_path / "elsewhere")
    project.catalog.db.execute("INSERT INTO source(path, split, added_at) VALUES (?, 'train', '')", (b"/empty",))
    relocate(project, tmp_path / "elsewhere")
    assert len(list_sources(project)) == 2
    project.catalog.db.execute(
        "UPDATE journal SET payload = replace(payload, '\"source\"', '\"origin\"') WHERE action = 'relocate'")
    with pytest.raises(ProjectDamaged):
        history.undo(project)

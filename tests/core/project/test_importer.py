"""Importing adds what is new, follows what moved, and never touches a label that a person gave."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.errors import InputError
from core.images.decode import ImageFacts
from core.images.files import hash_file
from core.jobs import JobCancelled, JobContext
from core.project import importer
from core.project.classes import list_classes
from core.project.importer import ImportSummary, record_scan, scan_input
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, count_all, image_ids
from core.project.rows import ImageRow, image_row, image_rows, list_sources
from core.project.scan import ScanInput, ScannedFile, ScanResult, scan_folder
from core.types import Skipped
from tests.conftest import RecordingContext, draw_picture
from tests.project_acts import import_folder, redo, undo


def rows(project: Project) -> dict[str, ImageRow]:
    return {row.name: row for row in image_rows(project, image_ids(project, ImageFilter(status=None)))}


def labels(project: Project) -> dict[str, str | None]:
    names = {c.id: c.name for c in list_classes(project)}
    return {name: names.get(row.class_id or 0) for name, row in rows(project).items()}


def test_folders_become_labels(empty_project: Project, image_folder: Path) -> None:
    draw_picture(7, "green").save(image_folder / "at the root.png")
    (image_folder / "guns" / "pistol").mkdir(parents=True)
    draw_picture(8, "green").save(image_folder / "guns" / "pistol" / "p.png")
    summary = import_folder(empty_project, image_folder)
    assert summary.new_classes == ("blue", "guns/pistol", "red")
    assert (summary.n_found, summary.n_added, summary.n_not_images) == (22, 22, 1)
    assert [s.path for s in summary.unreadable] == [image_folder / "blue" / "broken.jpg"]
    found = labels(empty_project)
    assert found["at the root.png"] is None and found["guns/pistol/p.png"] == "guns/pistol"
    assert found["red/niño.jpg"] == "red" and found["blue/broken.jpg"] == "blue"
    broken = rows(empty_project)["blue/broken.jpg"]
    assert broken.status == "unreadable" and "truncated" in str(broken.reason)
    turned = rows(empty_project)["red/turned.jpg"]
    assert (turned.width, turned.height, turned.format, turned.status) == (72, 96, "JPEG", "ok")
    counts = count_all(empty_project)
    assert (counts.n_images, counts.n_ok, counts.n_unreadable, counts.n_labelled) == (23, 22, 1, 21)


def test_test_images_get_no_labels_and_natural_order(empty_project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "test"
    (folder / "sub").mkdir(parents=True)
    for i in (10, 9, 100, 1):
        draw_picture(i, "red").save(folder / f"img{i}.png")
    draw_picture(2, "red").save(folder / "sub" / "x.png")
    import_folder(empty_project, folder, split="test", with_labels=False)
    ids = image_ids(empty_project, ImageFilter(split="test"))
    assert [r.name for r in image_rows(empty_project, ids)] == [
        "img1.png", "img9.png", "img10.png", "img100.png", "sub/x.png"]
    assert list(ids) == sorted(ids) and not list_classes(empty_project)


def test_importing_again_changes_nothing(project: Project, image_folder: Path) -> None:
    before = rows(project)
    red = next(c.id for c in list_classes(project) if c.name == "red")
    set_labels(project, [before["blue/blue_0.png"].id], red)
    set_labels(project, [before["blue/blue_1.png"].id], None)
    summary = import_folder(project, image_folder)
    assert (summary.n_added, summary.n_moved, summary.n_changed, summary.n_unchanged) == (0, 0, 0, 21)
    for path in image_folder.rglob("*.*"):
        os.utime(path)
    summary = import_folder(project, image_folder)
    assert (summary.n_added, summary.n_moved, summary.n_changed, summary.n_unchanged) == (0, 0, 0, 21)
    assert summary.n_found == 20 and labels(project)["blue/blue_0.png"] == "red"
    assert labels(project)["blue/blue_1.png"] is None


def test_only_new_files_are_added(project: Project, image_folder: Path) -> None:
    draw_picture(999, "red").save(image_folder / "red" / "later.png")
    summary = import_folder(project, image_folder)
    assert (summary.n_added, summary.n_unchanged, summary.new_classes) == (1, 21, ())
    assert labels(project)["red/later.png"] == "red"


def test_a_moved_file_keeps_its_row_and_label(project: Project, image_folder: Path) -> None:
    red = rows(project)["red/red_3.png"].class_id
    set_labels(project, [rows(project)["red/red_3.png"].id], None)
    set_labels(project, [rows(project)["red/red_3.png"].id], red)
    before = rows(project)["red/red_3.png"]
    (image_folder / "red" / "red_3.png").rename(image_folder / "blue" / "moved.png")
    summary = import_folder(project, image_folder)
    assert (summary.n_moved, summary.n_added, summary.n_missing) == (1, 0, 0)
    after = rows(project)["blue/moved.png"]
    assert (after.id, after.class_id) == (before.id, before.class_id)
    assert after.path == image_folder / "blue" / "moved.png" and "red/red_3.png" not in rows(project)


def test_files_that_change_places_keep_their_rows(project: Project, image_folder: Path, tmp_path: Path) -> None:
    a, b = image_folder / "red" / "red_1.png", image_folder / "blue" / "blue_1.png"
    before = {r.content_hash: (r.id, r.class_id) for r in rows(project).values()}
    a.rename(tmp_path / "aside")
    b.rename(a)
    (tmp_path / "aside").rename(b)
    for path in (a, b):
        os.utime(path, ns=(5, 5))
    summary = import_folder(project, image_folder)
    assert (summary.n_moved, summary.n_added, summary.n_changed) == (2, 0, 0)
    assert {r.content_hash: r.id for r in rows(project).values()} == {key: row for key, (row, _) in before.items()}
    assert labels(project)["red/red_1.png"] == "red" and labels(project)["blue/blue_1.png"] == "blue"
    undo(project)
    assert {r.content_hash: (r.id, r.class_id) for r in rows(project).values()} == before


def test_a_renamed_or_carried_folder_is_found_again(project: Project, image_folder: Path, tmp_path: Path) -> None:
    before = {name: (row.id, row.class_id) for name, row in rows(project).items()}
    image_folder.rename(tmp_path / "elsewhere")
    summary = import_folder(project, tmp_path / "elsewhere", with_labels=False)
    assert (summary.n_moved, summary.n_added, summary.n_found) == (21, 0, 20)
    assert {name: (row.id, row.class_id) for name, row in rows(project).items()} == before
    assert [s.path for s in list_sources(project)] == [tmp_path / "elsewhere"]


def test_duplicates_with_different_labels_keep_them_when_moved(empty_project: Project, tmp_path: Path) -> None:
    for name in ("b/one.png", "a/two.png"):
        (tmp_path / "old" / name).parent.mkdir(parents=True)
        draw_picture(1, "red").save(tmp_path / "old" / name)
    import_folder(empty_project, tmp_path / "old")
    (tmp_path / "old" / "a").rename(tmp_path / "old" / "z")
    (tmp_path / "old").rename(tmp_path / "new")
    import_folder(empty_project, tmp_path / "new")
    assert labels(empty_project) == {"z/two.png": "z", "b/one.png": "b"}


def test_an_exact_duplicate_gets_its_own_row(project: Project, image_folder: Path) -> None:
    shutil.copy(image_folder / "red" / "red_0.png", image_folder / "blue" / "copy.png")
    assert import_folder(project, image_folder).n_added == 1
    found = rows(project)
    assert found["blue/copy.png"].content_hash == found["red/red_0.png"].content_hash
    assert labels(project)["blue/copy.png"] == "blue" and labels(project)["red/red_0.png"] == "red"


def test_a_folder_inside_a_known_one_adds_nothing(project: Project, image_folder: Path) -> None:
    summary = import_folder(project, image_folder / "red", with_labels=False)
    assert (summary.n_added, summary.n_moved, summary.n_unchanged) == (0, 0, 10)


def test_a_changed_file_keeps_its_label(project: Project, image_folder: Path) -> None:
    before = rows(project)["red/red_2.png"]
    draw_picture(4321, "red", (30, 20)).save(image_folder / "red" / "red_2.png")
    assert import_folder(project, image_folder).n_changed == 1
    after = rows(project)["red/red_2.png"]
    assert (after.id, after.class_id, after.width) == (before.id, before.class_id, 30)
    assert after.content_hash != before.content_hash


def test_a_new_file_may_take_the_place_of_one_that_moved(project: Project, image_folder: Path) -> None:
    before = rows(project)["red/red_2.png"]
    (image_folder / "red" / "red_2.png").rename(image_folder / "red" / "other.png")
    draw_picture(4321, "red").save(image_folder / "red" / "red_2.png")
    summary = import_folder(project, image_folder)
    assert (summary.n_moved, summary.n_added) == (1, 1)
    assert rows(project)["red/other.png"].id == before.id != rows(project)["red/red_2.png"].id


def test_missing_files_are_marked_and_come_back(project: Project, image_folder: Path, tmp_path: Path) -> None:
    (image_folder / "red").rename(tmp_path / "away")
    summary = import_folder(project, image_folder)
    assert summary.n_missing == 10 and summary.n_found == 10
    assert rows(project)["red/red_0.png"].status == "missing" and rows(project)["red/red_0.png"].reason
    (tmp_path / "away").rename(image_folder / "red")
    assert import_folder(project, image_folder).n_found == 20
    assert rows(project)["red/red_0.png"].status == "ok" and labels(project)["red/red_0.png"] == "red"


def test_what_lies_in_a_closed_folder_is_not_missing(project: Project, image_folder: Path) -> None:
    skipped = (Skipped(image_folder / "red", "closed"),)
    known = tuple(r.path for r in rows(project).values() if r.name.startswith("blue"))
    unchanged = tuple(os.fsencode(p.relative_to(image_folder)) for p in known)
    summary = record_scan(project, ScanResult(ScanInput(image_folder), (), unchanged, 0, skipped))
    assert summary.n_missing == 0


def test_a_mended_file_becomes_good(project: Project, image_folder: Path) -> None:
    draw_picture(152, "blue").save(image_folder / "blue" / "broken.jpg")
    assert import_folder(project, image_folder).n_found == 21
    row = rows(project)["blue/broken.jpg"]
    assert row.status == "ok" and row.reason is None and labels(project)["blue/broken.jpg"] == "blue"


def test_the_other_split_is_refused(project: Project, image_folder: Path) -> None:
    with pytest.raises(InputError, match="for training"):
        import_folder(project, image_folder, split="test")


def test_an_import_can_be_undone_and_redone(project: Project) -> None:
    before = labels(project)
    assert "pictures" in str(undo(project))
    assert set(labels(project).values()) == {None} and list_classes(project) == ()
    redo(project)
    assert labels(project) == before and len(list_classes(project)) == 2


def test_odd_names_come_back_as_they_were(empty_project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    draw_picture(1, "red").save(tmp_path / "x.png")
    shutil.copy(tmp_path / "x.png", folder / "ni\udcf1o\n.png")
    (folder / "class \udcff").mkdir()
    shutil.copy(tmp_path / "x.png", folder / "class \udcff" / "y.png")
    import_folder(empty_project, folder)
    for row in image_rows(empty_project, image_ids(empty_project)):
        assert row.path.exists()
        row.name.encode("utf-8")
    assert [c.name for c in list_classes(empty_project)] == ["class ÿ"]


def synthetic(n: int) -> ScanResult:
    facts = ImageFacts("JPEG", 10, 10, "RGB", 1)
    files = tuple(ScannedFile(b"c%d/%d.jpg" % (i % 3, i), 1, 1, i.to_bytes(32, "big"), facts) for i in range(n))
    return ScanResult(ScanInput(Path("/nowhere")), files, (), 0, ())


def test_many_chunks_lose_no_row(
    empty_project: Project, recording_context: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "CHUNK", 10)
    summary: ImportSummary = record_scan(empty_project, synthetic(95), context=recording_context)
    assert summary.n_added == summary.n_found == 95 == count_all(empty_project).n_labelled
    assert recording_context.last.done == recording_context.last.total == 95


def test_a_cancelled_import_leaves_the_project_as_it_was(
    empty_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "CHUNK", 10)
    with pytest.raises(JobCancelled):
        record_scan(empty_project, synthetic(95), context=RecordingContext(cancel_after=3))
    assert count_all(empty_project).n_images == 0 and list_sources(empty_project) == ()
    assert list_classes(empty_project) == () and undo(empty_project) is None


def test_known_files_are_handed_to_the_next_scan(project: Project, image_folder: Path) -> None:
    inputs = scan_input(project, image_folder)
    assert len(inputs.known) == 21
    row = image_row(project, 1)
    assert inputs.known[os.fsencode(row.path.relative_to(image_folder))] == row.stamp
    assert row.stamp is not None and row.stamp.ctime_ns == row.path.stat().st_ctime_ns
    with pytest.raises(InputError):
        image_row(project, 10_000)


def test_a_file_replaced_with_the_same_size_and_time_is_seen(project: Project, image_folder: Path) -> None:
    path = image_folder / "red" / "red_0.png"
    status, other = path.stat(), image_folder / "red" / "red_1.png"
    path.write_bytes(other.read_bytes().ljust(status.st_size, b"\0")[:status.st_size])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert import_folder(project, image_folder).n_changed == 1


def test_a_file_that_was_only_touched_is_as_before(project: Project, image_folder: Path) -> None:
    (image_folder / "red" / "red_0.png").touch()
    summary = import_folder(project, image_folder)
    assert summary.n_changed == 0
    assert scan_folder(scan_input(project, image_folder), JobContext()).files == (), "the new times are noted"


def test_files_that_were_numbered_anew(project: Project, image_folder: Path) -> None:
    """The first is deleted and each other one moves up: rows follow their contents, the first one is missing."""
    folder = image_folder / "red"
    hashes = {i: hash_file(folder / f"red_{i}.png") for i in range(8)}
    (folder / "red_0.png").unlink()
    for i in range(1, 8):
        (folder / f"red_{i}.png").rename(folder / f"red_{i - 1}.png")
    summary = import_folder(project, image_folder)
    assert (summary.n_changed, summary.n_moved, summary.n_missing) == (0, 7, 1)
    rows = {row.name: row for row in image_rows(project, image_ids(project, ImageFilter()))}
    assert [rows[f"red/red_{i}.png"].content_hash for i in range(7)] == [hashes[i + 1] for i in range(7)]
    gone = image_rows(project, image_ids(project, ImageFilter(status="missing")))
    assert [(row.name, row.content_hash) for row in gone] == [("red/red_0.png", hashes[0])]
    draw_picture(0, "red").save(folder / "back.png")
    assert hash_file(folder / "back.png") == hashes[0] and import_folder(project, image_folder).n_returned == 1


def test_images_moved_to_the_test_folder_did_not_come_back(project: Project, image_folder: Path) -> None:
    test = image_folder.parent / "test"
    test.mkdir()
    for i in range(3):
        (image_folder / "red" / f"red_{i}.png").rename(test / f"red_{i}.png")
    assert import_folder(project, image_folder).n_missing == 3
    summary = import_folder(project, test, split="test", with_labels=False)
    assert (summary.n_moved, summary.n_moved_to_test, summary.n_returned) == (3, 3, 0)
    (test / "red_0.png").rename(image_folder / "red" / "red_0.png")
    summary = import_folder(project, image_folder)
    assert (summary.n_moved_to_train, summary.n_moved_to_test, summary.n_returned) == (1, 0, 0)

"""The scan finds every picture by its content, and says what is wrong with the others."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from core.errors import InputError
from core.images.files import open_regular
from core.jobs import JobCancelled, JobContext
from core.project import scan as scan_module
from core.project.scan import ScanInput, ScanResult, names_with_frames, scan_folder
from core.types import FileStamp
from core.text import text
from tests.conftest import RecordingContext, draw_picture
from tests.core.images.test_decode import write_bomb


def scan(folder: Path, **values: object) -> ScanResult:
    return scan_folder(replace(ScanInput(folder), **values), JobContext())  # type: ignore[arg-type]


def good(result: ScanResult) -> list[bytes]:
    return [f.path for f in result.files if f.facts is not None]


def bad(result: ScanResult) -> dict[bytes, str]:
    return {f.path: str(f.reason) for f in result.files if f.facts is None}


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(folder.rglob("*"))}


def test_ends_with_done_equal_to_total(image_folder: Path, recording_context: RecordingContext) -> None:
    result = scan_folder(ScanInput(image_folder), recording_context)
    assert recording_context.last.done == recording_context.last.total == 22
    assert recording_context.last.stage == scan_module.STAGE_READING
    assert len(good(result)) == 20 and result.n_not_images == 1


def test_cancels_within_one_batch(image_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "BATCH", 4)
    read: list[Path] = []

    def open_and_note(path: Path) -> BinaryIO:
        read.append(path)
        return open_regular(path)

    monkeypatch.setattr(scan_module, "open_regular", open_and_note)
    context = RecordingContext(cancel_after=4)  # three looks at folders, one before the first batch
    with pytest.raises(JobCancelled):
        scan_folder(ScanInput(image_folder), context)
    assert 1 <= len(read) <= 4


def test_cancels_while_looking(image_folder: Path, cancelling_context: RecordingContext) -> None:
    with pytest.raises(JobCancelled):
        scan_folder(ScanInput(image_folder), cancelling_context)


def test_a_corrupt_image_is_listed_not_fatal(image_folder: Path) -> None:
    result = scan(image_folder)
    assert list(bad(result)) == [b"blue/broken.jpg"] and "truncated" in bad(result)[b"blue/broken.jpg"]
    (broken,) = (f for f in result.files if f.facts is None)
    assert broken.content_hash is not None and broken.n_bytes > 0


def test_inputs_are_unchanged(image_folder: Path) -> None:
    inputs, before = ScanInput(image_folder), contents(image_folder)
    scan_folder(inputs, JobContext())
    assert inputs == ScanInput(image_folder) and contents(image_folder) == before


def test_pictures_are_known_by_content_not_by_ending(tmp_path: Path) -> None:
    for name, kind in (("photo", "JPEG"), ("photo.txt", "PNG"), ("photo.png", "JPEG"), ("photo.dat", "BMP")):
        draw_picture(1, "red").save(tmp_path / name, kind)
    for name in ("Thumbs.db", "notes.txt", "table.csv", "P1.txt", "BMW.txt"):
        (tmp_path / name).write_text(f"{name[:2]} is text")
    (tmp_path / ".DS_Store").touch()
    draw_picture(1, "red").save(tmp_path / ".hidden.png")
    (tmp_path / "text.jpg").write_text("text")
    (tmp_path / "cut").write_bytes((tmp_path / "photo").read_bytes()[:500])
    result = scan(tmp_path)
    assert good(result) == [b"photo", b"photo.dat", b"photo.png", b"photo.txt"]
    assert set(bad(result)) == {b"text.jpg", b"cut"} and result.n_not_images == 4
    assert result.foreign == ((".DS_Store", 1), ("Thumbs.db", 1))


def test_odd_names_are_found(tmp_path: Path) -> None:
    names = ["niño ü.png".encode(), b"line\nbreak.png", b" spaces .png", b"not-utf8-\xf1\xff.png", b"-dash.png"]
    source = tmp_path / "source.png"
    draw_picture(1, "red").save(source)
    folder = tmp_path / "odd \udcf1"
    folder.mkdir()
    for name in names:
        shutil.copy(source, folder / os.fsdecode(name))
    result = scan(folder)
    assert sorted(good(result)) == sorted(names) and not bad(result)


def test_links_are_followed_once(tmp_path: Path, image_folder: Path) -> None:
    (image_folder / "red" / "loop").symlink_to(image_folder)
    (image_folder / "again").symlink_to(image_folder / "red")
    (image_folder / "broken link.jpg").symlink_to(tmp_path / "nothing.jpg")
    (image_folder / "one.png").symlink_to(image_folder / "red" / "red_0.png")
    other = tmp_path / "other"
    other.mkdir()
    draw_picture(9, "green").save(other / "green.png")
    (image_folder / "linked").symlink_to(other)
    result = scan(image_folder)
    assert len(good(result)) == 22 and b"linked/green.png" in good(result) and b"one.png" in good(result)
    assert text("images.gone") in bad(result)[b"broken link.jpg"]


@pytest.mark.timeout(20)
def test_a_fifo_and_a_bomb_are_listed_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    os.mkfifo(tmp_path / "pipe")
    write_bomb(tmp_path / "bomb.png")
    result = scan(tmp_path)
    assert "not a regular file" in bad(result)[b"pipe.jpg"] and "30000 × 30000" in bad(result)[b"bomb.png"]
    assert result.n_not_images == 1


def test_files_come_in_natural_order(tmp_path: Path) -> None:
    for i in (10, 2, 1):
        draw_picture(i, "red").save(tmp_path / f"img{i}.png")
    assert good(scan(tmp_path)) == [b"img1.png", b"img2.png", b"img10.png"]


def test_known_files_are_not_read_again(image_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = scan(image_folder)
    known = {f.path: FileStamp(f.n_bytes, f.mtime_ns, f.ctime_ns) for f in first.files}
    draw_picture(77, "red").save(image_folder / "red" / "red_0.png")
    os.utime(image_folder / "red" / "red_0.png", ns=(1, 1))
    second = scan(image_folder, known=known)
    assert [f.path for f in second.files] == [b"red/red_0.png"] and len(second.unchanged) == 20


def test_other_projects_are_passed_over(image_folder: Path) -> None:
    project = image_folder / "p.catalejo"
    project.mkdir()
    (project / "catalog.sqlite").touch()
    draw_picture(1, "red").save(project / "plot.png")
    assert not any(path.startswith(b"p.catalejo") for path in good(scan(image_folder)))


def test_a_folder_that_cannot_be_entered_is_listed(image_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.scandir

    def refuse(path):  # type: ignore[no-untyped-def]
        if os.fsencode(path).endswith(b"red"):
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr("core.project.scan.os.scandir", refuse)
    result = scan(image_folder)
    assert len(good(result)) == 10 and result.skipped[0].path == image_folder / "red"
    assert "Permission denied" in str(result.skipped[0].reason)


def test_missing_and_wrong_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder, word in ((tmp_path / "no", "does not exist"), (tmp_path / "file", "not a folder"),
                         (Path("a\0b"), "cannot be read")):
        with pytest.raises(InputError, match=word) as caught:
            scan(folder)
        assert caught.value.hint
    (tmp_path / "empty").mkdir()
    assert scan(tmp_path / "empty").files == ()


@pytest.mark.filterwarnings("ignore:::PIL")
def test_each_file_of_the_torture_folder_is_good_or_listed(shared_data: Path) -> None:
    result = scan(shared_data / "torture")
    assert len(result.files) == 279 and result.n_not_images == 1
    assert all(reason.endswith(".") for reason in bad(result).values()) and len(good(result)) >= 188


def test_pages_are_named_and_icloud_placeholders_are_not_passed_over(tmp_path: Path) -> None:
    pages = [draw_picture(i, "red") for i in range(2)]
    pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
    pages[0].save(tmp_path / "phone.mpo", save_all=True, append_images=pages[1:])
    pages[0].save(tmp_path / "one.png")
    (tmp_path / ".IMG_1.HEIC.icloud").write_bytes(b"bplist00\xd3\1\2\3\4\5\6_\x10\x12NSURLNameKey" + bytes(80))
    (tmp_path / ".hidden.jpg").write_bytes(b"\xff\xd8\xff")
    files = scan_folder(ScanInput(tmp_path), JobContext()).files
    assert names_with_frames(files) == ("pages.tif",)
    assert {f.path: f.reason.params["reason"].code for f in files if f.reason} == {
        b".IMG_1.HEIC.icloud": "images.is_icloud_placeholder"}

"""A user's file is written whole or not at all, and nothing that somebody needs is ever replaced."""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import AppError, InputError, StorageError
from core.files import writing as atomic
from core.files.user_files import open_to_replace, require_place, write_bytes_to_replace

TEXT_IMAGES = {
    "a.ppm": b"P3\n# by hand\n2 2\n255\n0 0 0 1 1 1 2 2 2 3 3 3\n", "a.pgm": b"P2 1 1 255 7\n",
    "a.pbm": b"P1\n1 1\n1\n",
    "a.pam": b"P7\nWIDTH 1\n", "a.xpm": b"/* XPM */\nstatic char *a[] = {", "a.xbm": b"#define a_width 8\n",
    "a.svg": b"<?xml version='1.0'?>\n<!-- drawn --><svg xmlns='http://www.w3.org/2000/svg'/>",
    "a.eps": b"%!PS-Adobe-3", "a.fits": b"SIMPLE  =                    T", "a.pdf": b"%PDF-1.4\n",
}


def write(path: Path, text: str = "new\n") -> None:
    with open_to_replace(path) as file:
        file.write(text)


@contextmanager
def refused(code: str, kind: type[AppError] = InputError) -> Iterator[None]:
    """What is refused in the block with the sentence of that code."""
    with pytest.raises(kind) as caught:
        yield
    assert re.fullmatch(code, caught.value.message.code), caught.value.message


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ── what lies there is looked at before anything is opened ───────────────────


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_pipes_sockets_devices_and_folders_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for path, kind in ((tmp_path / "pipe", "files.is_a_pipe"), (tmp_path / "socket", "files.is_a_socket"),
                           (tmp_path / "folder", "files.is_a_folder"), (Path("/dev/null"), "files.is_a_device"),
                           (Path("/dev/zero"), "files.is_a_device")):
            before = path.lstat().st_mode
            with refused(kind):
                require_place(path)
            with refused(kind):
                write(path)
            assert path.lstat().st_mode == before
    assert names(tmp_path) == ["folder", "pipe", "socket"]


def test_a_link_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("link", "dangling"):
        with refused("files.is_a_link"):
            write(tmp_path / name)
    assert (tmp_path / "target").read_text() == "precious" and not (tmp_path / "nowhere").exists()
    assert names(tmp_path) == ["dangling", "link", "target"]


def test_the_name_of_the_draft_cannot_be_known_and_a_planted_one_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "victim").write_text("precious")
    write(tmp_path / "out.csv")
    monkeypatch.setattr(atomic, "token_hex", lambda n: "guessed")
    planted = tmp_path / f"{atomic.DRAFT_START}guessed-out.csv"
    planted.symlink_to(tmp_path / "victim")
    with refused("files.not_written", StorageError):
        write(tmp_path / "out.csv", "newer")
    assert (tmp_path / "victim").read_text() == "precious" and (tmp_path / "out.csv").read_text() == "new\n"
    assert planted.is_symlink(), "what somebody else put there stays"


@pytest.mark.parametrize("name", sorted(TEXT_IMAGES))
def test_an_image_that_is_text_is_an_image(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(TEXT_IMAGES[name])
    with refused("files.is_an_image"):
        write(tmp_path / name)
    assert (tmp_path / name).read_bytes() == TEXT_IMAGES[name]


@pytest.mark.parametrize("content", ["P1,id\n3,4\n", "path,label\n", "", "<html><svg></svg></html>", "\ufeffID,x\n"])
def test_texts_of_earlier_are_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "old").write_text(content, encoding="utf-8")
    write(tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new\n"


def test_an_input_is_refused_under_any_of_its_names(tmp_path: Path) -> None:
    template = tmp_path / "template.csv"
    template.write_text("ID,Ground_Truth\n")
    os.link(template, tmp_path / "other name.csv")
    (tmp_path / "folder").symlink_to(tmp_path)
    for path in (template, tmp_path / "other name.csv", tmp_path / "folder" / "template.csv"):
        with refused("files.is_an_input"):
            require_place(path, inputs=(tmp_path / "gone.csv", template))
    assert template.read_text() == "ID,Ground_Truth\n"


@pytest.mark.parametrize("inner", ["run.json", "runs/r1/run.json", "new.csv", "runs/new.csv"])
@pytest.mark.parametrize("folder", ["guns.catalejo", "guns"])
def test_nothing_in_a_project_is_written(tmp_path: Path, inner: str, folder: str) -> None:
    project = tmp_path / folder
    (project / "runs" / "r1").mkdir(parents=True)
    for path in (project / "runs" / "r1" / "run.json", project / "run.json"):
        path.write_text("{}")
    if not folder.endswith(".catalejo"):
        (project / "catalog.sqlite").touch()
    (tmp_path / "link").symlink_to(project)
    for path in (project / inner, tmp_path / "link" / inner, tmp_path / "link" / "runs" / ".." / "a.csv"):
        with refused("files.lies_in_a_project"):
            write(path)
    assert (project / "run.json").read_text() == "{}"


def test_a_file_that_is_protected_stays(tmp_path: Path) -> None:
    (tmp_path / "kept.csv").write_text("kept")
    (tmp_path / "kept.csv").chmod(0o444)
    with refused("files.is_protected"):
        write(tmp_path / "kept.csv")
    assert (tmp_path / "kept.csv").read_text() == "kept"


# ── whole or as it was ───────────────────────────────────────────────────────


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_of_what_is_replaced_stay_and_new_files_have_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("old")
    (tmp_path / "old.csv").chmod(0o640)
    before = os.umask(0o027)
    try:
        write(tmp_path / "new.csv")
        write(tmp_path / "old.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "old.csv").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "new.csv").stat().st_mode) == 0o640
    assert names(tmp_path) == ["new.csv", "old.csv"]


def test_a_draft_of_what_was_private_is_private_from_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("old")
    (tmp_path / "old.csv").chmod(0o600)
    with open_to_replace(tmp_path / "old.csv"):
        (draft,) = tmp_path.glob(f"{atomic.DRAFT_START}*")
        assert stat.S_IMODE(draft.stat().st_mode) == 0o600


@pytest.mark.parametrize("act", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "out.csv").write_text("old")
    monkeypatch.setattr(atomic.os, act, fail)
    with refused("files.disk_is_full", StorageError):
        write(tmp_path / "out.csv")
    with refused("files.disk_is_full", StorageError):
        write_bytes_to_replace(tmp_path / "b.png", b"\x89PNG")
    assert names(tmp_path) == ["out.csv"] and (tmp_path / "out.csv").read_text() == "old"


def test_what_becomes_a_link_meanwhile_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    with refused("files.is_a_link"), open_to_replace(tmp_path / "out.csv") as file:
        file.write("new")
        (tmp_path / "out.csv").symlink_to(tmp_path / "victim")
    assert (tmp_path / "victim").read_text() == "precious" and names(tmp_path) == ["out.csv", "victim"]


def test_names_as_long_as_a_disk_takes_them_and_longer_ones(tmp_path: Path) -> None:
    long = tmp_path / ("ñ" * 127)
    write(long)
    assert long.read_text() == "new\n"
    with refused("files.name_too_long"):
        write(tmp_path / ("a" * 256))
    with refused("files.(name_too_long|no_such_folder)"):
        write(tmp_path / ("a" * 5000))


@pytest.mark.parametrize("name", ["a\nb.csv", "\udcff.csv", "'; rm -rf.csv", " .csv", "-.csv", "~.csv"])
def test_odd_names_are_names(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert (tmp_path / name).read_text() == "new\n"


@pytest.mark.parametrize("name", ["", ".", "..", "a\0b", "\ud800", "no/such/folder.csv", "file/below.csv"])
def test_names_that_cannot_be_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError):
        write(tmp_path / name)
    assert names(tmp_path) == ["file"]


def test_half_a_character_is_written_as_a_question_mark(tmp_path: Path) -> None:
    write(tmp_path / "out.csv", "a\udcffb\ud83dc\n")
    assert (tmp_path / "out.csv").read_bytes() == b"a\xffb?c\n"


# ── bytes, and the standard output ───────────────────────────────────────────


def test_bytes_replace_their_own_kind_only(tmp_path: Path) -> None:
    png = tmp_path / "page.png"
    write_bytes_to_replace(png, b"\x89PNG\r\n\x1a\n\0one")
    write_bytes_to_replace(png, b"\x89PNG\r\n\x1a\n\0two")
    assert png.read_bytes().endswith(b"two")
    png.write_bytes(b"\xff\xd8\xff\0 a photograph")
    with refused("files.is_no_text"):
        write_bytes_to_replace(png, b"\x89PNG\r\n\x1a\n\0")
    png.unlink()
    png.symlink_to(tmp_path / "else")
    with refused("files.is_a_link"):
        write_bytes_to_replace(png, b"\x89PNG")


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_the_standard_output_takes_the_bytes_at_the_end(name: str, tmp_path: Path) -> None:
    code = ("import sys\nfrom pathlib import Path\nfrom core.files.user_files import open_to_replace\n"
            "with open_to_replace(Path(sys.argv[1])) as file:\n    file.write('ñ\\udcff\\n')\n")
    with (tmp_path / "taken").open("wb") as taken:
        done = subprocess.run([sys.executable, "-c", code, name], stdout=taken, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "taken").read_bytes() == "ñ\udcff\n".encode("utf-8", "surrogateescape")

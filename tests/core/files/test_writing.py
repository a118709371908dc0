"""Writing a file: it is whole or as it was, whatever happens, and a draft of somebody else is left alone."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from core.errors import StorageError
from core.files import writing
from core.files.writing import (
    DRAFT_START, OLD_S, open_to_write, path_to_write, put_in_place, write_arrays, write_bytes, write_json, write_text,
)
from tests.full_disk import files_of_at_most


def test_a_file_is_replaced_when_the_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "groups.npz"
    path.write_bytes(b"before")
    with open_to_write(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError()])
def test_nothing_is_left_of_a_block_that_fails(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "groups.npz"
    path.write_bytes(b"before")
    with pytest.raises(type(error)), open_to_write(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("number", "code"), [
    (errno.ENOSPC, "files.disk_is_full"), (errno.EFBIG, "files.disk_is_full"), (errno.EACCES, "files.no_permission"),
    (errno.EROFS, "files.read_only_disk"), (errno.ENOENT, "files.folder_is_gone"), (errno.EIO, "files.not_written"),
])
@pytest.mark.parametrize("act", ["fsync", "replace"])
def test_what_the_system_says_becomes_a_sentence_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, act: str
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    path = tmp_path / "training.json"
    path.write_bytes(b"before")
    monkeypatch.setattr(writing.os, act, fail)
    for write in (lambda: write_bytes(path, b"after"), lambda: write_json(path, {}), lambda: write_arrays(path)):
        with pytest.raises(StorageError) as caught:
            write()
        assert caught.value.message.code == code and caught.value.message.params["path"] == path
        assert caught.value.hint, "every one says what to do"
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("n_bytes", [0, 10, 99_999])
def test_a_disk_that_gets_full_leaves_the_file_as_it_was(tmp_path: Path, n_bytes: int) -> None:
    path = tmp_path / "groups.npz"
    path.write_bytes(b"")
    with files_of_at_most(n_bytes), pytest.raises(StorageError) as caught, open_to_write(path) as file:
        file.write(bytes(100_000))
    assert caught.value.message.code == "files.disk_is_full"
    assert path.read_bytes() == b"" and list(tmp_path.iterdir()) == [path]


def test_file_and_folder_reach_the_disk_around_the_renaming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_fsync(descriptor: int) -> None:
        seen.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def note_replace(source: Path, target: Path) -> None:
        seen.append("name")
        replace(source, target)

    monkeypatch.setattr(writing.os, "fsync", note_fsync)
    monkeypatch.setattr(writing.os, "replace", note_replace)
    write_text(tmp_path / "out.csv", "a")
    assert seen == ["file", "name", "folder"]
    with path_to_write(tmp_path / "best.weights.h5") as draft:
        assert draft.name.endswith(".weights.h5") and draft.parent == tmp_path
        draft.write_bytes(b"weights")
    assert seen == 2 * ["file", "name", "folder"] and (tmp_path / "best.weights.h5").read_bytes() == b"weights"


def test_a_folder_gets_its_name_with_all_that_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = tmp_path / "run.unfinished"
    (made / "parts").mkdir(parents=True)
    for name in ("run.json", "parts/a.bin"):
        write_bytes(made / name, b"1")
    flushed: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(writing.os, "fsync", lambda d: (flushed.append(os.fstat(d).st_ino), fsync(d))[1])
    inodes = {path.stat().st_ino for path in (*made.rglob("*"), tmp_path)}
    put_in_place(made, tmp_path / "run")
    assert inodes <= set(flushed)
    assert sorted(path.name for path in (tmp_path / "run").rglob("*")) == ["a.bin", "parts", "run.json"]


def test_only_old_drafts_of_the_same_file_are_removed(tmp_path: Path) -> None:
    names = {
        f"{DRAFT_START}12-a.npz": True, ".a.npz.1234.part": True, f"{DRAFT_START}12-b.npz": False,
        "a.npz.part": False,
        f"{DRAFT_START}99-a.npz": False,
    }
    for name in names:
        (tmp_path / name).write_bytes(b"draft")
        if "99" not in name:
            os.utime(tmp_path / name, (0, OLD_S))
    write_bytes(tmp_path / "a.npz", b"1")
    assert {name: not (tmp_path / name).exists() for name in names} == names


def test_a_planted_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.files.writing.token_hex", lambda n: "00")
    (tmp_path / "letter.txt").write_text("dear")
    planted = tmp_path / f"{DRAFT_START}00-a.npz"
    planted.symlink_to(tmp_path / "letter.txt")
    with pytest.raises(StorageError):
        write_bytes(tmp_path / "a.npz", b"1")
    assert (tmp_path / "letter.txt").read_text() == "dear" and planted.is_symlink()


def test_names_that_are_not_utf8_keep_their_bytes(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"path": "x\udcff\ud83d"})
    assert b"x\xff?" in (tmp_path / "a.json").read_bytes()
    write_bytes(tmp_path / ("ñ" * 127), b"1")
    assert len(list(tmp_path.iterdir())) == 2


def test_arrays_come_back(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", ids=np.arange(3), names=np.array(["a", "ñ"]))
    with np.load(tmp_path / "a.npz") as file:
        assert file["ids"].tolist() == [0, 1, 2] and file["names"].tolist() == ["a", "ñ"]

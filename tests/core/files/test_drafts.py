"""Drafts: the file is whole or as it was, whatever happens, and a draft of somebody else is left alone."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from core.files.drafts import OLD_S, open_draft


def test_a_file_is_replaced_when_the_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "twins.npz"
    path.write_bytes(b"before")
    with open_draft(path) as file:
        file.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_nothing_is_left_of_a_block_that_fails(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "twins.npz"
    path.write_bytes(b"before")
    with pytest.raises(type(error)), open_draft(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("n_bytes", [0, 10, 99_999])
def test_a_disk_that_gets_full_leaves_the_file_as_it_was(tmp_path: Path, n_bytes: int) -> None:
    path = tmp_path / "twins.npz"
    path.write_bytes(b"")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, limits[1]))
    try:
        with pytest.raises(OSError), open_draft(path) as file:
            file.write(bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"" and list(tmp_path.iterdir()) == [path]


def test_only_old_drafts_of_the_same_file_are_removed(tmp_path: Path) -> None:
    names = {".a.npz.1234.part": True, "a.npz.part": True, ".b.npz.1234.part": False, ".a.npz.9999.part": False}
    for name in names:
        (tmp_path / name).write_bytes(b"draft")
        if name != ".a.npz.9999.part":
            os.utime(tmp_path / name, (0, OLD_S))
    with open_draft(tmp_path / "a.npz") as file:
        file.write(b"1")
    assert {name: not (tmp_path / name).exists() for name in names} == names


def test_a_planted_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.files.drafts.token_hex", lambda n: "00")
    (tmp_path / "letter.txt").write_text("dear")
    (tmp_path / ".a.npz.00.part").symlink_to(tmp_path / "letter.txt")
    with pytest.raises(FileExistsError), open_draft(tmp_path / "a.npz") as file:
        file.write(b"1")
    assert (tmp_path / "letter.txt").read_text() == "dear"

"""CSV files hold what they should and run nothing in a spreadsheet."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, StorageError
from core.files.tables import harmless, write_csv, write_predictions


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.reader(file))


def test_predictions_have_one_column_a_class(tmp_path: Path) -> None:
    probabilities = np.array([[0.25, 0.75], [1, 0]], np.float32)
    n_rows = write_predictions(
        tmp_path / "p.csv", ["a/ñ, 1.jpg", "b.jpg"], classes=("gun", "phone"), probabilities=probabilities
    )
    assert n_rows == 2
    assert read(tmp_path / "p.csv") == [
        ["path", "prediction", "confidence", "p_gun", "p_phone"],
        ["a/ñ, 1.jpg", "phone", "0.750000", "0.250000", "0.750000"],
        ["b.jpg", "gun", "1.000000", "1.000000", "0.000000"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+a", "-1+1", "@x", "\tx", "\rx"])
def test_formulas_are_neutralised(text: str) -> None:
    assert harmless(text) == "'" + text


def test_numbers_and_plain_texts_stay() -> None:
    assert [harmless(c) for c in (-1.5, 3, "a=b", "", "-1", "+2.5")] == [-1.5, 3, "a=b", "", "-1", "+2.5"]


def test_formulas_in_file_and_class_names_are_neutralised(tmp_path: Path) -> None:
    write_predictions(tmp_path / "p.csv", ["=x.jpg"], classes=("@gun",), probabilities=np.ones((1, 1), np.float32))
    assert read(tmp_path / "p.csv")[1][:2] == ["'=x.jpg", "'@gun"]


def test_a_name_that_is_not_utf8_survives(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.jpg")
    write_csv(tmp_path / "p.csv", ["path"], [[name]])
    assert read(tmp_path / "p.csv")[1] == [name]


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    def rows() -> Iterator[list[str]]:
        yield ["new"]
        raise KeyboardInterrupt

    write_csv(tmp_path / "p.csv", ["a"], [["old"]])
    with pytest.raises(KeyboardInterrupt):
        write_csv(tmp_path / "p.csv", ["a"], rows())
    assert read(tmp_path / "p.csv") == [["a"], ["old"]]
    assert [p.name for p in tmp_path.iterdir()] == ["p.csv"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "no" / "p.csv", "files.no_such_folder"), (tmp_path, "files.is_a_folder")):
        with pytest.raises(InputError) as caught:
            write_csv(path, ["a"], [])
        assert caught.value.message.code == code


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0\0\x10JFIF", b"SQLite format 3\0"])
def test_a_picture_or_catalog_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(content)
    with pytest.raises(InputError) as caught:
        write_csv(taken, ["a"], [[1]])
    assert caught.value.message.code == "files.is_no_text"
    assert taken.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", "a,b\n".encode("utf-16")])
def test_a_table_is_replaced(tmp_path: Path, content: bytes) -> None:
    taken = tmp_path / "taken.csv"
    taken.write_bytes(content)
    write_csv(taken, ["a"], [[1]])
    assert read(taken) == [["a"], ["1"]]


def test_a_place_that_cannot_be_written_is_foreseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StorageError) as caught:
        write_csv(tmp_path / "p.csv", ["a"], [])
    assert caught.value.message.code == "files.read_only_disk"

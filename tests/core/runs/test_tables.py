"""CSV files hold what they should and run nothing in a spreadsheet."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.runs.tables import harmless, write_csv, write_predictions


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


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formulas_are_neutralised(text: str) -> None:
    assert harmless(text) == "'" + text


def test_numbers_and_plain_texts_stay() -> None:
    assert [harmless(c) for c in (-1.5, 3, "a=b", "")] == [-1.5, 3, "a=b", ""]


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
    with pytest.raises(InputError, match="cannot be written"):
        write_csv(tmp_path / "no" / "p.csv", ["a"], [])
    with pytest.raises(InputError, match="cannot be written"):
        write_csv(tmp_path, ["a"], [])

"""Groups from a column of a table: kept in one fold, said where they are missing, repeated without the table."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from core.project.project import Project
from core.runs.predictions import read_predictions
from core.runs.snapshot import read_snapshot
from tests.core.conftest import Run


def write_table(folder: Path, *, separator: str = ",", left_out: int = 0, head: str = "file,ward,patient") -> Path:
    """Six patients with two images of each class; the names of the images lack their folder."""
    rows = [f"{colour}_{at}.png{separator}w{separator}p {at // 2}" for colour in ("red", "blue") for at in range(12)]
    path = folder / "patients.csv"
    path.write_text("\n".join([head.replace(",", separator), *rows[left_out:]]), "utf-8")
    return path


def train(run: Run, project: Path, place: object, *more: object) -> dict:
    return dict(run("train", project, "--strategy", "transfer", "--set", f"group_table={place}", *more))


def folds_of_patients(project: Path, name: str) -> dict[str, set[int]]:
    with Project.open(project, read_only=True) as opened:
        said = read_predictions(opened.run_path(name))
        rows = {row.image_id: row.table_group for row in read_snapshot(opened.run_path(name))}
    assert said.folds is not None
    found = defaultdict(set)
    for image_id, fold in zip(said.image_ids.tolist(), said.folds.tolist(), strict=True):
        if image_id in rows:
            found[rows[image_id]].add(fold)
    return dict(found)


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_group_of_the_table_is_in_one_fold(project: Path, pictures: Path, run: Run, separator: str) -> None:
    table = write_table(pictures, separator=separator)
    facts = train(run, project, f"{table}:patient")
    assert (facts["groups"]["source"], facts["groups"]["asked"]) == ("table", "table")
    assert (facts["groups"]["n_groups"], facts["groups"]["n_images"]) == (6, 24)
    folds = folds_of_patients(project, facts["run"])
    assert set(folds) == {f"p {at}" for at in range(6)} and all(len(found) == 1 for found in folds.values())
    assert not any("no group" in note for note in facts["notes"])
    assert facts["settings"]["group_table"] == f"{table}:patient"


def test_the_run_is_repeated_without_its_table(project: Path, pictures: Path, run: Run) -> None:
    table = write_table(pictures)
    facts = train(run, project, f"{table}:patient", "--seed", 4)
    table.unlink()
    again = run("train", project, "--like", facts["run"])
    assert again["like"]["is_equal"] and folds_of_patients(project, again["run"]) == folds_of_patients(
        project, facts["run"])


def test_images_that_the_table_lacks_are_named(project: Path, pictures: Path, run: Run) -> None:
    facts = train(run, project, f"{write_table(pictures, left_out=2)}:patient")
    said = next(note for note in facts["notes"] if "no group in the table" in note)
    assert "2 of the 24" in said and "red_0.png" in said and "red_1.png" in said


def test_what_is_unclear_is_refused(project: Path, pictures: Path, fail: Run) -> None:
    table = write_table(pictures)
    for place, word in ((table, "unclear"), (f"{table}:clinic", "unclear"), (f"{table}:file", "unclear"),
                        (f"{pictures / 'no.csv'}:patient", "no.csv")):
        assert word in fail("train", project, "--strategy", "transfer", "--set", f"group_table={place}")[0]
    assert "replaces the setting" in fail(
        "train", project, "--strategy", "transfer", "--set", f"group_table={table}:patient", "--set",
        "groups=folder")[0]
    table.write_text(table.read_text("utf-8") + "\nred_3.png,w,p 5\n", "utf-8")
    sentence = fail("train", project, "--set", f"group_table={table}:patient")[0]
    assert "red_3.png" in sentence and "p 1" in sentence and "p 5" in sentence
    table.write_text("file,patient\nx.png,1\ny.png,2\n", "utf-8")
    assert "none of the labelled" in fail("train", project, "--set", f"group_table={table}")[0]

"""`label` as it is typed: what was labelled, what was left out and why, what must be named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.cli.commands import run_command
from core.text import text
from tests.conftest import write_class_folder
from tests.core.conftest import Run


@pytest.fixture
def shared_names(tmp_path: Path, run: Run) -> Path:
    """Six training images and four test images, of which four share their names."""
    write_class_folder(tmp_path / "train", "red", 6)
    write_class_folder(tmp_path / "test", "red", 4, first_seed=50)
    run("new", tmp_path / "p", "--from", tmp_path / "train", "--test", tmp_path / "test")
    return tmp_path / "p"


def test_every_row_that_was_left_out_is_reported_with_its_reason(
    shared_names: Path, tmp_path: Path, run: Run
) -> None:
    lines = [*(f"red_{i}.png,cat" for i in range(6)), "gone.png,cat", "red_5.png,", "red_0.png,dog"]
    (tmp_path / "t.csv").write_text("file,label\n" + "\n".join(lines))
    facts = run("label", shared_names, "--csv", tmp_path / "t.csv")
    assert (facts["rows"], facts["labelled"], facts["labelled_train"], facts["labelled_test"]) == (8, 6, 6, 0)
    assert (facts["unknown"], facts["without_label"], facts["without_label_rows"], facts["contradicting"]) == (
        ["gone.png"], 1, ["red_5.png"], ["red_0.png"])
    assert (facts["columns"], facts["format"]) == (["file", "label"], "columns")
    assert sorted(facts["new_classes"]) == ["cat", "dog"]
    assert any("applied to the training images" in note for note in facts["notes"])
    assert run("label", shared_names, "--csv", tmp_path / "t.csv")["unchanged"] == 6


def test_words_for_a_terminal(shared_names: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    boxes = "".join(f"red_{i}.png,1,2,cat\n" for i in range(6)) * 4 + "red_0.png,1,2,dog\n"
    lines = [*(f"red_{i}.PNG,cat" for i in range(6)), "x.png,cat", "red_1.PNG,"]
    (tmp_path / "t.csv").write_text("file,label\n" + "\n".join(lines))
    assert run_command(["label", str(shared_names), "--csv", str(tmp_path / "t.csv")]) == 0
    said = capsys.readouterr().out
    for words in ("6 training images labelled", text("cli.label.columns_used", columns=["file", "label"]),
                  text("cli.label.without_label_rows", n=1), text("cli.label.unknown", n=1),
                  text("imports.names_differ", n=6)):
        assert words in said, words
    (tmp_path / "b.csv").write_text("image,xmin,xmax,label\n" + boxes)
    assert run_command(["label", str(shared_names), "--csv", str(tmp_path / "b.csv")]) == 2
    error = capsys.readouterr().err
    assert "1 of 6 rows of the table “b.csv” have several labels (red_0.png: cat, dog)" in error


def test_part_and_columns_can_be_named(shared_names: Path, tmp_path: Path, run: Run, fail: Run) -> None:
    lines = (f"red_{i},c{i % 2},s{i % 2 or 7}\n" for i in range(4))
    (tmp_path / "t.csv").write_text("image,colour,shape\n" + "".join(lines))
    sentence, hint = fail("label", shared_names, "--csv", tmp_path / "t.csv")
    assert "image, colour, shape" in sentence and "--columns IMAGE,LABEL" in hint
    sentence, hint = fail("label", shared_names, "--csv", tmp_path / "t.csv", "--columns", "image,shape")
    assert "match all test images" in sentence and "--split test" in hint
    facts = run("label", shared_names, "--csv", tmp_path / "t.csv", "--columns", "1,3", "--split", "test")
    assert (facts["labelled_train"], facts["labelled_test"], facts["new_classes"]) == (0, 4, ["s7", "s1"])
    assert "no split “valid”" in fail("label", shared_names, "--csv", tmp_path / "t.csv", "--split", "valid")[0]


def test_numbers_where_classes_have_names_are_pointed_out(project: Path, tmp_path: Path, run: Run) -> None:
    def notes_of(text: str) -> list[Any]:
        (tmp_path / "t.csv").write_text("path,label\n" + text)
        return [note for note in run("label", project, "--csv", tmp_path / "t.csv")["notes"] if "numbers" in note]

    assert notes_of("red/red_0.png,0\nblue/blue_0.png,1\n") and not notes_of("red/red_0.png,red\n")
    assert not notes_of("red/red_1.png,0\n"), "now it is a class of the project"


def test_a_table_of_other_images_is_refused(project: Path, tmp_path: Path, fail: Run) -> None:
    (tmp_path / "t.csv").write_text("path,label\nx.jpg,a\ny.jpg,b\n")
    assert "the first is “x.jpg”" in fail("label", project, "--csv", tmp_path / "t.csv")[0]
    (tmp_path / "t.csv").write_text("path,label\nred/red_0.png,\n")
    assert "no row with a path and a label" in fail("label", project, "--csv", tmp_path / "t.csv")[0]


def test_the_former_name_of_a_class_is_pointed_out(shared_names: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "t.csv").write_text("file,label\nred_4.png,cat\nred_5.png,dog\n")
    run("label", shared_names, "--csv", tmp_path / "t.csv")
    run("classes", shared_names, "rename", "cat", "tiger")
    facts = run("label", shared_names, "--csv", tmp_path / "t.csv")
    assert facts["new_classes"] == ["cat"]
    assert [note for note in facts["notes"] if "“cat” was the name of the class “tiger”" in note]
    run("classes", shared_names, "merge", "cat", "--into", "tiger")
    assert run("classes", shared_names)["classes"] == {"tiger": 1, "dog": 1}

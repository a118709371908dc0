"""Commands meet what goes wrong: slips, damage, pictures that moved, names that are no text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.commands import run_command
from core.errors import StorageError
from core.tasks import TASKS
from core.text import text
from tests.core.conftest import Run

HOME = Path(__file__).resolve().parents[3]


def test_a_damaged_project_comes_back_from_its_copy(project: Path, run: Run, fail: Run, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,label\nred/red_0.png,green\nred/red_1.png,green\n")
    assert Path(run("label", project, "--csv", tmp_path / "labels.csv")["backup"]).is_file()
    (project / "catalog.sqlite").write_bytes(b"not SQLite" * 2000)
    assert "main.py restore" in fail("runs", project)[1]
    facts = run("restore", project)
    assert Path(facts["backup"]).is_file()
    assert run("train", project)["classes"] == ["blue", "red", "green"]
    assert "is sound" in fail("restore", project)[0]


def test_pictures_that_are_gone_are_said_and_come_back_with_their_labels(
    project: Path, pictures: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.csv").write_text("path,label\nred/red_1.png,blue\n")
    run("label", project, "--csv", tmp_path / "labels.csv")
    assert run("train", project)["n_train"] == 24
    away = [pictures / "train" / "red" / f"red_{i}.png" for i in range(3)]
    contents = [path.read_bytes() for path in away]
    for path in away:
        path.unlink()
    facts = run("new", project, "--from", pictures / "train")
    assert (facts["missing"], facts["images"]) == ([f"red/red_{i}.png" for i in range(3)], 21)
    assert run_command(["new", str(project), "--from", str(pictures / "train")]) == 0
    assert text("cli.new.missing", n=3) in capsys.readouterr().out
    assert run("train", project)["n_train"] == 21, "embeddings alone are not learnt from"
    for path, content in zip(away, contents, strict=True):
        path.write_bytes(content)
    facts = run("new", project, "--from", pictures / "train")
    assert (facts["missing"], facts["came_back"], facts["added"]) == ([], 3, 0)
    assert facts["classes"] == {"blue": 13, "red": 11}, "the label given by hand is still there"


def test_an_emptied_folder_is_not_taken_for_one_without_pictures(project: Path, pictures: Path, fail: Run) -> None:
    (pictures / "train").rename(pictures / "kept elsewhere")
    (pictures / "train").mkdir()
    sentence, hint = fail("new", project, "--from", pictures / "train")
    assert "any more" in sentence and "connect" in hint


def test_pictures_in_another_class_folder_are_told(
    project: Path, pictures: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.csv").write_text("path,label\nred/red_1.png,blue\nred/red_2.png,green\n")
    run("label", project, "--csv", tmp_path / "labels.csv")
    for name in ("red_0.png", "red_2.png"):
        (pictures / "train" / "red" / name).rename(pictures / "train" / "blue" / name)
    (pictures / "train" / "red" / "red_1.png").rename(pictures / "train" / "red" / "again.png")
    assert run_command(["new", str(project), "--from", str(pictures / "train")]) == 0
    said = capsys.readouterr().out
    assert text("cli.new.label_became", name="blue/red_0.png", before="red", after="blue") in said
    assert text("cli.new.kept_label_by_hand", folder="blue", n=1, label="green") in said
    (pictures / "train" / "red" / "red_3.png").rename(pictures / "train" / "blue" / "red_3.png")
    facts = run("new", project, "--from", pictures / "train")
    assert facts["relabelled"] == {"images": 1, "first": [
        {"name": "blue/red_3.png", "folder": "blue", "label": "red"}]}
    assert facts["kept_labels"] == {"images": 1, "folders": [
        {"folder": "blue", "label": "green", "n_images": 1, "is_by_hand": True}]}


@pytest.mark.parametrize(("name", "word"), [
    ("run.json", "record run.json is missing"), ("predictions/kind.npy", "predictions/kind.npy"),
    ("head.weights.h5", "weights"), ("", "folder is missing"),
])
def test_a_damaged_run_is_listed_as_such_and_not_used(
    project: Path, run: Run, fail: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, word: str
) -> None:
    first, second = run("train", project)["run"], run("train", project)["run"]
    if name:
        (project / "runs" / second / name).unlink()
    else:
        (project / "runs" / second).rename(tmp_path / "away")
    assert [word in (row["damage"] or "") for row in run("runs", project)["runs"]] == [True, False]
    assert run_command(["runs", str(project)]) == 0
    assert ["damaged: " in line for line in capsys.readouterr().out.splitlines()] == [True, False]
    if name != "head.weights.h5":
        for command in ("predict", "submit", "review"):
            assert fail(command, project, "--out", tmp_path / "out")[1] and not (tmp_path / "out").exists()
    assert run("predict", project, "--run", first, "--out", tmp_path / "out")["rows"] == 29


@pytest.mark.parametrize("table", [
    "", "\n\n", "path,label\n", "path;label\nred/red_0.png;\n;cat\n", "path,label\nnowhere.png,cat\n",
])
def test_a_table_without_a_usable_row_is_an_error(project: Path, fail: Run, tmp_path: Path, table: str) -> None:
    (tmp_path / "l.csv").write_text(table)
    sentence, hint = fail("label", project, "--csv", tmp_path / "l.csv")
    assert "l.csv" in sentence and hint


def test_nothing_to_predict_is_said_and_no_file_is_left(pictures: Path, run: Run, fail: Run, tmp_path: Path) -> None:
    run("new", pictures / "p", "--from", pictures / "train")
    run("train", pictures / "p")
    for command in (["predict", pictures / "p", "--split", "test"], ["submit", pictures / "p"]):
        assert "test image" in fail(*command, "--out", tmp_path / "p.csv")[0]
        assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize(("arguments", "sentence", "hint"), [
    ("nonsense", "Catalejo has no command “nonsense”.", "The commands are: open, new, label,"),
    ("trian p", "Catalejo has no command “trian”.", "Did you mean “train”?"),
    ("predict p", "“predict” needs --out FILE.", "main.py predict --help"),
    ("predict", "“predict” needs PROJECT.", "main.py predict --help"),
    ("train p --seed x", "“x” is not a whole number, which “--seed” needs.", "main.py train --help"),
    ("train p --bakbone x", "“train” has no option “--bakbone”.", "Did you mean “--backbone”?"),
    ("train my project", "“train” has no use for “project”.", "in quotes"),
    ("train p --seed", "The option “--seed” needs a value after it.", "main.py --help"),
    ("train p --json=3", "The option “--json” takes no value.", "main.py --help"),
    ("--nope", "“main.py” has no option “--nope”.", "main.py --help"),
])
def test_slips_on_the_command_line_are_said_plainly(arguments: str, sentence: str, hint: str,
                                                    capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(arguments.split()) == 2
    output, errors = capsys.readouterr()
    said = errors.splitlines()
    assert (output, said[0], len(said)) == ("", sentence, 2) and hint in said[1]


def test_a_place_that_cannot_be_written_is_said_before_the_work(
    project: Path, pictures: Path, run: Run, fail: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("train", project)
    monkeypatch.chdir(pictures)
    before = (pictures / "train" / "red" / "red_0.png").read_bytes()
    for job in ("answer", "write-predictions", "write-review"):
        monkeypatch.setitem(TASKS, job, "nothing:at_all")
    for out in ("", "/", ".", "no/such/folder/p.csv", "train", "train/red/red_0.png"):
        for command in ("predict", "submit", "review"):
            fail(command, project, "--out", out)
    assert (pictures / "train" / "red" / "red_0.png").read_bytes() == before


def test_a_folder_inside_a_known_one_is_not_said_to_be_empty(project: Path, pictures: Path, fail: Run) -> None:
    for arguments in (["--from", pictures / "train" / "red"], ["--from", pictures / "test"]):
        sentence = fail("new", project, *arguments)[0]
        assert "already" in sentence


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no file names that are not text")
@pytest.mark.parametrize("encoding", ["utf-8:strict", "ascii:strict", "cp1252:strict"])
def test_names_that_are_no_text_can_be_told_everywhere(pictures: Path, encoding: str) -> None:
    odd = Path(os.fsdecode(os.fsencode(pictures) + b"/tel\xe9fono \xe2\x82\xac \xe6\xb0\xb4"))
    (pictures / "train").rename(odd)
    missing = ["new", "q", "--from", odd / "no"]
    for arguments in (["new", odd.parent / (odd.name + ".p"), "--from", odd], ["runs", odd], missing):
        for as_json in ([], ["--json"]):
            done = subprocess.run(
                [sys.executable, "main.py", *map(os.fsencode, arguments), *as_json], cwd=HOME, capture_output=True,
                env=os.environ | {"CATALEJO_NO_BOOTSTRAP": "1", "PYTHONIOENCODING": encoding},
            )
            said = done.stdout.decode(encoding.partition(":")[0]) + done.stderr.decode("utf-8", "replace")
            assert done.returncode in (0, 2) and "Traceback" not in said and "fono" in said
            if as_json and done.returncode == 0:
                assert json.loads(done.stdout.decode(encoding.partition(":")[0]))["images"] == 24


def test_a_home_that_the_shell_did_not_fill_in(pictures: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(pictures))
    monkeypatch.setenv("USERPROFILE", str(pictures))
    for n_added in (24, 0):
        assert run("new", "~/p.catalejo", "--from", pictures / "train")["added"] == n_added
    assert (pictures / "p.catalejo" / "catalog.sqlite").is_file()


def test_no_room_for_a_backup_is_told_and_loses_nothing(
    project: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(folder: Path) -> None:
        raise StorageError("The disk is full.", "Free some space.")

    monkeypatch.setattr("core.workflow.importing.keep_backup", fail)
    (tmp_path / "l.csv").write_text("path,label\nred/red_0.png,blue\n")
    facts = run("label", project, "--csv", tmp_path / "l.csv")
    assert (facts["labelled"], facts["backup"]) == (1, None)
    assert run_command(["new", str(project), "--from", str(tmp_path / "train")]) == 0
    said = capsys.readouterr().out
    assert "blue 13, red 11" in said and "no backup could be made" in said


def test_names_cannot_command_the_terminal(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pictures / "train" / "red").rename(pictures / "train" / "\x1b[2Jred\x9b")
    assert run_command(["new", str(pictures / "p"), "--from", str(pictures / "train")]) == 0
    assert run_command(["runs", str(pictures / "\x1b[2J")]) == 2
    output, errors = capsys.readouterr()
    assert "�[2Jred� 12" in output and "\x1b" not in output + errors and "\x9b" not in output

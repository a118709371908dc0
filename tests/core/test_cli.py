"""The commands, as a user types them: what they print, what they write, how they end."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli import run_command
from core.sentences import say_import
from core.tasks import TASKS
from tests.conftest import write_class_folder

HOME = Path(__file__).resolve().parents[2]
Run = Callable[..., Any]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with --json and return its object."""

    def run_json(*arguments: object) -> Any:
        code = run_command([*map(str, arguments), "--json"])
        output, errors = capsys.readouterr()
        assert (code, errors) == (0, "")
        return json.loads(output)

    return run_json


@pytest.fixture
def fail(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command that must end with a foreseen error; returns its sentence and hint."""

    def run_failing(*arguments: object) -> list[str]:
        assert run_command([*map(str, arguments), "--json"]) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        lines = errors.strip().splitlines()
        assert len(lines) == 2, lines
        return lines

    return run_failing


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes of twelve to train on and five test pictures."""
    write_class_folder(tmp_path / "train" / "red", "red", 12)
    write_class_folder(tmp_path / "train" / "blue", "blue", 12, first_seed=100)
    write_class_folder(tmp_path / "test", "red", 3, first_seed=200)
    write_class_folder(tmp_path / "test", "blue", 2, first_seed=300)
    return tmp_path


@pytest.fixture
def project(pictures: Path, run: Run) -> Path:
    folder = pictures / "colours.catalejo"
    run("new", folder, "--from", pictures / "train", "--test", pictures / "test")
    return folder


def test_new_counts_images_classes_and_test_images(pictures: Path, run: Run) -> None:
    facts = run("new", pictures / "p", "--from", pictures / "train", "--test", pictures / "test")
    assert (facts["images"], facts["test_images"], facts["unreadable"]) == (24, 5, [])
    assert facts["classes"] == {"blue": 12, "red": 12}


def test_new_lists_what_cannot_be_read(image_folder: Path, run: Run) -> None:
    facts = run("new", image_folder.parent / "p", "--from", image_folder)
    assert [row["path"] for row in facts["unreadable"]] == ["blue/broken.jpg"]
    assert "cut off" in facts["unreadable"][0]["reason"]
    assert facts["not_pictures"] == 1


def test_new_again_adds_only_what_is_new(project: Path, pictures: Path, run: Run) -> None:
    write_class_folder(pictures / "train" / "red", "red", 14)
    facts = run("new", project, "--from", pictures / "train")
    assert (facts["added"], facts["images"]) == (2, 26)


def test_train_reports_what_the_contract_promises(project: Path, run: Run) -> None:
    facts = run("train", project, "--seed", 3)
    assert set(facts) >= {"run", "strategy", "backbone", "seed", "n_train", "n_validation", "accuracy", "interval",
                          "confusion", "classes", "seconds"}
    assert (facts["n_train"], facts["n_validation"], facts["seed"]) == (24, 24, 3)
    assert facts["accuracy"] == sum(facts["confusion"][i][i] for i in range(2)) / 24
    low, high = facts["interval"]
    assert 0 < low < facts["accuracy"] <= high <= 1


def test_a_network_from_scratch_is_trained_and_predicts(project: Path, pictures: Path, run: Run) -> None:
    facts = run("train", project, "--strategy", "scratch", "--set", "n_epochs=2", "--set", "network=lenet")
    assert facts["accuracy_kind"] == "held back"
    assert facts["n_train"] + facts["n_validation"] < 24
    write_class_folder(pictures / "test", "blue", 4, first_seed=300)
    run("new", project, "--from", pictures / "train", "--test", pictures / "test")
    assert run("predict", project, "--split", "test", "--out", pictures / "p.csv")["rows"] == 7


def test_reading_without_training_needs_classes_that_imagenet_knows(project: Path, pictures: Path, run: Run,
                                                                    fail: Run) -> None:
    assert "ImageNet" in " ".join(fail("train", project, "--strategy", "zero-shot"))
    table = pictures / "labels.csv"
    table.write_text("path,label\n" + "".join(f"red/red_{i}.png,cat\n" for i in range(6))
                     + "".join(f"blue/blue_{i}.png,lamp\n" for i in range(6)))
    run("label", project, "--csv", table)
    facts = run("train", project, "--strategy", "zero-shot")
    assert (facts["n_train"], facts["accuracy_kind"]) == (0, "untrained")
    assert run("predict", project, "--split", "test", "--out", pictures / "p.csv")["rows"] == 5


def test_settings_of_a_strategy_are_checked(project: Path, fail: Run) -> None:
    assert "sets nothing" in fail("train", project, "--set", "colour=blue")[0]
    assert "whole number" in fail("train", project, "--set", "n_folds=x")[1]
    assert "from 2 to 20" in fail("train", project, "--set", "n_folds=1")[1]


def test_predict_writes_every_probability(project: Path, run: Run, tmp_path: Path) -> None:
    run("train", project)
    facts = run("predict", project, "--split", "test", "--out", tmp_path / "p.csv")
    with (tmp_path / "p.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert facts["rows"] == len(rows) == 5
    assert list(rows[0]) == ["path", "prediction", "confidence", "p_blue", "p_red"]
    assert [row["prediction"] for row in rows] == [row["path"].split("_")[0] for row in rows]
    assert all(abs(float(row["p_blue"]) + float(row["p_red"]) - 1) < 1e-5 for row in rows)


def test_pictures_added_after_the_training_are_predicted_too(project: Path, pictures: Path, run: Run) -> None:
    run("train", project)
    write_class_folder(pictures / "test", "blue", 4, first_seed=300)
    run("new", project, "--from", pictures / "train", "--test", pictures / "test")
    facts = run("predict", project, "--split", "test", "--out", pictures / "p.csv")
    assert facts["rows"] == 7
    with (pictures / "p.csv").open() as file:
        names = {row["path"]: row["prediction"] for row in csv.DictReader(file)}
    assert names["blue_3.png"] == "blue"


def test_submit_writes_codes_in_natural_order(project: Path, run: Run, tmp_path: Path) -> None:
    run("train", project)
    facts = run("submit", project, "--map", "red=7,blue=3", "--out", tmp_path / "s.csv")
    assert facts["class_map"] == {"red": "7", "blue": "3"}
    lines = (tmp_path / "s.csv").read_text().split()
    assert lines == ["ID,Ground_Truth", "blue_0.png,3", "blue_1.png,3", "red_0.png,7", "red_1.png,7", "red_2.png,7"]


def test_a_run_can_be_chosen_by_its_id(project: Path, run: Run, tmp_path: Path) -> None:
    first = run("train", project)["run"]
    run("train", project, "--seed", 1)
    assert run("predict", project, "--run", first, "--out", tmp_path / "p.csv")["run"] == first
    assert [row["seed"] for row in run("runs", project)["runs"]] == [1, 0]


def test_labels_from_a_table_count_in_the_next_training(project: Path, run: Run, tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("path,label\nred/red_0.png,green\nred/red_1.png,green\nnowhere.png,green\n")
    facts = run("label", project, "--csv", table)
    assert (facts["labelled"], facts["unknown"], facts["new_classes"]) == (2, ["nowhere.png"], ["green"])
    assert run("train", project)["classes"] == ["blue", "red", "green"]


def test_review_is_one_page_with_the_mistakes(project: Path, run: Run, tmp_path: Path) -> None:
    table = tmp_path / "wrong.csv"
    table.write_text("path,label\nred/red_0.png,blue\n")
    run("label", project, "--csv", table)
    run("train", project)
    facts = run("review", project, "--out", tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    assert facts["mistakes"] >= 1
    assert "red_0.png" in page
    assert "data:image/jpeg;base64," in page


def test_health_finds_duplicates_with_two_labels_first(pictures: Path, run: Run) -> None:
    train = pictures / "train"
    (train / "red" / "copy.png").write_bytes((train / "red" / "red_1.png").read_bytes())
    (train / "blue" / "stray.png").write_bytes((train / "red" / "red_2.png").read_bytes())
    run("new", pictures / "p", "--from", train)
    facts = run("health", pictures / "p")
    assert facts["duplicates"] == [["blue/stray.png", "red/red_2.png"], ["red/copy.png", "red/red_1.png"]]
    assert facts["balance"]["counts"] == {"blue": 13, "red": 13}
    assert facts["findings"][0]["level"] == "serious" and facts["unchecked"] == []


def test_health_says_what_the_contract_promises(project: Path, pictures: Path, run: Run) -> None:
    (pictures / "test" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    (pictures / "test" / "seen.png").write_bytes((pictures / "train" / "red" / "red_1.png").read_bytes())
    run("new", project, "--from", pictures / "train", "--test", pictures / "test")
    facts = run("health", project)
    assert set(facts) >= {"label_errors", "duplicates", "leaks", "shortcuts", "unreadable", "outliers", "balance"}
    assert facts["unreadable"][0]["path"] == "broken.jpg" and facts["unreadable"][0]["reason"]
    assert facts["leaks"][0] == {"test": "seen.png", "train": "red/red_1.png", "kind": "same file", "similarity": 1.0}
    assert set(facts["shortcuts"][0]) >= {"cue", "accuracy", "majority", "rule", "interval"}
    assert not facts["is_kept"] and run("health", project)["is_kept"]


def test_an_accepted_finding_is_carried_by_every_run_and_its_page(
    project: Path, run: Run, fail: Run, tmp_path: Path
) -> None:
    key = run("health", project, "--quick")["findings"][0]["key"]
    assert "reason" in fail("health", project, "--accept", key)[0]
    assert "no finding" in fail("health", project, "--accept", "nothing", "--reason", "why")[0]
    run("health", project, "--accept", key, "--reason", "They are drawn.")
    carried = run("train", project)["findings"]
    assert [f["key"] for f in carried if f["acknowledged"] == "They are drawn."] == [key]
    run("review", project, "--out", tmp_path / "r.html")
    assert "They are drawn." in (tmp_path / "r.html").read_text()


def test_health_in_sentences(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["health", str(project)]) == 0
    output, errors = capsys.readouterr()
    assert output.startswith("Classes: blue 12, red 12.") and "Measuring pictures" in errors


def test_backbones_say_what_needs_a_download(run: Run) -> None:
    found = {row["name"]: row for row in run("backbones")["backbones"]}
    assert found["efficientnet-lite0"]["is_here"]
    assert found["vgg16"]["download_mb"] > 500


def test_missing_and_empty_folders_leave_nothing_behind(fail: Run, tmp_path: Path) -> None:
    assert "does not exist" in fail("new", tmp_path / "p", "--from", tmp_path / "nowhere")[0]
    (tmp_path / "empty").mkdir()
    assert "no pictures" in fail("new", tmp_path / "p", "--from", tmp_path / "empty")[0]
    assert not (tmp_path / "p").exists()


def test_a_failing_second_import_keeps_the_project(project: Path, fail: Run, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    fail("new", project, "--from", tmp_path / "empty")
    assert run("train", project)["n_train"] == 24


@pytest.mark.parametrize("command", ["train", "health", "runs"])
def test_no_project(command: str, fail: Run, tmp_path: Path) -> None:
    assert "does not exist" in fail(command, tmp_path / "p")[0]


def test_nothing_trained_yet(project: Path, fail: Run, tmp_path: Path) -> None:
    assert "train" in " ".join(fail("predict", project, "--out", tmp_path / "p.csv")).lower()


def test_one_class_is_too_few(pictures: Path, run: Run, fail: Run) -> None:
    run("new", pictures / "p", "--from", pictures / "train" / "red")
    assert "no labels" in fail("train", pictures / "p")[0]
    run("new", pictures / "q", "--from", _only(pictures, "red"))
    assert "one class" in fail("train", pictures / "q")[0]


def _only(pictures: Path, name: str) -> Path:
    folder = pictures / "only"
    (folder / name).mkdir(parents=True)
    for file in (pictures / "train" / name).iterdir():
        (folder / name / file.name).write_bytes(file.read_bytes())
    return folder


def test_weights_that_need_a_download_are_not_fetched_unasked(project: Path, fail: Run) -> None:
    sentence, hint = fail("train", project, "--backbone", "resnet50")
    assert "resnet50" in sentence
    assert "--allow-download" in hint


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["train"], ["train", "p", "--seed", "x"], ["train", "p", "--strategy", "magic"],
                  ["train", "p", "--backbone", "resnet51"], ["submit", "p", "--out", "x.csv", "--map", "a"]],
)
def test_wrong_words_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(arguments) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert len(errors.strip().splitlines()) == 2


def test_without_json_the_result_is_said_in_sentences(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["train", str(project)]) == 0
    output, errors = capsys.readouterr()
    assert output.startswith("Right for ")
    assert "Training: " in errors


def test_a_second_command_is_told_who_has_the_project(project: Path, fail: Run) -> None:
    code = ("import sys; from pathlib import Path; from core.project.project import Project\n"
            "with Project.open(Path(sys.argv[1]), program='the holder'): print('open', flush=True); sys.stdin.read()")
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(project)],
        cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        assert "the holder" in " ".join(fail("train", project))
    finally:
        holder.communicate()


def test_training_imports_no_tensorflow(project: Path) -> None:
    code = ("import sys; from core.cli import run_command; code = run_command(sys.argv[1:]); "
            "print(code, any(m.split('.')[0] in ('tensorflow', 'keras') for m in sys.modules), file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code, "train", str(project), "--json"],
                          cwd=HOME, capture_output=True, text=True)
    assert done.stderr.split() == ["0", "False"]


def test_ctrl_c_ends_with_130_and_a_valid_project(tmp_path: Path, run: Run) -> None:
    write_class_folder(tmp_path / "train" / "red", "red", 150)
    write_class_folder(tmp_path / "train" / "blue", "blue", 150, first_seed=1000)
    project = tmp_path / "p"
    run("new", project, "--from", tmp_path / "train")
    process = subprocess.Popen([sys.executable, "main.py", "train", str(project)], cwd=HOME, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=os.environ | {"CATALEJO_NO_BOOTSTRAP": "1"})
    assert process.stderr is not None
    for line in process.stderr:
        if "Reading pictures" in line:
            process.send_signal(signal.SIGINT)
            break
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, "")
    assert errors.strip().endswith("Cancelled.")
    assert run("runs", project)["runs"] == []
    assert run("train", project)["n_train"] == 300


def test_ctrl_c_while_modules_load_ends_with_130(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import builtins, os, signal\n"
        "load = builtins.__import__\n"
        "def loading(name, *rest):\n"
        "    if name == 'numpy':\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return load(name, *rest)\n"
        "builtins.__import__ = loading\n"
    )
    environment = os.environ | {"CATALEJO_NO_BOOTSTRAP": "1", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "main.py", "runs", "p"], cwd=HOME, capture_output=True, text=True,
                          env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Cancelled.\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_an_answer_that_cannot_be_printed_is_foreseen() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "main.py", "backbones"], cwd=HOME, stdout=full, text=True,
                              stderr=subprocess.PIPE, env=os.environ | {"CATALEJO_NO_BOOTSTRAP": "1"})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2


def test_test_pictures_inside_the_training_folder_are_refused(pictures: Path, fail: Run) -> None:
    sentence, _ = fail("new", pictures / "p", "--from", pictures / "train", "--test", pictures / "train" / "red")
    assert "for training" in sentence
    assert not (pictures / "p").exists()


def test_moved_pictures_are_said_to_be_found_again(
    pictures: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "train").rename(pictures / "elsewhere")
    assert run_command(["new", str(project), "--from", str(pictures / "elsewhere")]) == 0
    assert "24 found again at another place" in capsys.readouterr().out


def test_many_classes_are_cut() -> None:
    facts = {"project": "p", "images": 30, "classes": {f"c{i}": 1 for i in range(30)}, "test_images": 0, "added": 0,
             "moved": 0, "unreadable": [], "skipped_folders": []}
    assert "c9 1, and 20 more classes)" in say_import(facts)


def test_an_interrupt_outside_jobs_is_no_success(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.workflow.training.list_project_runs", interrupt)
    assert run_command(["runs", str(project)]) == 130
    assert capsys.readouterr() == ("", "Cancelled.\n")


def test_a_damaged_project_comes_back_from_its_copy(project: Path, run: Run, fail: Run, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,label\nred/red_0.png,green\nred/red_1.png,green\n")
    assert Path(run("label", project, "--csv", tmp_path / "labels.csv")["backup"]).is_file()
    (project / "catalog.sqlite").write_bytes(b"not SQLite" * 2000)
    assert "main.py restore" in fail("runs", project)[1]
    facts = run("restore", project)
    assert Path(facts["backup"]).is_file()
    assert run("train", project)["classes"] == ["blue", "red", "green"]
    assert "whole" in fail("restore", project)[0]


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
    assert "3 pictures no longer there" in capsys.readouterr().out
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
    assert "blue/red_0.png: “red” became “blue”" in said and "blue/red_2.png: “green”" in said
    (pictures / "train" / "red" / "red_3.png").rename(pictures / "train" / "blue" / "red_3.png")
    facts = run("new", project, "--from", pictures / "train")
    assert facts["relabelled"] == {"images": 1, "first": [
        {"name": "blue/red_3.png", "folder": "blue", "label": "red"}]}
    assert facts["kept_labels"] == {"images": 0, "first": []}


@pytest.mark.parametrize(("name", "word"), [
    ("run.json", "record run.json is missing"), ("predictions.npz", "predictions.npz"),
    ("head.weights.h5", "weights"), ("", "folder is gone"),
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


@pytest.mark.parametrize("text", [
    "", "\n\n", "path,label\n", "path;label\nred/red_0.png;\n;cat\n", "path,label\nnowhere.png,cat\n",
])
def test_a_table_without_a_usable_row_is_an_error(project: Path, fail: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "l.csv").write_text(text)
    sentence, hint = fail("label", project, "--csv", tmp_path / "l.csv")
    assert "l.csv" in sentence and hint


def test_nothing_to_predict_is_said_and_no_file_is_left(pictures: Path, run: Run, fail: Run, tmp_path: Path) -> None:
    run("new", pictures / "p", "--from", pictures / "train")
    run("train", pictures / "p")
    for command in (["predict", pictures / "p", "--split", "test"], ["submit", pictures / "p"]):
        assert "test picture" in fail(*command, "--out", tmp_path / "p.csv")[0]
        assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize(("arguments", "sentence", "hint"), [
    ("nonsense", "Catalejo has no command “nonsense”.", "The commands are: new, label,"),
    ("trian p", "Catalejo has no command “trian”.", "Did you mean “train”?"),
    ("predict p", "“predict” needs --out FILE.", "main.py predict --help"),
    ("predict", "“predict” needs PROJECT.", "main.py predict --help"),
    ("train p --seed x", "“x” is not a whole number, as “--seed” needs it.", "main.py train --help"),
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


@pytest.mark.parametrize("out", ["", "/", ".", "no/such/folder/p.csv", "train", "train/red/red_0.png"])
def test_a_place_that_cannot_be_written_is_said_before_the_work(
    project: Path, pictures: Path, run: Run, fail: Run, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    run("train", project)
    monkeypatch.chdir(pictures)
    before = (pictures / "train" / "red" / "red_0.png").read_bytes()
    for job in ("answer", "write-predictions", "write-review"):
        monkeypatch.setitem(TASKS, job, "nothing:at_all")
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

"""The commands, as a user types them: what they print, what they write, how they end."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.commands import run_command
from core.cli.import_commands import say_import
from core.text import text
from tests.conftest import write_class_folder
from tests.core.conftest import Run

HOME = Path(__file__).resolve().parents[3]


def test_new_counts_images_classes_and_test_images(pictures: Path, run: Run) -> None:
    facts = run("new", pictures / "p", "--from", pictures / "train", "--test", pictures / "test")
    assert (facts["images"], facts["test_images"], facts["unreadable"]) == (24, 5, [])
    assert facts["classes"] == {"blue": 12, "red": 12}


def test_new_lists_what_cannot_be_read(image_folder: Path, run: Run) -> None:
    facts = run("new", image_folder.parent / "p", "--from", image_folder)
    assert [row["path"] for row in facts["unreadable"]] == ["blue/broken.jpg"]
    assert "truncated" in facts["unreadable"][0]["reason"]
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


def test_submit_says_the_form_the_map_and_what_has_no_line(
    project: Path, run: Run, fail: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "test" / "blue_1.png"
    cut.write_bytes(cut.read_bytes()[:200])
    run("new", project, "--from", tmp_path / "train", "--test", tmp_path / "test")
    run("train", project)
    facts = run("submit", project, "--out", tmp_path / "s.csv")
    assert [Path(row["path"]).name for row in facts["skipped"]] == ["blue_1.png"] and facts["rows"] == 4
    assert (facts["map_source"], facts["is_checked"], facts["guessed"]) == ("natural order", True, [])
    assert run_command(["submit", str(project), "--out", str(tmp_path / "s.csv")]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("Expected accuracy")]
    assert said[0].endswith("s.csv, read back and compared.")
    assert said[1] == "Form: One column, “Ground_Truth”, with the code of the predicted class."
    assert said[2].startswith("Codes: blue = 0, red = 1. These codes follow the natural order of the class names")
    assert said[3] == "1 image has no line in the file:" and "blue_1.png: " in said[4]
    assert "--missing majority" in said[5]

    names = [f"blue_{i}.png" for i in range(2)] + [f"red_{i}.png" for i in range(3)]
    (tmp_path / "t.csv").write_text("id,red,blue\n" + "".join(f"{name},0,0\n" for name in names))
    template = ("submit", project, "--template", tmp_path / "t.csv", "--out", tmp_path / "t_out.csv")
    sentence, hint = fail(*template)
    assert "“blue_1.png” cannot be read (" in sentence and "--missing mean" in hint
    facts = run(*template, "--missing", "mean")
    assert facts["guessed"] == ["blue_1.png"] and "with its probability" in facts["form"]
    assert run_command([*map(str, template), "--missing", "mean"]) == 0
    guessed = "1 line has a guess instead of a prediction, from the mean probability of all others: blue_1.png."
    assert guessed in capsys.readouterr().out

    facts = run("predict", project, "--split", "test", "--out", tmp_path / "p.csv")
    assert facts["rows"] == 4 and [Path(row["path"]).name for row in facts["skipped"]] == ["blue_1.png"]
    assert run_command(["predict", str(project), "--split", "test", "--out", str(tmp_path / "p.csv")]) == 0
    assert "1 image has no prediction:" in capsys.readouterr().out


@pytest.mark.parametrize(("option", "word", "choices"), [
    ("--write", "codes", "class, probability, one-hot"), ("--missing", "zero", "fail, majority, mean"),
])
def test_a_choice_that_does_not_exist(
    project: Path, fail: Run, tmp_path: Path, option: str, word: str, choices: str
) -> None:
    sentence, hint = fail("submit", project, option, word, "--out", tmp_path / "s.csv")
    assert (sentence, hint) == (f"{option} has no choice “{word}”.", f"Choose one of: {choices}.")


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
    assert "data:image/jpeg;base64," in page and "Heat map of red_0.png for red" in page


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
    assert output.startswith("Classes: blue 12, red 12.") and "Measuring images" in errors


def test_backbones_say_what_needs_a_download(run: Run) -> None:
    found = {row["name"]: row for row in run("backbones")["backbones"]}
    assert found["efficientnet-lite0"]["is_here"]
    assert found["vgg16"]["download_mb"] > 500


def test_missing_and_empty_folders_leave_nothing_behind(fail: Run, tmp_path: Path) -> None:
    assert "does not exist" in fail("new", tmp_path / "p", "--from", tmp_path / "nowhere")[0]
    (tmp_path / "empty").mkdir()
    assert "no images" in fail("new", tmp_path / "p", "--from", tmp_path / "empty")[0]
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
    assert "no labels" in fail("train", pictures / "q")[0], "a single folder names no class"
    run("new", pictures / "r", "--from", pictures / "only", "--classes-from", "leaf")
    assert "one class" in fail("train", pictures / "r")[0]


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
    assert output.startswith("Accuracy ")
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
    code = ("import sys; from core.cli.commands import run_command; code = run_command(sys.argv[1:]); "
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
        if "Reading images" in line:
            process.send_signal(signal.SIGINT)
            break
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (130, "")
    assert errors.splitlines()[-1].startswith("Cancelled: no run was made.")
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
    assert text("cli.new.found_again", n=24) in capsys.readouterr().out


def test_many_classes_are_cut() -> None:
    facts = {"project": "p", "images": 30, "classes": {f"c{i}": 1 for i in range(30)}, "test_images": 0, "added": 0,
             "moved": 0, "unreadable": [], "skipped_folders": []}
    assert "c9 1, and 20 more classes." in say_import(facts)


def test_an_interrupt_outside_jobs_is_no_success(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("core.workflow.runs.list_runs", interrupt)
    assert run_command(["runs", str(project)]) == 130
    assert capsys.readouterr() == ("", "Cancelled.\n")

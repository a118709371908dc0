"""Excluded images over the whole way: not learnt from, not judged, still predicted; said by every command."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from core.cli.commands import run_command
from core.project.exclusion import exclude_images, excluded_ids, include_images
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_rows
from core.project.runs import find_run
from core.runs.snapshot import read_snapshot
from core.workflow.comparing import find_changed_labels
from core.workflow.confusion import count_excluded_judged, labels_of_run, mistakes_of, read_confusion, read_judged
from core.workflow.expecting import read_expected
from core.workflow.health import health_digest, prepare_health
from core.workflow.labelled_test import describe_test, read_labelled_test
from core.workflow.labelling import Scope, count_progress, label_queue, list_track_record
from core.workflow.readiness import count_training_data
from core.workflow.touched import split_touched
from tests.core.conftest import Run


@pytest.fixture
def trained(project: Path, run: Run) -> Path:
    run("train", project, "--strategy", "transfer", "--set", "n_folds=3")
    return project


def names(facts: Any) -> set[str]:
    return {row["path"] for row in facts["images"]}


def test_excluding_by_the_command_line(project: Path, run: Run, fail: Run) -> None:
    facts = run("exclude", project, "red/red_0.png", "red_7.png", project.parent / "test" / "blue_1.png",
                "--reason", "label_issue")
    assert (facts["changed"], facts["changed_test"], facts["excluded"], facts["excluded_test"]) == (3, 1, 3, 1)
    assert {row["reason"] for row in facts["images"]} == {"label issue"}
    assert names(run("exclude", project)) == names(facts) and len(facts["images"]) == 3
    sentence, hint = fail("exclude", project, "nowhere.png", "red_9.png")
    assert "nowhere.png" in sentence and "red_9" not in sentence
    assert run("exclude", project)["excluded"] == 3, "all or none"
    assert run("new", project, "--from", project.parent / "train")["excluded"] == 3
    assert run("include", project, "red/red_7.png")["excluded"] == 2
    facts = run("include", project, "--all")
    assert (facts["changed"], facts["changed_test"], facts["excluded"]) == (2, 1, 0)
    fail("include", project)


def test_two_images_of_one_name_are_asked_about(project: Path, run: Run, fail: Run) -> None:
    shutil.copy(project.parent / "train" / "red" / "red_3.png", project.parent / "train" / "blue" / "red_3.png")
    run("new", project, "--from", project.parent / "train")
    assert "red_3.png" in fail("exclude", project, "red_3.png")[0]
    assert run("exclude", project, "blue/red_3.png")["changed"] == 1


def test_the_words_say_how_many_of_each(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    test = project.parent / "test"
    chosen = ["red/red_5.png", str(test / "red_0.png"), str(test / "red_1.png")]
    assert run_command(["exclude", str(project), *chosen]) == 0
    said = capsys.readouterr().out
    assert "1 training image and 2 test images" in said and "keep their lines" in said and "by hand" in said


def test_a_training_leaves_them_out_and_says_so(project: Path, run: Run) -> None:
    out = ["red/red_0.png", "blue/blue_0.png", project.parent / "test" / "red_0.png"]
    run("exclude", project, *out)
    facts = run("train", project, "--strategy", "transfer", "--set", "n_folds=3")
    assert (facts["n_train"], facts["n_validation"], facts["n_excluded"]) == (22, 22, 3)
    assert any("3 images are excluded" in note for note in facts["notes"])
    assert len(read_snapshot(project / "runs" / facts["run"])) == 22
    assert json.loads((project / "runs" / facts["run"] / "run.json").read_text())["n_excluded"] == 3
    assert run("runs", project)["runs"][0]["n_excluded"] == 3
    with Project.open(project, read_only=True) as opened:
        said = image_ids(opened, ImageFilter(run_id=facts["run"]))
        assert not excluded_ids(opened) & set(said.tolist()), "nor do they weigh among the images without a label"


def test_excluded_test_images_keep_their_lines(project: Path, run: Run) -> None:
    run("exclude", project, project.parent / "test" / "red_0.png", project.parent / "test" / "blue_0.png")
    run("train", project, "--strategy", "transfer", "--set", "n_folds=3")
    template = project.parent / "template.csv"
    files = sorted(path.name for path in (project.parent / "test").iterdir())
    template.write_text("id,label\n" + "".join(f"{name},red\n" for name in files))
    for options in ((), ("--template", template)):
        facts = run("submit", project, "--out", project.parent / "out.csv", "--map", "red=0,blue=1", *options)
        assert facts["rows"] == 5 and not facts["skipped"]
        assert any("2 of the images are excluded" in note for note in facts["notes"])
    facts = run("predict", project, "--out", project.parent / "all.csv")
    with (project.parent / "all.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 29 == facts["rows"]


def test_removed_test_images_are_missed_aloud(trained: Path, run: Run, fail: Run) -> None:
    template = trained.parent / "template.csv"
    files = sorted(path.name for path in (trained.parent / "test").iterdir())
    template.write_text("id,label\n" + "".join(f"{name},red\n" for name in files))
    assert run("remove", trained, trained.parent / "test" / "red_0.png")["removed"] == 1
    facts = run("submit", trained, "--out", trained.parent / "out.csv", "--map", "red=0,blue=1")
    assert facts["rows"] == 4 and any("1 image was removed" in note for note in facts["notes"])
    sentence, _ = fail("submit", trained, "--out", trained.parent / "o.csv", "--map", "red=0,blue=1",
                       "--template", template)
    assert "red_0.png" in sentence


def test_they_have_no_part_in_any_figure(trained: Path) -> None:
    with Project.open(trained) as project:
        run_id = find_run(project).id
        labelled = image_ids(project, ImageFilter(is_labelled=True, split="train"))
        set_labels(project, labelled[:1], 2)  # a mistake, by the labels as they are now
        set_labels(project, image_ids(project, ImageFilter(split="test"))[:3], 1)
        run = find_run(project)
        before, test = read_confusion(project, run_id), read_labelled_test(project, run)
        assert test is not None
        n_test = test.confusion.n_total
        assert labelled[0] in image_ids(project, mistakes_of(run_id))
        exclude_images(project, [*labelled[:2], *test.image_ids[:1]])
        assert read_confusion(project, run_id).n_total == before.n_total - 2
        assert len(read_judged(project, run_id).image_ids) == before.n_total - 2
        assert labelled[0] not in image_ids(project, mistakes_of(run_id))
        assert len(list_track_record(project, run_id).confidences) == before.n_total - 2
        assert count_excluded_judged(project, run_id) == 2
        without = read_labelled_test(project, run)
        assert without is not None and without.confusion.n_total == n_test - 1 and without.n_excluded == 1
        assert any("excluded" in line for line in describe_test(without, run).lines)
        data = count_training_data(project)
        assert (data.n_labels, data.n_test, data.n_excluded) == (22, 4, 3)
        assert find_changed_labels(project, labels_of_run(project, run_id)) == set(labelled[:2].tolist())
        include_images(project, labelled[:2])
        assert read_confusion(project, run_id).n_total == before.n_total


def test_runs_and_review_say_how_many_do_not_count(
    trained: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("exclude", trained, "red/red_0.png", "red/red_1.png")
    row = run("runs", trained)["runs"][0]
    assert (row["excluded"], row["n_excluded"], row["n_validation"]) == (2, 0, 22)
    assert run("review", trained, "--out", trained.parent / "r.html")["excluded"] == 2
    assert "2 images are now excluded" in (trained.parent / "r.html").read_text()
    assert run_command(["runs", str(trained)]) == 0
    assert "2 images excluded since" in capsys.readouterr().out


def test_the_expected_accuracy_is_without_them(trained: Path) -> None:
    with Project.open(trained) as project:
        before = read_expected(project, find_run(project))
        assert before is not None
        exclude_images(project, image_ids(project, ImageFilter(split="test"))[:2])
        after = read_expected(project, find_run(project))
        assert after is not None and after.estimate.n_images == before.estimate.n_images - 2
        assert not set(after.to_label) & excluded_ids(project)


def test_the_check_of_the_data_does_not_look_at_them(trained: Path, run: Run) -> None:
    with Project.open(trained) as project:
        digest = health_digest(project)
        ids = image_ids(project)[:3]
        exclude_images(project, ids)
        job = prepare_health(project)
        assert job.digest != digest and not {image.id for image in job.images} & set(ids.tolist())
    assert run("health", trained, "--quick")["excluded"] == 3
    with Project.open(trained) as project:
        include_images(project, ids)
        assert health_digest(project) == digest


def test_nobody_is_asked_to_label_them(trained: Path) -> None:
    with Project.open(trained) as project:
        ids = image_ids(project, ImageFilter(split="test"))
        exclude_images(project, ids[:2])
        assert label_queue(project, Scope.TEST).tolist() == ids[2:].tolist()
        assert count_progress(project, Scope.TEST).n_images == len(ids) - 2


def test_a_repetition_learns_from_what_was_learnt_from(trained: Path, run: Run) -> None:
    first = run("runs", trained)["runs"][0]["run"]
    run("exclude", trained, "red/red_0.png", "blue/blue_2.png")
    facts = run("train", trained, "--like", first)
    assert facts["like"]["is_equal"] and facts["n_train"] == 24 and facts["n_excluded"] == 0
    assert any("2 images of this training are now excluded" in note for note in facts["notes"])


def test_removing_and_relocating_by_the_command_line(project: Path, run: Run, fail: Run) -> None:
    train = project.parent / "train"
    assert run("remove", project, "--source", project.parent / "test")["removed"] == 5
    assert len(run("remove", project)["images"]) == 5
    assert run("remove", project, "red_2.png", "--back")["returned"] == 1
    assert run("remove", project, "--back")["returned"] == 4 and not run("remove", project)["images"]
    train.rename(project.parent / "moved")
    (project.parent / "moved" / "red" / "red_0.png").unlink()
    facts = run("relocate", project, train, project.parent / "moved")
    assert (facts["found"], facts["missing"], facts["others"]) == (23, ["red/red_0.png"], 0)
    assert "not a folder of images" in fail("relocate", project, train, project.parent / "moved")[0]


def test_several_sources_below_one_folder_move_together(project: Path, run: Run) -> None:
    new = project.parent / "disk"
    new.mkdir()
    for part in ("train", "test"):
        (project.parent / part).rename(new / part)
    facts = run("relocate", project, project.parent, new)
    assert (facts["found"], len(facts["sources"])) == (29, 2)
    with Project.open(project, read_only=True) as opened:
        assert all(row.path.is_file() for row in image_rows(opened, image_ids(opened)))
        touched = split_touched(opened, image_ids(opened))
        assert (len(touched.train_ids), len(touched.test_ids), touched.is_mixed) == (24, 5, True)

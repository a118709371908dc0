"""`train --like RUN`: equal predictions bit for bit, by contents and not by places; refused where some are gone."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.cli.commands import run_command
from core.project.classes import delete_class, list_classes, rename_class
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.runs.predictions import read_predictions
from core.runs.snapshot import read_snapshot
from core.workflow import repeating
from tests.conftest import draw_picture
from tests.core.conftest import Run


@pytest.fixture
def first(project: Path, run: Run) -> str:
    return str(run("train", project, "--strategy", "transfer", "--seed", 5, "--set", "n_folds=3")["run"])


def test_labels_of_then_give_the_same_predictions(project: Path, run: Run, first: str) -> None:
    with Project.open(project) as opened:
        red = list_classes(opened)[1].id
        set_labels(opened, image_ids(opened, ImageFilter(class_ids=(red,)))[:4], None)
        rename_class(opened, red, name="rojo")
    facts = run("train", project, "--like", first)
    like = facts["like"]
    assert (like["is_equal"], like["largest"], like["n_images"], like["n_alone"]) == (True, 0.0, 29, 0)
    assert (facts["seed"], facts["settings"]["n_folds"], facts["n_train"]) == (5, 3, 24)
    one, other = (read_predictions(project / "runs" / name) for name in (first, facts["run"]))
    assert np.array_equal(one.probabilities, other.probabilities) and np.array_equal(one.folds, other.folds)
    assert any("bit for bit" in sentence for sentence in like["sentences"])
    assert any("rojo" in note and "red" in note for note in facts["notes"])


def test_a_run_by_epochs_is_repeated_too(project: Path, run: Run) -> None:
    name = run("train", project, "--strategy", "scratch", "--set", "n_epochs=2", "--set", "network=lenet")["run"]
    assert run("train", project, "--like", name)["like"]["is_equal"]


def test_images_that_moved_are_found_and_new_ones_are_not_taken(
    project: Path, pictures: Path, run: Run, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "train" / "red" / "red_3.png").rename(pictures / "train" / "red" / "moved.png")
    draw_picture(900, "red").save(pictures / "train" / "red" / "new.png")
    run("new", project, "--from", pictures / "train")
    assert run_command(["train", str(project), "--like", first]) == 0
    said = capsys.readouterr()
    assert "1 image lies elsewhere" in said.err and "bit for bit" in said.out


def change(pictures: Path) -> None:
    draw_picture(901, "red").save(pictures / "train" / "red" / "red_3.png")


def remove(pictures: Path) -> None:
    (pictures / "train" / "red" / "red_3.png").unlink()


@pytest.mark.parametrize("harm", [change, remove])
@pytest.mark.parametrize("is_imported", [True, False])
def test_a_labelled_image_that_is_gone_refuses_before_training(
    project: Path, pictures: Path, run: Run, fail: Run, first: str, harm: Callable[[Path], None], is_imported: bool
) -> None:
    harm(pictures)
    if is_imported:
        run("new", project, "--from", pictures / "train")
    sentence, _ = fail("train", project, "--like", first)
    assert "1 of the 24" in sentence and "red_3.png" in sentence
    assert len(run("runs", project)["runs"]) == 1


def test_an_unlabelled_image_that_is_gone_is_said(project: Path, pictures: Path, run: Run, first: str) -> None:
    (pictures / "test" / "red_1.png").unlink()
    run("new", project, "--from", pictures / "train", "--test", pictures / "test")
    facts = run("train", project, "--like", first)
    assert (facts["like"]["n_images"], facts["like"]["n_alone"], facts["like"]["is_equal"]) == (28, 1, False)
    assert facts["like"]["largest"] == 0 and any("1 image without a label" in note for note in facts["notes"])


def edit(project: Path, run_id: str, change: Callable[[dict[str, Any]], object]) -> None:
    path = project / "runs" / run_id / "run.json"
    record = json.loads(path.read_text("utf-8"))
    change(record)
    path.write_text(json.dumps(record), "utf-8")


def test_what_cannot_be_restored_is_refused_in_one_sentence(project: Path, fail: Run, first: str) -> None:
    assert "takes strategy" in fail("train", project, "--like", first, "--seed", 1)[0]
    assert "no run" in fail("train", project, "--like", "x")[0]
    edit(project, first, lambda record: record["settings"].pop("features"))
    assert "features" in fail("train", project, "--like", first)[0]
    edit(project, first, lambda record: record["settings"].update(features="stages", colour="red"))
    assert "colour" in fail("train", project, "--like", first)[0]
    edit(project, first, lambda record: record["settings"].pop("colour"))
    with Project.open(project) as opened:
        delete_class(opened, list_classes(opened)[0].id)
    assert "“blue”" in fail("train", project, "--like", first)[0]


def test_a_run_that_lacks_settings_of_later_versions_is_repeated(project: Path, run: Run, first: str) -> None:
    def forget(record: dict[str, Any]) -> None:
        for name in ("group_table", "n_repeats"):
            del record["settings"][name]

    edit(project, first, forget)
    assert run("train", project, "--like", first)["like"]["is_equal"]


def test_a_run_that_did_not_note_groups_says_so(project: Path, run: Run, first: str) -> None:
    path = project / "runs" / first / "snapshot.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "group"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    edit(project, first, lambda record: record["files"].pop("snapshot.csv"))
    facts = run("train", project, "--like", first)
    assert facts["like"]["is_equal"] and any("did not note" in note for note in facts["notes"])


def test_a_difference_is_measured_and_its_reasons_named(project: Path, run: Run, first: str) -> None:
    again = run("train", project, "--strategy", "transfer", "--seed", 6, "--set", "n_folds=3")["run"]
    edit(project, first, lambda record: record["environment"].update(numpy="1.0"))
    with Project.open(project) as opened:
        found = repeating.compare_repetition(opened, first, again)
        assert not found.is_equal and 0 < found.largest < 1 and found.n_images == 29
        assert found.sentences[0].code in ("training.like.close", "training.like.other")
        assert "NumPy 1.0 →" in " ".join(map(str, found.sentences))
        shutil.rmtree(project / "runs" / again)


def test_duplicates_that_were_known_then_stay_together_though_nobody_knows_them_now(
    project: Path, pictures: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("red", "blue"):
        for at in range(6):
            with Image.open(pictures / "train" / name / f"{name}_{at}.png") as picture:
                picture.save(pictures / "train" / name / f"again_{at}.bmp")
    run("new", project, "--from", pictures / "train")
    run("health", project)
    first = run("train", project, "--strategy", "transfer")["run"]
    groups = [row.group for row in read_snapshot(project / "runs" / first)]
    assert len(groups) == 36 and len(set(groups)) == 24
    shutil.rmtree(project / "health")
    assert run("train", project, "--like", first)["like"]["is_equal"]
    monkeypatch.setattr(repeating, "_restore_groups", lambda *_: ((), ()))
    assert not run("train", project, "--like", first)["like"]["is_equal"], "the folds follow the groups"

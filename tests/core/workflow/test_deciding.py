"""Thresholds and costs on a real run: asked for, kept, written into tables and submissions, and said."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.cli.output_commands import say_thresholds
from core.errors import InputError, RunError
from core.jobs import JobContext
from core.project.costs import keep_costs, read_stored_costs
from core.project.project import Project
from core.project.runs import find_run
from core.project.thresholds import Thresholds
from core.review.decide import Rule
from core.runs.predictions import NEW, read_predictions
from core.runs.repository import read_run
from core.text import text
from core.training.job import PredictRunInput, predict
from core.training.registry import find_strategy
from core.project.rows import image_refs
from core.project.queries import ImageFilter
from core.workflow.deciding import (
    STORED, Wish, describe_thresholds, lay_out_costs, parse_sure, read_costs, read_curve,
)
from core.workflow.importing import new_project
from core.workflow.judged_scores import read_judged_scores
from core.workflow.predicting import write_predictions, write_submission
from core.workflow.runs import list_runs_with_damage
from core.workflow.training import train_project
from tests.conftest import write_class_folder
from tests.project_acts import undo

CLASSES = ("blue", "red")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trained on twelve pictures a class, with a test picture of each."""
    folder = tmp_path_factory.mktemp("deciding")
    for name, seed in (("red", 0), ("blue", 100)):
        write_class_folder(folder / "train" / name, name, 12, first_seed=seed)
        write_class_folder(folder / "test", name, 2, first_seed=seed + 300)
    new_project(folder / "p", folder / "train", folder / "test", JobContext())
    train_project(folder / "p", "transfer", {}, JobContext())
    return folder / "p"


def rows_of(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_run_keeps_its_calibration(project: Path) -> None:
    found: Mapping[str, Any] = list_runs_with_damage(project)[0]
    assert found["calibration"]["temperature"] != 1 and found["calibration_sentences"]
    record = read_run(project / "runs" / found["run"])
    assert record.fit["calibration"]["after"]["error"] <= record.fit["calibration"]["before"]["error"]
    assert record.temperature == 1, "its head is calibrated"


@pytest.mark.parametrize(("strategy", "settings", "is_in_weights"), [
    ("transfer", {}, True), ("ensemble", {"members": "efficientnet-lite0, efficientnet-lite1"}, False),
])
def test_what_is_predicted_later_is_as_calibrated_as_the_run(
    project: Path, tmp_path: Path, strategy: str, settings: Mapping[str, Any], is_in_weights: bool
) -> None:
    """Where the weights are as they were trained, the temperature is applied to what they say."""
    shutil.copytree(project, tmp_path / "p")
    run = train_project(tmp_path / "p", strategy, settings, JobContext())["run"]
    with Project.open(tmp_path / "p") as opened:
        images, folder = image_refs(opened, ImageFilter(split="test")), opened.run_path(run)
        asked = PredictRunInput(folder, images, opened.embeddings_path)
    record, stored = read_run(folder), read_predictions(folder)
    again = predict(asked, JobContext()).probabilities
    np.testing.assert_allclose(again, stored.probabilities[stored.kinds == NEW], atol=1e-6)
    raw = find_strategy(strategy).predict(record, asked, JobContext()).probabilities
    assert record.fit["calibration"]["temperature"] != 1 and (record.temperature == 1) == is_in_weights
    assert np.allclose(raw, again, atol=1e-6) == is_in_weights


def test_a_run_of_an_earlier_version_is_not_scaled(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "p")
    path = next((tmp_path / "p" / "runs").glob("*/run.json"))
    content = json.loads(path.read_text())
    del content["fit"]["calibration"]
    path.write_text(json.dumps(content))
    assert read_run(path.parent).temperature == 1
    content["fit"]["temperature"] = 0
    path.write_text(json.dumps(content))
    with pytest.raises(RunError, match="cannot be read"):
        read_run(path.parent)


def test_a_table_without_answers_below_the_threshold(project: Path, tmp_path: Path) -> None:
    plain = write_predictions(project, tmp_path / "plain.csv", JobContext())
    assert "unsure" not in plain and "unanswered" not in rows_of(tmp_path / "plain.csv")[0]
    sure = np.median([float(row["confidence"]) for row in rows_of(tmp_path / "plain.csv")])
    facts = write_predictions(project, tmp_path / "sure.csv", JobContext(), wish=Wish(str(sure)))
    rows = rows_of(tmp_path / "sure.csv")
    empty = [row for row in rows if not row["prediction"]]
    assert 0 < len(empty) < len(rows) == 28 and [row["path"] for row in empty] == facts["unsure"]
    assert {row["unanswered"] for row in empty} == {"unsure"} and facts["none_of_these"] == []
    assert all(float(row["confidence"]) < sure for row in empty)


def test_a_stored_threshold_is_used_where_it_is_asked_for(project: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no stored confidence threshold"):
        write_predictions(project, tmp_path / "p.csv", JobContext(), wish=Wish("stored"))
    facts = describe_thresholds(project, chosen="1,red=0")
    assert facts["changed"] and facts["stored"] == {"sure": 1.0, "of_classes": {"red": 0.0}}
    assert facts["at_stored"]["n"] == 12 and facts["rows"][0]["coverage"] == 1
    write_predictions(project, tmp_path / "p.csv", JobContext(), wish=Wish("Stored"))
    assert {row["prediction"] for row in rows_of(tmp_path / "p.csv")} == {"red", ""}
    write_predictions(project, tmp_path / "p.csv", JobContext())
    assert {row["prediction"] for row in rows_of(tmp_path / "p.csv")} == {"red", "blue"}
    assert describe_thresholds(project, is_dropped=True, most_errors=0.0)["stored"] is None


def test_a_submission_without_unsure_answers(project: Path, tmp_path: Path) -> None:
    facts = write_submission(project, tmp_path / "s.csv", JobContext(), wish=Wish("0,red=1"), unsure="?")
    written = [row["Ground_Truth"] for row in rows_of(tmp_path / "s.csv")]
    assert written.count("?") == 2 == len(facts["unsure"]) and facts["unsure_word"] == "?"


def test_costs_change_the_answer(project: Path, tmp_path: Path) -> None:
    costs = tmp_path / "costs.csv"
    costs.write_text("true,answer,cost\nred,blue,1e9\n")
    facts = write_predictions(project, tmp_path / "p.csv", JobContext(), wish=Wish(costs=costs))
    rows = rows_of(tmp_path / "p.csv")
    assert facts["by_cost"] == [row["path"] for row in rows if float(row["p_blue"]) > 0.5] and not facts["unsure"]
    assert {row["prediction"] for row in rows} == {"red"}
    assert any(float(row["confidence"]) < 0.5 for row in rows), "the confidence is that of the answer"


def test_files_of_costs(tmp_path: Path) -> None:
    path = tmp_path / "costs"
    path.write_text(json.dumps({"red": {"blue": 5}}))
    assert read_costs(path, CLASSES).tolist() == [[0, 1], [5, 0]]
    path.write_text("blue,red,0.5\n")
    assert read_costs(path, CLASSES).tolist() == [[0, 0.5], [1, 0]]
    for content, why in (("blue,red\n", "cannot be read"), ("{", "cannot be read"), ("blue,green,1\n", "“green”"),
                         ("blue,red,-1\n", "not a cost"), ('{"blue": {"red": true}}', "not a cost"),
                         ('{"blue": 1}', "cannot be read")):
        path.write_text(content)
        with pytest.raises(InputError, match=why):
            read_costs(path, CLASSES)
    with pytest.raises(InputError, match="cannot be read"):
        read_costs(tmp_path / "none", CLASSES)


def test_words_for_a_threshold() -> None:
    assert parse_sure("0.9") == Thresholds(0.9)
    assert parse_sure(" 0.9, a=b=0.97 ") == Thresholds(0.9, {"a=b": 0.97})
    assert parse_sure("red=0.5") == Thresholds(0.0, {"red": 0.5})
    for given in ("", "90", "0.9,0.8", "0.9,red=", "high"):
        with pytest.raises(InputError, match="not a confidence threshold"):
            parse_sure(given)


def test_images_unlike_all_that_was_learnt_get_no_answer(tmp_path: Path) -> None:
    """Noise among pictures of two colours."""
    for name, seed in (("red", 0), ("blue", 100)):
        write_class_folder(tmp_path / "train" / name, name, 30, first_seed=seed)
        write_class_folder(tmp_path / "test", name, 5, first_seed=seed + 300)
    rng = np.random.default_rng(0)
    for at in range(3):
        noise = Image.fromarray(rng.integers(0, 256, (96, 96, 3), dtype=np.uint8))
        noise.save(tmp_path / "test" / f"noise_{at}.png")
    new_project(tmp_path / "p", tmp_path / "train", tmp_path / "test", JobContext())
    train_project(tmp_path / "p", "transfer", {}, JobContext())
    wish = Wish(has_none=True)
    facts = write_predictions(tmp_path / "p", tmp_path / "p.csv", JobContext(), split="test", wish=wish)
    assert sorted(map(Path, facts["none_of_these"])) == [Path(f"noise_{at}.png") for at in range(3)]
    rows = {row["path"]: row for row in rows_of(tmp_path / "p.csv")}
    assert all(rows[name]["unanswered"] == "none of these" and not rows[name]["prediction"]
               for name in facts["none_of_these"])
    written = write_submission(tmp_path / "p", tmp_path / "s.csv", JobContext(), wish=wish, unsure="none")
    assert (tmp_path / "s.csv").read_text().count(",none\n") == 3 == len(written["none_of_these"])


def test_too_few_training_images_to_say_what_is_unlike_them(project: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too few to say"):
        write_predictions(project, tmp_path / "p.csv", JobContext(), wish=Wish(has_none=True))


def test_stored_costs_are_used_where_they_are_asked_for(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "p"
    shutil.copytree(project, folder)
    with pytest.raises(InputError) as none_there:
        write_predictions(folder, tmp_path / "t.csv", JobContext(), wish=Wish(costs=STORED))
    assert none_there.value.message.code == "review.no_stored_costs"
    with Project.open(folder) as opened:
        assert keep_costs(opened, {("red", "blue"): 1e6}) and read_stored_costs(opened) == {("red", "blue"): 1e6}
        assert not keep_costs(opened, {("red", "blue"): 1e6}), "nothing changed"
        assert keep_costs(opened, {("red", "blue"): 0.12345678}), "no digit is lost"
        assert read_stored_costs(opened) == {("red", "blue"): 0.12345678}
        keep_costs(opened, {("red", "blue"): 1e6})
        with pytest.raises(InputError):
            keep_costs(opened, {("red", "green"): 2})
        with pytest.raises(InputError):
            keep_costs(opened, {("red", "blue"): -1})
    listed = describe_thresholds(folder)
    assert listed["costs"] == [{"true": "red", "answer": "blue", "cost": 1e6}]
    assert text("cli.threshold.costs", n=1) in say_thresholds(listed)
    facts = write_predictions(folder, tmp_path / "t.csv", JobContext(), wish=Wish(costs=STORED))
    assert facts["by_cost"] and {row["prediction"] for row in rows_of(tmp_path / "t.csv")} == {"red"}
    with Project.open(folder) as opened:
        keep_costs(opened, {})
        assert read_stored_costs(opened) == {}
        undo(opened)
        assert read_stored_costs(opened) == {("red", "blue"): 1e6}


def test_rules_are_tried_on_the_images_that_judge_a_run(project: Path) -> None:
    with Project.open(project, read_only=True) as opened:
        run = find_run(opened).id
        scores, curve = read_judged_scores(opened, run), read_curve(opened, run)
        assert scores.n_left_out == 0 and len(scores.label_ids) == 24
        for sure in (0.0, 0.8, 0.99):
            assert scores.answered_by(Rule(sure)) == curve.at(sure), "one figure from two sources"
        costs = lay_out_costs({("red", "blue"): 1e6}, CLASSES)
        found = scores.mean_costs(costs)
        assert found is not None and found[1] <= 0.5 + 1e-9, "all is called red"
        of_red = scores.curve_of(scores.class_ids[1])
        assert of_red.n_of_class == 12 and of_red.n_images == 24 and of_red.average_precision is not None
        assert scores.curve_of(99).average_precision is None

"""The command `explain`: pictures and figures of real runs, and one sentence for whatever is in its way."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import AppError, InputError, RunError, WeightsError
from core.heat_maps.inputs import LIKELIEST, ExplainInput, ExplainResult
from core.jobs import JobContext
from core.project.classes import delete_class, rename_class
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.runs import find_run
from core.runs.repository import HEAD_NAME
from core.tasks import run_here
from core.workflow.confusion import learnt_by_run
from core.workflow.explaining import ask_about, explain, explain_input
from core.workflow.image_acts import find_images
from core.workflow.importing import new_project
from core.workflow.training import train_project
from tests.conftest import draw_picture, write_class_folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six reds and six blues with a transfer run, and a test image that is predicted."""
    folder = tmp_path_factory.mktemp("explain")
    write_class_folder(folder / "train" / "red", "red", 6)
    write_class_folder(folder / "train" / "blue", "blue", 6, first_seed=100)
    write_class_folder(folder / "test", "red", 1, first_seed=200)
    new_project(folder / "p", folder / "train", folder / "test", JobContext())
    train_project(folder / "p", "transfer", {}, JobContext())
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """A copy with a place of its own, for tests that change it."""
    shutil.copytree(made / "p", tmp_path / "p")
    return tmp_path / "p"


def told(folder: Path, names: list[str], out: Path, **options: Any) -> Any:
    return explain(folder, names, out, JobContext(), **options)


def test_pictures_and_figures_of_images_in_the_project_and_of_files_that_are_not(made: Path, tmp_path: Path) -> None:
    draw_picture(900, "blue").save(tmp_path / "other.png")
    facts = told(made / "p", ["train/red/red_0.png", str(tmp_path / "other.png")], tmp_path / "out")
    mine, other = facts["images"]
    assert (mine["label"], mine["predicted"], mine["method"]) == ("red", "red", "cam")
    assert mine["is_out_of_fold"] and [one.code for one in facts["notes"]] == ["heat.meaning", "heat.final_model"]
    [heat] = mine["heat"]
    assert (heat["class"], heat["role"]) == ("red", ["predicted", "label"])
    assert heat["probability"] > 0.5 and 0 <= heat["border"] <= 1
    assert (other["label"], other["predicted"], other["is_out_of_fold"]) == (None, "blue", False)
    assert len(mine["imagenet"]) == 5 and {row["label"] for row in mine["similar"]} == {"red", "blue"}
    for image in facts["images"]:
        for one in image["heat"]:
            with Image.open(tmp_path / "out" / one["file"]) as picture:
                assert picture.format == "PNG" and max(picture.size) >= 480


def test_predicted_class_and_label_where_they_differ(copied: Path, tmp_path: Path) -> None:
    with Project.open(copied) as project:
        [image] = [i for i in image_ids(project, ImageFilter()) if "red_3" in str(ask(project, [i])[0].image.path)]
        blue = next(c for c in project.catalog.rows("SELECT id FROM class WHERE name = 'blue'"))[0]
        set_labels(project, [image], blue)
        [question] = ask(project, [image])
        assert len(question.columns) == 2 and question.label == question.columns[1]
    facts = told(copied, ["red_3.png"], tmp_path / "out")
    heat = facts["images"][0]["heat"]
    assert [(one["class"], one["role"]) for one in heat] == [("red", ["predicted"]), ("blue", ["label"])]
    assert heat[0]["score"] == pytest.approx(-heat[1]["score"], abs=1e-3), "of two classes"
    assert len({one["file"] for one in heat}) == 2


def ask(project: Project, ids: list[int]) -> Any:
    return ask_about(project, find_run(project), ids)


def test_the_likeliest_class_is_found_for_images_that_were_not_predicted(made: Path) -> None:
    with Project.open(made / "p", read_only=True) as project:
        run = find_run(project)
        questions = ask(project, image_ids(project, ImageFilter())[:3].tolist())
        told = explain_input(project, run, questions)
    inputs = ExplainInput(told.images, ((LIKELIEST, 0),) * 3, told.run_folder)
    found: ExplainResult = run_here("explain", inputs)
    for one in found.explained:
        assert one.maps[0].column == one.probabilities.argmax() and {m.column for m in one.maps} >= {0}
        assert len(one.maps) == len({m.column for m in one.maps})


def test_images_that_are_gone_or_others_now_are_named_with_the_reason(copied: Path, tmp_path: Path) -> None:
    with Project.open(copied, read_only=True) as project:
        source = Path(ask(project, image_ids(project, ImageFilter()).tolist())[0].image.path).parents[1]
    gone, changed = source / "red" / "red_4.png", source / "blue" / "blue_4.png"
    kept = gone.read_bytes(), changed.read_bytes()
    try:
        gone.unlink()
        draw_picture(77, "red").save(changed)
        facts = told(copied, ["red_4.png", "blue_4.png", "red_1.png"], tmp_path / "out")
    finally:
        gone.write_bytes(kept[0])
        changed.write_bytes(kept[1])
    assert [Path(image["path"]).name for image in facts["images"]] == ["red_1.png"]
    assert sorted(Path(one["path"]).name for one in facts["skipped"]) == ["blue_4.png", "red_4.png"]


def refused(kind: type[AppError], folder: Path, tmp_path: Path, names: list[str]) -> str:
    with pytest.raises(kind) as raised:
        told(folder, names, tmp_path / "out")
    return raised.value.message.code


def test_one_sentence_for_what_is_in_the_way(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert refused(InputError, copied, tmp_path, []) == "heat.which_images"
    assert refused(InputError, copied, tmp_path, ["nothing.png"]) == "imports.no_such_image"
    with monkeypatch.context() as patched:
        patched.setattr(importlib.util, "find_spec", lambda name: None)
        assert refused(WeightsError, copied, tmp_path, ["red_1.png"]) == "backbones.package_missing"
    [run] = [path for path in (copied / "runs").iterdir() if path.is_dir()]
    (run / HEAD_NAME).unlink()
    assert refused(RunError, copied, tmp_path, ["red_1.png"]).startswith("runs.")


def test_a_picture_in_the_place_of_a_project_is_refused(made: Path) -> None:
    with pytest.raises(InputError):
        told(made / "p", ["red_1.png"], made / "p" / "maps")
    assert not (made / "p" / "maps").exists()


def test_the_class_asked_for_is_the_predicted_one_in_a_run_that_keeps_names_alone(copied: Path) -> None:
    """Of an earlier version, and one of its classes has another name now."""
    with Project.open(copied) as project:
        blue, figures = project.catalog.rows("SELECT c.id, r.figures FROM class c, run r WHERE c.name = 'blue'")[0]
        kept = {name: value for name, value in json.loads(figures).items() if name != "class_ids"}
        with project.catalog.transaction() as db:
            db.execute("UPDATE run SET figures = ?", (json.dumps(kept),))
        rename_class(project, blue, name="azure")
        [image] = [i for i in image_ids(project, ImageFilter()) if "red_3" in str(ask(project, [i])[0].image.path)]
        [question] = ask(project, [image])
        assert kept["classes"] == ["blue", "red"] and question.columns == (1,)
        assert learnt_by_run(project, find_run(project).id)[image][0] == question.said.class_id


def test_classes_are_called_as_they_are_now_also_where_they_are_gone(copied: Path, tmp_path: Path) -> None:
    with Project.open(copied) as project:
        ids = dict(project.catalog.rows("SELECT name, id FROM class"))
        rename_class(project, ids["red"], name="crimson")
        delete_class(project, ids["blue"])
    red, blue = told(copied, ["red_1.png", "blue_1.png"], tmp_path / "out")["images"]
    assert (red["predicted"], red["heat"][0]["class"], red["label"]) == ("crimson", "crimson", "crimson")
    assert "crimson" in red["heat"][0]["file"]
    assert (blue["predicted"], blue["heat"][0]["class"]) == ("blue", "blue")


def test_an_image_that_could_never_be_read_is_named_with_the_reason(copied: Path, tmp_path: Path) -> None:
    with Project.open(copied) as project:
        [image] = find_images(project, ["red_5.png"])
        with project.catalog.transaction() as db:
            db.execute("UPDATE image SET status = 'unreadable' WHERE id = ?", (image,))
    facts = told(copied, ["red_5.png", "red_1.png"], tmp_path / "out")
    assert len(facts["images"]) == 1
    assert [Path(one["path"]).name for one in facts["skipped"]] == ["red_5.png"] and facts["skipped"][0]["reason"]


def test_by_occlusion(made: Path, tmp_path: Path) -> None:
    facts = told(made / "p", ["red_1.png"], tmp_path / "out", is_by_occlusion=True)
    assert facts["images"][0]["method"] == "occlusion" and np.isfinite(facts["images"][0]["heat"][0]["score"])

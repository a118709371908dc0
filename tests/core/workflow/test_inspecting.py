"""What the project knows about one image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.jobs import JobContext
from core.project.classes import delete_class, list_classes, rename_class
from core.project.labels import set_labels
from core.project.predictions import record_predictions
from core.runs.predictions import NEW, OUT_OF_FOLD, RunPredictions, as_rows
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_row, image_rows
from core.project.runs import RunRow, find_run, list_runs, record_run
from core.runs.sums import PREDICTIONS_NAME
from core.tasks import run_here
from core.workflow.importing import new_project
from core.workflow.inspecting import look_at, prepare_inspection
from core.workflow.training import train_project
from tests.conftest import write_class_folder
from tests.project_acts import import_folder


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """`image_folder` with three classes; green has no image."""
    copyfile(image_folder / "red" / "red_0.png", image_folder / "blue" / "same.png")
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, image_folder)
        yield made


def image(project: Project, name: str) -> int:
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    return next(row.id for row in rows if row.name == name)


def add_run(
    project: Project, image_id: int, row: list[float], *, kind: int = OUT_OF_FOLD, writes_file: bool = True,
) -> RunRow:
    """A run over the classes of the project that says `row` of one image."""
    classes = list_classes(project)
    probabilities = np.array([row], np.float32)
    record_run(project, RunRow("r", "transfer", "mobilenet-v2", 0, 4, figures={"classes": [c.name for c in classes]}))
    record_predictions(project, "r", RunPredictions(
        np.array([image_id]), np.array([kind], np.uint8), probabilities), tuple(c.id for c in classes))
    if writes_file:
        folder = project.run_path("r")
        folder.mkdir(parents=True)
        hashes = as_rows([image_row(project, image_id).content_hash or b""])
        np.savez(folder / PREDICTIONS_NAME, image_id=np.array([image_id]), kind=np.array([kind], np.uint8),
                 probabilities=probabilities, content_hash=hashes)
    return find_run(project, "r")


def said(project: Project, image_id: int, run: RunRow) -> list[tuple[str, float]]:
    return [(c.name, round(c.p, 3)) for c in look_at(project, image_id, run=run).chances]


def test_all_classes_come_likeliest_first(project: Project) -> None:
    image_id = image(project, "red/red_1.png")
    run = add_run(project, image_id, [0.75, 0.25])
    look = look_at(project, image_id, run=run)
    assert said(project, image_id, run) == [("blue", 0.75), ("red", 0.25)]
    assert look.is_mistake and look.is_held_back and look.says is not None and look.says.name == "blue"


def test_without_a_run_nothing_is_said(project: Project) -> None:
    look = look_at(project, image(project, "red/red_1.png"))
    assert look.chances == () and look.says is None and not look.is_mistake and not look.is_held_back


def test_an_image_that_the_run_did_not_see_has_no_chances(project: Project) -> None:
    run = add_run(project, image(project, "red/red_1.png"), [0.5, 0.5])
    assert look_at(project, image(project, "red/red_2.png"), run=run).chances == ()


def test_an_image_without_label_is_no_mistake(project: Project) -> None:
    image_id = image(project, "red/red_1.png")
    set_labels(project, [image_id], None)
    look = look_at(project, image_id, run=add_run(project, image_id, [0.75, 0.25], kind=NEW))
    assert not look.is_mistake and not look.is_held_back


def test_the_label_is_among_the_top_chances_in_place_of_the_last(project: Project) -> None:
    image_id = image(project, "red/red_1.png")
    look = look_at(project, image_id, run=add_run(project, image_id, [0.75, 0.25]))
    assert [c.name for c in look.top_chances(1)] == ["red"]
    assert [c.name for c in look.top_chances(5)] == ["blue", "red"]


def test_a_renamed_class_keeps_its_chance(project: Project) -> None:
    image_id = image(project, "red/red_1.png")
    run = add_run(project, image_id, [0.25, 0.75])
    red = next(c for c in list_classes(project) if c.name == "red")
    rename_class(project, red.id, name="crimson")
    look = look_at(project, image_id, run=run)
    assert said(project, image_id, run)[0] == ("crimson", 0.75) and not look.is_mistake


def test_a_deleted_class_is_called_as_the_run_knew_it(project: Project) -> None:
    image_id = image(project, "red/red_1.png")
    run = add_run(project, image_id, [0.75, 0.25])
    delete_class(project, next(c.id for c in list_classes(project) if c.name == "blue"))
    first = look_at(project, image_id, run=run).chances[0]
    assert (first.name, first.class_id) == ("blue", None)


def test_a_run_whose_files_are_gone_still_says_what_the_catalog_knows(project: Project) -> None:
    image_id = image(project, "red/red_1.png")
    run = add_run(project, image_id, [0.75, 0.25], writes_file=False)
    assert said(project, image_id, run) == [("blue", 0.75), ("red", 0.25)]


def test_the_same_picture_elsewhere_is_named(project: Project) -> None:
    twins = look_at(project, image(project, "red/red_0.png")).twins
    assert [row.name for row in twins] == ["blue/same.png"]
    assert look_at(project, image(project, "red/red_1.png")).twins == ()


def test_an_unknown_image_is_said(project: Project) -> None:
    with pytest.raises(InputError):
        look_at(project, 999_999)


def test_the_engine_is_asked_with_the_runs_network(project: Project) -> None:
    image_id = image(project, "red/red_1.png")
    run, row = add_run(project, image_id, [0.5, 0.5]), look_at(project, image_id).row
    asked, usual = prepare_inspection(project, row, run=run), prepare_inspection(project, row)
    assert asked is not None and asked.backbone == "mobilenet-v2" and asked.image.id == image_id
    assert usual is not None and usual.backbone == "efficientnet-lite0"


def test_the_engine_is_not_asked_about_what_cannot_be_read(project: Project) -> None:
    assert prepare_inspection(project, look_at(project, image(project, "blue/broken.jpg")).row) is None


def test_the_engine_says_when_an_image_is_unlike_all_that_the_run_learnt(tmp_path: Path) -> None:
    for name, seed in (("red", 0), ("blue", 100)):
        write_class_folder(tmp_path / "train" / name, name, 30, first_seed=seed)
    write_class_folder(tmp_path / "test", "red", 1, first_seed=300)
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "test" / "noise.png")
    new_project(tmp_path / "p", tmp_path / "train", tmp_path / "test", JobContext())
    train_project(tmp_path / "p", "transfer", {}, JobContext())
    with Project.open(tmp_path / "p") as project:
        rows = {row.name: row for row in image_rows(project, image_ids(project, ImageFilter(split="test")))}
        run = list_runs(project)[0]
        said = {name: [run_here("inspect", prepare_inspection(project, row, run=one)).is_unlike
                       for one in (run, None)] for name, row in rows.items()}
    assert said == {"red_0.png": [False, False], "noise.png": [True, False]}

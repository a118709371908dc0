"""The command `map` on a trained project: pictures and tables that hold what the catalog says."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.review.map_picture import SHAPES, draw_map, read_size
from core.text import Message
from core.workflow.map_groups import COLORINGS, NOTHING, Traits, group_by, read_traits
from core.workflow.mapping import HEADER, read_known_map, write_map
from core.workflow.training import train_project
from tests.conftest import write_class_folder
from tests.core.conftest import Run


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_map_of_a_project_before_and_after_training(project: Path, pictures: Path, run: Run, fail: Run) -> None:
    table, png = pictures / "m.csv", pictures / "m.png"
    facts = run("map", project, "--out", table)
    assert (facts["points"], facts["method"], facts["run"], facts["skipped"]) == (29, "tsne", None, [])
    assert facts["groups"] == {"blue": 12, "red": 12, "unlabelled": 5}
    rows = rows_of(table)
    assert tuple(rows[0]) == HEADER and len(rows) == 29
    assert {row["label"] for row in rows if row["split"] == "test"} == {""}
    assert "no such run" not in fail("map", project, "--out", table, "--color", "prediction")[0]
    train_project(project, "transfer", {}, JobContext())
    again = run("map", project, "--out", table, "--color", "correct")
    assert again["is_kept"] and again["run"]
    assert sum(again["groups"].values()) == 29 and again["groups"]["unknown"] == 5
    assert [(row["path"], row["x"], row["y"]) for row in rows] == [
        (row["path"], row["x"], row["y"]) for row in rows_of(table)]
    facts = run("map", project, "--out", png, "--method", "pca", "--color", "confidence")
    assert facts["method"] == "pca" and read_size(png) == (2060, 1600)
    run("map", project, "--out", png, "--method", "pca")  # its own picture is replaced, a photograph is not
    photograph = pictures / "train" / "red" / "red_0.png"
    before = photograph.read_bytes()
    assert "red_0.png" in fail("map", project, "--out", photograph)[0] and photograph.read_bytes() == before
    write_class_folder(pictures / "train" / "red", "red", 14)
    run("new", project, "--from", pictures / "train")
    grown = run("map", project, "--out", table)
    assert (grown["placed"], grown["points"]) == (2, 31)
    assert sorted(row["path"] for row in rows_of(table) if row["placed"]) == ["red/red_12.png", "red/red_13.png"]


@pytest.mark.parametrize(("arguments", "said"), [
    (("--out", "m.txt"), "neither a PNG nor a CSV"), (("--out", "m.png", "--color", "size"), "cannot be coloured"),
    (("--out", "m.png", "--method", "umap"), "no map by the method"), (("--out", "m.png"), "no image to map"),
])
def test_map_refuses_in_a_sentence(tmp_path: Path, fail: Run, arguments: tuple[str, ...], said: str) -> None:
    Project.create(tmp_path / "p").close()
    known = [str(tmp_path / word) if word.startswith("m.") else word for word in arguments]
    assert said in fail("map", tmp_path / "p", *known)[0]


def test_the_kept_map_follows_what_the_project_holds_now(project: Path, pictures: Path) -> None:
    with Project.open(project) as opened:
        assert read_known_map(opened, None) is None
    write_map(project, pictures / "m.csv", JobContext())
    with Project.open(project) as opened:
        known = read_known_map(opened, None)
        assert known is not None and (len(known.layout.image_ids), known.n_gone) == (29, 0)
        with opened.catalog.transaction() as db:
            db.execute("UPDATE image SET content_hash = zeroblob(32) WHERE id = 1")
        changed = read_known_map(opened, None)
        assert changed is not None and (len(changed.layout.image_ids), changed.n_gone) == (28, 1)


@pytest.mark.parametrize("ending", ["csv", "png"])
def test_an_image_that_changes_while_the_map_is_made_has_no_point_in_it(
    project: Path, pictures: Path, ending: str,
) -> None:
    """Another process imports meanwhile: one image is missing now, another shows something else."""
    class Meanwhile(JobContext):
        def publish(self, event: object) -> None:
            with Project.open(project) as opened, opened.catalog.transaction() as db:
                db.execute("UPDATE image SET status = 'missing' WHERE id = 2")
                db.execute("UPDATE image SET content_hash = zeroblob(32) WHERE id = 5")

    facts = write_map(project, pictures / f"m.{ending}", Meanwhile())
    assert facts["points"] == 27 == sum(facts["groups"].values()) and len(facts["skipped"]) == 2
    if ending == "csv":
        assert len(rows_of(pictures / "m.csv")) == 27


def test_traits_are_as_labels_are_now(project: Path) -> None:
    with Project.open(project) as opened:
        ids = image_ids(opened, ImageFilter(split="train"))
        set_labels(opened, ids[:3], None)
        traits = read_traits(opened)
        assert int((traits.labels == NOTHING).sum()) == 3 + 5
        assert read_traits(opened, image_ids=ids[:4]).image_ids.tolist() == sorted(ids[:4].tolist())


TRAITS = Traits(
    np.arange(1, 7), np.array([1, 1, 2, 0, 2, 9]), np.array([1, 2, 2, 1, 0, 1]),
    np.array([0.995, 0.6, 0.95, 0.3, np.nan, 1.0], np.float32), np.array([0, 0, 0, 1, 1, 0], bool), ())


def test_each_colouring_puts_each_image_into_one_group_and_counts_it() -> None:
    for coloring in COLORINGS:
        found = group_by(TRAITS, coloring)
        assert np.bincount(found.of_image, minlength=len(found.groups)).tolist() == [g.n for g in found.groups]
    correct = group_by(TRAITS, "correct")
    titles = [correct.groups[at].title for at in correct.of_image]
    assert [t.code.rpartition(".")[2] for t in titles if isinstance(t, Message)] == [
        "correct", "wrong", "correct", "cannot_tell", "cannot_tell", "wrong"]
    confidence = group_by(TRAITS, "confidence")
    assert [g.n for g in confidence.groups] == [1, 1, 1, 2, 1]


def test_a_picture_shows_each_point_and_no_end_of_groups() -> None:
    groups = [(f"class {i} with a rather long name that does not fit", 1, "#ff0000", i) for i in range(60)]
    xy = np.array([[i % 8, i // 8] for i in range(60)], np.float32)
    assert draw_map(xy, np.arange(60), groups).startswith(b"\x89PNG")
    assert draw_map(np.zeros((1, 2), np.float32), np.zeros(1, np.int64), [("a", 1, "", -1)])
    assert len(SHAPES) == 10

"""Looking closely at one picture, with the real network on drawn pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest

from core.embeddings.embed import EmbedInput, embed_images
from core.jobs import JobCancelled, JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs, image_rows
from core.review.inspection import InspectInput, InspectResult
from core.tasks import run_here
from core.workflow.inspecting import prepare_inspection
from core.text import Message
from tests.conftest import RecordingContext
from tests.project_acts import import_folder

BACKBONE = "efficientnet-lite0"


@pytest.fixture
def project(tmp_path: Path, image_folder: Path) -> Iterator[Project]:
    """21 readable pictures with labels: `image_folder`, and `red_0.png` a second time."""
    copyfile(image_folder / "red" / "red_0.png", image_folder / "red" / "same.png")
    with Project.create(tmp_path / "drawn.catalejo") as made:
        import_folder(made, image_folder)
        yield made


def embed_all(project: Project) -> None:
    images = image_refs(project, ImageFilter())
    embed_images(EmbedInput(images, BACKBONE, project.embeddings_path), JobContext())


def ask(project: Project, name: str) -> InspectInput:
    rows = image_rows(project, image_ids(project))
    inputs = prepare_inspection(project, next(row for row in rows if row.name == name))
    assert inputs is not None
    return inputs


def names(project: Project, result: InspectResult) -> list[str]:
    return [row.name for row in image_rows(project, [n.image_id for n in result.neighbours])]


def test_neighbours_are_other_pictures_most_similar_first(project: Project) -> None:
    embed_all(project)
    result = run_here("inspect", ask(project, "red/red_0.png"))
    found = names(project, result)
    assert len(found) == 12 and not {"red/red_0.png", "red/same.png"} & set(found)
    similarities = [n.similarity for n in result.neighbours]
    assert similarities == sorted(similarities, reverse=True) and 0 < similarities[-1] <= similarities[0] <= 1
    assert all(name.startswith("red/") for name in found[:5])
    assert not result.neighbours_reason


def test_of_exact_duplicates_one_is_a_neighbour(project: Project) -> None:
    embed_all(project)
    found = names(project, run_here("inspect", replace(ask(project, "red/red_1.png"), n_neighbours=99)))
    assert len(found) == 19 and len({"red/red_0.png", "red/same.png"} & set(found)) == 1


def test_the_reading_names_five_things_best_first(project: Project) -> None:
    result = run_here("inspect", ask(project, "red/red_0.png"))
    shares = [p for _, p in result.reading]
    assert len(shares) == 5 and shares == sorted(shares, reverse=True) and 0 < sum(shares) <= 1
    assert all(name for name, _ in result.reading) and not result.reading_reason


def test_a_picture_without_embedding_is_embedded_for_the_moment(project: Project) -> None:
    fresh = run_here("inspect", ask(project, "red/red_0.png"))
    assert not list(project.embeddings_path.rglob("*"))
    assert fresh.neighbours == () and fresh.neighbours_reason == Message("embeddings.nothing_embedded")
    embed_all(project)
    stored = run_here("inspect", ask(project, "red/red_0.png"))
    assert stored.reading[0][0] == fresh.reading[0][0]
    assert stored.reading[0][1] == pytest.approx(fresh.reading[0][1], rel=0.05)


def test_only_labelled_training_pictures_are_neighbours(project: Project) -> None:
    embed_all(project)
    rows = image_rows(project, image_ids(project))
    blue = [row.id for row in rows if row.name.startswith("blue/")]
    set_labels(project, blue, None)
    assert all(name.startswith("red/") for name in names(project, run_here("inspect", ask(project, "blue/grey.png"))))
    set_labels(project, [row.id for row in rows], None)
    result = run_here("inspect", ask(project, "blue/grey.png"))
    assert result.neighbours == () and result.neighbours_reason == Message("embeddings.nothing_labelled")


def test_a_run_without_a_pretrained_network_is_helped_out(project: Project) -> None:
    assert run_here("inspect", replace(ask(project, "red/red_0.png"), backbone="small")).reading


def test_weights_that_are_not_here_are_a_reason_not_a_failure(project: Project, empty_keras_home: Path) -> None:
    result = run_here("inspect", replace(ask(project, "red/red_0.png"), backbone="mobilenet-v2"))
    assert result.reading_reason is not None and result.reading_reason.code == "backbones.not_here"
    assert result.reading == () and result.neighbours == ()


def test_a_picture_that_is_gone_is_a_reason(project: Project, image_folder: Path) -> None:
    inputs = ask(project, "red/red_2.png")
    (image_folder / "red" / "red_2.png").unlink()
    assert run_here("inspect", inputs).reading_reason == Message("images.gone")


def test_it_ends_when_asked_and_leaves_its_inputs(project: Project) -> None:
    embed_all(project)
    inputs = ask(project, "red/red_0.png")
    before = replace(inputs)
    with pytest.raises(JobCancelled):
        run_here("inspect", inputs, RecordingContext(cancel_after=1))
    assert inputs == before

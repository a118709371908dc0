"""Similar images of the project, of several together and of files from elsewhere, with the real network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copyfile, copytree

import numpy as np
import pytest
from PIL import Image

from core.backbones.registry import list_backbones
from core.embeddings.embed import EmbedInput, embed_images
from core.embeddings.similar import unit_vectors
from core.embeddings.one_image import embed_one, kept_store
from core.errors import ImageUnreadable, WeightsError
from core.jobs import JobContext
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.project.rows import image_refs, image_rows
from core.review.similar_images import SimilarResult
from core.tasks import run_here
from core.text import Message
from core.workflow.similar import find_similar_images, prepare_similar
from tests.conftest import RecordingContext, write_class_folder
from tests.project_acts import import_folder

BACKBONE = "efficientnet-lite0"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four red images, one of them a second time, four blue ones without labels; all but the last are embedded."""
    folder = tmp_path_factory.mktemp("similar")
    write_class_folder(folder / "images" / "red", "red", 4)
    write_class_folder(folder / "images" / "blue", "blue", 4, first_seed=100)
    copyfile(folder / "images" / "red" / "red_0.png", folder / "images" / "red" / "same.png")
    with Project.create(folder / "p") as made:
        import_folder(made, folder / "images")
        set_labels(made, [row.id for row in image_rows(made, image_ids(made)) if "blue" in row.name], None)
        images = [one for one in image_refs(made, ImageFilter()) if one.path.name != "blue_3.png"]
        embed_images(EmbedInput(tuple(images), BACKBONE, made.embeddings_path), JobContext())
    return folder


@pytest.fixture
def project(embedded: Path, tmp_path: Path) -> Iterator[Project]:
    copytree(embedded, tmp_path, dirs_exist_ok=True)
    with Project.open(embedded / "p") as opened:
        yield opened


def ids_of(project: Project, *names: str) -> list[int]:
    by_name = {row.name: row.id for row in image_rows(project, image_ids(project))}
    return [by_name[name] for name in names]


def ask(project: Project, *names: str, files: tuple[Path, ...] = (), n: int = 12, embeds: bool = False
        ) -> SimilarResult:
    asked = prepare_similar(project, ids_of(project, *names), files, n_similar=n, embeds=embeds)
    found: SimilarResult = run_here("find-similar", asked)
    return found


def names(project: Project, result: SimilarResult) -> list[str]:
    return [row.name for row in image_rows(project, [one.image_id for one in result.found])]


def test_all_others_are_found_labelled_or_not_the_copy_first_and_named(project: Project) -> None:
    result = ask(project, "red/red_0.png")
    found = names(project, result)
    assert found[0] == "red/same.png" and result.found[0].is_copy and result.found[0].similarity == 1.0
    assert {Path(name).name[:3] for name in found[1:4]} == {"red"} and len(found) == 7
    assert not any(one.is_copy for one in result.found[1:])
    assert (result.n_searched, result.n_without, result.skipped) == (7, 1, ())


def test_several_images_are_asked_about_by_the_mean_of_their_unit_vectors(project: Project) -> None:
    result = ask(project, "red/red_1.png", "blue/blue_1.png")
    store = kept_store(BACKBONE, project.embeddings_path)
    rows = image_rows(project, ids_of(project, "red/red_1.png", "blue/blue_1.png", "blue/blue_2.png"))
    unit = unit_vectors(np.array([embed_one(row.path, row.content_hash, BACKBONE, store) for row in rows]))
    mean = unit_vectors(unit[:2].mean(axis=0)[None])[0]
    of = {one.image_id: one.similarity for one in result.found}
    assert of[rows[2].id] == pytest.approx(float(unit[2] @ mean), abs=1e-4)
    assert not {rows[0].id, rows[1].id} & set(of)


def test_a_file_from_elsewhere_is_compared_and_not_imported(project: Project, tmp_path: Path) -> None:
    write_class_folder(tmp_path / "new", "blue", 1, first_seed=300)
    [file] = (tmp_path / "new").iterdir()
    before = sorted(project.embeddings_path.rglob("*")), len(image_ids(project))
    result = ask(project, files=(file,))
    assert names(project, result)[0].startswith("blue/")
    assert (sorted(project.embeddings_path.rglob("*")), len(image_ids(project))) == before
    copy = tmp_path / "other name.png"
    copyfile(next(row.path for row in image_rows(project, image_ids(project)) if row.name == "red/red_2.png"), copy)
    of_copy = ask(project, files=(copy,))
    assert names(project, of_copy)[0] == "red/red_2.png" and of_copy.found[0].is_copy


def test_missing_embeddings_are_counted_and_made_when_asked_for(embedded: Path, tmp_path: Path) -> None:
    copytree(embedded / "p", tmp_path / "p")
    with Project.open(tmp_path / "p") as project:
        before = ask(project, "blue/blue_3.png")
        assert before.n_without == 1 and names(project, before)[0].startswith("blue/")
        after = ask(project, "red/red_1.png", embeds=True)
        assert after.n_without == 0 and "blue/blue_3.png" in names(project, after)


@pytest.mark.parametrize("size", [(1, 1), (12_000, 40)])
def test_images_of_odd_shapes_are_compared(project: Project, tmp_path: Path, size: tuple[int, int]) -> None:
    Image.new("RGB", size, "red").save(tmp_path / "odd.png")
    assert len(ask(project, files=(tmp_path / "odd.png",)).found) == 8


def test_an_image_that_changed_or_is_gone_says_so(embedded: Path, tmp_path: Path) -> None:
    copytree(embedded, tmp_path, dirs_exist_ok=True)
    with Project.create(tmp_path / "q") as project:
        import_folder(project, tmp_path / "images")
        changed, gone = (row for row in image_rows(project, ids_of(project, "red/red_1.png", "red/red_2.png")))
        copyfile(tmp_path / "images" / "blue" / "blue_0.png", changed.path)
        gone.path.unlink()
        for name, code in (("red/red_1.png", "images.changed"), ("red/red_2.png", "images.gone")):
            with pytest.raises(ImageUnreadable) as caught:
                ask(project, name)
            assert caught.value.message == Message(code)
        both = ask(project, "red/red_1.png", "red/red_0.png")
        assert [one.path.name for one in both.skipped] == ["red_1.png"] and both.n_without == 9


def test_a_backbone_that_is_not_installed_is_an_error_with_a_hint(embedded: Path) -> None:
    missing = next(one for one in list_backbones() if not one.is_here())
    with pytest.raises(WeightsError) as caught:
        find_similar_images(embedded / "p", ["red_0.png"], JobContext(), backbone=missing.name)
    assert caught.value.hint


def test_the_first_search_tells_how_far_it_is(project: Project) -> None:
    context = RecordingContext()
    asked = replace(prepare_similar(project, ids_of(project, "red/red_1.png")), n_similar=1)
    run_here("find-similar", asked, context)
    last = {one.stage.code: one for one in context.progresses}["embeddings.making_index"]
    assert (last.done, last.total) == (7, 7)


def test_the_command_takes_images_of_the_project_and_files(embedded: Path, tmp_path: Path) -> None:
    facts = find_similar_images(embedded / "p", ["red_0.png"], JobContext(), n_similar=2)
    assert [one["copy"] for one in facts["similar"]] == [True, False]
    assert facts["similar"][0] == {
        "path": "red/same.png", "label": "red", "split": "train", "similarity": 1.0, "copy": True}
    copyfile(embedded / "images" / "red" / "red_1.png", tmp_path / "elsewhere.png")
    of_file = find_similar_images(embedded / "p", [str(tmp_path / "elsewhere.png")], JobContext(), n_similar=1)
    assert of_file["similar"][0]["path"] == "red/red_1.png" and of_file["similar"][0]["copy"]

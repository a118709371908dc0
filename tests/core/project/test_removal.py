"""Images and sources that leave the project: files untouched, labels back on undo, not back by an import unasked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.project.classes import delete_class, list_classes, merge_classes
from core.project.exclusion import exclude_images
from core.project.labels import set_labels, take_snapshot
from core.project.predictions import list_predictions, record_predictions
from core.project.project import Project
from core.project.queries import ImageFilter, count_all, image_ids
from core.project.removal import count_removed, list_removed, remove_images, remove_source, return_images
from core.project.rows import image_rows, list_sources
from core.project.runs import RunRow, record_run
from core.runs.predictions import NEW, RunPredictions
from core.text import Message
from tests.conftest import write_class_folder, write_older_catalog
from tests.project_acts import import_folder, next_undo, redo, undo


def states(project: Project) -> dict[str, object]:
    """Label and exclusion of each image, by its path."""
    rows = image_rows(project, image_ids(project, ImageFilter(status=None)))
    return {str(row.path): (row.id, row.class_id, row.excluded, row.status) for row in rows}


@pytest.fixture
def predicted(project: Project) -> Project:
    """Each image has a prediction, one is excluded, one has another label than its folder."""
    ids = image_ids(project)
    record_run(project, RunRow("r", "transfer", "b", 0, 20, accuracy=1.0, low=0.8, high=1.0, figures={}))
    probabilities = np.full((len(ids), 2), 0.5, np.float32)
    record_predictions(project, "r", RunPredictions(ids, np.full(len(ids), NEW, np.uint8), probabilities), (1, 2))
    exclude_images(project, ids[:1])
    set_labels(project, ids[1:2], 2)
    return project


def test_images_go_and_come_back_whole(predicted: Project) -> None:
    before, ids = states(predicted), image_ids(predicted)
    files = [row.path for row in image_rows(predicted, ids[:3])]
    assert remove_images(predicted, [*ids[:3], 999]) == 3
    assert next_undo(predicted) == Message("project.journal.remove_images", n=3)
    assert image_ids(predicted).tolist() == ids[3:].tolist() and count_all(predicted).n_excluded == 0
    assert len(list_predictions(predicted, "r")) == len(ids) - 3
    assert [one.path for one in list_removed(predicted)] == files and all(path.is_file() for path in files)
    predicted.close()
    with Project.open(predicted.folder) as again:
        undo(again)
        assert states(again) == before and not count_removed(again)
        assert len(list_predictions(again, "r")) == len(ids)
        redo(again)
        assert count_removed(again) == 3
        assert return_images(again, [one.id for one in list_removed(again)]) == 3
        assert states(again) == before
        undo(again)
        assert count_removed(again) == 3


def test_a_source_goes_and_comes_back(predicted: Project, tmp_path: Path) -> None:
    write_class_folder(tmp_path / "more" / "green", "green", 3)
    import_folder(predicted, tmp_path / "more")
    before, sources = states(predicted), list_sources(predicted)
    assert remove_source(predicted, sources[1].id) == 3
    assert list_sources(predicted) == sources[:1]
    undo(predicted)
    assert states(predicted) == before and list_sources(predicted) == sources
    redo(predicted)
    assert list_sources(predicted) == sources[:1]
    with pytest.raises(InputError, match="no such folder"):
        remove_source(predicted, sources[1].id)


def test_ids_of_removed_images_and_sources_are_given_to_no_other(project: Project, tmp_path: Path) -> None:
    before = states(project)
    remove_source(project, 1)
    write_class_folder(tmp_path / "more" / "green", "green", 3)
    import_folder(project, tmp_path / "more")
    assert list_sources(project)[0].id == 2
    assert image_ids(project).min() > max(row[0] for row in before.values())  # type: ignore[index]
    undo(project)  # the import's labels
    undo(project)  # the removal
    assert before.items() <= states(project).items()


def test_an_import_passes_over_what_was_removed_by_itself(project: Project, image_folder: Path) -> None:
    ids = image_ids(project)
    remove_images(project, ids[:2])
    summary = import_folder(project, image_folder)
    assert (summary.n_removed, summary.n_added, summary.n_brought_back) == (2, 0, 0)
    assert count_removed(project) == 2
    first = list_removed(project)[0].path
    write_class_folder(first.parent / "new", "green", 1)
    (first.parent / "new" / "green_0.png").replace(first)
    summary = import_folder(project, image_folder)
    assert (summary.n_removed, summary.n_added) == (1, 1), "another content is another image"
    undo(project)  # its label
    undo(project)
    assert count_removed(project) == 1, "the place of one is taken"


def test_a_removed_source_that_is_imported_again_comes_back_with_its_labels(
    predicted: Project, image_folder: Path
) -> None:
    before = states(predicted)
    remove_source(predicted, 1)
    summary = import_folder(predicted, image_folder)
    assert summary.n_brought_back == len(before) and summary.n_added == 0
    assert states(predicted) == before
    undo(predicted)  # nothing is left of it to come back
    assert states(predicted) == before


def test_a_class_that_goes_meanwhile_goes_for_removed_images_too(project: Project, image_folder: Path) -> None:
    before = states(project)
    remove_source(project, 1)
    merge_classes(project, 1, into_id=2)
    undo(project)
    undo(project)
    assert states(project) == before
    redo(project)
    redo(project)
    delete_class(project, list_classes(project)[0].id)
    import_folder(project, image_folder)
    assert {row.class_id for row in image_rows(project, image_ids(project))} <= {None, *(
        c.id for c in list_classes(project))}


def test_a_source_made_again_by_a_wider_folder_does_not_come_back_twice(tmp_path: Path) -> None:
    write_class_folder(tmp_path / "all" / "red", "red", 3)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, tmp_path / "all" / "red", with_labels=False)
        remove_source(project, 1)
        import_folder(project, tmp_path / "all", with_labels=False)
        undo(project)
        assert len(image_ids(project)) == 3 and count_removed(project) == 3


def test_an_older_catalog_that_is_only_looked_at_has_nothing_removed(tmp_path: Path) -> None:
    write_older_catalog(tmp_path / "p", version=4)
    with Project.open(tmp_path / "p", read_only=True) as project:
        assert count_removed(project) == 0 and list_removed(project) == ()


def test_predictions_of_a_run_that_is_still_being_recorded_hinder_no_removal(predicted: Project) -> None:
    db = predicted.catalog.db
    db.execute("PRAGMA foreign_keys=OFF")  # as a recording writes them, its own row last
    columns = [row[1] for row in db.execute("PRAGMA table_info(prediction)")]
    picked = ", ".join("77" if name == "run_number" else name for name in columns)
    db.execute(f"INSERT INTO prediction SELECT {picked} FROM prediction WHERE image_id = 1")
    db.execute("PRAGMA foreign_keys=ON")
    assert remove_images(predicted, [1]) == 1 and return_images(predicted, [1]) == 1


def test_undo_of_bringing_back_takes_the_empty_source_out_too(project: Project, image_folder: Path) -> None:
    source = list_sources(project)[0]
    n = remove_source(project, source.id)
    assert return_images(project, [one.id for one in list_removed(project)]) == n
    undo(project)
    assert not list_sources(project) and count_all(project).n_images == 0
    import_folder(project, image_folder)
    assert count_all(project).n_images == n, "an import brings a removed source back"


def test_a_class_of_a_removed_image_is_not_emptied_by_its_folder(tmp_path: Path) -> None:
    images = tmp_path / "images"
    write_class_folder(images / "red", "red", 3)
    write_class_folder(images / "blue", "blue", 3, first_seed=50)
    with Project.create(tmp_path / "p") as project:
        import_folder(project, images)
        ids = {row.path.name: row.id for row in image_rows(project, image_ids(project))}
        remove_images(project, [ids["red_0.png"]])
        for name in ("red_1.png", "red_2.png"):
            (images / "red" / name).rename(images / "blue" / name)
        import_folder(project, images)
        assert return_images(project, [ids["red_0.png"]]) == 1
        assert take_snapshot(project).classes, "no image has the label of a class that is gone"

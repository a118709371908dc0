"""No output replaces an image of the project or a table that it was fed with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import InputError
from core.project.label_csv import export_labels, import_labels
from core.project.project import Project
from core.project.removal import remove_source
from core.project.rows import list_sources
from core.project.spared import remember_input, require_spared
from tests.project_acts import import_folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """One image that looks like a table to whoever does not know it: plain PPM behind a comment."""
    folder = tmp_path / "photographs" / "cats"
    folder.mkdir(parents=True)
    (folder / "a.ppm").write_text("P3\n2 2\n255\n" + "1 2 3\n" * 4)
    return folder


def test_images_are_spared_by_path_and_by_hard_link(empty_project: Project, pictures: Path, tmp_path: Path) -> None:
    import_folder(empty_project, pictures.parent)
    image = pictures / "a.ppm"
    os.link(image, tmp_path / "linked.csv")
    image.write_text("id,label\n" + "x" * (image.stat().st_size - 9))  # what is inside says nothing any more
    (tmp_path / "way").symlink_to(pictures)
    for path in (image, tmp_path / "linked.csv", tmp_path / "way" / "a.ppm"):
        with pytest.raises(InputError, match="is an image of the project"):
            require_spared(empty_project, path)
        with pytest.raises(InputError, match="is an image of the project"):
            export_labels(empty_project, path)
    require_spared(empty_project, tmp_path / "a.ppm")
    require_spared(empty_project, Path("-"))


def test_the_place_of_an_image_that_is_missing_is_spared(empty_project: Project, pictures: Path) -> None:
    import_folder(empty_project, pictures.parent)
    (pictures / "a.ppm").unlink()
    with pytest.raises(InputError, match="is an image of the project"):
        require_spared(empty_project, pictures / "a.ppm")


def test_the_place_of_an_image_that_was_removed_is_spared(empty_project: Project, pictures: Path) -> None:
    import_folder(empty_project, pictures.parent)
    remove_source(empty_project, list_sources(empty_project)[0].id)
    (pictures / "a.ppm").write_text("no image any more")
    with pytest.raises(InputError, match="is an image of the project"):
        require_spared(empty_project, pictures / "a.ppm")


def test_a_table_of_labels_is_spared(empty_project: Project, pictures: Path, tmp_path: Path) -> None:
    import_folder(empty_project, pictures.parent)
    table = tmp_path / "labels.csv"
    table.write_text("path,label\ncats/a.ppm,dogs\n")
    import_labels(empty_project, table)
    with pytest.raises(InputError, match="is an input file"):
        export_labels(empty_project, table)
    assert table.read_text() == "path,label\ncats/a.ppm,dogs\n"
    assert export_labels(empty_project, tmp_path / "new.csv") == 1
    assert export_labels(empty_project, tmp_path / "new.csv") == 1, "an output may be replaced"


@pytest.mark.parametrize("value", ["[[[[", "7", '{"a": 1}', '[1, null, "\\ud800"]', "[" * 9999])
def test_a_damaged_note_of_inputs_stops_nothing(
    empty_project: Project, tmp_path: Path, value: str
) -> None:
    with empty_project.catalog.transaction() as db:
        db.execute("INSERT INTO meta(key, value) VALUES ('inputs', ?)", (value,))
    require_spared(empty_project, tmp_path / "a.csv")
    (tmp_path / "t.csv").write_text("a,b\n")
    remember_input(empty_project, tmp_path / "t.csv")
    with pytest.raises(InputError, match="is an input file"):
        require_spared(empty_project, tmp_path / "t.csv")

"""Label tables as people and spreadsheets write them."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest

from core.errors import InputError, StorageError
from core.project import label_csv
from core.project.classes import add_class, list_classes
from core.project.label_csv import export_labels, import_labels, neutralise, restore
from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import image_ids
from core.project.rows import image_rows
from tests.conftest import draw_picture
from tests.project_acts import import_folder, undo


def labels(project: Project) -> dict[str, str | None]:
    names = {c.id: c.name for c in list_classes(project)}
    return {r.name: names.get(r.class_id or 0) for r in image_rows(project, image_ids(project))}


@pytest.mark.parametrize(("text", "encoding"), [
    ("path,label\nred/red_0.png,cat\nniño.jpg,dog\n", "utf-8"),
    ("path,label\r\nred/red_0.png,cat\r\nniño.jpg,dog\r\n", "utf-8-sig"),
    ("Label;Path\ncat;red/red_0.png\ndog;niño.jpg\n", "cp1252"),
    ("path\tlabel\n\"red/red_0.png\"\t\"cat\"\nniño.jpg\tdog", "utf-16"),
    ("red/red_0.png,cat\nnin\u0303o.jpg,dog\n", "utf-8"),
    ("\nfilename,width,class\nred\\red_0.png,9,cat\n./red/niño.jpg,9, dog \n", "utf-8"),
])
def test_tables_of_many_kinds_are_read(project: Project, tmp_path: Path, text: str, encoding: str) -> None:
    before = labels(project)
    (tmp_path / "l.csv").write_bytes(text.encode(encoding))
    summary = import_labels(project, tmp_path / "l.csv")
    assert (summary.n_rows, summary.n_labelled, summary.unknown) == (2, 2, ())
    assert set(summary.new_classes) == {"cat", "dog"}
    assert labels(project)["red/red_0.png"] == "cat" and labels(project)["red/niño.jpg"] == "dog"
    assert "l.csv" in str(undo(project)) and labels(project) == before


def test_absolute_paths_and_all_that_goes_wrong(project: Project, image_folder: Path, tmp_path: Path) -> None:
    shutil.copy(image_folder / "red" / "red_0.png", image_folder / "blue" / "red_0.png")
    import_folder(project, image_folder)
    with open(tmp_path / "l.csv", "w", newline="") as file:
        csv.writer(file).writerows([
            ("path", "label"), (image_folder / "red" / "red_1.png", "blue"), ("red_0.png", "blue"),
            ("nothing.png", "blue"), ("red/red_2.png", ""), ("red/red_3.png", "red"), ("red/red_4.png", "red"),
            ("red/red_4.png", "blue"), ("short",),
        ])
    summary = import_labels(project, tmp_path / "l.csv")
    assert summary.ambiguous == ("red_0.png",) and summary.unknown == ("nothing.png",)
    assert summary.contradicting == ("red/red_4.png",) and len(summary.without_label) == 2
    assert (summary.n_labelled, summary.n_unchanged, summary.new_classes) == (2, 1, ())
    assert labels(project)["red/red_1.png"] == labels(project)["red/red_4.png"] == "blue"


@pytest.mark.parametrize("text", [
    "sep=;\r\nruta;etiqueta\r\nred/red_0.png;cat\r\nniño.jpg;dog\r\n",
    "\ufeffArchivo;Clase;nota\r\nred/red_0.png;cat;a, b\r\nniño.jpg;dog;c\r\n",
    "\"path\";\"label\"\n\"red/red_0.png\";\"cat\"\n\"niño.jpg\";\"dog\"\n;\n;\n",
    "\ufeffpath\tlabel\tn\nred/red_0.png\tcat\t1,5\nniño.jpg\tdog\t2,5\n",
])
def test_tables_of_spreadsheets_in_spain(project: Project, tmp_path: Path, text: str) -> None:
    (tmp_path / "l.csv").write_text(text, encoding="utf-8", newline="")
    assert import_labels(project, tmp_path / "l.csv").n_labelled == 2
    assert labels(project)["red/red_0.png"] == "cat" and labels(project)["red/niño.jpg"] == "dog"


def test_paths_from_where_the_table_or_the_user_stands(
    project: Project, image_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(image_folder / "red" / "red_0.png", image_folder / "blue" / "red_0.png")
    import_folder(project, image_folder)
    monkeypatch.chdir(image_folder / "blue")
    (tmp_path / "here").symlink_to(image_folder.parent)
    for at, cell in (
        (tmp_path, "pictures/red/red_1.png"), (tmp_path, "./pictures//blue/../red/red_1.png"),
        (tmp_path, "pictures\\red\\red_1.png"), (image_folder / "red", "red_1.png"), (tmp_path, "../red/red_1.png"),
        (tmp_path, str(tmp_path / "here" / "pictures" / "red" / "red_1.png")),
    ):
        set_labels(project, image_ids(project), None)
        (at / "l.csv").write_text(f"path,label\n{cell},cat\n")
        summary = import_labels(project, at / "l.csv")
        assert (summary.n_labelled, labels(project)["red/red_1.png"]) == (1, "cat"), cell
    (image_folder / "red" / "l.csv").write_text("path,label\nred_0.png,dog\n")
    import_labels(project, image_folder / "red" / "l.csv")
    assert labels(project)["red/red_0.png"] == "dog", "the one beside the table"


def test_labels_are_names_that_can_be_typed(project: Project, tmp_path: Path) -> None:
    rows = "".join(f"red/red_{i % 2}.png,a \x1b[31mcat{i % 3}\x07\n" for i in range(60))
    (tmp_path / "l.csv").write_text("path,label,note\n" + rows.replace("\n", "," + "x" * 200 + "\n"))
    summary = import_labels(project, tmp_path / "l.csv")
    assert summary.contradicting == ("red/red_0.png", "red/red_1.png"), "each once"
    assert set(summary.new_classes) == {"a [31mcat1", "a [31mcat2"}
    before = labels(project)
    (tmp_path / "l.csv").write_text("path,label\nred/red_2.png,cat\nred/red_3.png,\"" + "cat\n" * 60)
    with pytest.raises(InputError, match="241 characters|240 characters"):
        import_labels(project, tmp_path / "l.csv")
    assert labels(project) == before, "nothing of a doubtful table is taken"


def test_a_picture_is_no_table(project: Project, image_folder: Path) -> None:
    for path in (image_folder / "red" / "red_0.png", image_folder / "red" / "niño.jpg"):
        with pytest.raises(InputError, match="not text"):
            import_labels(project, path)


@pytest.mark.parametrize("data", [b"PK\x03\x04 and more", b"\xd0\xcf\x11\xe0 and more"])
def test_a_spreadsheet_file_is_no_table(project: Project, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "l.csv").write_bytes(data)
    with pytest.raises(InputError, match="spreadsheet"):
        import_labels(project, tmp_path / "l.csv")


@pytest.mark.parametrize("data", [b"one column\nonly\n", b"a,b,c\n1,2,3\n"])
def test_tables_without_the_columns_are_refused(project: Project, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "l.csv").write_bytes(data)
    with pytest.raises(InputError, match="columns"):
        import_labels(project, tmp_path / "l.csv")
    with pytest.raises(InputError, match="cannot be read"):
        import_labels(project, tmp_path / "nothing.csv")


def test_an_empty_or_odd_table_changes_nothing(project: Project, tmp_path: Path) -> None:
    for data in (b"", b"\n\n", b"path,label\n", b"path,label\n\0\0,\0\n", b"path,label\n\"open quote,x"):
        (tmp_path / "l.csv").write_bytes(data)
        assert import_labels(project, tmp_path / "l.csv").n_labelled == 0


def test_a_table_comes_back_as_it_was_written(empty_project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    names = [b"=1+1.png", b"@x, y.png", b"'=q.png", b"'plain.png", b'"quoted".png', b"line\nbreak.png",
             b"ni\xf1o.png", "niño.png".encode(), b"-a.png", b"semi;colon.png"]
    draw_picture(1, "red").save(tmp_path / "x.png")
    for name in names:
        shutil.copy(tmp_path / "x.png", folder / os.fsdecode(name))
    import_folder(empty_project, folder)
    made = [add_class(empty_project, name) for name in ("=cmd()", "+a,b", "tú \"q\"", "'=x")]
    for i, image_id in enumerate(image_ids(empty_project)[:9]):
        set_labels(empty_project, [image_id], made[i % 4].id)
    before = labels(empty_project)
    assert export_labels(empty_project, tmp_path / "out.csv") == len(names)
    set_labels(empty_project, image_ids(empty_project), None)
    summary = import_labels(empty_project, tmp_path / "out.csv")
    assert (summary.n_labelled, len(summary.without_label), summary.unknown) == (9, 1, ())
    assert labels(empty_project) == before
    with open(tmp_path / "out.csv", encoding="utf-8", errors="replace", newline="") as file:
        assert not any(cell[:1] in tuple("=+-@\t\r") for row in csv.reader(file) for cell in row if cell)


def test_the_same_path_in_two_folders_is_in_full(project: Project, image_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(image_folder, tmp_path / "second")
    import_folder(project, tmp_path / "second")
    before = project.catalog.rows("SELECT id, class_id FROM image ORDER BY id")
    export_labels(project, tmp_path / "out.csv")
    set_labels(project, image_ids(project), None)
    assert import_labels(project, tmp_path / "out.csv").ambiguous == ()
    assert project.catalog.rows("SELECT id, class_id FROM image ORDER BY id") == before


def test_neutralise_and_restore_are_each_other_backwards() -> None:
    for cell in ("", "a", "=a", "'a", "'=a", "''", "'", "\tx", "-1", "a=b"):
        assert restore(neutralise(cell)) == cell
    assert restore("'tis") == "'tis"


def test_where_nothing_can_be_written_export_says_so(project: Project, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        export_labels(project, tmp_path / "no" / "out.csv")


def test_an_export_that_fails_leaves_the_older_file(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("my labels of yesterday")
    n_written = 0

    def fail(cell: str) -> str:
        nonlocal n_written
        n_written += 1
        if n_written > 9:
            raise OSError(28, "No space left on device")
        return cell

    monkeypatch.setattr(label_csv, "neutralise", fail)
    with pytest.raises(StorageError) as caught:
        export_labels(project, out)
    assert caught.value.message.code == "files.disk_is_full"
    assert out.read_text() == "my labels of yesterday"
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out.csv"]


def test_an_export_destroys_no_picture(project: Project, image_folder: Path) -> None:
    picture = image_folder / "red" / "red_0.png"
    before = picture.read_bytes()
    with pytest.raises(InputError, match="not a text file"):
        export_labels(project, picture)
    assert picture.read_bytes() == before

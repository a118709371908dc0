"""Imports as planned: what is written for each layout, what the catalog knows wins, and a dry run writes nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from core.cli.commands import run_command
from core.project.classes import list_classes
from core.project.labels import set_labels
from core.project.catalog import write_meta
from core.project.project import Project
from core.project.queries import image_ids
from tests.conftest import draw_picture
from tests.core.conftest import Run
from tests.inputs.example import Example
from tests.inputs.layouts import EXAMPLES
from tests.project_acts import import_folder


def draw(folder: Path, *names: str) -> Path:
    """Different images at these relative paths."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_picture(crc32(name.encode()), "red", (12, 9)).save(path)
    return folder


def shapes(folder: Path, *parts: str, n: int = 2) -> Path:
    return draw(folder, *(f"{part}/{i}.png" for part in parts for i in range(n)))


def result(facts: dict[str, Any]) -> str:
    """As the examples say it: “training: disc 2, square 2; testing: disc 1”."""
    told = []
    for what, counts, n in (("training", facts["classes"], facts["images"]),
                            ("testing", facts["test_classes"], facts["test_images"])):
        words = [f"{name} {k}" for name, k in counts.items() if k]
        n_left = n - sum(counts.values())
        words += [f"{n_left} without a label"] if n_left else []
        told += [f"{what}: {', '.join(words)}"] if words else []
    return "; ".join(told)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.title for example in EXAMPLES])
def test_each_layout_of_the_page_of_inputs(example: Example, tmp_path: Path, run: Run) -> None:
    folder = draw(tmp_path / "images", *example.text.split("\n")[:-1])
    planned = run("new", tmp_path / "p", "--from", folder, "--dry-run")
    assert not (tmp_path / "p").exists()
    assert result(run("new", tmp_path / "p", "--from", folder)) == example.result
    again = run("new", tmp_path / "p", "--from", folder)
    assert (result(again), again["added"], again["kept_labels"]["images"]) == (example.result, 0, 0)
    assert again["plan"] == planned["plan"], "the same folder comes to the same plan"


def files(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_dry_run_refuses_the_place_that_an_import_would_refuse(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shapes(tmp_path / "images", "disc", "square")
    (tmp_path / "file").write_text("x")
    for place in (folder, tmp_path / "file", tmp_path / "none" / "p"):
        said = []
        for options in ([], ["--dry-run"]):
            assert run_command(["new", str(place), "--from", str(folder), *options]) == 2
            said.append(capsys.readouterr().err.splitlines()[-2:])
        assert said[0] == said[1]


def test_a_dry_run_writes_nothing(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shapes(tmp_path / "images", "train/disc", "train/square", "test/disc")
    run("new", tmp_path / "p", "--from", folder)
    shapes(folder, "train/ring")
    before = files(tmp_path)
    facts = run("new", tmp_path / "p", "--from", folder, "--dry-run", "--valid", "test")
    assert facts["dry_run"] and facts["plan"][0]["parts"][0]["classes"] == {"disc": 2, "ring": 2, "square": 2}
    assert run_command(["new", str(tmp_path / "p"), "--from", str(folder), "--dry-run"]) == 0
    assert "train: 6 images for training (3 classes: disc 2, ring 2, square 2)" in capsys.readouterr().out
    assert files(tmp_path) == before


def test_thumbnails_and_trash_are_passed_over_and_counted(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "nas", "disc", "square")
    draw(folder, "disc/@eaDir/0.png/T.png", "square/@EADIR/0.png", "#recycle/x.png", "disc/deep/er/@eaDir/y.png",
         "disc/Lost+Found/z.png", "disc/.Trash-1000/a.png", "Old.photoslibrary/b.png", "square/__MACOSX/c.png")
    draw(folder, "disc/._0.png")
    facts = run("new", tmp_path / "p", "--from", folder)
    assert result(facts) == "training: disc 2, square 2" and facts["unreadable"] == []
    assert facts["plan"][0]["passed_over"] == {
        "@eaDir": 2, "#recycle": 1, ".Trash-1000": 1, "._*": 1, "@EADIR": 1, "Lost+Found": 1,
        "Old.photoslibrary": 1, "__MACOSX": 1}
    assert any("@eaDir (2)" in str(remark) for remark in facts["remarks"])


def test_thumbnails_of_an_earlier_import_are_not_used_any_more(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shapes(tmp_path / "nas", "disc", "square", "disc/thumbs")
    with Project.create(tmp_path / "old") as project:
        import_folder(project, folder)
        (folder / "disc" / "thumbs").rename(folder / "disc" / "@eaDir")
        with project.catalog.transaction() as db:
            db.execute("UPDATE image SET path = CAST(replace(CAST(path AS TEXT), 'thumbs', '@eaDir') AS BLOB)")
    facts = run("new", tmp_path / "old", "--from", folder)
    assert (facts["images"], facts["missing"], facts["no_longer_used"]) == (4, [], 2)
    assert run_command(["new", str(tmp_path / "old"), "--from", str(folder)]) == 0
    assert "no longer used" in capsys.readouterr().out


def test_a_split_that_is_gone_is_missing_and_comes_back(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "train/disc", "train/square", "valid/disc", "test/disc", "extra/x")
    run("new", tmp_path / "p", "--from", folder)
    (folder / "valid").rename(tmp_path / "away")
    facts = run("new", tmp_path / "p", "--from", folder)
    assert facts["missing"] == ["disc/0.png", "disc/1.png"] and result(facts) == (
        "training: disc 2, square 2; testing: disc 2")
    (tmp_path / "away").rename(folder / "valid")
    facts = run("new", tmp_path / "p", "--from", folder)
    assert facts["missing"] == [] and result(facts) == "training: disc 4, square 2; testing: disc 2"


def test_a_test_folder_is_labelled_where_its_folders_are_classes(tmp_path: Path, run: Run) -> None:
    folder, test = shapes(tmp_path / "train", "disc", "square"), shapes(tmp_path / "test", "disc", "Square")
    facts = run("new", tmp_path / "p", "--from", folder, "--test", test)
    assert result(facts) == "training: disc 2, square 2; testing: disc 2, square 2"
    assert list(facts["classes"]) == ["disc", "square"]
    other = shapes(tmp_path / "other", "disc", "ring")
    facts = run("new", tmp_path / "q", "--from", folder, "--test", other)
    assert result(facts) == "training: disc 2, square 2; testing: 4 without a label"
    assert any("give no labels" in str(remark) for remark in facts["remarks"])


def test_a_test_folder_may_lie_inside_the_training_folder(tmp_path: Path, run: Run, fail: Run) -> None:
    folder = shapes(tmp_path / "all", "disc", "square", "test/disc")
    facts = run("new", tmp_path / "p", "--from", folder, "--test", folder / "test")
    assert result(facts) == "training: disc 2, square 2; testing: disc 2"
    facts = run("new", tmp_path / "p", "--from", folder)
    assert result(facts) == "training: disc 2, square 2; testing: disc 2" and facts["added"] == 0
    assert "for testing" in fail("new", tmp_path / "q", "--from", folder / "disc", "--test", folder)[0]


def test_choices_are_remembered_for_the_folder(tmp_path: Path, run: Run, fail: Run) -> None:
    folder = shapes(tmp_path / "images", "disc/2021", "square/2021")
    assert result(run("new", tmp_path / "p", "--from", folder, "--classes-from", "path")) == (
        "training: disc/2021 2, square/2021 2")
    shapes(folder, "disc/2022")
    assert result(run("new", tmp_path / "p", "--from", folder)) == (
        "training: disc/2021 2, square/2021 2, disc/2022 2")
    assert "top" in fail("new", tmp_path / "q", "--from", folder, "--classes-from", "side")[1]
    splits = shapes(tmp_path / "splits", "train/disc", "train/square", "valid/disc")
    assert result(run("new", tmp_path / "s", "--from", splits, "--valid", "skip")) == "training: disc 2, square 2"
    assert result(run("new", tmp_path / "s", "--from", splits)) == "training: disc 2, square 2"


def test_validation_images_stay_what_they_are_when_a_test_folder_comes(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "train/disc", "train/square", "valid/disc")
    assert result(run("new", tmp_path / "p", "--from", folder)) == "training: disc 2, square 2; testing: disc 2"
    shapes(folder, "test/square")
    assert result(run("new", tmp_path / "p", "--from", folder)) == (
        "training: disc 2, square 2; testing: disc 2, square 2")


def import_as_before(tmp_path: Path, folder: Path) -> Path:
    """A project as it was made when each folder path was a class."""
    with Project.create(tmp_path / "old") as project:
        import_folder(project, folder)
    return tmp_path / "old"


def test_a_project_with_class_paths_gets_no_second_classes(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "disc/2021", "disc/2022", "square/2021")
    old = import_as_before(tmp_path, folder)
    shapes(folder, "disc/2021", n=3)
    facts = run("new", old, "--from", folder)
    assert result(facts) == "training: disc/2021 3, disc/2022 2, square/2021 2" and facts["new_classes"] == []
    assert any("as in the project" in str(remark) for remark in facts["remarks"])
    assert facts["kept_labels"]["images"] == 0
    asked = run("new", old, "--from", folder, "--classes-from", "top")
    assert asked["kept_labels"]["images"] == 7
    facts = run("new", old, "--from", folder, "--follow-folders")
    assert result(facts) == "training: disc 5, square 2" and facts["kept_labels"]["images"] == 0
    assert result(run("new", old, "--from", folder)) == "training: disc 5, square 2"


def test_a_project_with_splits_as_classes_stays_whole(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "train/disc", "train/square", "test/disc")
    old = import_as_before(tmp_path, folder)
    shapes(folder, "train/disc", n=3)
    facts = run("new", old, "--from", folder)
    assert result(facts) == "training: test/disc 2, train/disc 3, train/square 2" and facts["test_images"] == 0
    assert any("all of this folder for training" in str(remark) for remark in facts["remarks"])


def test_a_project_with_a_wrapper_in_its_classes_keeps_it(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "dataset/disc", "dataset/square")
    old = import_as_before(tmp_path, folder)
    shapes(folder, "dataset/disc", n=3)
    assert result(run("new", old, "--from", folder)) == "training: dataset/disc 3, dataset/square 2"


def test_one_class_folder_that_is_left_keeps_its_class(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "disc", "square")
    run("new", tmp_path / "p", "--from", folder)
    shutil.rmtree(folder / "square")
    shapes(folder, "disc", n=3)
    assert result(run("new", tmp_path / "p", "--from", folder)) == "training: disc 3"


def test_a_second_class_folder_settles_what_the_first_one_was(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "disc")
    assert result(run("new", tmp_path / "p", "--from", folder)) == "training: 2 without a label"
    shapes(folder, "square")
    for _ in range(2):
        facts = run("new", tmp_path / "p", "--from", folder)
        assert facts["kept_labels"]["folders"] == [
            {"folder": "disc", "label": "", "n_images": 2, "is_by_hand": False}]
    assert result(run("new", tmp_path / "p", "--from", folder, "--follow-folders")) == "training: square 2, disc 2"


def test_classes_that_differ_in_spelling_are_pointed_out(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "Disc", "disc", "square", "square ", "nin\u0303o", "niño")
    planned = run("new", tmp_path / "p", "--from", folder, "--dry-run")
    facts = run("new", tmp_path / "p", "--from", folder)
    assert result(facts) == "training: Disc 2, disc 2, niño 4, square 4"
    assert facts["similar_classes"] == [["disc", "Disc"]] and planned["similar_classes"] == [["Disc", "disc"]]
    (tmp_path / "t.csv").write_text("path,label\nsquare/0.png,SQUARE\n")
    assert ["square", "SQUARE"] in run("label", tmp_path / "p", "--csv", tmp_path / "t.csv")["similar_classes"]
    assert run("new", tmp_path / "p", "--from", folder)["kept_labels"]["images"] == 0


def test_the_command_that_joins_them_is_said_and_works(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shapes(tmp_path / "images", "big disc", "big-disc", "square")
    run("new", tmp_path / "p", "--from", folder)
    assert run_command(["new", str(tmp_path / "p"), "--from", str(folder)]) == 0
    assert f'classes {tmp_path / "p"} merge big-disc --into "big disc"' in capsys.readouterr().out
    run("classes", tmp_path / "p", "merge", "big-disc", "--into", "big disc")
    draw(folder, "big-disc/new.png")
    facts = run("new", tmp_path / "p", "--from", folder)
    assert result(facts) == "training: big disc 5, square 2" and facts["similar_classes"] == []


def test_what_is_left_out_is_said_again_with_the_command(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shapes(tmp_path / "images", "disc", "square")
    run("new", tmp_path / "p", "--from", folder)
    with Project.open(tmp_path / "p") as project:
        set_labels(project, image_ids(project)[:1], None)
    (folder / "disc" / "0.png").rename(folder / "square" / "7.png")
    for _ in range(2):
        assert run_command(["new", str(tmp_path / "p"), "--from", str(folder)]) == 0
        said = capsys.readouterr().out
        assert "square/: 1 image whose label was removed by hand" in said and "--follow-folders" in said
    run("new", tmp_path / "p", "--from", folder, "--keep-labels")
    assert run_command(["new", str(tmp_path / "p"), "--from", str(folder)]) == 0
    assert "--follow-folders" not in capsys.readouterr().out


@pytest.mark.parametrize("value", ["x", {"classes_from": 3, "valid": [], "uses": "y", "with_splits": 0}, [1], None])
def test_damaged_choices_are_the_defaults(tmp_path: Path, run: Run, value: Any) -> None:
    folder = shapes(tmp_path / "images", "train/disc", "train/square", "test/disc")
    run("new", tmp_path / "p", "--from", folder)
    with Project.open(tmp_path / "p") as project, project.catalog.transaction() as db:
        write_meta(db, "import_options", {os.fspath(folder): value})
        write_meta(db, "kept_folders", value)
        write_meta(db, "labels_against_folder", {"x": value})
    assert result(run("new", tmp_path / "p", "--from", folder)) == "training: disc 2, square 2; testing: disc 2"


def test_nothing_but_what_is_left_out_is_refused(tmp_path: Path, fail: Run) -> None:
    (tmp_path / "empty").mkdir()
    assert "no images" in fail("new", tmp_path / "p", "--from", tmp_path / "empty")[0]
    assert not (tmp_path / "p").exists()


def test_the_number_of_classes_is_that_of_the_project(tmp_path: Path, run: Run) -> None:
    folder = shapes(tmp_path / "images", "train/disc", "train/square", "test/disc")
    run("new", tmp_path / "p", "--from", folder)
    with Project.open(tmp_path / "p", read_only=True) as project:
        assert [row.name for row in list_classes(project)] == ["disc", "square"]

"""What is said before a training starts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.project.labels import set_labels
from core.project.project import Project
from core.project.queries import ImageFilter, image_ids
from core.checks.balance import ClassSize
from core.workflow.readiness import Remedy, TrainingData, count_training_data, find_concerns
from tests.conftest import draw_picture
from tests.project_acts import import_folder


def data(*n_images: int) -> TrainingData:
    names = "abcdefghijkl"
    return TrainingData(tuple(ClassSize(i + 1, names[i], n) for i, n in enumerate(n_images)), 10, 0)


def test_counts_are_those_of_the_snapshot(tmp_path: Path, image_folder: Path) -> None:
    with Project.create(tmp_path / "p.catalejo") as project:
        import_folder(project, image_folder)
        import_folder(project, image_folder / "red", split="test")
        ids = image_ids(project, ImageFilter(split="train"))
        set_labels(project, ids[:3], None)
        found = count_training_data(project)
    assert found.n_unlabelled == 3 and found.n_labels == 17
    assert [c.name for c in found.classes] == ["blue", "red"]
    assert found.n_images == found.n_labels + 3 + found.n_test


def test_labels_of_earlier_versions_are_counted_apart(tmp_path: Path, image_folder: Path) -> None:
    with Project.create(tmp_path / "p.catalejo") as project:
        import_folder(project, image_folder)
        before = count_training_data(project)
        (red,) = image_ids(project, ImageFilter(text="red_0", source_id=1)).tolist()
        blue = next(c.class_id for c in before.classes if c.name == "blue")
        set_labels(project, np.array([red]), blue)
        draw_picture(700, "blue").save(image_folder / "red" / "red_0.png")
        import_folder(project, image_folder)
        after = count_training_data(project)
    assert (before.n_earlier, after.n_earlier) == (0, 1)
    assert after.n_labels == before.n_labels - 1 and after.n_images == before.n_images


def test_labels_of_test_pictures_are_not_learnt_from(tmp_path: Path, image_folder: Path) -> None:
    with Project.create(tmp_path / "p.catalejo") as project:
        import_folder(project, image_folder)
        before = count_training_data(project)
        project.catalog.db.execute("UPDATE image SET split = 'test' WHERE id IN (SELECT id FROM image LIMIT 4)")
        after = count_training_data(project)
    assert after.n_test > 0 and after.n_labels < before.n_labels


def test_enough_of_everything_is_no_concern() -> None:
    assert find_concerns(data(20, 30)) == ()


def test_without_labels_nothing_starts() -> None:
    (concern,) = find_concerns(data(0, 0))
    assert concern.is_blocking and "no labels" in str(concern.message) and concern.remedy is Remedy.LABEL
    (concern,) = find_concerns(TrainingData((), 0, 0))
    assert concern.is_blocking and concern.remedy is Remedy.IMPORT


def test_one_class_or_one_image_beside_it_blocks() -> None:
    (concern,) = find_concerns(data(9, 0))
    assert concern.is_blocking and "one class, “a”" in str(concern.message)
    concern = find_concerns(data(9, 1))[0]
    assert concern.is_blocking and "“b” has one image only" in str(concern.message) and concern.class_id == 2
    concern = find_concerns(data(1, 1))[0]
    assert concern.is_blocking and str(concern.message).startswith("“a” and “b” have one image only")


def test_one_image_stops_no_two_other_classes() -> None:
    concern = find_concerns(data(9, 1, 8))[0]
    assert not concern.is_blocking and concern.class_id == 2
    assert concern.message.code == "training.concern.single" and "“b” has one image only" in str(concern.message)


def test_few_pictures_are_a_doubt() -> None:
    (concern,) = find_concerns(data(9, 4, 3))
    assert not concern.is_blocking
    assert str(concern.message).startswith("“b” (4) and “c” (3) have fewer than 5 images")


def test_imbalance_and_empty_classes_are_said() -> None:
    unbalanced, empty = find_concerns(data(100, 10, 0))
    assert str(unbalanced.message).startswith("“a” has 10 times as many images as “b”") and unbalanced.class_id == 2
    assert str(empty.message) == "“c” has no labelled image and will be left out."
    assert find_concerns(data(99, 10)) == ()


def test_long_names_lose_their_middle() -> None:
    long = TrainingData((ClassSize(1, "x" * 40 + "end", 9), ClassSize(2, "b", 0)), 0, 0)
    assert f"“{'x' * 16} … {'x' * 13}end”" in str(find_concerns(long)[0].message)


def test_all_small_classes_are_named_and_very_many_counted() -> None:
    concern = find_concerns(data(50, 2, 2, 2, 2, 2))[0]
    assert str(concern.message).startswith("“b” (2), “c” (2), “d” (2), “e” (2) and “f” (2) have fewer than 5 images")
    many = TrainingData(tuple(ClassSize(i, f"k{i}", 2) for i in range(20)), 0, 0)
    assert "“k11” (2) and 8 more classes have fewer" in str(find_concerns(many)[0].message)

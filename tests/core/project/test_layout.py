"""The plan of an import, from the folder tree alone: splits, wrappers, batches, and what stays a class."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from core.project.folder_tree import FolderListing
from core.project.layout import ImportLayout, LayoutOptions, plan_layout
from core.workflow.plan_remarks import list_remarks


def listing(*folders: str, n: int = 1) -> FolderListing:
    """A folder with `n` images in each of these sub-folders; "" is the folder itself."""
    counts = tuple((folder.encode("utf-8", "surrogateescape"), n) for folder in folders)
    return FolderListing(Path("/images"), counts)


def plan(*folders: str, **options: object) -> ImportLayout:
    return plan_layout(listing(*folders), LayoutOptions(**options))  # type: ignore[arg-type]


def classes(layout: ImportLayout, use: str = "train") -> dict[str, int]:
    counts: Counter[str] = Counter()
    for part in layout.parts:
        if part.use == use:
            counts.update(dict(part.classes))
    return dict(counts)


def uses(layout: ImportLayout) -> dict[str, str]:
    return {part.name: part.use for part in layout.parts}


def said(layout: ImportLayout) -> str:
    return " ".join(str(remark.whole) for remark in list_remarks(layout))


TWO = {"disc": 1, "square": 1}


@pytest.mark.parametrize("train,valid,test", [
    ("train", "valid", "test"), ("TRAIN", "VAL", "TEST"), ("Training", "Validation", "Testing"),
    ("trn", "dev", "tst"),
    ("entrenamiento", "validación", "pruebas"), ("Entrenamiento", "validacion", "Prueba"),
    ("training_set", "validation_set", "test_set"), ("train_images", "val_images", "test_images"),
    ("seg_train", "seg_val", "seg_test"), ("train2017", "val2017", "test2017"), ("train", "eval2", "holdout"),
    ("TrainImages", "ValidImages", "TestImages"), ("birds-train", "birds-valid", "birds-test"),
])
@pytest.mark.parametrize("around", ["", "dataset/", "archive (1)/data/images/"])
def test_splits_side_by_side(train: str, valid: str, test: str, around: str) -> None:
    layout = plan(*(f"{around}{split}/{shape}" for split in (train, valid, test) for shape in ("disc", "square")))
    expected = {train: "train", valid: "train", test: "test"} if valid != "eval2" else {
        train: "train", valid: "test", test: "test"}
    assert uses(layout) == {around + name: use for name, use in expected.items()}
    assert set(classes(layout)) == set(classes(layout, "test")) == {"disc", "square"}
    assert "splits" in said(layout) and "labelled" in said(layout)


def test_without_a_test_folder_the_validation_images_are_the_test_images() -> None:
    folders = ("train/disc", "train/square", "valid/disc", "valid/square")
    assert uses(plan(*folders)) == {"train": "train", "valid": "test"} and "--valid train" in said(plan(*folders))
    assert uses(plan(*folders, valid="train")) == {"train": "train", "valid": "train"}
    assert uses(plan(*folders, valid="skip")) == {"train": "train", "valid": "skip"}
    assert uses(plan(*folders, "test/disc", valid="test")) == {"train": "train", "valid": "test", "test": "test"}


@pytest.mark.parametrize("folders", [("test",), ("test/unknown",), ("test/images",), ("test/disc", "test/other")])
def test_test_images_get_labels_only_where_every_folder_is_a_class(folders: tuple[str, ...]) -> None:
    layout = plan("train/disc", "train/square", *folders)
    assert classes(layout) == TWO and classes(layout, "test") == {}
    assert layout.parts[-1].naming.by == "none" and layout.parts[-1].n_unlabelled == len(folders)
    assert ("give no labels" in said(layout)) == (len(folders) == 2)


def test_test_folders_may_lack_classes_and_be_written_otherwise() -> None:
    assert classes(plan("train/disc", "train/square", "test/test/Disc"), "test") == {"Disc": 1}
    assert classes(plan("train/disc", "train/square", "test/disc", "test"), "test") == {"disc": 1}
    labelled = plan_layout(listing("disc", "square"), use="test", known_classes=("square", "disc"))
    assert classes(labelled, "test") == TWO
    assert classes(plan_layout(listing("disc", "cross"), use="test", known_classes=("disc",)), "test") == {}


@pytest.mark.parametrize("folders", [
    ("train/disc", "train/square", "test"), ("train/disc/2021", "train/square/2021", "valid/disc/2022"),
    ("images/train/disc", "images/train/square", "images/test/disc"),
    ("train/disc", "train/square", "unlabeled"),
    ("train/train/disc", "train/train/square", "test/test"), ("disc", "square"), ("a/b/c/disc", "a/b/c/square"),
    ("disc/2021", "disc/2022", "square/2021"), ("disc/batch_1", "square/part2"),
    ("disc/001", "disc/002", "square/003"),
    ("disc/2021-05-03 garden", "square/2021-06-01 office"), ("disc/100CANON", "disc/101CANON", "square/102_PANA"),
    ("disc/images", "square/images"), ("disc/alice", "disc/bob", "square/alice", "square/bob"),
    ("disc", "disc/2022", "square"), ("2021/disc", "2021/square", "2022/disc"),
    ("001/disc", "001/square", "002/square"),
    ("batch 1/disc", "batch 1/square", "batch 2/disc"), ("disc/session3/camera_2", "square/session3/camera_1"),
    ("2021/disc/camera_1", "2022/square/camera_2"), ("disc/Día_1", "square/Día_2"),
    ("", "dataset/disc", "dataset/square"),
])
def test_two_classes_each_time(folders: tuple[str, ...]) -> None:
    assert set(classes(plan(*folders))) == {"disc", "square"}


@pytest.mark.parametrize("folders", [
    tuple("0123456789"), ("2021", "disc"), ("test", "control"), ("train", "bus", "test"), ("train", "car"),
    ("guns/pistol", "guns/rifle", "phones/smartphone"), ("letters/a", "letters/b", "digits/0", "digits/1"),
    ("cats/other", "cats/siamese", "dogs/other", "dogs/poodle"), ("batch_1", "batch_2"), ("images", "drawings"),
    ("cards", "phones"), ("", "defect"),
])
def test_what_is_a_class_stays_one(folders: tuple[str, ...]) -> None:
    assert set(classes(plan(*folders))) == set(folders) - {""}


def test_digits_in_splits_and_batches_stay_classes() -> None:
    digits = {str(digit): 1 for digit in range(10)}
    layout = plan(*(f"{split}/{digit}" for split in ("train", "test") for digit in range(10)))
    assert classes(layout) == digits == classes(layout, "test")
    assert set(classes(plan(*(f"{year}/{digit}" for year in (2021, 2022) for digit in range(10))))) == set(digits)
    assert set(classes(plan(*(f"{digit}/{year}" for year in (2021, 2022) for digit in range(10))))) == set(digits)


def test_one_folder_of_images_names_no_class() -> None:
    for folder in ("holiday", "a/b/c", "disc"):
        layout = plan(folder)
        assert classes(layout) == {} and layout.parts[0].n_unlabelled == 1 and "names no class" in said(layout)
    assert said(plan("")) == ""
    assert classes(plan("a/disc", classes_from="leaf")) == {"disc": 1}
    assert classes(plan_layout(listing("more/disc"), known_classes=("Disc",))) == {"disc": 1}


def test_a_way_of_naming_can_be_chosen() -> None:
    folders = ("disc/2021", "disc/2022", "square/2021")
    assert "--classes-from path" in said(plan(*folders))
    assert classes(plan(*folders, classes_from="path")) == {"disc/2021": 1, "disc/2022": 1, "square/2021": 1}
    assert classes(plan(*folders, classes_from="leaf")) == {"2021": 2, "2022": 1}
    assert classes(plan("guns/pistol", "guns/rifle", "phones/x", classes_from="top")) == {"guns": 2, "phones": 1}
    assert "--classes-from top" in said(plan("guns/pistol", "guns/rifle", "phones/x"))
    assert "--classes-from leaf" in said(plan("indoor/cat", "indoor/dog", "outdoor/cat", "outdoor/dog"))


def test_what_lies_beside_the_splits_is_left_out_and_said() -> None:
    layout = plan("", "train/disc", "train/square", "test", "extra/ring")
    assert uses(layout) == {"train": "train", "test": "test", "extra": "skip", "images": "skip"}
    assert "1 image in “extra” is left out" in said(layout) and "beside the splits" in said(layout)
    chosen = plan("train/disc", "train/square", "test", "extra/disc", "extra/ring", uses={"extra": "train"})
    assert classes(chosen) == {"disc": 2, "square": 1, "ring": 1}


def test_splits_can_be_classes_and_parts_can_be_used_otherwise() -> None:
    folders = ("train/disc", "train/square", "test/disc")
    assert "train/disc" in classes(plan(*folders, with_splits=False, classes_from="path"))
    assert uses(plan(*folders, uses={"test": "skip"})) == {"train": "train", "test": "skip"}
    assert classes(plan(*folders, uses={"test": "train"})) == {"disc": 2, "square": 1}


def test_a_class_called_like_a_split_is_pointed_out() -> None:
    assert "“test” is taken as a class" in said(plan("test", "disc", "square"))
    assert "put them side by side above" in said(plan("disc/train", "disc/test", "square/train", "square/test"))


def test_names_are_compared_composed_and_from_old_code_pages() -> None:
    names = ("niño", "nin\u0303o", "ni\udcf1o", "ni\udca4o", " niño", "niño ")
    assert classes(plan(*names, "otro")) == {"niño": 6, "otro": 1}
    layout = plan("train/nin\u0303o", "train/otro", "test/niño")
    assert classes(layout, "test") == {"niño": 1}


@pytest.mark.parametrize("around", ["", "data/"])
def test_an_image_in_a_folder_around_all_classes_is_no_reason_to_name_them_after_it(around: str) -> None:
    layout = plan(f"{around}set", f"{around}set/all/disc", f"{around}set/all/square")
    assert classes(layout) == TWO and layout.parts[0].n_unlabelled == 1
    assert classes(plan("set", "set/disc", "set/disc/more")) == {"disc": 1, "disc/more": 1}


@pytest.mark.parametrize("around", ["", "train/"])
def test_a_lone_test_folder_is_named_with_what_to_type(around: str) -> None:
    layout = plan(f"{around}disc", f"{around}square", f"{around}test/disc", f"{around}test/square")
    assert "“test/disc”, “test/square” are taken as classes" in said(layout)
    assert f'--test "{Path("/images") / around / "test"}"' in said(layout) and "classes-from top" not in said(layout)


@pytest.mark.parametrize("folders", [("DCIM/100APPLE", "DCIM/101APPLE"), ("2019", "2020"), ("camera_1", "camera_2")])
def test_folders_that_may_be_batches_are_classes_until_a_person_says_no(folders: tuple[str, ...]) -> None:
    assert len(classes(plan(*folders))) == 2 and "--classes-from none" in said(plan(*folders))
    layout = plan(*folders, classes_from="none")
    assert classes(layout) == {} and layout.parts[0].n_unlabelled == 2
    assert said(layout) == "No folder names a class, as chosen. To decide by the folder names: --classes-from auto"
    assert "--classes-from none" not in said(plan("2019", "disc"))

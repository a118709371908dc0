"""What is left of a file name without its class, and when names say nothing but the class."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.name_cues import names_beside_classes, without_class_name


@pytest.mark.parametrize(("name", "class_name", "rest"), [
    ("disc_000.jpg", "disc", "_000.jpg"),
    ("Disc-12.jpg", "disc", "-12.jpg"),
    ("12_disc.jpg", "disc", "12_.jpg"),
    ("disc0001.jpg", "disc", "0001.jpg"),
    ("cat.0.jpg", "cat", ".0.jpg"),
    ("cat.0.jpg", "cats", ".0.jpg"),
    ("discs (3).png", "disc", " (3).png"),
    ("berry_1.png", "berries", "_1.png"),
    ("foto círculo_1.jpg", "círculo", "foto _1.jpg"),
    ("circulo_1.jpg", "círculo", "_1.jpg"),
    ("foto ci\u0301rculo_1.jpg", "círculo", "foto _1.jpg"),
    ("golden_retriever_12.jpg", "golden retriever", "_12.jpg"),
    ("goldenRetriever12.jpg", "golden retriever", "12.jpg"),
    ("retriever 12.jpg", "golden_retriever", " 12.jpg"),
    ("7_001.png", "7", "_001.png"),
    ("007_1.png", "7", "_1.png"),
    ("pistol_1.jpg", "guns/pistol", "_1.jpg"),
    ("guns-pistol-1.jpg", "guns/pistol", "-1.jpg"),
    ("n02085620_199.jpg", "n02085620-Chihuahua", "_199.jpg"),
    ("a_disc.jpg", "disc", "a_.jpg"),
    ("disc.jpg", "disc", "-.jpg"),
])
def test_the_class_is_taken_out(name: str, class_name: str, rest: str) -> None:
    assert without_class_name(name, class_name) == rest


@pytest.mark.parametrize(("name", "class_name"), [
    ("IMG_0001.jpg", "disc"), ("DSC_0001.jpg", "disc"), ("discover_1.jpg", "disc"), ("17_001.png", "7"),
    ("square_1.jpg", "disc"), ("dsc1.jpg", "disc"), ("A1.jpg", ""),
])
def test_what_does_not_name_the_class_stays(name: str, class_name: str) -> None:
    assert without_class_name(name, class_name) == name


def test_names_made_from_classes_say_nothing_else() -> None:
    """Also not where the numbering runs on from class to class."""
    names = [f"cat_{i}.jpg" for i in range(20)] + [f"dog_{i}.jpg" for i in range(20, 40)]
    assert names_beside_classes(names, np.repeat([0, 1], 20), ("cat", "dog")) == ()


@pytest.mark.parametrize("starts", [("d", "s"), ("dis_", "squ_"), ("D-", "SM-")])
def test_names_made_from_beginnings_of_classes_say_nothing_else(starts: tuple[str, str]) -> None:
    names = [f"{starts[label]}{i:03d}.jpg" for label in (0, 1) for i in range(20)]
    assert names_beside_classes(names, np.repeat([0, 1], 20), ("shapes/disc", "square mat")) == ()


def test_a_beginning_of_one_class_alone_may_be_a_camera() -> None:
    names = tuple(f"{start}{i:07d}.jpg" for start in ("P", "IMG_") for i in range(20))
    assert names_beside_classes(names, np.repeat([0, 1], 20), ("pistol", "smartphone")) == names


def test_the_series_of_two_cameras_stay() -> None:
    names = ("IMG_1.jpg", "IMG_2.jpg", "DSC_3.jpg", "DSC_4.jpg")
    assert names_beside_classes(names, np.array([0, 0, 1, -1]), ("cat", "dog")) == names


def test_some_named_after_their_class_leave_the_others_as_they_are() -> None:
    names = ("cat_1.jpg", "IMG_2.jpg", "DSC_3.jpg", "dog_4.jpg")
    rest = names_beside_classes(names, np.array([0, 0, 1, 1]), ("cat", "dog"))
    assert rest == ("_1.jpg", "IMG_2.jpg", "DSC_3.jpg", "_4.jpg")

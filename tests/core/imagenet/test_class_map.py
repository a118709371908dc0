"""The suggested class map: kinds, relatives and mentions, each ImageNet class to one class at most."""

import json

import numpy as np
import pytest

from core.imagenet.class_map import ClassMap, suggest_class_map
from core.imagenet.tree import imagenet_names


def names(class_map: ClassMap, class_name: str) -> list[str]:
    return [link.name for link in class_map.links[class_map.classes.index(class_name)]]


def test_pistols_and_smartphones_as_the_report_reads_them() -> None:
    suggested = suggest_class_map(["pistol", "smartphone"])
    assert names(suggested, "pistol")[0] == "revolver"
    assert {"rifle", "assault rifle", "holster"} <= set(names(suggested, "pistol"))
    assert names(suggested, "smartphone")[:3] == ["cellular telephone", "hand-held computer", "iPod"]
    assert "maraca" not in names(suggested, "smartphone")


@pytest.mark.parametrize("name", ["pistola", "Pistols", "guns/pistol", "hand_gun", "Pistol 2"])
def test_other_spellings_mean_the_same(name: str) -> None:
    assert "revolver" in names(suggest_class_map([name, "smartphone"]), name)


def test_spanish_and_accents() -> None:
    suggested = suggest_class_map(["teléfono móvil", "gato"])
    assert "cellular telephone" in names(suggested, "teléfono móvil")
    assert "tabby" in names(suggested, "gato")


def test_a_general_class_takes_all_its_kinds_and_no_more() -> None:
    dogs = names(suggest_class_map(["dog", "cat"]), "dog")
    assert len(dogs) >= 118
    assert "tabby" not in dogs and "timber wolf" not in dogs


@pytest.mark.parametrize(("other", "expected"), [
    ("truck", "crane (lifting device)"),
    ("heron", "crane (wading bird)"),
])
def test_other_classes_decide_between_meanings(other: str, expected: str) -> None:
    assert names(suggest_class_map(["crane", other]), "crane") == [expected]


def test_what_imagenet_lacks_is_said() -> None:
    flowers = suggest_class_map(["daisy", "dandelion", "rose", "sunflower", "tulip", "qwerty"])
    assert names(flowers, "daisy")[0] == "daisy"
    assert names(flowers, "rose") == ["hip"]
    assert {"tulip", "qwerty"} <= set(flowers.unmatched)


def test_one_class_at_most_for_each_imagenet_class() -> None:
    suggested = suggest_class_map(["car", "bus", "bicycle", "telephone", "smartphone"])
    assert suggested.matrix().shape == (1000, 5)
    assert suggested.matrix().sum(axis=1).max() == 1


def test_what_is_as_near_to_two_classes_is_given_to_none() -> None:
    assert suggest_class_map(["pistol", "handgun"]).unmatched == ("pistol", "handgun")


def test_survives_json() -> None:
    suggested = suggest_class_map(["pistol", "tulip"])
    assert ClassMap.from_json(json.loads(json.dumps(suggested.to_json()))) == suggested


def test_stricter_nearness_keeps_only_kinds() -> None:
    assert names(suggest_class_map(["pistol"], least_nearness=1), "pistol") == ["revolver"]


def test_a_thousand_classes_of_their_own_names() -> None:
    suggested = suggest_class_map(imagenet_names()[:40])
    assert np.diag(suggested.matrix()[:40]).mean() > 0.9

"""Which class names are one with a slip in it, and which are two."""

from __future__ import annotations

import pytest

from core.project.classes import similar_class_names


@pytest.mark.parametrize("names", [
    ("Disc", "disc"), ("square", "square "), ("big disc", "big-disc", "big_disc", "BigDisc"), ("nin\u0303o", "niño"),
    ("Straße", "STRASSE"), ("disc\u200b", "disc"), ("guns/Pistol", "guns/pistol"), ("ｄisc", "disc"),
    ("disc\u00a0a", "disc a"), ("class 1", "class-1", "Class1"),
])
def test_slips_are_found(names: tuple[str, ...]) -> None:
    assert similar_class_names(["x", *names, "y"]) == (names,)


@pytest.mark.parametrize("names", [
    ("1-2", "12"), ("-1", "1"), ("1", "01"), ("año", "ano"), ("disc", "discs"), ("a/b", "ab"), ("-", "_"), ("a", "a"),
])
def test_what_differs_otherwise_is_left_alone(names: tuple[str, ...]) -> None:
    assert similar_class_names(names) == ()

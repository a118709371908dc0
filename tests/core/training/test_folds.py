"""Cutting labelled images: shares, every class everywhere, copies together, sentences for bad input."""

import numpy as np
import pytest

from core.training.folds import (
    TWINS_PARTED, keep_duplicates, cut_in_parts, group_keys, keep_together, plan_folds, say_unjudged,
)
from core.errors import TrainingDataError

SHARES = (0.65, 0.15, 0.2)


def some_hashes(n: int) -> list[bytes]:
    return [i.to_bytes(32, "big") for i in range(n)]


def test_shares_hold_in_every_class() -> None:
    labels = np.repeat([0, 1], [400, 60])
    parts = cut_in_parts(labels, some_hashes(460), shares=SHARES, seed=0, classes=("a", "b"))
    assert np.bincount(parts[:400]).tolist() == [260, 60, 80]
    assert np.bincount(parts[400:]).tolist() == [39, 9, 12]


def test_same_seed_same_parts() -> None:
    labels, hashes = np.arange(90) % 3, some_hashes(90)
    first, again, other = (
        cut_in_parts(labels, hashes, shares=SHARES, seed=s, classes=tuple("abc")) for s in (1, 1, 2))
    assert (first == again).all() and (first != other).any()


def test_copies_stay_together_even_with_two_labels() -> None:
    labels = np.arange(120) % 2
    hashes = [(i // 3).to_bytes(32, "big") for i in range(120)]
    parts = cut_in_parts(labels, hashes, shares=SHARES, seed=0, classes=("a", "b"))
    assert (parts.reshape(40, 3) == parts.reshape(40, 3)[:, :1]).all()


@pytest.mark.parametrize("n", [3, 4, 5, 7])
def test_a_small_class_is_in_every_part(n: int) -> None:
    labels = np.repeat([0, 1], [100, n])
    parts = cut_in_parts(labels, some_hashes(100 + n), shares=SHARES, seed=0, classes=("a", "b"))
    assert set(parts[100:]) == {0, 1, 2}


def test_a_thousand_classes() -> None:
    labels = np.arange(4000) % 1000
    parts = cut_in_parts(labels, some_hashes(4000), shares=SHARES, seed=0, classes=[str(i) for i in range(1000)])
    assert all(set(parts[i::1000]) == {0, 1, 2} for i in range(1000))


@pytest.mark.parametrize(("n", "parts"), [(1, {0}), (2, {0, 2})])
def test_a_class_too_small_for_every_part_stops_no_other(n: int, parts: set[int]) -> None:
    labels = np.repeat([0, 1, 2], [20, 20, n])
    found = cut_in_parts(labels, some_hashes(40 + n), shares=SHARES, seed=0, classes=("a", "b", "rare"))
    assert set(found[:20]) == set(found[20:40]) == {0, 1, 2} and set(found[40:]) == parts


@pytest.mark.parametrize(("n", "sentence"), [
    (0, "Only “common” has at least 3 .*: “rare” has none"), (1, "“rare” has 1"), (2, "“rare” has 2"),
])
def test_too_few_is_said(n: int, sentence: str) -> None:
    labels = np.repeat([0, 1], [20, n])
    with pytest.raises(TrainingDataError, match=sentence):
        cut_in_parts(labels, some_hashes(20 + n), shares=SHARES, seed=0, classes=("common", "rare"))


def test_all_classes_that_are_too_small_are_named() -> None:
    with pytest.raises(TrainingDataError, match="No class has at least 2 .*: “a” has 1, “b” has 1 and “c” has none"):
        plan_folds(np.array([0, 1]), np.array([0, 1]), classes=("a", "b", "c"), n_folds=5, seed=0)


def test_copies_do_not_count_as_different() -> None:
    hashes = some_hashes(20) + [b"x" * 32] * 5
    with pytest.raises(TrainingDataError, match="“rare” has 1"):
        cut_in_parts(np.repeat([0, 1], [20, 5]), hashes, shares=SHARES, seed=0, classes=("common", "rare"))


def test_a_class_with_one_image_is_in_no_fold_and_the_others_in_all() -> None:
    labels, groups = np.repeat([0, 1, 2], [10, 10, 1]), np.arange(21)
    folds = plan_folds(labels, groups, classes=("a", "b", "rare"), n_folds=5, seed=0)
    assert folds[20] == -1 and np.bincount(folds[:20]).tolist() == [4] * 5
    (note,) = say_unjudged(labels, folds >= 0, ("a", "b", "rare"))
    assert note.code == "training.unjudged" and str(note).startswith("“rare” has no second image")


def test_a_class_smaller_than_the_folds_is_never_held_back_whole() -> None:
    labels = np.repeat([0, 1, 2], [20, 2, 3])
    folds = plan_folds(labels, np.arange(25), classes=("a", "b", "c"), n_folds=5, seed=0)
    assert set(folds) == set(range(5))
    assert len(set(folds[20:22])) == 2 and len(set(folds[22:])) == 3


def test_no_fold_is_empty() -> None:
    folds = plan_folds(np.array([0, 0, 1, 1]), np.arange(4), classes=("a", "b"), n_folds=9, seed=0)
    assert sorted(folds) == [0, 1, 2, 3]


def test_copies_in_one_class_are_one_image() -> None:
    labels, groups = np.array([0, 0, 0, 1, 1, 1, 2, 2]), np.array([0, 1, 2, 3, 3, 3, 4, 5])
    folds = plan_folds(labels, groups, classes=("a", "b", "c"), n_folds=2, seed=0)
    assert folds[3:6].tolist() == [-1] * 3 and (np.delete(folds, [3, 4, 5]) >= 0).all()


def test_a_copy_under_the_label_of_a_single_image_is_held_back_with_its_copies() -> None:
    labels, groups = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 2, 3, 0])
    folds = plan_folds(labels, groups, classes=("a", "b", "rare"), n_folds=2, seed=0)
    assert folds[4] == folds[0] >= 0


def test_a_class_without_a_readable_image_is_named() -> None:
    notes = say_unjudged(np.array([0, 1, 1]), np.array([True, True, True]), ("a", "b", "gone"))
    assert [note.code for note in notes] == ["training.unreadable_class"] and "“gone” has" in str(notes[0])


def test_one_class_is_refused() -> None:
    with pytest.raises(TrainingDataError, match="only one class"):
        cut_in_parts(np.zeros(9, int), some_hashes(9), shares=SHARES, seed=0, classes=("a",))


def test_copies_and_twins_stay_together_also_through_a_third() -> None:
    hashes = some_hashes(6) + some_hashes(1)
    groups = keep_together(hashes, [0, 7, 7, 9, 10, 9, 10])
    assert groups[0] == groups[6] == groups[4] and groups[1] == groups[2] and groups[3] == groups[5]
    assert len(set(groups.tolist())) == 3
    keys = group_keys(hashes, groups)
    assert keys[4] == keys[6] == hashes[0] and keys[2] == hashes[1]


def test_a_cut_depends_on_the_pictures_and_not_on_their_order() -> None:
    labels, hashes, twins = np.arange(40) % 2, some_hashes(40), np.arange(40) // 4 * 2 + np.arange(40) % 2

    def cut(order: np.ndarray) -> np.ndarray:
        some = [hashes[i] for i in order]
        keys = group_keys(some, keep_together(some, twins[order]))
        return cut_in_parts(labels[order], keys, shares=SHARES, seed=3, classes=("a", "b"))

    parts, order = cut(np.arange(40)), np.random.default_rng(0).permutation(40)
    assert (cut(order) == parts[order]).all()
    assert all(len(set(parts[twins == twin])) == 1 for twin in twins)


def test_twins_part_only_where_a_class_would_not_reach_every_part() -> None:
    labels, hashes = np.repeat([0, 1], [6, 6]), some_hashes(12)
    pairs = np.arange(12) // 2
    assert (keep_duplicates(labels, hashes, pairs, n_parts=3)[0] == keep_together(hashes, pairs)).all()
    one_piece = np.where(labels, 99, np.arange(12))
    groups, notes = keep_duplicates(labels, hashes, one_piece, n_parts=3)
    assert len(set(groups.tolist())) == 12 and notes == (TWINS_PARTED,)
    assert keep_duplicates(labels, hashes, (), n_parts=3)[1] == ()


def test_one_class_of_twins_does_not_part_the_twins_of_others() -> None:
    labels, hashes = np.repeat([0, 1, 2], [6, 6, 6]), some_hashes(18)
    twins = np.where(labels == 2, 99, np.arange(18) // 2)
    groups, notes = keep_duplicates(labels, hashes, twins, n_parts=3)
    assert notes == () and (groups == keep_together(hashes, twins)).all()


def test_groups_of_several_classes_are_dealt_to_each_of_them() -> None:
    """Twelve scenes, each with images of both classes: each part has both classes, and no scene is cut."""
    labels, scenes = np.arange(96) % 2, np.arange(96) // 8
    parts = cut_in_parts(labels, [b"%03d" % scene for scene in scenes], shares=SHARES, seed=0, classes=("a", "b"))
    assert all(len(set(parts[scenes == scene])) == 1 for scene in range(12))
    assert all(set(parts[labels == label]) == {0, 1, 2} for label in (0, 1))

"""Cutting labelled images: shares, every class everywhere, copies together, sentences for bad input."""

import numpy as np
import pytest

from core.engine.strategies.parts import TWINS_PARTED, choose_groups, cut_in_parts, group_keys, keep_together
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


@pytest.mark.parametrize(("n", "sentence"), [
    (0, "“rare” has no labelled image"), (1, "“rare” has only one labelled image"), (2, "has only 2 different"),
])
def test_too_few_is_said(n: int, sentence: str) -> None:
    labels = np.repeat([0, 1], [20, n])
    with pytest.raises(TrainingDataError, match=sentence):
        cut_in_parts(labels, some_hashes(20 + n), shares=SHARES, seed=0, classes=("common", "rare"))


def test_copies_do_not_count_as_different() -> None:
    hashes = some_hashes(20) + [b"x" * 32] * 5
    with pytest.raises(TrainingDataError, match="only one labelled image"):
        cut_in_parts(np.repeat([0, 1], [20, 5]), hashes, shares=SHARES, seed=0, classes=("common", "rare"))


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
    assert (choose_groups(labels, hashes, pairs, n_parts=3)[0] == keep_together(hashes, pairs)).all()
    one_piece = np.where(labels, 99, np.arange(12))
    groups, notes = choose_groups(labels, hashes, one_piece, n_parts=3)
    assert len(set(groups.tolist())) == 12 and notes == (TWINS_PARTED,)
    assert choose_groups(labels, hashes, (), n_parts=3)[1] == ()

"""Images unlike all that was learnt: the limit comes from the training images, folds do not vouch for themselves."""

from __future__ import annotations

import numpy as np
import pytest

from core.review.novelty import DEFAULT, backbone_to_compare, learn_novelty


def drawn(n: int, centre: int, seed: int) -> np.ndarray:
    """Embeddings around a class of their own."""
    vectors = np.abs(np.random.default_rng(seed).normal(0, 1, (n, 64)))
    vectors[:, centre * 8:centre * 8 + 8] += 4
    return vectors.astype(np.float32)


KNOWN = np.concatenate([drawn(300, 0, 0), drawn(300, 1, 1)])
FOLDS = np.arange(600) % 5


def test_strangers_are_far_and_one_in_a_hundred_of_the_others() -> None:
    novelty = learn_novelty(KNOWN, FOLDS)
    same = np.concatenate([drawn(500, 0, 2), drawn(500, 1, 3)])
    assert 0.001 < (novelty.distances(same) > novelty.limit).mean() < 0.03
    assert (novelty.distances(drawn(100, 5, 4)) > novelty.limit).all()
    assert novelty.distances(KNOWN[:5]).max() < novelty.limit


def test_copies_in_one_fold_do_not_narrow_the_limit() -> None:
    four_times, folds = np.repeat(KNOWN, 4, axis=0), np.repeat(FOLDS, 4)
    alone, copied = learn_novelty(KNOWN, FOLDS).limit, learn_novelty(four_times, folds).limit
    assert copied > 0.9 * alone
    assert learn_novelty(four_times, np.arange(2400) % 5).limit < 0.5 * alone, "where copies vouch for each other"


@pytest.mark.parametrize(("name", "compared"), [
    ("efficientnet-lite2", "efficientnet-lite2"), ("efficientnet-lite1 + efficientnet-lite2", "efficientnet-lite1"),
    ("branches", DEFAULT), ("", DEFAULT),
])
def test_the_backbone_of_a_run_or_the_usual_one(name: str, compared: str) -> None:
    assert backbone_to_compare(name) == compared

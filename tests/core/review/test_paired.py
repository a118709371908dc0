"""Two models on the same images: McNemar's exact test on published tables, intervals by hand and by their level."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from core.review.paired import PairedShare, mcnemar_exact, pair_classes, pair_shares


@pytest.mark.parametrize(("fixed", "broken", "p"), [
    (7, 1, 0.070),  # Fagerland, Lydersen and Laake 2013, airway hyper-responsiveness (Bentur et al. 2009)
    (16, 6, 0.053),  # the same, complete response (Cavo et al. 2012)
    (59, 121, 4.434444926375551e-06),  # the example that statsmodels tests its own with
    (0, 6, 2 / 64),
])
def test_mcnemar_agrees_with_published_examples(fixed: int, broken: int, p: float) -> None:
    assert mcnemar_exact(fixed, broken) == pytest.approx(p, rel=0.01)
    assert mcnemar_exact(broken, fixed) == mcnemar_exact(fixed, broken)


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (3, 3), (0, 1), (5, 9), (40, 60), (2_000, 2_300)])
def test_mcnemar_is_a_binomial_test(fixed: int, broken: int) -> None:
    n = fixed + broken
    assert mcnemar_exact(fixed, broken) == pytest.approx(binomtest(fixed, n).pvalue if n else 1.0, rel=1e-9)


def test_a_difference_and_its_interval_worked_out_by_hand() -> None:
    share = PairedShare(21, 1, 7, 1)
    assert (share.before, share.after) == (2 / 21, 8 / 21)
    assert share.difference == pytest.approx(6 / 21)
    # (8 − 2)/23 ± 1.96 √((10/23 − (6/23)²)/23)
    assert share.interval == pytest.approx((0.2609 - 0.2475, 0.2609 + 0.2475), abs=2e-4)


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    n, fixed, broken = 60, 0.12, 0.05
    drawn = rng.multinomial(n, [fixed, broken, 1 - fixed - broken], 2_000)
    found = [PairedShare(n, n - f - b, f, b).interval for f, b, _ in drawn.tolist()]
    assert 0.93 <= np.mean([low <= fixed - broken <= high for low, high in found]) <= 0.985


def test_images_that_are_alike_widen_the_interval() -> None:
    (low, high), (wide_low, wide_high) = (
        PairedShare(400, 300, 40, 10, effect).interval for effect in (1.0, 4.0))
    assert wide_low < low and wide_high > high


def test_without_an_image_nothing_is_claimed() -> None:
    share = pair_shares(np.empty(0, bool), np.empty(0, bool))
    assert (share.before, share.difference, share.interval, share.p_value) == (None, 0.0, (-1.0, 1.0), 1.0)


def test_each_class_is_paired_on_its_own_images() -> None:
    labels, before, after = (np.array(v, np.int64) for v in ([0, 0, 0, 1, 1], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0]))
    first, second, third = pair_classes(labels, before, after, ("a", "b", "c"))
    assert (first.recall.n_images, first.recall.n_both, first.recall.n_fixed, first.recall.n_broken) == (3, 1, 1, 0)
    assert (second.recall.before, second.recall.after) == (0.5, 0.0)
    assert first.precision == (1 / 2, 2 / 4) and first.f1[1] == pytest.approx(2 * 0.5 * (2 / 3) / (0.5 + 2 / 3))
    assert third.precision == (None, None) and third.recall.before is None

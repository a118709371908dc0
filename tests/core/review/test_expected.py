"""The expected accuracy on drawn sets whose truth is known: no shift, less sure, sure and wrong, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.review.calibrate import fit_temperature, scale_by, transport
from core.review.expected import Agreement, ExpectedAccuracy, expect_accuracy
from core.review.simple_models import measure_agreement

N_CLASSES = 3
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def answers(n: int, sharpness: float, *, seed: int, shares: tuple[float, ...] = (1, 1, 1)) -> tuple[Floats, Ints]:
    """Calibrated probabilities, and labels drawn from these very probabilities; sharper ones are more often right."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, sharpness, (n, N_CLASSES)) + np.log(shares)
    p = scale_by(np.exp(logits - logits.max(axis=1, keepdims=True)), 1.0)
    return p, np.array([rng.choice(N_CLASSES, p=row) for row in p], np.int64)


def expect(here: tuple[Floats, Ints], there: Floats, agreement: Agreement | None = None) -> ExpectedAccuracy:
    found = expect_accuracy(here[0], here[1], there, agreement)
    assert found is not None
    return found


def truth(said: tuple[Floats, Ints]) -> float:
    return float((said[0].argmax(axis=1) == said[1]).mean())


@pytest.mark.parametrize("sharpness", [0.7, 1.5, 4.0])
def test_a_calibrated_model_tells_how_right_it_is_elsewhere(sharpness: float) -> None:
    here, there = answers(600, 4.0, seed=0), answers(800, sharpness, seed=1)
    found = expect(here, there[0])
    assert found.accuracy == pytest.approx(truth(there), abs=0.05)
    assert found.interval[0] <= truth(there) <= found.interval[1]
    assert found.is_lower == (sharpness < 4), "the lower figure leads, and only then"


def test_where_simpler_models_disagree_a_sure_model_is_not_believed() -> None:
    here, there = answers(600, 4.0, seed=0), answers(800, 4.0, seed=1)
    agree = Agreement(np.ones(600), np.where(np.arange(800) % 2, 1.0, 0.0))
    found = expect(here, there[0], agree)
    assert found.accuracy == found.agreement == pytest.approx(truth(here) - 0.5, abs=1e-9)
    assert found.is_lower
    asked_nowhere = Agreement(np.full(600, np.nan), np.full(800, np.nan))
    assert expect(here, there[0], asked_nowhere).accuracy == expect(here, there[0]).accuracy


def test_a_model_that_puts_all_into_one_class_is_found() -> None:
    here, there = answers(600, 3.0, seed=0), answers(600, 3.0, seed=1, shares=(30, 1, 1))
    found = expect(here, there[0])
    assert found.transported < found.difference - 0.1


def test_the_interval_is_wider_for_fewer_images_and_these_do_not_lead() -> None:
    here = answers(600, 4.0, seed=0)
    many, few = (expect(here, answers(n, 0.5, seed=1)[0]) for n in (800, 12))
    assert few.interval[1] - few.interval[0] > many.interval[1] - many.interval[0]
    assert many.is_lower and not few.is_lower and few.is_few


def test_a_model_without_a_mistake_and_with_a_class_missing() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 100)  # nobody has the third class
    here = np.full((100, N_CLASSES), 0.01)
    here[np.arange(100), labels] = 0.98
    found = expect((here, labels), here)
    assert found.judged_accuracy == 1 and found.accuracy > 0.97 and found.interval[1] == 1
    assert 0.25 <= found.temperature < 1
    unsure = np.full((100, N_CLASSES), 1 / 3)
    assert expect((here, labels), unsure).accuracy < 0.6


def test_labels_that_the_model_does_not_know_count_as_mistakes() -> None:
    here, labels = answers(200, 4.0, seed=0)
    unknown = np.where(np.arange(200) < 50, -1, labels)
    assert expect((here, unknown), here).judged_accuracy <= 0.75


def test_too_little_gives_nothing() -> None:
    here, labels = answers(19, 4.0, seed=0)
    assert expect_accuracy(here, labels, here) is None
    assert expect_accuracy(*answers(20, 4.0, seed=0), np.zeros((0, N_CLASSES))) is None


def test_a_temperature_undoes_what_made_a_model_too_sure() -> None:
    p, labels = answers(3000, 1.5, seed=0)
    assert fit_temperature(scale_by(p, 0.5), labels) == pytest.approx(2, rel=0.1)
    assert fit_temperature(p, np.full(3000, -1)) == 1


def test_transport_gives_each_class_its_share() -> None:
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    assert transport(p, np.array([0.5, 0.5])).mean() == pytest.approx((0.9 + 0.8 + 0.3 + 0.4) / 4, abs=0.03)
    assert transport(p, np.array([1.0, 0.0])).mean() == pytest.approx(p[:, 0].mean(), abs=1e-6)


def test_simple_models_learn_classes_out_of_fold() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    vectors = (np.eye(3)[labels] + rng.normal(0, 0.05, (90, 3))).astype(np.float32)
    others = np.vstack([vectors[:30], np.full((1, 3), np.nan)]).astype(np.float32)
    found = measure_agreement(vectors, labels, np.arange(90) % 5, others, predicted=labels,
                              predicted_others=np.append(labels[:30], 0))
    assert np.all(found.here == 1) and np.all(found.there[:30] == 1) and np.isnan(found.there[30])
    wrong = measure_agreement(vectors, labels, np.arange(90) % 5, others, predicted=(labels + 1) % 3,
                              predicted_others=np.append(labels[:30], 0))
    assert np.all(wrong.here == 0)


def test_no_image_vouches_for_itself() -> None:
    vectors, labels = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32), np.arange(200) % 2
    found = measure_agreement(vectors, labels, np.arange(200) // 40, vectors[:20], predicted=labels,
                              predicted_others=labels[:20])
    assert 0.3 < np.nanmean(found.here) < 0.7

"""The expected accuracy on drawn sets whose truth is known: no shift, less sure, sure and wrong, and at the edges."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.review.calibrate import fit_temperature, scale_by, transport
from core.review.expected import ExpectedAccuracy, expect_accuracy
from core.review.simple_models import SecondOpinion, ask_simple_models

N_CLASSES = 3
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def answers(n: int, sharpness: float, *, seed: int, shares: tuple[float, ...] = (1, 1, 1)) -> tuple[Floats, Ints]:
    """Calibrated probabilities, and labels drawn from these very probabilities; sharper ones are more often right."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, sharpness, (n, N_CLASSES)) + np.log(shares)
    p = scale_by(np.exp(logits - logits.max(axis=1, keepdims=True)), 1.0)
    return p, np.array([rng.choice(N_CLASSES, p=row) for row in p], np.int64)


def expect(here: tuple[Floats, Ints], there: Floats, second: SecondOpinion | None = None) -> ExpectedAccuracy:
    found = expect_accuracy(here[0], here[1], there, second)
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


def opinion(here: Floats, there: Floats, *, distance: float, **changes: Any) -> SecondOpinion:
    """Simple models that say what the model says, but for the changes."""
    same = SecondOpinion(here, there, here.max(axis=1), there.max(axis=1), distance=distance, moved=0.0)
    return replace(same, **changes)


def test_where_simple_models_disagree_a_sure_model_is_not_believed() -> None:
    here, there = answers(600, 4.0, seed=0), answers(800, 4.0, seed=1)
    others = np.where((np.arange(800) % 2 == 0)[:, None], there[0], np.roll(there[0], 1, axis=1))
    second = opinion(here[0], there[0], distance=1.0, ridge_there=others)
    found = expect(here, there[0], second)
    assert found.accuracy == found.agreement == pytest.approx(truth(here) - 0.5, abs=1e-9)
    assert found.is_lower
    near = expect(here, there[0], replace(second, distance=0.0))
    assert found.accuracy < near.accuracy == (near.difference + (near.second or 0)) / 2


def test_series_that_stand_in_several_folds_lower_the_estimate_by_the_number_of_groups() -> None:
    here, there = answers(600, 4.0, seed=0), answers(800, 4.0, seed=1)
    plain = expect(here, there[0], opinion(here[0], there[0], distance=3.0))
    few, many = (expect(here, there[0], opinion(here[0], there[0], distance=3.0, grouped=-0.4, n_groups=n))
                 for n in (10, 100))
    assert plain.grouped is None and few.grouped == pytest.approx(truth(here) - 0.4)
    assert plain.accuracy - 0.1 > few.accuracy > many.accuracy > few.grouped


def test_other_shares_of_the_classes_alone_lower_nothing() -> None:
    here, there = answers(600, 3.0, seed=0), answers(600, 3.0, seed=1, shares=(30, 1, 1))
    among, away = (expect(here, there[0], opinion(here[0], there[0], distance=d)) for d in (0.0, 1.0))
    assert among.accuracy == pytest.approx(truth(there), abs=0.05) and not among.is_lower
    assert away.accuracy < among.accuracy - 0.05


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


def ask(known: Floats, labels: Ints, others: Floats, *, folds: Ints | None = None, said: Ints | None = None,
        said_there: Ints | None = None) -> SecondOpinion:
    found = ask_simple_models(
        known.astype(np.float32), labels, np.arange(len(labels)) % 5 if folds is None else folds,
        others.astype(np.float32), predicted=labels if said is None else said,
        predicted_others=np.zeros(len(others), np.int64) if said_there is None else said_there, n_classes=3)
    assert found is not None
    return found


def clouds(n: int, spread: float, *, seed: int = 0) -> tuple[Floats, Ints]:
    """Three classes about the axes of a space of 12 dimensions."""
    labels = np.arange(n) % 3
    return 2 * np.eye(12)[labels] + np.random.default_rng(seed).normal(0, spread, (n, 12)), labels


def test_simple_models_learn_classes_and_know_their_own() -> None:
    known, labels = clouds(90, 0.1)
    others = np.vstack([known[:30], np.full((1, 12), np.nan)])
    found = ask(known, labels, others, said_there=np.append(labels[:30], 0))
    assert np.all(found.ridge_here.argmax(axis=1) == labels) and np.all(found.near_here > 0.99)
    assert np.all(found.near_there[:30] > 0.99) and np.isnan(found.near_there[30])
    assert np.isnan(found.ridge_there[30]).all() and found.distance < 0.1 and found.grouped is None
    wrong = ask(known, labels, others, said=(labels + 1) % 3)
    assert np.all(wrong.near_here < 0.01)


def test_no_image_vouches_for_itself() -> None:
    rng = np.random.default_rng(0)
    known, labels = rng.normal(size=(200, 8)), rng.integers(0, 2, 200)
    found = ask(known, labels, known[:20], folds=np.arange(200) // 40)
    assert 0.3 < (found.ridge_here.argmax(axis=1) == labels).mean() < 0.7 and 0.3 < np.mean(found.near_here) < 0.7


def test_images_elsewhere_are_far_and_labelled_ones_that_are_moved_there_are_missed() -> None:
    known, labels = clouds(150, 0.1)
    others, truths = clouds(150, 0.1, seed=1)
    assert abs(ask(known, labels, others, said_there=truths).distance) < 0.5
    away = ask(known, labels, others + 3 * np.eye(12)[7], said_there=truths)
    assert away.distance > 1
    into_one = ask(known, labels, others + 3 * np.eye(12)[1], said_there=np.ones(150, np.int64))
    assert into_one.moved < -0.3


def test_series_over_several_folds_are_held_back_together() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 5)
    originals = 0.5 * np.eye(40)[labels] + rng.normal(0, 1, (15, 40))
    known = np.repeat(originals, 12, axis=0) + rng.normal(0, 0.05, (180, 40))
    found = ask(known, np.repeat(labels, 12), rng.normal(0, 1, (100, 40)))
    assert found.n_groups == 15 and found.grouped is not None and found.grouped < -0.3
    assert np.all(found.ridge_here.argmax(axis=1) == np.repeat(labels, 12)), "the folds alone see nothing of it"

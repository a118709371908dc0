"""Calibration: temperatures fitted on other folds, the error and its bins, and what chance does to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.review.calibrate import Temperatures, fit_in_folds, join_folds, scale_by, scale_folds, scale_rows
from core.review.reliability import (
    describe_calibration, error_by_chance, find_example, measure_calibration, measure_reliability, read_calibration,
)
from core.text import text


def drawn(n: int = 4000, n_classes: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are exactly right, and labels drawn by them."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet((0.6,) * n_classes, n).astype(np.float32)
    return p, (rng.random(n)[:, None] > p.cumsum(axis=1)).sum(axis=1).clip(0, n_classes - 1)


def test_a_model_that_is_too_sure_is_brought_back() -> None:
    p, labels = drawn()
    folds = np.arange(len(labels)) % 5
    too_sure = scale_rows(p, 0.5)
    found = fit_in_folds(too_sure, labels, folds)
    assert found.final == pytest.approx(2, rel=0.1) and np.allclose(found.folds, 2, rtol=0.15)
    measured = measure_calibration(too_sure, labels, folds, found)
    assert measured.before.error > 0.1 and measured.after.error < 1.5 * measured.by_chance < 0.04
    assert measured.n_images == 4000


def test_the_labels_of_a_fold_have_no_part_in_its_temperature() -> None:
    p, labels = drawn(200)
    folds = np.arange(200) % 4
    other = np.where(folds == 2, (labels + 1) % 3, labels)
    one, two = fit_in_folds(p, labels, folds), fit_in_folds(p, other, folds)
    assert one.folds[2] == two.folds[2] and one.folds[0] != two.folds[0] and one.final != two.final


def test_few_labels_move_a_temperature_little_and_fewer_not_at_all() -> None:
    p, labels = drawn(40)
    sure_and_right = np.where(np.arange(3) == labels[:, None], 0.9, 0.05).astype(np.float32)
    folds = np.arange(40) % 4
    assert 0.8 < fit_in_folds(sure_and_right, labels, folds).final < 1
    assert fit_in_folds(sure_and_right[:19], labels[:19], folds[:19]).final == 1


def test_scaling_keeps_the_decision_and_folds_apart() -> None:
    p, _ = drawn(300)
    folds = np.arange(300) % 3 - 1
    scaled = scale_folds(p, folds, (0.7, 1.9))
    assert (scaled.argmax(axis=1) == p.argmax(axis=1)).all() and scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled[folds == -1], p[folds == -1])
    np.testing.assert_allclose(scaled[folds == 1], scale_by(p[folds == 1], 1.9), atol=1e-6)
    np.testing.assert_allclose(scale_folds(scaled, folds, (1 / 0.7, 1 / 1.9)), p, atol=1e-4)
    assert scale_rows(p, 1.0) is p


def test_folds_that_were_judged_by_different_models() -> None:
    models = [Temperatures(2.0, (1.0, 1.1)), Temperatures(3.0, (1.2, 1.3))]
    assert join_folds(models[1], models) == Temperatures(3.0, (1.0, 1.3))


def test_the_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidences = np.repeat([0.6, 0.9], [160, 140])
    is_right = np.concatenate([np.arange(160) % 2 == 0, np.ones(140, bool)])
    found = measure_reliability(confidences, is_right)
    assert found.error == pytest.approx(0.1) and len(found.bins) == 15 and {b.n for b in found.bins} == {20}
    assert found.bins[0].confidence == pytest.approx(0.6) and found.bins[-1].accuracy == 1
    low, high = found.bins[0].interval
    assert 0 < low < found.bins[0].accuracy < high < 1
    assert measure_reliability(np.zeros(0), np.zeros(0, bool)).error == 0


def test_chance_alone_makes_an_error_that_shrinks_with_the_images() -> None:
    few, many = (error_by_chance(np.full(n, 0.8)) for n in (300, 30_000))
    assert 0.05 < few < 0.1 and many < 0.01 and error_by_chance(np.zeros(0)) == 0


def test_the_example_has_enough_images() -> None:
    confidences = np.concatenate([np.full(29, 0.9), np.full(40, 0.8)])
    assert find_example(confidences, np.arange(69) < 49) == (0.8, 40, 20)
    assert find_example(confidences[:29], np.ones(29, bool)) == (0.0, 0, 0)


def test_it_is_kept_and_said() -> None:
    p, labels = drawn()
    folds = np.arange(len(labels)) % 5
    found = measure_calibration(p, labels, folds, fit_in_folds(p, labels, folds))
    assert read_calibration({"calibration": found.to_json()}) == found
    assert read_calibration({}) is None and read_calibration({"calibration": {"temperature": "x"}}) is None
    example, error = describe_calibration(found)
    assert example.startswith(f"Calibration: of {found.n_about} images predicted with a confidence of about 90 %, ")
    grown = replace(found, after=replace(found.after, error=found.before.error + 0.01))
    said = text("review.calibration.grew")
    assert said in describe_calibration(grown)[-1] and said not in error
    assert f"{found.after.error:.3f} on 4,000 images" in error

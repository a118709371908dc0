"""The linear head: the optimum of scikit-learn, exact in the span of the images, honest out of fold."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from core.training import logistic
from core.training.class_weights import class_weights, do_weights_help
from core.review.calibrate import scale_rows
from core.training.logistic import fit_transfer
from core.training.solver import Axes, find_axes, solve
from core.jobs import JobCancelled, JobContext
from core.training.folds import assign_folds
from core.runs.head import softmax
from tests.conftest import RecordingContext


def draw(
    n_images: int, n_features: int, n_classes: int, *, distance: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings like a network's (not negative, correlated), and labels; `distance` parts the classes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n_images) % n_classes
    centres = rng.normal(size=(n_classes, 20)) * distance
    hidden = centres[labels] + rng.normal(size=(n_images, 20))
    features = hidden @ rng.normal(size=(20, n_features)) + rng.normal(size=(n_images, n_features))
    return np.maximum(features, 0).astype(np.float32), labels


def solved(features: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Probabilities of a model that learnt from all images with strength 0.1."""
    axes = find_axes(features)
    counts = np.ones(len(labels)) if weights is None else weights
    heads = solve(axes, labels, counts[None].astype(np.float32), np.array([0.1]), n_classes=int(labels.max()) + 1,
                  check=lambda: None, tolerance=1e-5, flat=1e-10)
    return heads.probabilities(axes.coordinates, 0)


def folds_of(labels: np.ndarray, n_folds: int = 5) -> np.ndarray:
    return assign_folds(labels, np.arange(len(labels)), n_folds=n_folds, seed=0)


@pytest.mark.parametrize("n_classes", [3, 7])
def test_finds_the_optimum_of_scikit_learn(n_classes: int) -> None:
    features, labels = draw(210, 30, n_classes, distance=0.6)
    features = StandardScaler().fit_transform(features).astype(np.float32)
    theirs = LogisticRegression(C=0.1, tol=1e-6, max_iter=2000).fit(features, labels)
    np.testing.assert_allclose(solved(features, labels), theirs.predict_proba(features), atol=2e-3)


def test_fewer_images_than_features_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels = draw(60, 200, 3, distance=0.5)
    monkeypatch.setattr(logistic, "solve", partial(solve, tolerance=1e-5, flat=1e-10))
    rotated = fit_transfer(features, labels, folds=folds_of(labels), n_classes=3, context=JobContext())
    monkeypatch.setattr(logistic, "find_axes", lambda plain: Axes(
        plain, plain.var(axis=0, dtype=np.float64), np.eye(plain.shape[1], dtype=np.float32)))
    plain = fit_transfer(features, labels, folds=folds_of(labels), n_classes=3, context=JobContext())
    assert rotated.strength == plain.strength
    np.testing.assert_allclose(rotated.probabilities, plain.probabilities, atol=2e-3)
    np.testing.assert_allclose(rotated.head.probabilities(features), plain.head.probabilities(features), atol=2e-3)


def test_tells_classes_apart_and_says_so() -> None:
    features, labels = draw(300, 64, 4, distance=2.0)
    fit = fit_transfer(features, labels, folds=folds_of(labels), n_classes=4, context=JobContext())
    assert (fit.probabilities.argmax(axis=1) == labels).mean() > 0.97
    assert (fit.head.probabilities(features).argmax(axis=1) == labels).mean() > 0.99
    np.testing.assert_allclose(fit.probabilities.sum(axis=1), 1, atol=1e-5)
    assert fit.probabilities.dtype == np.float32 and fit.head.kernel.shape == (64, 4)


def test_no_image_helps_to_judge_itself() -> None:
    features, labels = draw(120, 400, 2, distance=0.0)
    fit = fit_transfer(features, labels, folds=folds_of(labels), n_classes=2, context=JobContext())
    assert (fit.head.probabilities(features).argmax(axis=1) == labels).mean() > 0.8
    assert 0.3 < (fit.probabilities.argmax(axis=1) == labels).mean() < 0.7


def test_a_label_never_touches_the_model_of_its_own_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "STRENGTHS", (0.01,))
    monkeypatch.setattr(logistic, "fit_of_run", lambda *_: 1.0)  # as the strength, fitted on what the others say
    features, labels = draw(80, 40, 2, distance=0.5)
    folds = folds_of(labels)
    swapped = np.where(folds == 0, 1 - labels, labels)
    before = fit_transfer(features, labels, folds=folds, n_classes=2, context=JobContext())
    after = fit_transfer(features, swapped, folds=folds, n_classes=2, context=JobContext())
    np.testing.assert_allclose(before.probabilities[folds == 0], after.probabilities[folds == 0], atol=1e-5)
    assert np.abs(before.probabilities - after.probabilities)[folds == 1].max() > 0.01


def test_the_head_and_all_probabilities_are_calibrated(monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels = draw(80, 40, 3, distance=0.5)
    fits = []
    for temperature in (1.0, 2.0):
        monkeypatch.setattr(logistic, "fit_of_run", lambda *_, t=temperature: t)
        fits.append(fit_transfer(features, labels, folds=folds_of(labels), n_classes=3, context=JobContext()))
    plain, scaled = fits
    assert scaled.temperatures.final == 2 and set(scaled.temperatures.folds) == {2.0}
    np.testing.assert_allclose(scaled.probabilities, scale_rows(plain.probabilities, 2.0), atol=1e-5)
    np.testing.assert_allclose(
        scaled.head.probabilities(features), scale_rows(plain.head.probabilities(features), 2.0), atol=1e-5)


def test_no_fold_takes_part_in_choosing_its_own_strength() -> None:
    """Whatever its labels, a fold is judged with the strength that is best on the other folds."""
    features, labels = draw(80, 40, 2, distance=0.25, seed=4)
    folds = folds_of(labels)
    fit = fit_transfer(features, labels, folds=folds, n_classes=2, context=JobContext())
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    task = logistic._Task(find_axes(scaled), labels, folds, 2, JobContext(), (False,))
    losses = np.array([one.losses[0] for one in logistic._search(task)])
    assert fit.fold_strengths != tuple(logistic.STRENGTHS[i] for i in losses.argmin(axis=0)), "too easy a draw"
    for k, strength in enumerate(fit.fold_strengths):
        others = np.delete(losses, k, axis=1).sum(axis=1)
        assert strength == logistic.STRENGTHS[int(others.argmin())]


def test_flat_and_copied_features_are_harmless() -> None:
    features, labels = draw(100, 50, 2, distance=1.5)
    features[:, 0], features[:, 1] = 0, features[:, 2]
    features[5:10] = features[0]
    fit = fit_transfer(features, labels, folds=folds_of(labels), n_classes=2, context=JobContext())
    assert np.isfinite(fit.head.kernel).all() and np.isfinite(fit.probabilities).all()


def test_a_class_absent_from_a_training_part_gets_little_probability() -> None:
    features, labels = draw(90, 30, 3, distance=1.0)
    folds = np.where(labels == 2, 0, np.arange(90) % 3)
    fit = fit_transfer(features, labels, folds=folds, n_classes=3, context=JobContext())
    assert fit.probabilities.shape == (90, 3)
    assert fit.probabilities[folds == 0, 2].max() < 0.5


def test_same_input_same_result() -> None:
    features, labels = draw(100, 150, 3, distance=0.5)
    folds = folds_of(labels)
    one, two = (fit_transfer(features, labels, folds=folds, n_classes=3, context=JobContext()) for _ in range(2))
    np.testing.assert_array_equal(one.probabilities, two.probabilities)
    np.testing.assert_array_equal(one.head.kernel, two.head.kernel)


def test_progress_ends_complete_and_inputs_stay(recording_context: RecordingContext) -> None:
    features, labels = draw(60, 20, 2, distance=0.5)
    before = features.copy(), labels.copy()
    fit_transfer(features, labels, folds=folds_of(labels), n_classes=2, context=recording_context)
    assert recording_context.last.done == recording_context.last.total > 0
    np.testing.assert_array_equal(features, before[0])
    np.testing.assert_array_equal(labels, before[1])


@pytest.mark.parametrize("n_checks", [0, 1, 7, 15])
def test_cancels_at_the_next_step(n_checks: int) -> None:
    features, labels = draw(60, 20, 2, distance=0.5)
    context = RecordingContext(cancel_after=n_checks)
    with pytest.raises(JobCancelled):
        fit_transfer(features, labels, folds=folds_of(labels), n_classes=2, context=context)
    assert context.n_checks == n_checks + 1


def draw_unequal(n_many: int, n_few: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    features, labels = draw(2 * n_many, 30, 2, distance=0.25, seed=seed)
    rows = np.sort(np.concatenate([np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[:n_few]]))
    return features[rows], labels[rows]


def test_weighted_it_finds_the_optimum_of_scikit_learn() -> None:
    features, labels = draw(240, 30, 3, distance=0.6)
    rows = np.flatnonzero((labels < 2) | (np.arange(240) < 40))
    features, labels = StandardScaler().fit_transform(features[rows]).astype(np.float32), labels[rows]
    weights = class_weights(labels, 3)[labels]
    theirs = LogisticRegression(C=0.1, tol=1e-6, max_iter=2000, class_weight="balanced").fit(features, labels)
    np.testing.assert_allclose(solved(features, labels, weights), theirs.predict_proba(features), atol=2e-3)


def test_no_fold_takes_part_in_choosing_its_own_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its labels, a fold is judged with weights or without as is better on the other folds."""
    monkeypatch.setattr(logistic, "STRENGTHS", (0.01,))
    features, labels = draw_unequal(60, 8, 1)
    folds = folds_of(labels)
    fit = fit_transfer(features, labels, folds=folds, n_classes=2, context=JobContext(), weighting="auto")
    plain, weighted = (
        fit_transfer(features, labels, folds=folds, n_classes=2, context=JobContext(), weighting=w)
        for w in ("none", "balanced"))
    helps = list[bool]()
    for k in range(5):
        others = folds != k
        helps.append(do_weights_help(labels[others], plain.probabilities[others], weighted.probabilities[others]))
        judged = weighted if helps[-1] else plain
        np.testing.assert_allclose(fit.probabilities[folds == k], judged.probabilities[folds == k], atol=1e-4)
    assert len(set(helps)) == 2, "too easy a draw"


def test_images_in_no_fold_are_learnt_and_not_judged() -> None:
    features, labels = draw(91, 30, 3, distance=1.5)
    folds = np.where(np.arange(91) == 90, -1, np.arange(91) % 5)
    fit = fit_transfer(features, labels, folds=folds, n_classes=3, context=JobContext())
    assert np.isnan(fit.probabilities[90]).all() and np.isfinite(fit.probabilities[:90]).all()
    without = fit_transfer(features[:90], labels[:90], folds=folds[:90], n_classes=3, context=JobContext())
    assert np.abs(fit.probabilities[:90] - without.probabilities).max() > 1e-6


def test_progress_is_whole_where_both_kinds_of_weights_are_tried(recording_context: RecordingContext) -> None:
    features, labels = draw_unequal(40, 8, 1)
    fit_transfer(
        features, labels, folds=folds_of(labels), n_classes=2, context=recording_context, weighting="auto")
    done = [p.done for p in recording_context.progresses]
    assert done == sorted(done) and recording_context.last.done == recording_context.last.total == 61


def test_models_that_are_fitted_together_are_those_fitted_alone() -> None:
    features, labels = draw(120, 30, 3, distance=0.6)
    axes, folds = find_axes(features - features.mean(axis=0)), folds_of(labels)
    counts = np.array([folds != k for k in range(5)], np.float32)
    strengths = np.array([1e-3, 1e-2, 1e-1, 1e-2, 1e-3])
    together = solve(axes, labels, counts, strengths, n_classes=3, check=lambda: None)
    for k in range(5):
        alone = solve(axes, labels, counts[k:k + 1], strengths[k:k + 1], n_classes=3, check=lambda: None)
        np.testing.assert_allclose(
            together.probabilities(axes.coordinates, k), alone.probabilities(axes.coordinates, 0), atol=2e-3)


def test_softmax_does_not_overflow() -> None:
    rows = softmax(np.array([[1e4, 0, -1e4], [-1e4, -1e4, -1e4]], np.float32))
    np.testing.assert_allclose(rows, [[1, 0, 0], [1 / 3] * 3], atol=1e-6)

"""Enough labels, classes that are hard to tell apart, and what training does not cover."""

from __future__ import annotations

import numpy as np

from core.checks.balance import Balance, BalanceCheck, count_labels
from core.checks.check import CatalogState
from core.checks.confused_classes import find_confused
from core.checks.coverage import find_uncovered
from core.checks.learning_curve import estimate_learning_curve
from core.jobs import JobContext

CLASSES = ("cat", "dog", "owl")


def balance(labels: np.ndarray, classes: tuple[str, ...] = CLASSES) -> Balance:
    return Balance(count_labels(labels, classes, range(len(classes))), 0, 0)


def test_small_and_empty_classes_are_named() -> None:
    found = balance(np.array([0] * 50 + [1] * 5 + [-1] * 9))
    assert [c.n_labels for c in found.classes] == [50, 5, 0] and found.ratio == 10
    assert [c.name for c in found.few] == ["owl", "dog"]
    assert str(found.sentence) == "2 classes have fewer than 20 labels: owl 0 and dog 5."
    assert balance(np.array([0] * 30), CLASSES[:2]).sentence.code == "checks.class_has_no_labels"


def test_ten_small_classes_are_named_and_the_others_counted_and_listed() -> None:
    classes = tuple(f"k{i}" for i in range(13))
    few = balance(np.repeat(np.arange(9), [50, *range(1, 9)]), classes[:9])
    assert str(few.sentence).endswith("labels: k1 1, k2 2, k3 3, k4 4, k5 5, k6 6, k7 7 and k8 8.")
    many = balance(np.repeat(np.arange(13), [50, *range(1, 13)]), classes)
    assert str(many.sentence).endswith("k10 10 and 2 more.")
    finding, = BalanceCheck().findings(many, CatalogState())
    assert "k12 12" in str(finding.details[0])
    assert next(iter(BalanceCheck().findings(few, CatalogState()))).details == ()


def test_one_label_is_no_plural() -> None:
    assert "only 1 label;" in str(balance(np.array([0] * 30 + [1]), CLASSES[:2]).sentence)


def test_a_large_class_is_said() -> None:
    found = balance(np.repeat([0, 1, 2], [300, 30, 40]))
    assert found.sentence.code == "checks.classes_unequal"
    assert (found.sentence.params["large"], found.sentence.params["times"]) == ("cat", 10)
    assert balance(np.repeat([0, 1, 2], 30)).sentence.code == "checks.classes_balanced"
    assert balance(np.array([-1, -1])).ratio == 1.0


def test_classes_taken_for_each_other_are_proposed() -> None:
    confusion = np.array([[60, 38, 2], [35, 62, 3], [1, 0, 99]])
    pair, = find_confused(confusion, CLASSES)
    assert (pair.first, pair.second, pair.n_confused, pair.n_images) == ("cat", "dog", 73, 200)
    assert find_confused(np.diag([10, 10, 10]), CLASSES) == ()


def test_errors_in_one_direction_only_are_no_reason_to_merge() -> None:
    assert find_confused(np.array([[40, 60, 0], [0, 100, 0], [0, 0, 100]]), CLASSES) == ()


def test_uncovered_test_images_are_found_however_many_they_are() -> None:
    rng = np.random.default_rng(0)
    train = np.abs(rng.normal(1, 0.3, (100, 16))).astype(np.float32)
    strange = np.abs(rng.normal(1, 0.3, (60, 16))).astype(np.float32)
    strange[:, :12] = 0.01
    test = np.concatenate([np.abs(rng.normal(1, 0.3, (40, 16))).astype(np.float32), strange])
    rows = find_uncovered(train, test, JobContext())
    assert set(range(40, 100)) <= set(rows) and len(rows) <= 64
    assert find_uncovered(train[:5], test, JobContext()) == ()


def test_the_learning_curve_rises_and_is_carried_on() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(600) % 3
    embeddings = (np.eye(3)[labels] @ rng.normal(size=(3, 40)) * 0.35 + rng.normal(size=(600, 40))).astype(np.float32)
    curve = estimate_learning_curve(embeddings, labels, n_classes=3)
    assert curve.n_labels == (75, 150, 300, 600)
    assert curve.accuracies[-1] > curve.accuracies[0]
    assert curve.expected is not None and curve.accuracies[-1] < curve.expected < 1
    assert curve.sentence.code == "checks.more_labels"


def test_nothing_is_carried_on_from_few_or_perfect_labels() -> None:
    rng = np.random.default_rng(2)
    labels = np.arange(120) % 2
    easy = (np.eye(2)[labels] * 9 + rng.normal(size=(120, 2)) * 0.1 + 1).astype(np.float32)
    assert estimate_learning_curve(easy[:50], labels[:50], n_classes=2).expected is None
    assert estimate_learning_curve(easy, labels, n_classes=2).sentence.code == "checks.more_labels_not_needed"

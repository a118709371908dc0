"""Enough labels, classes that are hard to tell apart, and what training does not cover."""

from __future__ import annotations

import numpy as np

from core.jobs import JobContext
from core.checks.balance import class_balance, estimate_learning_curve, judge_coverage, propose_merges

CLASSES = ("cat", "dog", "owl")


def test_small_and_empty_classes_are_named() -> None:
    balance = class_balance(np.array([0] * 50 + [1] * 5 + [-1] * 9), CLASSES)
    assert [c.n_labels for c in balance.counts] == [50, 5, 0]
    assert balance.counts[0].sentence == ""
    assert balance.counts[1].sentence == "dog has only 5 labels; 20 are a good start."
    assert balance.counts[2].sentence == "owl has no labels yet."
    assert balance.sentence == "2 classes have fewer than 20 labels: owl 0 and dog 5." and balance.ratio == 10


def test_all_small_classes_are_named() -> None:
    labels = np.repeat(np.arange(9), [50, *range(1, 9)])
    sentence = class_balance(labels, [f"k{i}" for i in range(9)]).sentence
    assert sentence.startswith("8 classes have fewer than 20 labels: k1 1, k2 2") and sentence.endswith("and k8 8.")


def test_one_label_is_no_plural() -> None:
    assert class_balance(np.array([0] * 30 + [1]), CLASSES[:2]).sentence == (
        "dog has only 1 label; 20 are a good start.")


def test_a_large_class_is_said() -> None:
    balance = class_balance(np.repeat([0, 1, 2], [300, 30, 40]), CLASSES)
    assert balance.sentence.startswith("cat has 10 times as many labels as dog")
    assert class_balance(np.repeat([0, 1, 2], 30), CLASSES).sentence == "Every class has enough labels to begin with."
    assert class_balance(np.array([-1, -1]), CLASSES).ratio == 1.0


def test_classes_taken_for_each_other_are_proposed() -> None:
    confusion = np.array([[60, 38, 2], [35, 62, 3], [1, 0, 99]])
    proposal, = propose_merges(confusion, CLASSES)
    assert (proposal.first, proposal.second, proposal.n_confused, proposal.n_images) == (0, 1, 73, 200)
    assert "cat and dog are hard to tell apart" in proposal.sentence
    assert propose_merges(np.diag([10, 10, 10]), CLASSES) == ()


def test_errors_in_one_direction_only_are_no_reason_to_merge() -> None:
    assert propose_merges(np.array([[40, 60, 0], [0, 100, 0], [0, 0, 100]]), CLASSES) == ()


def test_uncovered_test_images_are_found_however_many_they_are() -> None:
    rng = np.random.default_rng(0)
    train = np.abs(rng.normal(1, 0.3, (100, 16))).astype(np.float32)
    strange = np.abs(rng.normal(1, 0.3, (60, 16))).astype(np.float32)
    strange[:, :12] = 0.01
    test = np.concatenate([np.abs(rng.normal(1, 0.3, (40, 16))).astype(np.float32), strange])
    coverage = judge_coverage(train, test, JobContext())
    assert set(range(40, 100)) <= set(coverage.rows) and len(coverage.rows) <= 64
    assert "unlike all training pictures" in coverage.sentence
    assert judge_coverage(train, test[:40], JobContext()).distances.shape == (40,)
    assert judge_coverage(train[:5], test, JobContext()).rows == ()


def test_the_learning_curve_rises_and_is_carried_on() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(600) % 3
    embeddings = (np.eye(3)[labels] @ rng.normal(size=(3, 40)) * 0.35 + rng.normal(size=(600, 40))).astype(np.float32)
    curve = estimate_learning_curve(embeddings, labels, classes=CLASSES)
    assert curve.n_labels == (75, 150, 300, 600)
    assert curve.accuracies[-1] > curve.accuracies[0]
    assert curve.expected is not None and curve.accuracies[-1] < curve.expected < 1
    assert curve.sentence.startswith("With twice the labels")


def test_nothing_is_carried_on_from_few_or_perfect_labels() -> None:
    rng = np.random.default_rng(2)
    labels = np.arange(120) % 2
    easy = (np.eye(2)[labels] * 9 + rng.normal(size=(120, 2)) * 0.1 + 1).astype(np.float32)
    assert estimate_learning_curve(easy[:50], labels[:50], classes=CLASSES[:2]).expected is None
    assert "bring little" in estimate_learning_curve(easy, labels, classes=CLASSES[:2]).sentence

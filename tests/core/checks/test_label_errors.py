"""Wrong labels: planted ones come first, none is invented, and the count brackets the truth."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import TrainingDataError
from core.checks.label_errors import LabelErrorInput, find_label_errors
from core.checks.leave_one_out import leave_one_out_scores, prepare_leave_one_out, to_probabilities
from core.checks.label_error_count import confident_class, confident_counts

CLASSES = ("cat", "dog", "owl")


def clouds(n_each: int = 60, distance: float = 4.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings in three clouds, and their true labels."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), n_each)
    centres = np.repeat(np.eye(3), 5, axis=1) * distance / 4 + 1
    return (centres[labels] + rng.normal(scale=0.4, size=(len(labels), 15))).astype(np.float32), labels


def flip(labels: np.ndarray, n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(labels), n, replace=False)
    changed = labels.copy()
    changed[rows] = (labels[rows] + rng.integers(1, 3, n)) % 3
    return changed, rows


def plain_probabilities(embeddings: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """What a run would give out of fold; here the distance to the centres of the others in each class."""
    sums = np.stack([embeddings[labels == k].sum(axis=0) for k in range(3)])
    counts = np.bincount(labels, minlength=3)
    own = np.eye(3)[labels][:, :, None]
    centres = (sums[None] - own * embeddings[:, None]) / (counts[None, :, None] - own)
    logits = -((embeddings[:, None] - centres) ** 2).sum(axis=2)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("with_embeddings", [True, False])
def test_planted_errors_come_first(with_embeddings: bool) -> None:
    embeddings, truth = clouds()
    labels, flips = flip(truth, 9)
    inputs = LabelErrorInput(
        plain_probabilities(embeddings, labels), labels, CLASSES, embeddings if with_embeddings else None
    )
    found = find_label_errors(inputs)
    assert set(found.order[:9]) == set(flips)
    by_row = {s.row: s for s in found.suspects}
    assert all(by_row[r].suggested == truth[r] and by_row[r].label == labels[r] for r in flips)
    assert found.wrong.low <= 9 <= found.wrong.high
    assert "cat" in found.suspects[0].sentence or "dog" in found.suspects[0].sentence


def test_sound_labels_give_no_suspect() -> None:
    embeddings, labels = clouds()
    found = find_label_errors(LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings))
    assert found.suspects == ()
    assert found.wrong.expected < 0.5 and found.wrong.high == 3.0
    assert found.sentence.startswith("No wrong label")


def test_classes_alike_are_not_counted_as_wrong_with_embeddings() -> None:
    embeddings, labels = clouds(n_each=150, distance=1.2)
    probabilities = plain_probabilities(embeddings, labels)
    plain = find_label_errors(LabelErrorInput(probabilities, labels, CLASSES))
    both = find_label_errors(LabelErrorInput(probabilities, labels, CLASSES, embeddings))
    assert plain.wrong.expected > 20, "the draw must have classes that overlap"
    assert both.wrong.method == "planted errors"
    assert both.wrong.expected < plain.wrong.expected / 2


def test_a_few_wrong_labels_among_clear_ones_are_hardly_ever_called_perhaps_none() -> None:
    counts = []
    for seed in range(12):
        embeddings, truth = clouds(n_each=150, distance=5.0, seed=seed)
        labels, _ = flip(truth, 12, seed=seed + 100)
        probabilities = plain_probabilities(embeddings, labels)
        counts.append(find_label_errors(LabelErrorInput(probabilities, labels, CLASSES, embeddings)).wrong)
    assert all(8 <= count.expected <= 16 for count in counts)
    assert all(count.low <= 12 <= count.high for count in counts)
    assert sum(count.low >= 1 for count in counts) >= 10


def test_the_list_is_no_longer_than_twice_what_may_be_wrong() -> None:
    embeddings, labels = clouds(n_each=150, distance=1.2)
    inputs = LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings)
    found = find_label_errors(inputs)
    is_contradicted = inputs.probabilities.argmax(axis=1) != labels
    assert is_contradicted.sum() > 2 * np.ceil(found.wrong.high) + 20, "the draw must have many hard pictures"
    assert 0 < len(found.suspects) <= 2 * np.ceil(found.wrong.high)
    assert [s.row for s in found.suspects] == [r for r in found.order if r in {s.row for s in found.suspects}]


def test_colours_find_what_the_embeddings_do_not_show() -> None:
    """Classes that overlap for the network and differ in colour."""
    embeddings, truth = clouds(n_each=80, distance=1.0)
    labels, flips = flip(truth, 12)
    colours = np.full((len(truth), 6), 0.05, np.float32)
    colours[np.arange(len(truth)), 2 * truth + np.arange(len(truth)) % 2] = 0.75
    probabilities = plain_probabilities(embeddings, labels)
    with_colours = find_label_errors(LabelErrorInput(probabilities, labels, CLASSES, embeddings, colours))
    without = find_label_errors(LabelErrorInput(probabilities, labels, CLASSES, embeddings))
    n_without, n_with = (np.isin(found.order[:12], flips).sum() for found in (without, with_colours))
    assert n_without < 7 and n_with >= 10, (n_without, n_with)


def test_colours_alike_change_no_order() -> None:
    embeddings, truth = clouds()
    labels, flips = flip(truth, 9)
    colours = np.random.default_rng(3).dirichlet(np.ones(20), len(truth)).astype(np.float32)
    found = find_label_errors(
        LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings, colours)
    )
    assert set(found.order[:9]) == set(flips)


def test_same_seed_same_answer_and_inputs_untouched() -> None:
    embeddings, truth = clouds()
    labels, _ = flip(truth, 9)
    inputs = LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings)
    before = (inputs.probabilities.copy(), inputs.labels.copy(), embeddings.copy())
    first, second = find_label_errors(inputs), find_label_errors(inputs)
    assert first.wrong == second.wrong and first.suspects == second.suspects
    assert all(np.array_equal(a, b) for a, b in zip(before, (inputs.probabilities, labels, embeddings), strict=True))


def test_one_class_is_refused() -> None:
    with pytest.raises(TrainingDataError, match="Only one class"):
        find_label_errors(LabelErrorInput(np.ones((5, 2), np.float32) / 2, np.zeros(5, np.int64), ("a", "b")))


def test_a_class_without_labels_is_never_confident() -> None:
    probabilities = np.array([[0.1, 0.1, 0.8], [0.9, 0.1, 0.0], [0.2, 0.8, 0.0]], np.float32)
    labels = np.array([0, 0, 1])
    best, has_one = confident_class(probabilities, labels)
    assert list(has_one) == [False, True, True] and list(best[1:]) == [0, 1]
    assert confident_counts(probabilities, labels).sum() == 2


def test_leave_one_out_equals_leaving_one_out() -> None:
    """The closed form against really fitting without the image (same kernel features)."""
    embeddings, labels = clouds(n_each=15)
    fitted = prepare_leave_one_out(embeddings)
    scores = leave_one_out_scores(fitted, labels, 3)
    targets = np.eye(3)[labels] - 1 / 3
    for row in (0, 20, 44):
        rest = np.arange(len(labels)) != row
        features = fitted.features[rest].astype(float)
        weights = np.linalg.solve(features.T @ features + np.eye(features.shape[1]), features.T @ targets[rest])
        assert scores[row] == pytest.approx(fitted.features[row] @ weights, abs=2e-3)


def test_landmarks_agree_with_the_whole_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, labels = clouds(n_each=100)
    whole = leave_one_out_scores(prepare_leave_one_out(embeddings), labels, 3)
    monkeypatch.setattr("core.checks.leave_one_out.N_LANDMARKS", 60)
    few = leave_one_out_scores(prepare_leave_one_out(embeddings), labels, 3)
    assert (whole.argmax(axis=1) == few.argmax(axis=1)).mean() > 0.97


def test_probabilities_sum_to_one_and_keep_the_order() -> None:
    embeddings, labels = clouds()
    scores = leave_one_out_scores(prepare_leave_one_out(embeddings), labels, 3)
    probabilities = to_probabilities(scores, labels)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (probabilities.argmax(axis=1) == labels).mean() > 0.95

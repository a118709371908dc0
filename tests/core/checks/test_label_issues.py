"""Wrong labels: planted ones come first, none is invented, and the count brackets the truth."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.check import CatalogState, Finding, Level
from core.checks.label_issue_count import confident_class, confident_counts
from core.checks.label_issue_ranking import N_BINS, RankedLabels, colour_shares, rank_label_issues
from core.checks.label_issues import LabelIssue, LabelIssues, LabelIssuesCheck
from core.checks.leave_one_out import leave_one_out_scores, prepare_leave_one_out, to_probabilities
from core.errors import TrainingDataError

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


def evidence(n_labels: int, expected: float, low: float, high: float, *, n_issues: int) -> LabelIssues:
    issues = tuple(LabelIssue(i, f"{i:064x}", 1, 2, "cat", "dog", 0.9, 0.05, True) for i in range(n_issues))
    return LabelIssues(issues, expected, low, high, n_labels, 3, "leave-one-out")


def issues_finding(n_labels: int, expected: float, low: float, high: float, *, n_issues: int = 12) -> Finding:
    found = evidence(n_labels, expected, low, high, n_issues=n_issues)
    finding, = LabelIssuesCheck().findings(found, CatalogState())
    return finding


def summary(found: RankedLabels, n_labels: int) -> str:
    """Code of the sentence about how many labels are wrong."""
    wrong = found.wrong
    return evidence(n_labels, wrong.expected, wrong.low, wrong.high, n_issues=len(found.issues)).sentence.code


@pytest.mark.parametrize("with_embeddings", [True, False])
def test_planted_errors_come_first(with_embeddings: bool) -> None:
    embeddings, truth = clouds()
    labels, flips = flip(truth, 9)
    found = rank_label_issues(
        plain_probabilities(embeddings, labels), labels, embeddings=embeddings if with_embeddings else None)
    assert set(found.order[:9]) == set(flips)
    by_row = {s.row: s for s in found.issues}
    assert all(by_row[r].suggested == truth[r] and by_row[r].label == labels[r] for r in flips)
    assert found.wrong.low <= 9 <= found.wrong.high


def test_sound_labels_give_no_issue() -> None:
    embeddings, labels = clouds()
    probabilities = plain_probabilities(embeddings, labels)
    found = rank_label_issues(probabilities, labels, embeddings=embeddings)
    assert found.issues == ()
    assert found.wrong.expected < 0.5 and found.wrong.high == 3.0
    assert summary(found, len(labels)) == "checks.no_wrong_label"


def test_classes_alike_are_not_counted_as_wrong_with_embeddings() -> None:
    embeddings, labels = clouds(n_each=150, distance=1.2)
    probabilities = plain_probabilities(embeddings, labels)
    plain = rank_label_issues(probabilities, labels)
    both = rank_label_issues(probabilities, labels, embeddings=embeddings)
    assert plain.wrong.expected > 20, "the draw must have classes that overlap"
    assert both.wrong.method == "planted errors"
    assert both.wrong.expected < plain.wrong.expected / 2


def test_a_few_wrong_labels_among_clear_ones_are_hardly_ever_called_perhaps_none() -> None:
    counts = []
    for seed in range(12):
        embeddings, truth = clouds(n_each=150, distance=5.0, seed=seed)
        labels, _ = flip(truth, 12, seed=seed + 100)
        probabilities = plain_probabilities(embeddings, labels)
        counts.append(rank_label_issues(probabilities, labels, embeddings=embeddings).wrong)
    assert all(8 <= count.expected <= 16 for count in counts)
    assert all(count.low <= 12 <= count.high for count in counts)
    assert sum(count.low >= 1 for count in counts) >= 10


def test_the_list_is_no_longer_than_twice_what_may_be_wrong() -> None:
    embeddings, labels = clouds(n_each=150, distance=1.2)
    probabilities = plain_probabilities(embeddings, labels)
    found = rank_label_issues(probabilities, labels, embeddings=embeddings)
    is_contradicted = probabilities.argmax(axis=1) != labels
    assert is_contradicted.sum() > 2 * np.ceil(found.wrong.high) + 20, "the draw must have many hard pictures"
    assert 0 < len(found.issues) <= 2 * np.ceil(found.wrong.high)
    assert [s.row for s in found.issues] == [r for r in found.order if r in {s.row for s in found.issues}]


def test_colours_find_what_the_embeddings_do_not_show() -> None:
    """Classes that overlap for the network and differ in colour."""
    embeddings, truth = clouds(n_each=80, distance=1.0)
    labels, flips = flip(truth, 12)
    colours = np.full((len(truth), 6), 0.05, np.float32)
    colours[np.arange(len(truth)), 2 * truth + np.arange(len(truth)) % 2] = 0.75
    probabilities = plain_probabilities(embeddings, labels)
    with_colours = rank_label_issues(probabilities, labels, embeddings=embeddings, colours=colours)
    without = rank_label_issues(probabilities, labels, embeddings=embeddings)
    n_without, n_with = (np.isin(found.order[:12], flips).sum() for found in (without, with_colours))
    assert n_without < 7 and n_with >= 10, (n_without, n_with)


def test_colours_alike_change_no_order() -> None:
    embeddings, truth = clouds()
    labels, flips = flip(truth, 9)
    colours = np.random.default_rng(3).dirichlet(np.ones(20), len(truth)).astype(np.float32)
    found = rank_label_issues(
        plain_probabilities(embeddings, labels), labels, embeddings=embeddings, colours=colours
    )
    assert set(found.order[:9]) == set(flips)


def test_same_seed_same_answer_and_inputs_untouched() -> None:
    embeddings, truth = clouds()
    labels, _ = flip(truth, 9)
    probabilities = plain_probabilities(embeddings, labels)
    before = (probabilities.copy(), labels.copy(), embeddings.copy())
    first, second = (rank_label_issues(probabilities, labels, embeddings=embeddings) for _ in range(2))
    assert first.wrong == second.wrong and first.issues == second.issues
    assert all(np.array_equal(a, b) for a, b in zip(before, (probabilities, labels, embeddings), strict=True))


def test_one_class_is_refused() -> None:
    with pytest.raises(TrainingDataError) as error:
        rank_label_issues(np.ones((5, 2), np.float32) / 2, np.zeros(5, np.int64))
    assert error.value.message.code == "checks.only_one_class"


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


@pytest.mark.parametrize("n_labels", [20, 50, 100])
def test_doubts_are_a_note_while_perhaps_no_label_is_wrong(n_labels: int) -> None:
    assert issues_finding(n_labels, 10.0, 0.3, 15.0).level is Level.NOTE


def test_doubts_are_a_note_where_there_are_too_few_labels() -> None:
    assert issues_finding(29, 6.0, 4.0, 9.0).level is Level.NOTE
    assert issues_finding(30, 6.0, 4.0, 9.0).level is Level.SERIOUS


def test_doubts_weigh_more_the_more_labels_are_wrong() -> None:
    few, many = issues_finding(1_000, 10.0, 5.0, 15.0), issues_finding(100, 10.0, 5.0, 15.0)
    assert few.level is Level.WARNING and many.level is Level.SERIOUS
    assert issues_finding(100, 10.0, 5.0, 15.0, n_issues=1).gravity < many.gravity, "the others are settled"


def test_no_draw_without_wrong_labels_raises_an_alarm() -> None:
    """Classes that overlap, so that many pictures are contradicted."""
    n_listed = 0
    for seed in range(20):
        embeddings, labels = clouds(n_each=15, distance=1.2, seed=seed)
        probabilities = plain_probabilities(embeddings, labels)
        found = rank_label_issues(probabilities, labels, embeddings=embeddings)
        wrong, n = found.wrong, len(found.issues)
        n_listed += n
        if n:
            assert issues_finding(45, wrong.expected, wrong.low, wrong.high, n_issues=n).level is Level.NOTE
    assert n_listed > 20, "the draws must give the check something to doubt"


def test_many_wrong_labels_raise_one() -> None:
    embeddings, truth = clouds(n_each=150)
    labels, _ = flip(truth, 45)
    wrong = rank_label_issues(
        plain_probabilities(embeddings, labels), labels, embeddings=embeddings
    ).wrong
    assert issues_finding(450, wrong.expected, wrong.low, wrong.high, n_issues=45).level is Level.SERIOUS


def test_the_sentence_says_when_nothing_can_be_said() -> None:
    embeddings, labels = clouds(n_each=8, distance=1.2)
    probabilities = plain_probabilities(embeddings, labels)
    found = rank_label_issues(probabilities, labels, embeddings=embeddings)
    assert summary(found, 24) == "checks.too_few_labels_to_judge"


def test_the_sentence_says_when_perhaps_no_label_is_wrong() -> None:
    said = set()
    for seed in range(12):
        embeddings, labels = clouds(n_each=15, distance=1.2, seed=seed)
        probabilities = plain_probabilities(embeddings, labels)
        found = rank_label_issues(probabilities, labels, embeddings=embeddings)
        assert np.isclose(round(found.wrong.low), 0)
        code = summary(found, len(labels))
        assert (code == "checks.no_wrong_label") <= (not found.issues), "no sentence denies what the list shows"
        said.add(code)
    assert said == {"checks.perhaps_no_label_wrong", "checks.up_to_wrong_labels"}


def sketch(light: float, blue: float = 128, red: float = 128) -> tuple[np.ndarray, np.ndarray]:
    chroma = np.empty((1, 2, 8, 8), np.uint8)
    chroma[:, 0], chroma[:, 1] = blue, red
    return np.full((1, 48, 48), light, np.uint8), chroma


def test_shares_sum_to_one_also_for_colours_beyond_the_bins() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (5, 48, 48)).astype(np.uint8)
    chroma = rng.integers(0, 256, (5, 2, 8, 8)).astype(np.uint8)
    shares = colour_shares(grey, chroma)
    assert shares.shape == (5, N_BINS**3) and shares.dtype == np.float32
    assert shares.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert shares.min() >= 0


def test_one_colour_lies_in_its_bin() -> None:
    """White without colour: the last bin of light, the middle ones of both differences."""
    shares = colour_shares(*sketch(255))[0].reshape(N_BINS, N_BINS, N_BINS)
    assert shares[-1, 3, 3] == pytest.approx(1, abs=1e-5)


def test_a_little_more_light_moves_a_little_weight() -> None:
    dark, lighter, bright = (colour_shares(*sketch(light))[0] for light in (100, 106, 220))
    assert 0 < np.abs(dark - lighter).sum() < 0.5 < np.abs(dark - bright).sum()


def test_blue_and_red_differ() -> None:
    blue, red = colour_shares(*sketch(120, blue=180))[0], colour_shares(*sketch(120, red=180))[0]
    assert np.minimum(blue, red).sum() < 0.5


def test_where_things_lie_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    grey = np.kron(rng.integers(0, 256, (1, 8, 8)), np.ones((1, 6, 6))).astype(np.uint8)
    chroma = rng.integers(60, 200, (1, 2, 8, 8)).astype(np.uint8)
    turned = colour_shares(grey[:, ::-1, ::-1], chroma[:, :, ::-1, ::-1])
    assert turned == pytest.approx(colour_shares(grey, chroma), abs=1e-5)

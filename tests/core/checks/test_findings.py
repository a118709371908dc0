"""How serious a finding is follows what is known, not what was guessed."""

from __future__ import annotations

import numpy as np
import pytest

from core.checks.findings import Finding, Level, list_findings
from core.checks.health_result import HealthResult, Sizes, SuspectLabel, WrongLabels
from core.checks.label_errors import LabelErrorInput, find_label_errors
from tests.core.checks.test_label_errors import CLASSES, clouds, flip, plain_probabilities


def doubts(n_labels: int, expected: float, low: float, high: float, *, n_suspects: int = 12) -> Finding:
    suspects = tuple(
        SuspectLabel(i, f"{i:064x}", 1, 2, "cat", "dog", 0.9, 0.05, True, "Labelled cat, but looks like dog.")
        for i in range(n_suspects)
    )
    wrong = WrongLabels(expected, low, high, n_labels, "sentence")
    sizes = Sizes((), 1.0, 0, 0, "")
    found = list_findings(HealthResult("", "", "", 0.0, n_labels, sizes, label_errors=suspects, wrong_labels=wrong))
    return next(f for f in found if f.key == "label errors")


@pytest.mark.parametrize("n_labels", [20, 50, 100])
def test_doubts_are_a_note_while_perhaps_no_label_is_wrong(n_labels: int) -> None:
    assert doubts(n_labels, 10.0, 0.3, 15.0).level is Level.NOTE


def test_doubts_are_a_note_where_there_are_too_few_labels() -> None:
    assert doubts(29, 6.0, 4.0, 9.0).level is Level.NOTE
    assert doubts(30, 6.0, 4.0, 9.0).level is Level.SERIOUS


def test_doubts_weigh_more_the_more_labels_are_wrong() -> None:
    few, many = doubts(1_000, 10.0, 5.0, 15.0), doubts(100, 10.0, 5.0, 15.0)
    assert few.level is Level.WARNING and many.level is Level.SERIOUS
    assert doubts(100, 10.0, 5.0, 15.0, n_suspects=1).gravity < many.gravity, "the others are settled"


def test_no_draw_without_wrong_labels_raises_an_alarm() -> None:
    """Classes that overlap, so that many pictures are contradicted."""
    n_listed = 0
    for seed in range(20):
        embeddings, labels = clouds(n_each=15, distance=1.2, seed=seed)
        inputs = LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings)
        found = find_label_errors(inputs)
        wrong, n = found.wrong, len(found.suspects)
        n_listed += n
        if n:
            assert doubts(45, wrong.expected, wrong.low, wrong.high, n_suspects=n).level is Level.NOTE
    assert n_listed > 20, "the draws must give the check something to doubt"


def test_many_wrong_labels_raise_one() -> None:
    embeddings, truth = clouds(n_each=150)
    labels, _ = flip(truth, 45)
    wrong = find_label_errors(
        LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings)
    ).wrong
    assert doubts(450, wrong.expected, wrong.low, wrong.high, n_suspects=45).level is Level.SERIOUS


def test_the_sentence_says_when_nothing_can_be_said() -> None:
    embeddings, labels = clouds(n_each=8, distance=1.2)
    found = find_label_errors(LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings))
    assert found.sentence == "24 labels are too few to tell how many of them are wrong."


def test_the_sentence_says_when_perhaps_no_label_is_wrong() -> None:
    said = set()
    for seed in range(12):
        embeddings, labels = clouds(n_each=15, distance=1.2, seed=seed)
        inputs = LabelErrorInput(plain_probabilities(embeddings, labels), labels, CLASSES, embeddings)
        found = find_label_errors(inputs)
        assert np.isclose(round(found.wrong.low), 0)
        first = found.sentence.split(" ")[0]
        assert (first == "No") <= (not found.suspects), "no sentence denies what the list below it shows"
        said.add(first)
    assert said == {"Perhaps", "Up"}

"""A recorded run in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.project.runs import RunRow
from core.review.metrics import wilson_interval
from core.text import Message, text
from core.workflow.confusion import Confusion, JudgedClass
from core.workflow.runs import describe_recorded

LOW, HIGH = wilson_interval(736, 741)
RUN = RunRow(
    "a", "transfer", "efficientnet-lite0", 0, 741, accuracy=736 / 741, low=LOW, high=HIGH, settings={"n_folds": 5},
    figures={"confusion": [[389, 2], [3, 347]], "n_validation": 741, "accuracy_kind": "cross-validation",
             "notes": ["Left out: “b”."]},
)


def test_the_words_of_an_ordinary_run() -> None:
    words = describe_recorded(RUN)
    assert words.verdict.startswith("Accuracy 99.3 % (95 % CI 98.4–99.7) – ") and words.as_trained == ""
    assert words.doubt == "" and words.n_wrong == 5
    assert words.measure == text("review.measured_by_cross_validation", n=741)
    assert words.notes == ("Left out: “b”.",)


def test_by_the_labels_of_now_the_accuracy_as_trained_is_said_too() -> None:
    now = Confusion((JudgedClass(1, "a"), JudgedClass(2, "b")), np.array([[391, 0], [3, 347]]))
    words = describe_recorded(RUN, now)
    assert words.verdict.startswith("Accuracy 99.6 %") and words.n_wrong == 3
    assert words.as_trained == text("review.as_trained", accuracy=736 / 741, low=LOW, high=HIGH)


def test_notes_are_codes_or_texts_of_an_older_version() -> None:
    run = replace(RUN, figures=dict(RUN.figures) | {"notes": ["As it was.", Message("text.runs", n=2).to_json()]})
    assert describe_recorded(run).notes == ("As it was.", "2 runs")


def test_doubt_is_said() -> None:
    run = replace(RUN, accuracy=0.9, low=0.71, high=0.98,
                  figures={"confusion": [[9, 1], [1, 9]], "n_validation": 20, "accuracy_kind": "held back"})
    words = describe_recorded(run)
    assert "between 71.0 % and 98.0 %" in words.doubt
    assert words.measure == text("review.measured_on_held_out", n=20)


def test_a_run_that_was_not_measured() -> None:
    words = describe_recorded(replace(RUN, accuracy=None, low=None, high=None, figures={}))
    assert words.verdict == text("review.no_accuracy") and words.measure == "" and words.n_wrong == 0
    unknown = replace(RUN, figures=dict(RUN.figures) | {"accuracy_kind": "a coin"})
    assert describe_recorded(unknown).measure == text("review.measured_otherwise", n=741, kind="a coin")


def test_why_a_training_by_epochs_ended() -> None:
    history = [{"epoch": n, "n_epochs": 40} for n in range(1, 24)]
    figures = dict(RUN.figures) | {"history": history, "stop_reason": "no improvement", "best_epoch": 11}
    words = describe_recorded(replace(RUN, figures=figures))
    assert words.end == (
        "Early stopping after 23 of 40 epochs: the validation loss no longer improved. Epoch 11 was kept.")
    assert describe_recorded(RUN).end == ""
    assert describe_recorded(replace(RUN, figures=figures | {"stop_reason": "a flood"})).end == ""

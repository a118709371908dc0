"""A recorded run in plain words."""

from __future__ import annotations

from dataclasses import replace

from core.project.runs import RunRow
from core.review.metrics import wilson_interval
from core.workflow.run_words import describe_recorded

LOW, HIGH = wilson_interval(736, 741)
RUN = RunRow(
    "a", "transfer", "efficientnet-lite0", 0, 741, accuracy=736 / 741, low=LOW, high=HIGH, settings={"n_folds": 5},
    figures={"confusion": [[389, 2], [3, 347]], "n_validation": 741, "accuracy_kind": "cross-validation",
             "notes": ["Left out: “b”."]},
)


def test_the_words_of_an_ordinary_run() -> None:
    words = describe_recorded(RUN)
    assert words.verdict == "Right for 99.3 of 100 new pictures (98.4–99.7); 5 of 741 wrong"
    assert words.doubt == "" and (words.n_judged, words.n_wrong) == (741, 5)
    assert words.measure == "Each picture was judged by a model that had not learnt from it (741 pictures)."
    assert words.notes == ("Left out: “b”.",)


def test_doubt_is_said() -> None:
    run = replace(RUN, accuracy=0.9, low=0.71, high=0.98,
                  figures={"confusion": [[9, 1], [1, 9]], "n_validation": 20, "accuracy_kind": "held back"})
    words = describe_recorded(run)
    assert "between 71.0 % and 98.0 %" in words.doubt
    assert words.measure == (
        "Judged on 20 pictures that were held back: neither learnt from nor used to decide when to stop.")


def test_a_run_that_was_not_measured() -> None:
    words = describe_recorded(replace(RUN, accuracy=None, low=None, high=None, figures={}))
    assert words.verdict.startswith("Not measured") and words.measure == "" and words.n_wrong == 0
    unknown = replace(RUN, figures=dict(RUN.figures) | {"accuracy_kind": "a coin"})
    assert describe_recorded(unknown).measure == "Judged by a coin (741 pictures)."


def test_why_a_training_by_epochs_ended() -> None:
    history = [{"epoch": n, "n_epochs": 40} for n in range(1, 24)]
    figures = dict(RUN.figures) | {"history": history, "stop_reason": "no improvement", "best_epoch": 11}
    words = describe_recorded(replace(RUN, figures=figures))
    assert words.end == (
        "Ended after 23 of at most 40 epochs: nothing improved any more. Kept is what epoch 11 had learnt.")
    assert describe_recorded(RUN).end == ""
    assert describe_recorded(replace(RUN, figures=figures | {"stop_reason": "a flood"})).end == ""

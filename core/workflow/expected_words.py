"""The expected accuracy on images without labels in words and as JSON values: command line, window and report."""

from __future__ import annotations

from typing import Any

from core.project.project import Project
from core.project.rows import image_rows, path_names
from core.review.verdict import shown_share
from core.runs.record import CROSS_VALIDATION, HELD_OUT, UNTRAINED
from core.text import Message, text
from core.workflow.expecting import Expected

_MEASURED = {CROSS_VALIDATION: Message("review.cross_validation"), HELD_OUT: Message("review.held_out_set"),
             UNTRAINED: Message("review.labelled_images")}


def expected_as_json(project: Project, expected: Expected | None) -> dict[str, Any] | None:
    """The expected accuracy as JSON values.

    Returns:
        What `ExpectedAccuracy.to_json` gives, and `split, n_not_predicted, sentence, looks` (see `LOOKS`) and
        `images_to_label` (paths), the last two only where the figure leads.
    """
    if expected is None:
        return None
    to_label = path_names(image_rows(project, expected.to_label)) if expected.is_lower else ()
    return expected.estimate.to_json() | {
        "split": expected.split, "n_not_predicted": expected.n_unpredicted, "sentence": describe_expected(expected),
        "looks": list(expected.looks), "images_to_label": list(to_label),
    }


def describe_expected(expected: Expected) -> str:
    """“Cross-validation 96.9 %, but on your 2,485 test images expect about 66 % (60–71): …”, or the figure alone."""
    it, n_left = expected.estimate, expected.n_unpredicted
    low, high = map(shown_share, it.interval)
    figures = {"n": it.n_images, "expected": shown_share(it.accuracy), "low": low, "high": high}
    beside = " ".join(filter(None, (
        text("review.expected_left_out", n=n_left) if n_left else "",
        text("review.expected_drawn", n=it.n_drawn, n_right=it.n_drawn_right) if it.n_drawn else "",
    )))
    if not expected.is_lower:
        return f"{text(f'review.expected_{expected.split}', **figures)} {beside}".strip()
    measured = _MEASURED.get(expected.kind, Message("review.labelled_images"))
    return " ".join(filter(None, (
        text(f"review.expected_lower_{expected.split}", measured=measured, accuracy=shown_share(it.judged_accuracy),
             why=_say_why(expected), **figures),
        beside, text(f"review.label_some_{expected.split}", n=len(expected.to_label)) if expected.to_label else "",
    )))


def _say_why(expected: Expected) -> Message:
    """How the images look, else that the model is less sure of them or less agreed with."""
    n, looks = expected.estimate.n_images, [Message(f"review.looks.{name}") for name in expected.looks]
    if looks:
        return Message(f"review.looks_{expected.split}", n=n, looks=looks)
    return Message(f"review.less_reliable_{expected.split}", n=n)

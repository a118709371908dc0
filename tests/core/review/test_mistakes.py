"""Mistakes come worst first and say what they are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.review.mistakes import find_mistakes
from core.types import ImageRef

IMAGES = tuple(
    ImageRef(10 + i, Path("/pictures") / name, bytes([i]) * 32)
    for i, name in enumerate(["a.jpg", "niño.jpg", "c.jpg", os.fsdecode(b"\xff.jpg")])
)
PROBABILITIES = np.array([[0.9, 0.1, 0], [0.3, 0.6, 0.1], [0.0, 0.2, 0.8], [0.05, 0.05, 0.9]], np.float32)


def test_worst_first_with_everything_to_show() -> None:
    found = find_mistakes(
        PROBABILITIES, np.array([0, 0, 2, 1]), images=IMAGES, classes=("x", "y", "z"),
        readings={11: "window screen 0.41", 10: "not needed"},
    )
    assert [(m.image_id, m.name, m.label, m.prediction) for m in found] == [
        (13, "�.jpg", "y", "z"), (11, "niño.jpg", "x", "y"),
    ]
    assert [m.p_label for m in found] == pytest.approx([0.05, 0.3])
    assert [m.p_prediction for m in found] == pytest.approx([0.9, 0.6])
    assert [m.reading for m in found] == ["", "window screen 0.41"]


def test_no_mistakes() -> None:
    assert find_mistakes(PROBABILITIES, np.array([0, 1, 2, 2]), images=IMAGES, classes=("x", "y", "z")) == ()

"""A record that was damaged or edited by hand is refused with a sentence, whatever is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import RunError
from core.review.metrics import class_figures, confusion_matrix
from core.runs.predictions import RunPredictions
from core.runs.repository import read_whole, write_run
from core.runs.head import Head
from core.runs.record import RunRecord
from core.text import Message

CLASSES = ("gun", "niño")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    confusion = confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    record = RunRecord(
        run="r1", created_at="2026-11-22T10:00:00+00:00", program_version="0.1.0", strategy="transfer", backbone="b",
        seed=0, settings={"n_folds": 5}, classes=CLASSES, n_train=3, n_validation=3, accuracy=2 / 3,
        accuracy_kind="cross-validation", interval=(0.2, 0.9), log_loss=1,
        per_class=class_figures(confusion, CLASSES),
        confusion=tuple(map(tuple, confusion.tolist())), seconds=3, notes=(Message("A note."),),
        findings=({"key": "k"},),
    )
    said = RunPredictions(np.array([7, 9]), np.array([0, 1], np.uint8), np.array([[0.25, 0.75], [1, 0]], np.float32))
    head = Head(np.zeros((4, 2), np.float32), np.zeros(2, np.float32))
    write_run(tmp_path / "r1", record, head=head, snapshot=(), predictions=said)
    return tmp_path / "r1"


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_what_was_written_is_read_and_what_is_not_known_is_left_out(folder: Path) -> None:
    edit(folder, added_by_a_later_version=1)
    record, said = read_whole(folder)
    assert (record.classes, record.seconds, record.findings) == (CLASSES, 3.0, ({"key": "k"},))
    assert said.image_ids.tolist() == [7, 9]


@pytest.mark.parametrize(("name", "values"), [
    ("classes", (None, "x", -1, [], {}, ["gun"], [1, 2])), ("settings", (None, "x", -1, [])),
    ("fit", (None, "x", [])), ("environment", (None, "x", [])),
    ("n_train", (None, "x", [], -1)), ("n_validation", (None, "x", {}, -1)), ("accuracy", (None, "x", [])),
    ("interval", (None, "x", -1, [], [0.1], [0.1, "y"])), ("confusion", (None, "x", [], {}, [[1]], [[1, 2], [3]])),
    ("accuracy_kind", (None, [], {})), ("seconds", (None, "x", [])), ("per_class", (None, "x", [1], [{}])),
    ("notes", (None, -1, [1])), ("findings", (None, "x", [1])), ("seed", ("x", None)), ("strategy", (None, [])),
])
def test_a_value_that_cannot_be_is_a_damage(folder: Path, name: str, values: tuple[Any, ...]) -> None:
    whole = (folder / "run.json").read_text("utf-8")
    for value in values:
        (folder / "run.json").write_text(whole, "utf-8")
        edit(folder, **{name: value})
        with pytest.raises(RunError) as caught:
            read_whole(folder)
        assert caught.value.sentence.endswith(".") and caught.value.hint, value


def test_classes_and_predictions_must_belong_together(folder: Path) -> None:
    edit(folder, classes=["gun", "niño", "cat"], confusion=[[0] * 3] * 3)
    with pytest.raises(RunError) as caught:
        read_whole(folder)
    assert caught.value.message.code == "runs.predictions_of_other_classes"

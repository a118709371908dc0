"""Lists of runs: narrowed by words, strategy and star; sorted by any figure, unknown ones last."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InputError
from core.project.run_marks import RunMarks
from core.project.runs import RunRow
from core.workflow.run_filter import ORDERS, RunFilter, sort_rows

RUN = RunRow("2026-11-22-001-transfer", "transfer", "efficientnet-lite0", 0, 5, settings={"features": "two views"})


@pytest.mark.parametrize(("wanted", "is_taken"), [
    (RunFilter(), True), (RunFilter("LITE0 views"), True), (RunFilter("lite0 lite2"), False),
    (RunFilter("über"), True), (RunFilter(strategy="transfer"), True), (RunFilter(strategy="scratch"), False),
    (RunFilter(is_starred=True), False),
])
def test_every_word_must_occur_somewhere(wanted: RunFilter, is_taken: bool) -> None:
    assert wanted.takes(RUN, RunMarks(note="ÜBER alles")) is is_taken


def test_only_stars() -> None:
    assert RunFilter(is_starred=True).takes(RUN, RunMarks(is_starred=True))


def row(run: str, **values: Any) -> dict[str, Any]:
    return {"run": run, "created_at": run, "accuracy": None, "strategy": "s", "n_train": 1, "backbone": "b",
            "star": False, "user_note": "", "test": None, "expected": None} | values


ROWS = [row("c", accuracy=0.5, test={"accuracy": 0.9}, seconds=3), row("b", star=True, user_note="x", seconds=1.5),
        row("a", accuracy=0.7, expected={"accuracy": 0.2}, n_train=9)]


@pytest.mark.parametrize(("order", "names"), [
    ("when", "cba"), ("accuracy", "acb"), ("test", "cba"), ("expected", "acb"), ("labels", "acb"), ("star", "bca"),
    ("note", "bca"), ("run", "abc"), ("seconds", "bca"),
])
def test_the_best_comes_first_and_what_is_unknown_last(order: str, names: str) -> None:
    assert "".join(r["run"] for r in sort_rows(ROWS, order)) == names


def test_the_other_way_round_what_is_unknown_still_comes_last() -> None:
    assert [r["run"] for r in sort_rows(ROWS, "accuracy", is_reversed=True)] == ["c", "a", "b"]
    with pytest.raises(InputError) as caught:
        sort_rows(ROWS, "colour")
    assert caught.value.message.params["names"] == ORDERS

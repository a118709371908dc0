"""Which runs a list shows and in what order: by words, strategy and star; by any figure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import InputError
from core.project.run_marks import UNMARKED, RunMarks
from core.project.runs import RunRow


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What a list of runs is narrowed to.

    Attributes:
        words: Each must occur in the name, strategy, backbone, note or settings of a run; case does not count.
        strategy: The strategy; "" for any.
        is_starred: Whether only runs with a star are wanted.
    """

    words: str = ""
    strategy: str = ""
    is_starred: bool = False

    def takes(self, run: RunRow, marks: RunMarks = UNMARKED) -> bool:
        """Whether a run is wanted."""
        if self.is_starred and not marks.is_starred or self.strategy and run.strategy != self.strategy:
            return False
        settings = json.dumps(dict(run.settings), ensure_ascii=False)
        there = " ".join((run.id, run.strategy, run.backbone, marks.note, settings)).casefold()
        return all(word in there for word in self.words.casefold().split())


_Read = Callable[[Mapping[str, Any]], Any]


def _inner(outer: str, name: str) -> _Read:
    return lambda row: (row.get(outer) or {}).get(name)


_ORDERS: Mapping[str, tuple[_Read, bool]] = {
    "when": (lambda row: row["created_at"], True), "accuracy": (lambda row: row["accuracy"], True),
    "balanced": (lambda row: row.get("balanced_accuracy"), True), "test": (_inner("test", "accuracy"), True),
    "expected": (_inner("expected", "accuracy"), True), "loss": (lambda row: row.get("log_loss"), False),
    "strategy": (lambda row: row["strategy"], False), "labels": (lambda row: row["n_train"], True),
    "backbone": (lambda row: row["backbone"], False), "seconds": (lambda row: row.get("seconds"), False),
    "star": (lambda row: row["star"], True), "note": (lambda row: row["user_note"].casefold() or None, False),
    "run": (lambda row: row["run"], False),
}
"""By the name of a column: its value in a run as JSON, and whether the highest comes first."""

ORDERS = tuple(_ORDERS)


def sort_rows(rows: Sequence[Mapping[str, Any]], order: str, *, is_reversed: bool = False) -> list[Mapping[str, Any]]:
    """Runs as JSON values (see `describe_run`) by a column, the best or first one first; unknown values last.

    Args:
        order: One of `ORDERS`; runs that are equal in it stay as they were.

    Raises:
        InputError: There is no such column.
    """
    if order not in _ORDERS:
        raise InputError("runs.no_such_order", order=order, names=ORDERS)
    read, is_falling = _ORDERS[order]
    known = [row for row in rows if read(row) is not None]
    unknown = [row for row in rows if read(row) is None]
    return sorted(known, key=read, reverse=is_falling != is_reversed) + unknown

"""Which acts can be done with which runs, and the reason where one cannot."""

from __future__ import annotations

from collections.abc import Sequence

from core.project.runs import STOPPED, RunRow
from core.text import Message

FOR_ONE = ("review", "star", "note", "train_like", "repeat")
"""Acts on a single run."""

NEEDS_FILES = ("review", "train_like", "repeat", "compare")
"""Acts that read what a run left on disk."""

CHANGES = ("star", "note", "repeat", "delete")
"""Acts that write into the project."""


def why_not(act: str, runs: Sequence[RunRow], *, can_write: bool, is_training: bool) -> Message | None:
    """Why an act cannot be done with these runs; None where it can.

    Args:
        act: One of `FOR_ONE`, "compare" or "delete".
        runs: The selected ones.
        can_write: Whether the project can be changed.
        is_training: Whether a training waits or runs.
    """
    if not runs:
        return Message("window_runs.why.none")
    if act in FOR_ONE and len(runs) > 1:
        return Message("window_runs.why.one")
    if act == "compare" and len(runs) != 2:
        return Message("window_runs.why.two")
    damaged = next((run for run in runs if run.damage), None)
    if act in NEEDS_FILES and damaged is not None:
        return Message("window_runs.why.damaged", run=damaged.id)
    if act in CHANGES and not can_write:
        return Message("window.only_for_looking")
    if act == "repeat":
        return _why_not_repeated(runs[0], is_training=is_training)
    return None


def _why_not_repeated(run: RunRow, *, is_training: bool) -> Message | None:
    if is_training:
        return Message("window_runs.why.training")
    return Message("training.like.stopped", run=run.id) if run.status == STOPPED else None

"""Figures of the window with their targets, handed from the process of each part to the one table."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from time import perf_counter, thread_time

import numpy as np


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured.

    Attributes:
        what: In words.
        measured: By the clock, in `unit`.
        busy: Of it time of the processor for the window's thread alone, which does not change with what else
            the computer does; None where it was not measured.
        limit: The target, below which `measured` shall stay; None where there is none.
        unit: "ms", "s" or "MB".
    """

    what: str
    measured: float
    busy: float | None = None
    limit: float | None = None
    unit: str = "ms"

    def row(self) -> tuple[str, ...]:
        """Cells of the table: what, measured, busy, target, whether it holds."""
        busy = "" if self.busy is None else f"{self.busy:.3g} {self.unit}"
        if self.limit is None:
            return self.what, f"{self.measured:.3g} {self.unit}", busy, "", ""
        return self.what, f"{self.measured:.3g} {self.unit}", busy, f"< {self.limit:g} {self.unit}", self._verdict()

    def _verdict(self) -> str:
        assert self.limit is not None
        if self.measured < self.limit:
            return "yes"
        return "no" if self.busy is None or self.busy >= self.limit else "no; by the processor's time yes"


HEADER = ("figure", "by the clock", "window's thread", "target", "holds")


def measure_act(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock, and of this thread's processor time."""
    wall, busy = perf_counter(), thread_time()
    act()
    return (perf_counter() - wall) * 1000, (thread_time() - busy) * 1000


def percentile(what: str, times: Iterable[tuple[float, float]], percent: float, limit: float | None = None) -> Figure:
    """A figure out of many times as `measure_act` gives them."""
    wall, busy = np.percentile(np.array(list(times)), percent, axis=0).tolist()
    return Figure(what, wall, busy, limit)


def hand_over(figures: Iterable[Figure]) -> None:
    """Print figures for the process that makes the table."""
    for figure in figures:
        print(json.dumps(asdict(figure)))
    sys.stdout.flush()


def take_over(output: str) -> list[Figure]:
    """The figures that a part printed."""
    return [Figure(**json.loads(line)) for line in output.splitlines() if line.startswith("{")]

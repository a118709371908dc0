"""Whether a run looks at the border of the images of a class: heat maps of a sample, as evidence for shortcuts.

A frame, a logo in a corner, a date that a camera printed: a model that goes by such things has its evidence in the
border, which `core.heat_maps.grid` takes as an eighth of the image on each side. Of 300 photographs of flowers, guns
and telephones none had 0.6 of the evidence for its class there; of 77 with a drawn frame each had.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from core.checks.check import CheckData, Finding, share_figure
from core.heat_maps.grid import BORDER_AREA, border_share
from core.heat_maps.inputs import ExplainInput, ExplainResult
from core.jobs import JobContext
from core.review.metrics import wilson_interval
from core.tasks import run_here
from core.text import Message

MOST_IMAGES, MOST_OF_A_CLASS, FEWEST = 160, 40, 8
"""Images that are looked at, of a class at most, and at least, or nothing is said of it."""

SECONDS = 10.0
"""No image is begun after so long."""

AT_ONCE = 4
AT_BORDER = 0.6
"""An image whose evidence lies in the border by this share or more is looked at there."""

MANY = 0.5
"""From this share of such images on a class is a finding."""

GRAVITY = 0.45
KIND = "border"
STAGE = Message("jobs.looking_where")


@dataclass(frozen=True, slots=True)
class BorderLook:
    """Where a run looks in the images of one class.

    Attributes:
        class_name, run: Which class, and which run was asked.
        n_images: How many were looked at.
        image_ids: Those where it looks at the border, the most so first.
    """

    class_name: str
    run: str
    n_images: int
    image_ids: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """Of the images where it looks at the border, 0 … 1."""
        return len(self.image_ids) / self.n_images

    @property
    def interval(self) -> tuple[float, float]:
        """Of that share, 95 %."""
        return wilson_interval(len(self.image_ids), self.n_images)

    @property
    def is_finding(self) -> bool:
        return self.share >= MANY

    @property
    def sentence(self) -> Message:
        return Message("checks.border_look", share=self.share, name=self.class_name, n=self.n_images)

    def facts(self) -> dict[str, Any]:
        """As `health --json` says it."""
        return {"class": self.class_name, "run": self.run, "images": self.n_images, "at_border": len(self.image_ids),
                "share": self.share, "interval": list(self.interval), "area": BORDER_AREA, "sentence": self.sentence}


def look_at_borders(data: CheckData, context: JobContext) -> tuple[BorderLook, ...]:
    """Ask the run for heat maps of a sample of each class; classes with too few of them are left out.

    Args:
        data: With a run that has all of it; without a run nothing is asked.
        context: Progress counts images; cancels between some of them.

    Raises:
        RunError, WeightsError, EngineError: The run or its network cannot be used.
        JobCancelled: The caller asked the job to end.
    """
    run = data.job.run
    if run is None or data.job.is_quick:
        return ()
    column_of = {data.job.class_ids.index(class_id): column for column, class_id in enumerate(run.class_ids)
                 if class_id in data.job.class_ids}
    rows = _sample(data, sorted(column_of))
    found: dict[int, list[tuple[float, int]]] = {}
    started = time.monotonic()
    for first in range(0, len(rows), AT_ONCE):
        context.progress(first, len(rows), stage=STAGE)
        if time.monotonic() - started > SECONDS:
            break
        some = rows[first:first + AT_ONCE]
        asked: ExplainResult = run_here("explain", ExplainInput(
            tuple(data.job.images[row] for row in some),
            tuple((column_of[int(data.train_labels[row])],) for row in some), run.folder))
        data.skipped.extend(asked.skipped)
        for one in asked.explained:
            found.setdefault(one.maps[0].column, []).append((border_share(one.maps[0].cells), one.image.id))
    if rows:
        context.progress(len(rows), len(rows), stage=STAGE)
    names = {column: data.job.classes[label] for label, column in column_of.items()}
    return tuple(BorderLook(names[column], run.id, len(seen), _at_border(seen))
                 for column, seen in sorted(found.items()) if len(seen) >= FEWEST)


def _at_border(seen: Sequence[tuple[float, int]]) -> tuple[int, ...]:
    return tuple(image_id for share, image_id in sorted(seen, reverse=True) if share >= AT_BORDER)


def _sample(data: CheckData, labels: Sequence[int]) -> list[int]:
    """Rows of labelled images, one of each class in turn, so that time that runs out takes from all alike."""
    rng = np.random.default_rng(0)
    of_classes = [rng.permutation(np.flatnonzero(data.train_labels == label)) for label in labels]
    of_classes = sorted((rows for rows in of_classes if len(rows) >= FEWEST), key=len, reverse=True)
    of_classes = of_classes[:MOST_IMAGES // FEWEST]
    each = min(MOST_OF_A_CLASS, MOST_IMAGES // max(len(of_classes), 1))
    turns = zip_longest(*(rows[:each].tolist() for rows in of_classes))
    return [row for turn in turns for row in turn if row is not None]


def border_finding(look: BorderLook, check: str) -> Finding:
    """The model looks at the border of most images of a class."""
    low, high = look.interval
    return Finding(
        f"{KIND}:{look.class_name}", check, "shortcut", GRAVITY + 0.09 * look.share,
        Message("checks.title.border_look"), look.sentence, share_figure(look.share),
        (Message("checks.border_look_measure", share=AT_BORDER, area=BORDER_AREA, low=low, high=high, run=look.run),
         Message("checks.border_look_remedy")),
        look.image_ids, (look,),
    )

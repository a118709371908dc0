"""Heat maps of the mistakes that a report shows: where the run's final model sees the predicted class."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import AppError, ImageUnreadable
from core.heat_maps.inputs import Explained, ExplainInput, ExplainResult
from core.heat_maps.paint import paint_over, scale_of
from core.images.reading import read_rgb
from core.images.thumbnails import QUALITY
from core.jobs import JobContext
from core.review.report_images import IMAGE_SIDE_PX
from core.tasks import run_here
from core.text import text
from core.types import ImageRef

MAX_HEAT = 24
"""Images of each set that get a heat map: the first ones that are shown (about 7 kB each)."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Heat maps of some images.

    Attributes:
        jpegs: By image id; those that could not be read are missing.
        note: How they are to be read, or why there are none; "" where nothing was asked.
    """

    jpegs: dict[int, bytes] = field(default_factory=dict)
    note: str = ""


def find_heat(images: Sequence[ImageRef], columns: Sequence[int], run_folder: Path, context: JobContext) -> Heat:
    """Heat maps of the first images for the class that is predicted for each.

    Args:
        columns: That class, as a place in the record of the run.
        run_folder: Folder of a finished run; must exist.

    Raises:
        JobCancelled: The caller asked to end.
    """
    some = tuple(images[:MAX_HEAT])
    if not some:
        return Heat()
    try:
        inputs = ExplainInput(some, tuple((column,) for column in columns[:MAX_HEAT]), run_folder)
        found: ExplainResult = run_here("explain", inputs, context)
    except AppError as error:  # the weights are gone, the network is not installed …
        return Heat(note=text("report.no_heat", reason=error.sentence))
    jpegs = {one.image.id: jpeg for one in found.explained if (jpeg := _paint(one))}
    said = (text("report.heat_shown", n=len(jpegs)), text("heat.meaning"), text("heat.final_model"))
    return Heat(jpegs, " ".join(said) if jpegs else "")


def _paint(one: Explained) -> bytes:
    """A JPEG as large as the image beside it; nothing where the image went meanwhile."""
    try:
        image = read_rgb(one.image.path, one.image.content_hash, side_px=IMAGE_SIDE_PX)
    except ImageUnreadable:
        return b""
    image.thumbnail((IMAGE_SIDE_PX, IMAGE_SIDE_PX))
    cells = one.maps[0].cells
    out = io.BytesIO()
    paint_over(image, cells, scale_of([cells])).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()

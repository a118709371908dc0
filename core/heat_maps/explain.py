"""The job `explain`: heat maps of images by the final model of a run; the engine keeps what it opened."""

from __future__ import annotations

from PIL import Image

from core.errors import ImageUnreadable
from core.heat_maps.inputs import LIKELIEST, Explained, ExplainInput, ExplainResult, HeatMap
from core.heat_maps.occlusion import occlude
from core.heat_maps.opening import open_sight
from core.heat_maps.sight import Columns, Seen, Sight
from core.images.reading import read_rgb
from core.jobs import JobContext
from core.review.calibrate import scale_rows
from core.runs.repository import read_run
from core.text import Message
from core.types import ImageRef, Skipped

STAGE = Message("jobs.explaining")


def explain_images(inputs: ExplainInput, context: JobContext) -> ExplainResult:
    """Heat maps for the classes asked for, of one image after the other; each is published as it comes.

    Raises:
        JobCancelled: The caller asked the job to end.
        RunError: The run is missing or damaged, or its backbone's weights are others now.
        WeightsError: The backbone's weights cannot be had.
        EngineError: The network failed.
    """
    n = len(inputs.images)
    context.progress(0, n, stage=STAGE)
    record = read_run(inputs.run_folder)
    sight = open_sight(inputs.run_folder, record)
    explained, skipped = list[Explained](), list[Skipped]()
    for at, (image, columns) in enumerate(zip(inputs.images, inputs.columns, strict=True)):
        context.progress(at, n, stage=STAGE)
        try:
            pixels = read_rgb(image.path, image.content_hash, side_px=sight.side_px)
        except ImageUnreadable as error:
            skipped.append(Skipped(image.path, error.message))
            continue
        columns = _named(sight, pixels, columns)
        seen = _see(sight, pixels, columns, context, is_by_occlusion=inputs.is_by_occlusion)
        found = _explained(image, columns, seen, record.temperature)
        context.publish(found)
        explained.append(found)
    context.progress(n, n, stage=STAGE)
    return ExplainResult(tuple(explained), inputs.classes or record.classes, tuple(skipped))


def _named(sight: Sight, image: Image.Image, columns: Columns) -> tuple[int, ...]:
    """The classes asked for, each once, with the likeliest one by its place."""
    if LIKELIEST not in columns:
        return tuple(columns)
    seen = sight.see(image, [0])
    likeliest = int((sight.judge([image])[0] if seen is None else seen.probabilities).argmax())
    return tuple(dict.fromkeys(likeliest if column == LIKELIEST else column for column in columns))


def _see(
    sight: Sight, image: Image.Image, columns: Columns, context: JobContext, *, is_by_occlusion: bool
) -> Seen:
    """By the model's maps, or by occlusion where that is asked for or there are none."""
    seen = None if is_by_occlusion else sight.see(image, columns)
    return occlude(sight, image, columns, context) if seen is None else seen


def _explained(image: ImageRef, columns: Columns, seen: Seen, temperature: float) -> Explained:
    maps = tuple(HeatMap(column, cells / temperature) for column, cells in zip(columns, seen.heat, strict=True))
    return Explained(image, maps, scale_rows(seen.probabilities[None], temperature)[0], seen.method)

"""Images of the report as JPEGs: mistakes as cards, test predictions as a contact sheet."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.errors import ImageUnreadable
from core.images.thumbnails import make_thumbnail
from core.jobs import JobContext
from core.processors import n_processors
from core.review.report_blocks import Card, Cards, Cell, Picture, Sheet, Tile
from core.review.report_figures import Looks, named, say_share
from core.review.report_input import Mistake
from core.text import Message, text
from core.text.numbers import format_confidence, format_whole

IMAGE_SIDE_PX, TILE_SIDE_PX = 200, 96
"""Longer sides of the images of mistakes (about 6 kB each) and of a contact sheet (about 3 kB each)."""

CHUNK = 16
"""Images that are read before anybody can cancel."""


class Pictures:
    """The images of a report, read some at a time.

    Args:
        wanted: Images and the longer side that each will be shown with.
        context: Progress counts them.

    Raises:
        JobCancelled: The caller asked to end.
    """

    def __init__(self, wanted: Sequence[tuple[Mistake, int]], context: JobContext) -> None:
        self._found: dict[tuple[Path, int], bytes | str] = {}
        with ThreadPoolExecutor(n_processors(), thread_name_prefix="catalejo-report") as pool:
            for start in range(0, len(wanted), CHUNK):
                chunk = wanted[start:start + CHUNK]
                for at, (one, side_px, found) in enumerate(pool.map(_read, chunk), start + 1):
                    context.progress(at, len(wanted), stage=Message("jobs.reading_images"))
                    self._found[one.path, side_px] = found

    def show(self, one: Mistake, side_px: int, alt: str) -> Picture:
        """An image as it was judged, or why it cannot be shown."""
        found = self._found[one.path, side_px]
        if isinstance(found, bytes):
            return Picture(found, alt)
        return Picture(b"", alt, text("report.no_image", reason=found))


def _read(wanted: tuple[Mistake, int]) -> tuple[Mistake, int, bytes | str]:
    """The JPEG, or the reason why there is none."""
    one, side_px = wanted
    try:
        return one, side_px, make_thumbnail(one.path, side_px=side_px, content_hash=one.content_hash)
    except ImageUnreadable as error:
        return one, side_px, error.sentence


def cards_of(name: str, mistakes: Sequence[Mistake], look: Looks, pictures: Pictures) -> Cards:
    """Images with label, prediction and probabilities, each with its heat map where there is one."""
    return Cards(name, tuple(_card(one, look, pictures) for one in mistakes))


def _card(one: Mistake, look: Looks, pictures: Pictures) -> Card:
    alt = text("report.image_of", name=one.name, label=one.label, prediction=one.prediction)
    heat = Picture(one.heat, text("report.heat_of", name=one.name, prediction=one.prediction)) if one.heat else None
    p_label = Cell(say_share(one.p_label), is_soft=one.p_label is None)
    facts = (
        (text("report.label"), named(one.label, look)),
        (text("report.prediction"), named(one.prediction, look, small=say_share(one.confidence))),
        *(((text("report.p_label"), p_label),) if one.label != one.prediction else ()),
    )
    notes = (text("report.imagenet_reading", reading=one.reading),) if one.reading else ()
    return Card(pictures.show(one, IMAGE_SIDE_PX, alt), heat, one.name, facts, notes)


def sheets_of(found: Sequence[Mistake], look: Looks, pictures: Pictures) -> tuple[Sheet, ...]:
    """Predictions as small images, class by class in the order of the classes, the least sure first."""
    by_class: dict[str, list[Mistake]] = {name: [] for name in look}
    for one in found:
        by_class.setdefault(one.prediction, []).append(one)
    return tuple(
        Sheet(named(name, look, small=format_whole(len(some))), tuple(_tile(one, pictures) for one in some))
        for name, some in by_class.items() if some)


def _tile(one: Mistake, pictures: Pictures) -> Tile:
    is_wrong = bool(one.label) and one.label != one.prediction
    code = "report.tile_labelled" if one.label else "report.tile_of"
    alt = text(code, name=one.name, label=one.label, prediction=one.prediction)
    said = format_confidence(one.confidence)
    return Tile(pictures.show(one, TILE_SIDE_PX, alt),
                text("report.tile_wrong", p=said, label=one.label) if is_wrong else said, is_wrong)

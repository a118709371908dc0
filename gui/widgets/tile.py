"""What a view must know to show one image (`Tile`), and the source that reads it from the open project.

The views know no catalog: they ask a `TileSource` for the few images that are visible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.text import Message, text
from core.text.language import language
from core.text.numbers import format_confidence
from core.project.predictions import PredictionRow, list_predictions
from core.project.rows import ImageRow, image_rows
from core.project.tags import NONE, ImageTags, read_tags
from gui.session import Session
from gui.widgets.class_style import ClassStyle, class_styles
from gui.widgets.tag_signs import tag_words


@dataclass(frozen=True, slots=True)
class Tile:
    """One image as the views show it.

    Attributes:
        id: Row in the catalog.
        path: Absolute path where the file was last seen; it may be gone.
        content_hash: SHA-256 of the file's bytes, 32 bytes; the key of its thumbnail. Empty if never read.
        name: Display text of the file's name.
        label: Name of the class that a person gave, "" for none.
        color: Colour of that class as "#RRGGBB", "" for none.
        sign: Sign of that class beside its colour ("■", "◆" …), "" for none.
        prediction: Name of the class that the model gave, or None.
        prediction_color, prediction_sign: Of that class, "" for none.
        confidence: Of the prediction, 0 … 1, or None.
        loss: Of the label under the model, ≥ 0, or None.
        split: "train" or "test".
        width, height: Of the image in pixels, as stored; 0 if unknown.
        is_unreadable: The file cannot be decoded.
        reason: Why not; None where it can.
        doubt: Why the image is suspicious, in a few words; "" if it is not.
        excluded: Why it is excluded from training and judging; None where it takes part.
        flags, tags: What a person noted about it; see `core.project.tags`.
        note: What the list that is shown says of it, in a word or two; "" for nothing.
    """

    id: int
    path: Path
    content_hash: bytes
    name: str
    label: str = ""
    color: str = ""
    sign: str = ""
    prediction: str | None = None
    confidence: float | None = None
    loss: float | None = None
    split: str = "train"
    width: int = 0
    height: int = 0
    is_unreadable: bool = False
    reason: Message | None = None
    doubt: str = ""
    excluded: Message | None = None
    prediction_color: str = ""
    prediction_sign: str = ""
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def tag_words(self) -> str:
        """Its flags and tags; "" without any."""
        return tag_words(self.flags, self.tags)
    note: str = ""

    @property
    def excluded_words(self) -> str:
        """Why it is excluded, as a sentence; "" where it takes part."""
        return "" if self.excluded is None else text("widgets.excluded_because", reason=self.excluded)

    @property
    def differing_prediction(self) -> str:
        """The prediction where it is not the label, else ""."""
        return "" if self.prediction is None or self.prediction == self.label else self.prediction

    @property
    def confidence_text(self) -> str:
        """ "0.97", or "" where there is none."""
        return "" if self.confidence is None else _figure(self.confidence, language())


@lru_cache(maxsize=4096)
def _figure(confidence: float, _: str) -> str:
    """Kept for each language: some hundred are painted a frame."""
    return format_confidence(confidence)


TileSource = Callable[[np.ndarray], list[Tile]]
"""Where the views learn about the images in sight: from ids, (n_images,) int64, to one tile an id, in their order.

Called in the GUI thread, so it must be quick.
"""


def catalog_tiles(session: Session, ids: np.ndarray) -> list[Tile]:
    """A `TileSource` over a session; an image that has left the catalog is unreadable, with a reason."""
    if not session.is_open:
        return [_gone(int(i)) for i in ids]
    rows = {row.id: row for row in image_rows(session.project, ids)}
    said = list_predictions(session.project, session.run.id, ids) if session.run is not None else ()
    predicted, classes = {row.image_id: row for row in said}, class_styles(session.classes)
    tags = read_tags(session.project, ids)
    return [_tile(rows[i], predicted.get(i), classes, tags.get(i, NONE)) if i in rows else _gone(i)
            for i in map(int, ids)]


def _tile(row: ImageRow, said: PredictionRow | None, classes: dict[int, ClassStyle], tags: ImageTags) -> Tile:
    label = classes.get(row.class_id or 0, ClassStyle(None, ""))
    predicted = classes.get(said.class_id) if said else None
    return Tile(
        row.id, row.path, row.content_hash or b"", row.name.rpartition("/")[2],
        label=label.name, color=label.color, sign=label.sign,
        prediction=predicted.name if predicted else None, confidence=said.confidence if said else None,
        loss=said.loss if said else None, split=row.split, width=row.width or 0, height=row.height or 0,
        is_unreadable=row.status != "ok", reason=row.reason, excluded=row.excluded,
        prediction_color=predicted.color if predicted else "", prediction_sign=predicted.sign if predicted else "",
        flags=tags.flags, tags=tags.tags,
    )


def _gone(image_id: int) -> Tile:
    return Tile(image_id, Path(), b"", "", is_unreadable=True, reason=Message("images.not_in_project"))

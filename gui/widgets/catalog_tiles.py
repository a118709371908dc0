"""Tiles from the catalog: what the views know of an image, out of the open project and the chosen run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.project.predictions import PredictionRow, list_predictions
from core.project.rows import ImageRow, image_rows
from gui.widgets.class_style import ClassStyle, class_styles
from gui.widgets.tile import Tile
from gui.session import Session

GONE = "The image is no longer in the project."


class CatalogTiles:
    """A `TileSource` over the session.

    Args:
        session: The open project; must outlive this object.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def tiles(self, ids: np.ndarray) -> list[Tile]:
        """What to show for each id; see `TileSource`."""
        if not self._session.is_open:
            return [_gone(int(i)) for i in ids]
        rows = {row.id: row for row in image_rows(self._session.project, ids)}
        said = self._predictions(ids)
        classes = class_styles(self._session.classes)
        return [_tile(rows[i], said.get(i), classes) if i in rows else _gone(i) for i in map(int, ids)]

    def _predictions(self, ids: np.ndarray) -> dict[int, PredictionRow]:
        run = self._session.run
        if run is None:
            return {}
        return {row.image_id: row for row in list_predictions(self._session.project, run.id, ids)}


def _tile(row: ImageRow, said: PredictionRow | None, classes: dict[int, ClassStyle]) -> Tile:
    label = classes.get(row.class_id or 0, ClassStyle(None, ""))
    predicted = classes.get(said.class_id) if said else None
    return Tile(
        row.id, row.path, row.content_hash or b"", row.name.rpartition("/")[2],
        label=label.name, color=label.color, sign=label.sign,
        prediction=predicted.name if predicted else None, confidence=said.confidence if said else None,
        loss=said.loss if said else None, split=row.split, width=row.width or 0, height=row.height or 0,
        is_unreadable=row.status != "ok", reason=row.reason,
    )


def _gone(image_id: int) -> Tile:
    return Tile(image_id, Path(), b"", "", is_unreadable=True, reason=GONE)

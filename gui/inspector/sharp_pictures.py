"""The inspector's picture in the size in which it is drawn, decoded in a thread of its own.

The loupe's loader decodes every pixel and keeps smaller copies for zooming; a picture of 300
pixels needs a tenth of that, since a JPEG can be decoded at an eighth of its size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from core.errors import ImageUnreadable
from core.images.reading import read_rgb
from gui.widgets.newest_first import NewestFirst
from gui.widgets.thumbnails import fit_image


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """One picture, fitted into a square of `side_px` device pixels (≥ 1)."""

    path: Path
    content_hash: bytes
    side_px: int


class SharpPictures:
    """Decodes the newest picture that was asked for.

    Args:
        on_arrived: Called in the GUI thread with the request and the picture, or the reason for none.
    """

    def __init__(self, on_arrived: Callable[[PictureRequest, QImage | str], None]) -> None:
        self._on_arrived = on_arrived
        self._threads = NewestFirst(_read, self._on_results, name="inspector", n_threads=1)

    def ask(self, request: PictureRequest | None) -> None:
        """Decode this one; what was asked before and has not begun is forgotten. None only forgets."""
        self._threads.ask(self, [request] if request is not None else [])

    def close(self) -> None:
        """End the thread; nothing is called afterwards."""
        self._threads.close()

    def _on_results(self, results: list[tuple[PictureRequest, QImage | str]]) -> None:
        for request, picture in results:
            self._on_arrived(request, picture)


def _read(request: PictureRequest) -> QImage | str:
    """In the worker thread."""
    try:
        image = read_rgb(request.path, request.content_hash, side_px=request.side_px)
    except ImageUnreadable as error:
        return error.sentence
    return fit_image(image, request.side_px)

"""Files for other programs: what is copied and what is dragged out, as paths and as addresses of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication

from core.text import text
from gui import messages
from gui.widgets.image_model import ImageModel
from gui.widgets.selection import ImageSelectionModel
from gui.widgets.thumbnails import ThumbnailCache

MOST_DRAGGED = 2_000
"""With more files than this at once other programs stand still."""


def mime_of(paths: Sequence[Path]) -> QMimeData:
    """The paths as text, one a line, and as addresses, which file managers paste as files."""
    data = QMimeData()
    data.setText("\n".join(map(str, paths)))
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


class FileDrag:
    """Drags the files of the selected images out of a view; a drag that begins on another image is the view's own.

    Args:
        view: Whose mouse is followed.
        model, selection: Its images, and which are selected.
        thumbnails: For the picture under the pointer.
    """

    def __init__(
        self, view: QAbstractItemView, model: ImageModel, selection: ImageSelectionModel,
        thumbnails: ThumbnailCache | None,
    ) -> None:
        self._view, self._images, self._selection, self._thumbnails = view, model, selection, thumbnails
        self._start: QPoint | None = None
        self._has_begun = False

    def press(self, event: QMouseEvent) -> None:
        """Remember a press on a selected image, before the view changes its selection."""
        at = event.position().toPoint()
        index = self._view.indexAt(at)
        is_meant = (event.button() == Qt.MouseButton.LeftButton and index.isValid()
                    and event.modifiers() == Qt.KeyboardModifier.NoModifier
                    and self._selection.is_row_selected(index.row()))
        self._start, self._has_begun = at if is_meant else None, False

    def move(self, event: QMouseEvent) -> bool:
        """Whether the movement belongs to a drag of files, which begins as soon as it is far enough."""
        if self._start is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        distance = (event.position().toPoint() - self._start).manhattanLength()
        if not self._has_begun and distance >= QApplication.startDragDistance():
            self._has_begun = True
            self.begin()
        return True

    def release(self) -> bool:
        """Whether the release ends a drag of files, and is no click."""
        self._start = None
        return self._has_begun

    def paths(self) -> list[Path]:
        """Files of the selected images that are there, at most `MOST_DRAGGED`."""
        ids = self._selection.selected_ids()[:MOST_DRAGGED]
        return [tile.path for tile in self._images.source(ids) if tile.path.is_file()]

    def begin(self) -> None:
        """Hand the files to whatever they are dropped on; nothing is moved."""
        n_selected = len(self._selection.selected_ids())
        if n_selected > MOST_DRAGGED:
            messages.doubt(text("widgets.too_many_dragged", n=n_selected, most=MOST_DRAGGED))
            return
        paths = self.paths()
        if not paths:
            return
        drag = QDrag(self._view)
        drag.setMimeData(mime_of(paths))
        row = self._selection.currentIndex().row()
        shown = self._thumbnails.get(self._images.tile(row).content_hash) if self._thumbnails and row >= 0 else None
        if shown is not None:
            drag.setPixmap(shown.pixmap.scaledToHeight(64, Qt.TransformationMode.SmoothTransformation))
        drag.exec(Qt.DropAction.CopyAction)

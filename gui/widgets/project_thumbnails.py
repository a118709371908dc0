"""The thumbnail cache that follows the open project: thumbnails lie in the project's own store."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from core.images.thumbnails import ThumbnailStore, make_thumbnail
from gui.widgets.thumbnails import ThumbnailCache, stored_thumbnails
from gui.session import Session


class ProjectThumbnails(QObject):
    """Owns the one `ThumbnailCache` of the window and changes its store with the project.

    Args:
        session: Whose project's thumbnails are shown.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._store: ThumbnailStore | None = None
        self.cache = ThumbnailCache(self._load, parent=self)
        session.project_changed.connect(self._on_session_project_changed)
        session.images_changed.connect(self.cache.forget_reasons)

    def close(self) -> None:
        """End the threads and let go of the file."""
        self.cache.close()
        self._drop_store()

    def _on_session_project_changed(self) -> None:
        self._drop_store()
        self.cache.forget()
        if self._session.is_open:
            self._store = ThumbnailStore(self._session.project.thumbnails_path)

    def _drop_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _load(self, path: Path, content_hash: bytes) -> bytes:
        """In a worker thread; the store may be closed meanwhile, which it survives."""
        store = self._store
        if store is None or not content_hash:
            return make_thumbnail(path)
        return stored_thumbnails(store)(path, content_hash)

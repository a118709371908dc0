"""The picture itself: from its thumbnail at once, sharp as soon as it is decoded."""

from __future__ import annotations

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from core.project.rows import ImageRow
from core.text import text
from gui.inspector.section import Section
from gui.inspector.subject import Subject
from gui.widgets.decoded_images import DecodedImages, ImageKey
from gui.widgets.image_view import ImageView
from gui.widgets.thumbnails import ThumbnailCache, ThumbnailRequest

HEIGHT_SHARE = 0.8
"""Height of the picture's ground over its width: the same for all, so that nothing below jumps."""

SHARPEN_AFTER_MS = 120
MAX_ENLARGED = 4.0
THUMBNAIL_SIDE_PX = 256


class ImageSection(Section):
    """The picture, fitted; a double click asks for the loupe.

    Args:
        thumbnails: The one pool of thumbnails.

    Signals:
        loupe_requested(): it was double-clicked.
    """

    loupe_requested = Signal()

    def __init__(self, thumbnails: ThumbnailCache) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self._subject: Subject | None = None
        self._decoded = DecodedImages(max_bytes=0, parent=self)
        self._decoded.arrived.connect(self._on_decoded_arrived)
        self._asked: ImageKey | None = None
        self._pause = QTimer(self, singleShot=True, interval=SHARPEN_AFTER_MS)
        self._pause.timeout.connect(self._ask_sharp)
        self.view = InspectorImageView()
        self.view.double_clicked.connect(self.loupe_requested)
        self.view.resized.connect(self._pause.start)
        self.column.addWidget(self.view)
        thumbnails.arrived.connect(self._on_thumbnails_arrived)

    def show_subject(self, subject: Subject) -> None:
        before, self._subject = self._subject, subject
        row = subject.look.row
        self.view.setAccessibleName(row.name)
        if before is not None and _image_of(before) == _image_of(subject):
            return
        self._asked = None
        self._decoded.forget()
        if not subject.is_readable:
            self._show_remembered(subject)
            return
        self.view.show_placeholder(None)
        self._show_thumbnail()
        self._pause.start()

    def close_files(self) -> None:
        """End the decoding thread."""
        self._pause.stop()
        self._decoded.close()

    def _show_thumbnail(self) -> None:
        """Whatever size it has: asking for another would compete with the grid, which keeps one size."""
        assert self._subject is not None
        row = self._subject.look.row
        content_hash = row.content_hash or b""
        thumbnail = self._thumbnails.get(content_hash)
        if thumbnail is not None:
            self.view.show_placeholder(thumbnail.pixmap, _natural_px(row))
        elif content_hash:
            self._thumbnails.ask(self, [ThumbnailRequest(content_hash, row.path, THUMBNAIL_SIDE_PX)])

    def _show_remembered(self, subject: Subject) -> None:
        """A file that is gone may have left its thumbnail."""
        row = subject.look.row
        thumbnail = self._thumbnails.get(row.content_hash or b"")
        if thumbnail is not None:
            self.view.show_placeholder(thumbnail.pixmap, _natural_px(row))
        else:
            self.view.show_message(text("window_inspector.no_image"))

    def _ask_sharp(self) -> None:
        if self._subject is None or not self._subject.is_readable or self.view.width() < 1:
            return
        row = self._subject.look.row
        side_px = self.view.fitted_side_px(row.width or 1, row.height or 1)
        request = ImageKey(row.path, row.content_hash or b"", side_px)
        if request != self._asked:
            self._asked = request
            self._decoded.ask([request])

    def _on_decoded_arrived(self, key: ImageKey) -> None:
        if key != self._asked or self._subject is None:
            return
        image = self._decoded.get(key)
        if image is None:
            self.view.show_message(self._decoded.reason(key))
        else:
            self.view.show_image(image, _natural_px(self._subject.look.row))

    def _on_thumbnails_arrived(self, content_hashes: frozenset[bytes]) -> None:
        if self._subject is not None and self._subject.look.row.content_hash in content_hashes:
            if self._subject.is_readable and not self.view.has_image:
                self._show_thumbnail()


class InspectorImageView(ImageView):
    """As high as its width asks for, so that nothing below it jumps.

    Signals:
        resized()
    """

    resized = Signal()

    def __init__(self) -> None:
        super().__init__(can_zoom=False, max_fit_scale=MAX_ENLARGED)
        self.setMinimumSize(0, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return QSize(256, self.heightForWidth(256))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * HEIGHT_SHARE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


def _image_of(subject: Subject) -> tuple[object, ...]:
    row = subject.look.row
    return row.id, row.path, row.content_hash, row.status, subject.look.file_changed


def _natural_px(row: ImageRow) -> int:
    """Longer side of the image in its file; 0 if unknown."""
    return max(row.width or 0, row.height or 0)

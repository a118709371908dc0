"""The picture itself: from its thumbnail at once, sharp as soon as it is decoded."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.inspector.section import Section
from gui.inspector.sharp_pictures import PictureRequest, SharpPictures
from gui.inspector.subject import Subject
from gui.widgets.thumbnails import ThumbnailCache, ThumbnailRequest
from gui.colors import text_on

HEIGHT_SHARE = 0.8
"""Height of the picture's ground over its width: the same for all, so that nothing below jumps."""

SHARPEN_AFTER_MS = 120
MAX_ENLARGED = 4.0
THUMBNAIL_SIDE_PX = 256


class PictureSection(Section):
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
        self._sharp = SharpPictures(self._on_sharp_arrived)
        self._asked: PictureRequest | None = None
        self._pause = QTimer(self, singleShot=True, interval=SHARPEN_AFTER_MS)
        self._pause.timeout.connect(self._ask_sharp)
        self.canvas = PictureCanvas()
        self.canvas.double_clicked.connect(self.loupe_requested)
        self.canvas.resized.connect(self._pause.start)
        self.column.addWidget(self.canvas)
        thumbnails.arrived.connect(self._on_thumbnails_arrived)

    def show_subject(self, subject: Subject) -> None:
        before, self._subject = self._subject, subject
        row = subject.look.row
        self.canvas.setAccessibleName(row.name)
        if before is not None and _picture_of(before) == _picture_of(subject):
            return
        self._asked = None
        self._sharp.ask(None)
        if not subject.is_readable:
            self._show_remembered(subject)
            return
        self.canvas.show_pixmap(None, max(row.width or 0, row.height or 0))
        self._show_thumbnail()
        self._pause.start()

    def close_files(self) -> None:
        """End the decoding thread."""
        self._pause.stop()
        self._sharp.close()

    def _show_thumbnail(self) -> None:
        """Whatever size it has: asking for another would compete with the grid, which keeps one size."""
        assert self._subject is not None
        row = self._subject.look.row
        content_hash = row.content_hash or b""
        thumbnail = self._thumbnails.get(content_hash)
        if thumbnail is not None:
            self.canvas.show_pixmap(thumbnail.pixmap, max(row.width or 0, row.height or 0))
        elif content_hash:
            self._thumbnails.ask(self, [ThumbnailRequest(content_hash, row.path, THUMBNAIL_SIDE_PX)])

    def _show_remembered(self, subject: Subject) -> None:
        """A file that is gone may have left its thumbnail."""
        row = subject.look.row
        thumbnail = self._thumbnails.get(row.content_hash or b"")
        if thumbnail is not None:
            self.canvas.show_pixmap(thumbnail.pixmap, max(row.width or 0, row.height or 0))
        else:
            self.canvas.show_message(self.tr("No picture"))

    def _ask_sharp(self) -> None:
        if self._subject is None or not self._subject.is_readable or self.canvas.width() < 1:
            return
        row = self._subject.look.row
        side_px = self.canvas.picture_side_px(row.width or 1, row.height or 1)
        request = PictureRequest(row.path, row.content_hash or b"", side_px)
        if request != self._asked:
            self._asked = request
            self._sharp.ask(request)

    def _on_sharp_arrived(self, request: PictureRequest, picture: QImage | str) -> None:
        if request != self._asked or self._subject is None:
            return
        if isinstance(picture, str):
            self.canvas.show_message(picture)
            return
        row = self._subject.look.row
        self.canvas.show_pixmap(QPixmap.fromImage(picture), max(row.width or 0, row.height or 0), is_sharp=True)

    def _on_thumbnails_arrived(self, content_hashes: frozenset[bytes]) -> None:
        if self._subject is not None and self._subject.look.row.content_hash in content_hashes:
            if self._subject.is_readable and not self.canvas.has_picture:
                self._show_thumbnail()


class PictureCanvas(QWidget):
    """Paints a picture in the middle of a neutral ground.

    Signals:
        double_clicked(), resized()
    """

    double_clicked = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._pixmap: QPixmap | None = None
        self._is_sharp = False
        self._natural_px = 0
        self._message = ""
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def has_picture(self) -> bool:
        return self._pixmap is not None

    @property
    def is_sharp(self) -> bool:
        return self._is_sharp

    @property
    def message(self) -> str:
        return self._message

    def show_pixmap(self, pixmap: QPixmap | None, natural_px: int, *, is_sharp: bool = False) -> None:
        """Show a picture whose longer side is `natural_px` in the file, or bare ground until it comes."""
        self._pixmap, self._natural_px, self._is_sharp, self._message = pixmap, natural_px, is_sharp, ""
        self.update()

    def show_message(self, message: str) -> None:
        """Show a sentence in place of a picture."""
        self._pixmap, self._is_sharp, self._message = None, False, message
        self.update()

    def picture_side_px(self, width: int, height: int) -> int:
        """Longer side, in device pixels, of a picture of that shape as it is shown here, ≥ 1."""
        box_width, box_height = self.width() * self.devicePixelRatioF(), self.height() * self.devicePixelRatioF()
        scale = min(box_width / width, box_height / height, MAX_ENLARGED)
        return max(round(max(width, height) * scale), 1)

    def sizeHint(self) -> QSize:
        return QSize(256, self.heightForWidth(256))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * HEIGHT_SHARE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.fillRect(self.rect(), theme.current().tile)
            if self._pixmap is not None:
                self._paint_picture(painter, self._pixmap)
            elif self._message:
                painter.setPen(text_on(theme.current().tile, self.palette()))
                box = self.rect().adjusted(theme.AROUND, theme.BETWEEN, -theme.AROUND, -theme.BETWEEN)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._message)
        finally:
            painter.end()

    def _paint_picture(self, painter: QPainter, pixmap: QPixmap) -> None:
        ratio = self.devicePixelRatioF()
        scale = min(self.width() * ratio / pixmap.width(), self.height() * ratio / pixmap.height())
        if self._natural_px:
            scale = min(scale, MAX_ENLARGED * self._natural_px / max(pixmap.width(), pixmap.height()))
        width, height = pixmap.width() * scale / ratio, pixmap.height() * scale / ratio
        x = round((self.width() - width) / 2 * ratio) / ratio
        y = round((self.height() - height) / 2 * ratio) / ratio
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, abs(scale - 1) > 0.01)
        painter.drawPixmap(QRectF(x, y, width, height), pixmap, QRectF(pixmap.rect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.resized.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.has_picture:
            self.double_clicked.emit()


def _picture_of(subject: Subject) -> tuple[object, ...]:
    row = subject.look.row
    return row.id, row.path, row.content_hash, row.status, subject.look.file_changed

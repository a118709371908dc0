"""The image, its file, and why it cannot be shown or its label not be believed."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSize, QTimer, QUrl, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from core.images.decode import FRAMED_FORMATS, count_frames
from core.images.files import READ_AT_ONCE_BYTES
from core.project.paths import display_text
from core.project.rows import ImageRow
from core.text import Message, text
from core.text.numbers import format_size
from gui import messages, theme
from gui.icons import IconLabel
from gui.inspector.section import Section, Subject
from gui.widgets.decoded_images import DecodedImages
from gui.widgets.image_view import ImageView
from gui.widgets.labels import ElidedButton, ElidedLabel, wrapped, wrapped_caption
from gui.widgets.layouts import FoldingRow, fill, row_of
from gui.widgets.thumbnails import ImageKey, ThumbnailCache

HEIGHT_SHARE = 0.8
"""Height of the image's ground over its width: the same for all, so that nothing below jumps."""

SHARPEN_AFTER_MS = 120
MAX_ENLARGED = 4.0
THUMBNAIL_SIDE_PX = 256


class ImageSection(Section):
    """The image, fitted.

    Args:
        thumbnails: The one pool of thumbnails.
    """

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
        if subject.is_readable:
            self.view.show_placeholder(None)
            self._pause.start()
        else:  # a file that is gone may have left its thumbnail
            self.view.show_message(text("window_inspector.no_image"))
        self._show_thumbnail()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
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
        elif content_hash and self._subject.is_readable:
            self._thumbnails.ask(self, [ImageKey(row.path, content_hash, THUMBNAIL_SIDE_PX)])

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
    """As high as its width asks for, so that nothing below it jumps."""

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


def _image_of(subject: Subject) -> tuple[object, ...]:
    row = subject.look.row
    return row.id, row.path, row.content_hash, row.status, subject.look.file_changed


def _natural_px(row: ImageRow) -> int:
    """Longer side of the image in its file; 0 if unknown."""
    return max(row.width or 0, row.height or 0)


class NameSection(Section):
    """The file's name, and in one line its pixels, bytes and format."""

    def __init__(self) -> None:
        super().__init__()
        self.name = theme.bold(ElidedLabel(mode=Qt.TextElideMode.ElideMiddle))
        self.figures = ElidedLabel(role=QPalette.ColorRole.PlaceholderText)
        self.figures.setFont(theme.tabular(theme.scaled_font(self.figures.font(), theme.CAPTION_SCALE)))
        self.column.setSpacing(2)
        fill(self.column, self.name, self.figures)

    def show_subject(self, subject: Subject) -> None:
        row = subject.look.row
        self.name.set_text(row.name.rpartition("/")[2])
        has_size = row.width and row.height
        pixels = text("window_inspector.pixels", width=row.width, height=row.height) if has_size else ""
        parts = (pixels, format_size(row.n_bytes) if row.n_bytes else "", row.format or "", frames_text(row))
        self.figures.set_text(" · ".join(part for part in parts if part))


def frames_text(row: ImageRow) -> str:
    """“first of 12 frames”, for pages and animations that are small enough to be counted at once."""
    if row.format not in FRAMED_FORMATS or row.n_bytes > READ_AT_ONCE_BYTES:
        return ""
    n_frames = count_frames(row.path)
    return text("window_inspector.first_of_frames", n=n_frames) if n_frames > 1 else ""


class FileSection(Section):
    """Where the file lies and when it was last changed; its path to copy, its folder to open."""

    def __init__(self) -> None:
        super().__init__(text("window_inspector.file"))
        self._row: ImageRow | None = None
        self.folder = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self.when = wrapped_caption()
        self.copy = ElidedButton("copy", text("window_inspector.copy_path"))
        self.open_folder = ElidedButton("folder-open", text("window_inspector.show_in_folder"))
        self.copy.clicked.connect(self._on_copy_clicked)
        self.open_folder.clicked.connect(self._on_open_folder_clicked)
        buttons = FoldingRow(row_of(self.copy), row_of(self.open_folder))
        fill(self.column, self.folder, self.when, theme.INSIDE, buttons)

    def show_subject(self, subject: Subject) -> None:
        row = self._row = subject.look.row
        self.folder.set_text(readable(row.path.parent))
        split = text("window_inspector.training_image" if row.split == "train" else "window_inspector.test_image")
        self.when.setText(" · ".join(part for part in (date_text(row.mtime_ns), split) if part))

    def _on_copy_clicked(self) -> None:
        if self._row is not None:
            QGuiApplication.clipboard().setText(readable(self._row.path))

    def _on_open_folder_clicked(self) -> None:
        if self._row is not None:
            show_folder(self._row.path.parent)


def show_folder(folder: Path) -> None:
    """Open a folder in the system's file manager, or say where it is."""
    if not folder.is_dir():
        messages.doubt(
            Message("window_inspector.folder_gone", folder=readable(folder)),
            Message("window_inspector.folder_gone.hint"),
        )
    elif not QDesktopServices.openUrl(QUrl.fromLocalFile(readable(folder))):
        messages.tell(
            Message("window_inspector.no_file_manager"),
            Message("window_inspector.no_file_manager.hint", folder=readable(folder)),
        )


def readable(path: Path) -> str:
    """A path as text, letter by letter as it is; what is not UTF-8 is shown as “�”."""
    written = str(path)
    try:
        written.encode("utf-8")
    except UnicodeEncodeError:
        return display_text(os.fsencode(path))
    return written


def date_text(mtime_ns: int) -> str:
    """Day and minute as the user's language writes them; "" if they are not known."""
    if not mtime_ns:
        return ""
    return text("window.at", at=datetime.fromtimestamp(mtime_ns // 1_000_000_000))


class ReasonSection(Section):
    """Hidden while all is well."""

    def __init__(self) -> None:
        super().__init__()
        self.reason = wrapped()
        self.hint = wrapped_caption()
        self._sign = IconLabel("wrong", role="red", side_px=theme.SMALL_ICON_PX)
        fill(self.column, row_of((self._sign, 0, Qt.AlignmentFlag.AlignTop), (self.reason, 1)), self.hint)

    def show_subject(self, subject: Subject) -> None:
        reason, hint = self._words(subject)
        self.setVisible(bool(reason))
        self.reason.setText(reason)
        self.hint.setText(hint)
        is_doubt = subject.is_readable
        self._sign.set_icon("doubt" if is_doubt else "wrong", role="amber" if is_doubt else "red")

    def _words(self, subject: Subject) -> tuple[str, str]:
        """What is the matter and what to do about it; empty while all is well."""
        row = subject.look.row
        if not subject.is_readable:
            reason = str(row.reason or "") or text("window_inspector.unreadable")
            if row.status == "missing":
                return reason, text("window_inspector.missing_hint")
            return reason, text("window_inspector.unreadable_hint")
        if subject.look.file_changed:
            return text("window_inspector.changed"), text("window_inspector.changed_hint")
        if row.excluded is not None:
            return text("widgets.excluded_because", reason=row.excluded), text("window_inspector.excluded_hint")
        if row.label_content is not None and row.class_id is not None:
            is_test = row.split == "test"
            return (text("window_inspector.old_label"),
                    text("window_inspector.old_label_test" if is_test else "window_inspector.old_label_training"))
        return "", ""
